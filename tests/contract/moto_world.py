"""Step Functions in this process, running the real definition with functions that play a script."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from closeloop.adapters.journey import StepFunctionsJourney
from tests.contract.journey_scenarios import Run, Scenario, definition, history, observe
from tests.fakes.journey_functions import JourneyFunctions
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


@contextmanager
def tokens_of_begun_runs_only() -> Iterator[None]:
    """Keep moto from asking runs for a token before their threads have begun, which it cannot.

    On a busy machine a run is listed as running some time before it has anything to ask.
    """
    listed = StepFunctionsParserBackend._get_executions

    def begun(backend: Any, execution_status: Any = None) -> list[Any]:
        runs: list[Any] = listed(backend, execution_status)
        return [run for run in runs if run.exec_worker and run.exec_worker.env]

    with patch.object(StepFunctionsParserBackend, "_get_executions", begun):
        yield


@contextmanager
def moto_world() -> Iterator[MotoWorld]:
    """Run moto with its interpreter switched on, and the journey deployed to it."""
    config: Any = {"stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=config), jsonata_in_moto(), tokens_of_begun_runs_only():
        world = MotoWorld()
        with functions_in_moto(world.functions.invoke):
            yield world
