"""Teach MiniStack 1.5.33 to evaluate a task's dynamic timeout, as AWS does.

The journey computes `TimeoutSeconds` of its waiting task with a JSONata expression. AWS evaluates
the expression; MiniStack compares its text with a number and fails the execution. `install` puts
the evaluated number into a copy of the state before MiniStack runs it. A contract test tells the
day the unpatched emulator gets it right, so that this module goes away.

Runs in the emulator's own interpreter: nothing but MiniStack and the standard library is here.
"""

import importlib
from typing import Any, Protocol

from sandbox import ministack_failures

DYNAMIC_FIELDS = ("TimeoutSeconds", "HeartbeatSeconds")
# Private names of the emulator: the only seams it offers.
_SEAM, _EVALUATE = "_execute_task", "_jsonata_state_field"

State = dict[str, Any]


class Execute(Protocol):
    """How MiniStack runs one Task state."""

    def __call__(
        self, state: State, raw_input: object, execution: object, context: State
    ) -> object:
        """Run the state and return its output and the next state's name."""
        ...


def install() -> None:
    """Patch the state machine interpreter of this process; doing it twice changes nothing.

    Brings `ministack_failures` along: the launcher asks here for an interpreter that is like AWS's.
    """
    ministack_failures.install()
    interpreter = importlib.import_module("ministack.services.stepfunctions")
    original: Execute = getattr(interpreter, _SEAM)
    if getattr(original, "evaluates_timeouts", False):
        return

    def execute(state: State, raw_input: object, execution: object, context: State) -> object:
        evaluated = dict(state)
        for field in DYNAMIC_FIELDS:
            if isinstance(state.get(field), str):
                evaluate = getattr(interpreter, _EVALUATE)
                evaluated[field] = evaluate(state, field, "number", raw_input, context)
        return original(evaluated, raw_input, execution, context)

    execute.evaluates_timeouts = True  # type: ignore[attr-defined]
    setattr(interpreter, _SEAM, execute)
