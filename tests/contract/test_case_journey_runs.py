"""The real definition, run by moto: every scenario ends where the journey's drawing says."""

import importlib.util
import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.stepfunctions.parser.asl.jsonata import jsonata as bridge

from closeloop.adapters.journey import StepFunctionsJourney
from tests.contract.asl_walk import Machine, Result
from tests.contract.journey_rules import HOLD, NEXT, TIMED_OUT, events
from tests.contract.journey_scenarios import (
    DEFINITION,
    LONG,
    SCENARIOS,
    SEND,
    Run,
    Scenario,
    definition,
    history,
    observe,
)
from tests.fakes.journey_functions import SILENT, Answer, JourneyFunctions, Tell, told_later
from tests.fakes.moto_functions import functions_in_moto
from tests.fakes.moto_jsonata import jsonata_in_moto

FUNCTION = "arn:aws:lambda:eu-west-2:123456789012:function"
ROLE = "arn:aws:iam::123456789012:role/journey"


class MotoWorld:
    """Step Functions in this process, with the two functions played by a script."""

    def __init__(self) -> None:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        self.client: Any = boto3.client("stepfunctions", region_name="eu-west-2", **keys)
        machine = self.client.create_state_machine(
            name="case_journey",
            definition=definition(
                SendTouchFunctionArn=f"{FUNCTION}:send_touch",
                HandOffFunctionArn=f"{FUNCTION}:hand_off",
            ),
            roleArn=ROLE,
        )
        self.arn: str = machine["stateMachineArn"]
        self.journey = StepFunctionsJourney(self.client, self.arn)
        self.functions = JourneyFunctions(self.journey)
        self._ids = itertools.count(1)

    def start(self, scenario: Scenario) -> tuple[str, str]:
        """Start a case that plays the scenario; return its id and its execution's ARN."""
        case_id = f"CASE{next(self._ids)}"
        self.functions.play(case_id, send_touch=scenario.send_touch, hand_off=scenario.hand_off)
        assert self.journey.start(case_id, 1, scenario.waits)
        arn = f"{self.arn.replace(':stateMachine:', ':execution:')}:{case_id}-1"
        while not history(self.client, arn):  # moto cannot look up tokens before it has begun
            time.sleep(0.01)
        return case_id, arn

    def run(self, scenario: Scenario) -> tuple[str, Run]:
        """Play a scenario to its end."""
        case_id, arn = self.start(scenario)
        return case_id, observe(self.client, arn)


@pytest.fixture(scope="module")
def world() -> Iterator[MotoWorld]:
    config: Any = {"stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=config), jsonata_in_moto():
        a_world = MotoWorld()
        with functions_in_moto(a_world.functions.invoke):
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
