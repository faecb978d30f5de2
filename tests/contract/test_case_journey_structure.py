"""The journey's definition keeps every rule, and every rule would notice if it did not."""

import json

import pytest

from tests.contract.asl_rules import RULES, Rule
from tests.contract.journey_mutants import MUTANTS, MUTANTS_OF_TEXT, Spoil
from tests.contract.journey_rules import (
    EVENT_LIMIT,
    JOURNEY_RULES,
    TURNS,
    longest_history,
)
from tests.contract.journey_scenarios import DEFINITION
from tools.journey.budget import HOLD, NEXT, TIMED_OUT, transitions
from tools.journey.walk import Machine

TEXT = DEFINITION.read_text()
ALL_RULES = (*RULES, *JOURNEY_RULES)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.__name__)
def test_the_definition_keeps_the_rule(rule: Rule):
    assert rule(TEXT) == []


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [pytest.param(rule, spoil, id=what) for rule, what, spoil in MUTANTS],
)
def test_a_spoilt_definition_is_noticed_by_its_rule(rule: Rule, spoil: Spoil):
    machine = json.loads(TEXT)
    spoil(machine)
    spoilt = json.dumps(machine)
    assert json.loads(spoilt) != json.loads(TEXT)
    assert rule(spoilt) != []


@pytest.mark.parametrize(
    ("rule", "change"),
    [pytest.param(rule, change, id=what) for rule, what, change in MUTANTS_OF_TEXT],
)
def test_a_spoilt_file_is_noticed_by_its_rule(rule: Rule, change: tuple[str, str]):
    assert rule(TEXT.replace(*change)) != []


def test_every_rule_has_a_definition_that_breaks_it():
    assert {rule for rule, _, _ in (*MUTANTS, *MUTANTS_OF_TEXT)} == set(ALL_RULES)


def test_the_transitions_of_a_case_are_known_exactly():
    """Design: one touch ≤ 4, each further touch ≤ 2, a hold ≤ 3."""
    machine = Machine(json.loads(TEXT))
    assert transitions(machine) == 3
    assert transitions(machine, TIMED_OUT) == 5
    assert transitions(machine, TIMED_OUT, TIMED_OUT) == 7
    assert transitions(machine, NEXT) == 5
    assert transitions(machine, HOLD) == 6


def test_the_longest_journey_leaves_a_sixth_of_its_history_free_f29():
    """Every turn used and every retry of every turn used up: nothing real comes near it."""
    assert longest_history(TEXT) < EVENT_LIMIT * 5 / 6


def test_a_case_paused_to_its_deadline_survives_four_days_without_the_core():
    """A pause is asked about daily, a core that is down every quarter of an hour."""
    paused_days, outage_turns = 180, 4 * 24 * 4
    (turns,) = {int(bound) for bound in TURNS.findall(TEXT)}
    assert turns > paused_days + outage_turns
