"""The emulator as the sandbox starts it: least privilege holds, and nothing outlives its parent."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.emulator import Emulator
from sandbox.place import CannotStartError, Place, free_port, taken

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
SHIPPED = Path(__file__).with_name("ministack_as_shipped.py")
ACCOUNT, REGION = "000000000000", "eu-west-2"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:waits"
SENDER = "billing@example.com"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": MACHINE},
        {
            "Effect": "Allow",
            "Action": "ses:SendEmail",
            "Resource": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{SENDER}",
            "Condition": {"StringEquals": {"ses:FromAddress": SENDER}},
        },
    ],
}
SECRET = {
    "Resources": {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "a/core"}}},
    "Outputs": {"Ref": {"Value": {"Ref": "S"}}},
}


class Account:
    """An account on a running emulator, with one role that may do two things and no more."""

    def __init__(self, place: Place) -> None:
        self._place = place
        trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam = self.client("iam")
        role = iam.create_role(RoleName="narrow", AssumeRolePolicyDocument=document)
        iam.put_role_policy(
            RoleName="narrow", PolicyName="narrow", PolicyDocument=json.dumps(POLICY)
        )
        session = {"RoleArn": role["Role"]["Arn"], "RoleSessionName": "test"}
        given = self.client("sts").assume_role(**session)["Credentials"]
        self._narrow = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    def client(self, service: str, *, narrow: bool = False) -> Any:
        root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self._place.emulator_url,
            **(self._narrow if narrow else root),
        )

    def send(self, sender: str) -> str:
        """Send an email as the role; return the error's code, or nothing."""
        self.client("sesv2").create_email_identity(EmailIdentity=sender)
        body = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}}
        return self._tried(
            self.client("sesv2", narrow=True).send_email,
            FromEmailAddress=f"Example Bank <{sender}>",
            Destination={"ToAddresses": ["amara@customers.example"]},
            Content={"Simple": body},
        )

    def complete(self, machine: str) -> str:
        """Complete a waiting task of a machine as the role; return the error's code, or nothing."""
        queue = self.client("sqs").create_queue(QueueName=machine)["QueueUrl"]
        body = {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}}
        wait = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": body,
            "End": True,
        }
        states = self.client("stepfunctions")
        made = states.create_state_machine(
            name=machine,
            definition=json.dumps({"StartAt": "W", "States": {"W": wait}}),
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/narrow",
        )
        states.start_execution(stateMachineArn=made["stateMachineArn"])
        deadline, found = time.monotonic() + 20, []
        while not found and time.monotonic() < deadline:
            reply = self.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=1)
            found = reply.get("Messages", [])
        token = json.loads(found[0]["Body"])["token"]
        narrow = self.client("stepfunctions", narrow=True)
        return self._tried(narrow.send_task_success, taskToken=token, output="{}")

    def reference(self) -> str:
        """What a template gets that refers to a secret."""
        stacks = self.client("cloudformation")
        stacks.create_stack(StackName="s", TemplateBody=json.dumps(SECRET))
        stacks.get_waiter("stack_create_complete").wait(
            StackName="s", WaiterConfig={"Delay": 1, "MaxAttempts": 20}
        )
        return stacks.describe_stacks(StackName="s")["Stacks"][0]["Outputs"][0]["OutputValue"]

    def _tried(self, call: Any, **asked: object) -> str:
        try:
            call(**asked)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return ""


@contextmanager
def emulator() -> Iterator[tuple[Place, Emulator]]:
    place = Place(port=free_port(), emulator_port=free_port(), day_s=86_400)
    try:
        with Emulator(place, {}) as running:
            yield place, running
    finally:
        shutil.rmtree(place.state)


@contextmanager
def account() -> Iterator[Account]:
    with emulator() as (place, _):
        yield Account(place)


@pytest.fixture(scope="module")
def patched() -> Iterator[Account]:
    with account() as made:
        yield made


@pytest.fixture(scope="module")
def shipped() -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.emulator.CHILD", SHIPPED)
        with account() as made:
            yield made


def test_a_role_may_complete_tasks_of_its_machine_and_of_no_other(patched: Account) -> None:
    assert patched.complete("waits") == ""
    assert patched.complete("another") == "AccessDeniedException"


def test_a_role_may_send_as_its_sender_and_as_no_other(patched: Account) -> None:
    assert patched.send(SENDER) == ""
    assert patched.send("ceo@example.com") == "AccessDeniedException"


def test_a_reference_to_a_secret_is_its_arn(patched: Account) -> None:
    assert patched.reference().startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:")


def test_as_shipped_no_role_for_one_machine_can_complete_its_tasks(shipped: Account) -> None:
    """The day this fails, delete the part about tokens from sandbox/ministack_permissions.py."""
    assert shipped.complete("waits") == "AccessDeniedException"


def test_as_shipped_no_role_for_one_sender_can_send(shipped: Account) -> None:
    """The day this fails, delete the part about senders from sandbox/ministack_permissions.py."""
    assert shipped.send(SENDER) == "AccessDeniedException"


def test_as_shipped_a_reference_to_a_secret_is_its_name(shipped: Account) -> None:
    """The day this fails, delete the part about secrets from sandbox/ministack_permissions.py."""
    assert shipped.reference() == "a/core"


STARTS = """
import sys, time
from sandbox.emulator import Emulator
from sandbox.place import CannotStartError, Place
with Emulator(Place(int(sys.argv[1]), int(sys.argv[2]), 30), {}) as emulator:
    print(emulator._process.pid, emulator._scratch, flush=True)
    time.sleep(120)
"""


def test_the_emulator_ends_with_its_parent_however_that_ends() -> None:
    """F23: a sandbox that is killed outright leaves no process, no open port and no files."""
    port = free_port()
    parent = subprocess.Popen(
        [sys.executable, "-c", STARTS, str(port), str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child, scratch = parent.stdout.readline().split()
    assert taken(port)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 15
    while _alive(int(child)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _alive(int(child))
    assert not taken(port)
    assert not Path(scratch).exists()
    shutil.rmtree(ROOT / ".sandbox" / str(port))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # An orphan whose adopter never reaps it has ended all the same.
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_stopping_leaves_nothing_and_may_be_done_twice() -> None:
    with emulator() as (place, running):
        assert running.running
        running.stop()
        assert not running.running
    assert not taken(place.emulator_port)


def test_an_emulator_that_cannot_start_says_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.emulator.CHILD", ROOT / "no_such_file.py")
    with pytest.raises(CannotStartError, match="no_such_file"), emulator():
        pass
