"""Transitions of the journey, walked through the real definition: what AWS bills per case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tools.bench.figures import Figure, Section
from tools.journey.budget import (
    A_HOLD,
    FURTHER_TOUCH,
    HOLD,
    NEXT,
    ONE_TOUCH,
    TIMED_OUT,
    added,
    transitions,
)
from tools.journey.walk import Machine

if TYPE_CHECKING:
    from pathlib import Path


def section(root: Path) -> Section:
    """Count what one touch, each further touch and a hold cost."""
    text = (root / "statemachines" / "case_journey.asl.json").read_text(encoding="utf-8")
    machine = Machine(json.loads(text))
    return Section(
        title="Transitions per case",
        about="Every state that an execution of `case_journey.asl.json` enters, retries aside.",
        figures=[
            Figure("resolved at the first touch", transitions(machine), ONE_TOUCH),
            Figure("each further touch, after silence", added(machine, TIMED_OUT), FURTHER_TOUCH),
            Figure("each further touch, after one given up", added(machine, NEXT), FURTHER_TOUCH),
            Figure("a hold until lawful", added(machine, HOLD), A_HOLD),
        ],
    )
