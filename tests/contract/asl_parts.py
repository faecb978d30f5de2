"""The parts of a definition, by name, and what can be reached from where."""

import json
from collections.abc import Iterator

from tools.journey.walk import Json


def states_of(text: str) -> Json:
    """Return the states by name."""
    return json.loads(text)["States"]


def parts(text: str) -> Iterator[tuple[str, Json]]:
    """Yield the machine, its states, and their choice rules, retriers and catchers."""
    machine = json.loads(text)
    yield "machine", machine
    for name, state in machine["States"].items():
        yield name, state
        for field in ("Choices", "Retry", "Catch"):
            for at, part in enumerate(state.get(field, [])):
                yield f"{name}.{field}[{at}]", part


def tasks(text: str) -> list[tuple[str, Json]]:
    return [(name, state) for name, state in states_of(text).items() if state["Type"] == "Task"]


def targets(state: Json) -> list[str]:
    branches = [*state.get("Choices", []), *state.get("Catch", [])]
    direct = [state[field] for field in ("Next", "Default") if field in state]
    return [*direct, *(branch["Next"] for branch in branches)]


def closure(states: Json, start: str) -> set[str]:
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        name = ahead.pop()
        if name not in reached and name in states:
            reached.add(name)
            ahead += targets(states[name])
    return reached


def ends(states: Json, start: str) -> set[str]:
    """Return the ends that are not Fail: a Succeed, or `End` on any other state."""
    reached = {name: states[name] for name in closure(states, start)}
    return {n for n, state in reached.items() if state["Type"] == "Succeed" or state.get("End")}
