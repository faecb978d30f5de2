"""The deployment's data resources on the emulator, from template.yaml, and a journey to go with it.

Functions run in this process, where their calls can be counted, so only what they call is created.
The journey is the real definition with one change: where it would invoke a function it puts the
same payload on a queue, from which the bench plays the function.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from sandbox.deploy import samconfig
from sandbox.place import CannotStartError
from tools.template.expansion import source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.cloud import Client, Cloud
    from sandbox.place import Place

Json = dict[str, Any]
_KINDS = frozenset(
    f"AWS::{kind}"
    for kind in ("KMS::Key", "DynamoDB::Table", "SQS::Queue", "SecretsManager::Secret")
)
_NAME = "closeloop"
_WAIT_S, _LOOKS = 0.2, 150
_STEPS = "steps"
_CALLBACK = ".waitForTaskToken"


def create(cloud: Cloud, place: Place) -> dict[str, str]:
    """Create the data resources; return their ids by their names in the template."""
    given = samconfig(place.root).parameters
    template = data_part(source())
    parameters = [
        {"ParameterKey": name, "ParameterValue": given[name]}
        for name in template["Parameters"]
        if name in given
    ]
    formation = cloud.client("cloudformation")
    formation.create_stack(
        StackName=_NAME, TemplateBody=json.dumps(template), Parameters=parameters
    )
    _wait_until_created(formation)
    found = formation.describe_stack_resources(StackName=_NAME)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def _wait_until_created(formation: Client) -> None:
    status = ""
    for _ in range(_LOOKS):
        status = formation.describe_stacks(StackName=_NAME)["Stacks"][0]["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            break
        time.sleep(_WAIT_S)
    if status != "CREATE_COMPLETE":
        raise CannotStartError(f"the data resources are {status}: see the emulator's log")


def data_part(template: Json) -> Json:
    """Return the part of the template that holds data: no functions, no rules, no outputs."""
    resources = {
        name: each for name, each in template["Resources"].items() if each["Type"] in _KINDS
    }
    conditions: Json = template["Conditions"]
    text = json.dumps([resources, conditions])
    parameters = {n: p for n, p in template["Parameters"].items() if json.dumps(n) in text}
    return {"Resources": resources, "Conditions": conditions, "Parameters": parameters}


class Steps:
    """The journey on the emulator, its calls of functions handed to whoever plays them."""

    def __init__(self, cloud: Cloud, place: Place) -> None:
        self._states, self._sqs = cloud.client("stepfunctions"), cloud.client("sqs")
        self._queue: str = self._sqs.create_queue(QueueName=_STEPS)["QueueUrl"]
        text = (place.root / "statemachines" / "case_journey.asl.json").read_text()
        made = self._states.create_state_machine(
            name="case_journey",
            definition=json.dumps(played(json.loads(text), self._queue)),
            roleArn=_role(cloud),
        )
        self.arn: str = made["stateMachineArn"]

    def next(self) -> Json:
        """Return the payload with which the journey now calls a function."""
        return json.loads(receive(self._sqs, self._queue)["Body"])

    def time_out(self, token: str) -> None:
        """Let a waiting touch end as silence does, days before its time."""
        self._states.send_task_failure(taskToken=token, error="States.Timeout", cause="bench")

    def entered(self, case_id: str) -> list[str]:
        """Return the states that the case's execution entered; waits until it has ended."""
        arn = f"{self.arn.replace(':stateMachine:', ':execution:')}:{case_id}-1"
        for _ in range(_LOOKS):
            if self._states.describe_execution(executionArn=arn)["status"] != "RUNNING":
                break
            time.sleep(_WAIT_S)
        history = self._states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        details = (event.get("stateEnteredEventDetails") for event in history)
        return [each["name"] for each in details if each]


def played(definition: Json, queue: str) -> Json:
    """Return the definition with its waiting calls of functions put on a queue instead."""
    for state in definition["States"].values():
        if state.get("Resource", "").endswith(_CALLBACK):
            state["Resource"] = f"arn:aws:states:::sqs:sendMessage{_CALLBACK}"
            payload = state["Arguments"]["Payload"]
            state["Arguments"] = {"QueueUrl": queue, "MessageBody": payload}
    return definition


def receive(sqs: Client, queue: str) -> Mapping[str, Any]:
    """Take one message off a queue; LookupError if none comes."""
    for _ in range(_LOOKS):
        messages = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", [])
        if messages:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
            return messages[0]
    raise LookupError(f"no message came on {queue}")


def _role(cloud: Cloud) -> str:
    """A role for the journey; what it may do is what the emulator's IAM asks for, no more."""
    iam = cloud.client("iam")
    principal = {"Service": "states.amazonaws.com"}
    trust: Json = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    queue = f"arn:aws:sqs:*:*:{_STEPS}"
    allow: Json = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
    made = iam.create_role(RoleName=_STEPS, AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName=_STEPS, PolicyName="send", PolicyDocument=_policy(allow))
    return made["Role"]["Arn"]


def _policy(statement: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
