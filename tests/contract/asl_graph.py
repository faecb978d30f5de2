"""Every execution a definition allows, as a graph of steps, and what can be read off it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from tools.journey.walk import Json, Machine, Result, Step

LIMIT = 4_000
Edges = Mapping[Step, Sequence[tuple[Result | None, Step]]]


class EndlessError(Exception):
    """Some execution may go on for ever; the text names a state on its way."""


@dataclass(frozen=True, slots=True)
class Graph:
    """All steps reachable from a first one, whatever the tasks return."""

    machine: Machine
    first: Step
    edges: Edges

    @classmethod
    def of(cls, machine: Machine, data: Json, results: Sequence[Result]) -> "Graph":
        """Try every result at every task, once per distinct step; EndlessError past LIMIT steps."""
        first = machine.first(data)
        edges: dict[Step, list[tuple[Result | None, Step]]] = {}
        waiting = [first]
        while waiting:
            step = waiting.pop()
            if step in edges:
                continue
            if len(edges) == LIMIT:
                raise EndlessError(step.state)
            tried = results if machine.kind(step) == "Task" else [None]
            following = [(result, machine.next(step, result)) for result in tried]
            edges[step] = [(result, after) for result, after in following if after is not None]
            waiting.extend(after for _, after in edges[step])
        return cls(machine, first, edges)

    def longest(self, weight: Callable[[Step], int]) -> int:
        """Return the greatest total weight of any execution; EndlessError if one may not end."""
        after = {step: {onward for _, onward in ways} for step, ways in self.edges.items()}
        best: dict[Step, int] = {}
        try:
            for step in TopologicalSorter(after).static_order():  # ends first
                best[step] = weight(step) + max((best[onward] for onward in after[step]), default=0)
        except CycleError as error:
            raise EndlessError(error.args[1][0].state) from error
        return best[self.first]

    def ways(self, kind: str) -> Iterator[tuple[Step, Result, Step]]:
        """Yield (task, its result, step of that kind reached without another task between)."""
        for before, following in self.edges.items():
            for result, after in following:
                if result is not None:
                    yield from ((before, result, step) for step in self._ahead(after, kind))

    def _ahead(self, start: Step, kind: str) -> Iterator[Step]:
        ahead = [start]
        while ahead:
            step = ahead.pop()
            if self.machine.kind(step) == kind:
                yield step
            if self.machine.kind(step) != "Task":
                ahead.extend(onward for _, onward in self.edges[step])
