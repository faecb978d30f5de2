"""Counts what a botocore session sends and what DynamoDB bills for it, step by step of a story."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tools.bench import capacity

if TYPE_CHECKING:
    from collections.abc import Generator

Json = dict[str, Any]
_PARAMS = "closeloop.bench.params"


@dataclass(slots=True)
class Step:
    """What one call of a function cost: calls by `service.Operation`, units, bytes of log."""

    name: str
    function: str = ""
    calls: Counter[str] = field(default_factory=Counter[str])
    write_units: float = 0
    read_units: float = 0
    refused_writes: int = 0
    log_bytes: int = 0

    @property
    def total_calls(self) -> int:
        """Calls to any AWS service."""
        return self.calls.total()


class Meter:
    """Counts for one step after another."""

    def __init__(self) -> None:
        self._steps: list[Step] = [Step("before")]

    def listen(self, session: Any) -> None:  # noqa: ANN401 - botocore sessions are untyped
        """Count what the clients send that a session makes after this."""
        session.register("before-send", self._sent)
        session.register("before-parameter-build.dynamodb", self._asked)
        session.register("after-call.dynamodb", self._answered)

    @contextmanager
    def step(self, name: str, function: str) -> Generator[Step]:
        """Count to this step what is sent within the block."""
        step = Step(name, function)
        self._steps.append(step)
        try:
            yield step
        finally:
            self._steps.append(Step("between"))

    def _sent(self, event_name: str, **_: object) -> None:
        service, operation = event_name.split(".")[1:]
        self._steps[-1].calls[f"{service}.{operation}"] += 1

    def _asked(self, params: Json, context: Json, **_: object) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"
        context[_PARAMS] = params

    def _answered(self, parsed: Json, model: Any, context: Json, **_: object) -> None:  # noqa: ANN401
        step, operation = self._steps[-1], str(model.name)
        if operation in capacity.READS:
            step.read_units += capacity.read_units(operation, context[_PARAMS], parsed)
        elif "Error" in parsed:
            step.refused_writes += 1
        else:
            step.write_units += capacity.write_units(parsed)
