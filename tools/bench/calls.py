"""AWS calls, per request of the mini-app and on the way from trigger to confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.figures import Figure, Section, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.bench.meter import Step
    from tools.bench.story import Told

# What each request needs, from the design: the sum is the budget of a case.
_BUDGET = {
    "GET /c/{link}": 0,
    "POST /c/{link}": 2,
    "GET /c": 1,
    "POST /c/code": 3,
    "POST /c/verify": 2,
    "POST /c/act/{action}": 3,
    "GET /c/status": 1,
}
_BUDGET_OF_A_CASE = 14


def section(told: Told, first: Told) -> Section:
    """Report a case in warm environments; `first` was the first case its environments saw."""
    requests = [*told.looks[:1], *told.requests]
    worst = {name: max(s.total_calls for s in requests if s.name == name) for name in _BUDGET}
    whole = sum(step.total_calls for step in told.requests)
    return Section(
        title="AWS calls",
        about=(
            "Counted as they leave botocore, the real handlers in warm environments on MiniStack. "
            "A case: open the link, see what is asked, send a code, type it, choose, agree, status."
        ),
        figures=[
            *(Figure(name, calls, _BUDGET[name]) for name, calls in worst.items()),
            Figure("all of a case's mini-app requests", whole, _BUDGET_OF_A_CASE),
            Figure("from trigger to confirmation, one touch", _total(told.to_confirmation)),
            Figure("the same, every environment just started", _total(first.with_one_touch)),
        ],
        tables=[_by_step(told)],
    )


def _total(steps: Sequence[Step]) -> int:
    return sum(step.total_calls for step in steps)


def _by_step(told: Told) -> Table:
    rows = [[step.name, str(step.total_calls), _operations(step)] for step in told.to_confirmation]
    return Table(["step", "calls", "which"], rows)


def _operations(step: Step) -> str:
    named = ((name.partition(".")[2], count) for name, count in sorted(step.calls.items()))
    return ", ".join(name if count == 1 else f"{count} {name}" for name, count in named) or "none"
