"""The drawing in docs/architecture/journey.md is the definition, state by state and way by way."""

import json
import re
from pathlib import Path

import pytest

from tests.contract.asl_parts import targets
from tests.contract.journey_rules import HOLD, NEXT, TIMED_OUT, TURNS, longest_history, transitions
from tests.contract.journey_scenarios import DEFINITION
from tools.journey.walk import Machine, Result

PAGE = Path("docs/architecture/journey.md").read_text()
TEXT = DEFINITION.read_text()
MACHINE = Machine(json.loads(TEXT))
NAMES = {alias: name for name, alias in re.findall(r'state "(.+)" as (\w+)', PAGE)}
ARROWS = set(re.findall(r"^ +(\w+|\[\*\]) --> (\w+|\[\*\])", PAGE, re.MULTILINE))


def test_the_states_drawn_are_the_states_there_are():
    assert set(NAMES.values()) == set(MACHINE.states)


def test_the_ways_drawn_are_the_ways_there_are():
    drawn = {(NAMES[a], NAMES[b]) for a, b in ARROWS if "[*]" not in (a, b)}
    real = {(name, to) for name, state in MACHINE.states.items() for to in targets(state)}
    assert drawn == real


def test_the_drawing_begins_and_ends_where_the_journey_does():
    ends = {name for name, state in MACHINE.states.items() if state["Type"] in {"Succeed", "Fail"}}
    assert {NAMES[a] for a, b in ARROWS if b == "[*]"} == ends
    assert {NAMES[b] for a, b in ARROWS if a == "[*]"} == {MACHINE.definition["StartAt"]}


@pytest.mark.parametrize(
    ("case", "results"),
    [
        ("resolved at the first touch", ()),
        ("resolved at the second touch", (TIMED_OUT,)),
        ("resolved at the third touch", (TIMED_OUT, TIMED_OUT)),
        ("resolved after a touch that could not be sent", (NEXT,)),
        ("held once, then resolved", (HOLD,)),
    ],
)
def test_the_page_states_the_transitions_that_are_counted(case: str, results: tuple[Result, ...]):
    row = re.search(rf"^\| {re.escape(case)} \| (\d+) \| (\d+) \|$", PAGE, re.MULTILINE)
    assert row is not None
    stated, budget = int(row[1]), int(row[2])
    assert stated == transitions(MACHINE, *results) <= budget


def test_the_page_states_the_bounds_that_are_there():
    assert f"touches at {TURNS.findall(TEXT)[0]}" in PAGE
    assert longest_history(TEXT) < 20_500
    assert f"is {MACHINE.definition['TimeoutSeconds'] // 86_400} days" in PAGE
