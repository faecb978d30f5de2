"""The real definition, run by moto: every scenario ends where the journey's drawing says."""

import importlib.util
import json
import time
from collections.abc import Iterator

import pytest
from moto.stepfunctions.parser.asl.jsonata import jsonata as bridge

from tests.contract.journey_rules import HOLD, NEXT, TIMED_OUT, events
from tests.contract.journey_scenarios import (
    DEFINITION,
    LONG,
    SCENARIOS,
    SEND,
    Run,
    Scenario,
    observe,
)
from tests.contract.moto_world import MotoWorld, moto_world
from tests.fakes.journey_functions import SILENT, Answer, Tell, told_later
from tools.journey.walk import Machine, Result


@pytest.fixture(scope="module")
def world() -> Iterator[MotoWorld]:
    with moto_world() as a_world:
        yield a_world


@pytest.fixture(scope="module")
def runs(world: MotoWorld) -> dict[str, Run]:
    """All scenarios at once, since most of a scenario is waiting."""
    started = {name: world.start(scenario)[1] for name, scenario in SCENARIOS.items()}
    return {name: observe(world.client, arn) for name, arn in started.items()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_journey_ends_where_the_drawing_says(name: str, runs: dict[str, Run]):
    run, expected = runs[name], SCENARIOS[name]
    assert run.path == expected.path
    assert (run.status, run.error) == (expected.status, expected.error)


@pytest.mark.parametrize(
    ("name", "results"),
    [
        ("resolved at the first touch", ()),
        ("resolved at the third touch", (TIMED_OUT, TIMED_OUT)),
        ("a touch that cannot be sent gives way at once", (NEXT,)),
        ("held, then sent", (HOLD,)),
    ],
)
def test_the_events_that_the_rules_count_are_those_that_moto_writes_f29(
    name: str, results: tuple[Result, ...], runs: dict[str, Run]
):
    assert runs[name].events == events(Machine(json.loads(DEFINITION.read_text())), *results)


def test_a_journey_carries_nothing_but_its_id_ordinals_and_durations(runs: dict[str, Run]):
    for run in runs.values():
        assert set(run.input) == {"case_id", "touch", "waits"}
        assert set(run.output or {}) <= {"case_id", "touch", "waits", "turns", "outcome", "hold_s"}


def test_the_functions_are_told_what_the_contract_says_and_no_more(world: MotoWorld):
    case_id, _ = world.run(SCENARIOS["nobody answered"])
    (send, first), (close, second) = world.functions.calls[case_id]
    assert (send, close) == ("send_touch", "hand_off")
    assert (first.keys(), first["touch"]) == ({"case_id", "touch", "token"}, 1)
    assert (second.keys(), second["reason"]) == ({"case_id", "reason", "token"}, "no_response")

    case_id, _ = world.run(SCENARIOS["a fault in send_touch goes to a person"])
    _, payload = world.functions.calls[case_id][-1]
    assert payload == {"case_id": case_id, "reason": "journey_failed"}


def test_a_late_token_changes_nothing_while_the_next_touch_waits_f26(world: MotoWorld):
    case_id, arn = world.start(
        Scenario((), (SILENT, told_later("settled")), waits=(1, LONG)),
    )
    while len(world.functions.calls[case_id]) < 2:
        time.sleep(0.02)
    late = world.functions.calls[case_id][0][1]["token"]
    world.journey.finish(late, "resolved")
    assert observe(world.client, arn).path[-1] == "Settled elsewhere"


def test_a_token_of_a_journey_that_has_ended_is_refused_quietly_f26(world: MotoWorld):
    case_id, run = world.run(SCENARIOS["resolved at the first touch"])
    assert run.status == "SUCCEEDED"
    assert world.journey.finish(world.functions.calls[case_id][0][1]["token"], "settled") is False


def test_a_task_completed_twice_ends_the_journey_once_f27(world: MotoWorld):
    twice = Answer((Tell("settled"), Tell("resolved")))
    case_id, run = world.run(Scenario((), (twice,)))
    assert run.path[-1] in {"Settled elsewhere", "Resolved"}
    assert len(run.path) == 3
    assert len(world.functions.calls[case_id]) == 1


def test_an_input_without_waits_is_handed_off_and_not_forgotten(world: MotoWorld):
    case_id = "CASE-WITHOUT-WAITS"
    arn = world.client.start_execution(
        stateMachineArn=world.arn, name=case_id, input=json.dumps({"case_id": case_id, "touch": 1})
    )["executionArn"]
    assert observe(world.client, arn).path == (SEND, "Hand off failure", "Journey failed")


def test_moto_still_needs_its_jsonata_patch():
    """The day this fails, delete tests/fakes/moto_jsonata.py."""
    spec = importlib.util.spec_from_file_location("as_shipped", bridge.__file__)
    assert spec is not None
    assert spec.loader is not None
    as_shipped = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(as_shipped)
    with pytest.raises(TypeError, match="NoneType"):
        as_shipped.eval_jsonata_expression("1 + 1")
