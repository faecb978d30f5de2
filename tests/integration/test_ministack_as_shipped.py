"""Where MiniStack as shipped still differs from AWS: the day one fails, its patch may go."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.journey_scenarios import SCENARIOS, observe
from tests.fakes.journey_functions import breaks
from tests.integration.ministack_world import MiniStackWorld, ministack

CHILD = Path(__file__).with_name("ministack_as_shipped.py")


@pytest.fixture(scope="module")
def shipped() -> Iterator[MiniStackWorld]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.emulator.CHILD", CHILD)
        with ministack() as world:
            yield world


def test_it_still_cannot_evaluate_a_timeout(shipped: MiniStackWorld):
    """The day this fails, delete sandbox/ministack_timeouts.py."""
    _, run = shipped.run(SCENARIOS["resolved at the first touch"])
    assert (run.status, run.error) == ("FAILED", "States.Runtime")


def test_it_still_drops_the_failure_of_a_function_whose_task_waits(shipped: MiniStackWorld):
    """The day this fails, delete `_failing_the_task` from sandbox/ministack_failures.py."""
    machine = json.loads(shipped.definition())
    task = machine["States"]["Send touch"] | {"TimeoutSeconds": 1, "Catch": [], "Retry": []}
    machine["States"]["Send touch"] = task
    arn = shipped.make_machine("only_sends", json.dumps(machine))
    shipped.functions.play("BROKEN", send_touch=(breaks("KeyError"),))
    case = json.dumps({"case_id": "BROKEN", "touch": 1, "waits": [1]})
    started = shipped.client.start_execution(stateMachineArn=arn, input=case)
    assert observe(shipped.client, started["executionArn"]).error == "States.Timeout"


def test_it_still_calls_every_exception_the_same(shipped: MiniStackWorld):
    """The day this fails, delete `_named` from sandbox/ministack_failures.py."""
    shipped.functions.play("BROKEN", hand_off=(breaks("KeyError"),))
    reply = shipped.service("lambda").invoke(
        FunctionName="hand_off", Payload=json.dumps({"case_id": "BROKEN"})
    )
    assert json.load(reply["Payload"])["errorType"] == "Runtime.HandlerError"
