"""The one local world that all these tests share, and what a test may ask of it.

People act over HTTP as customers do. What only an operator or an auditor sees (executions, queues,
rows, roles) is read with the account's own credentials, which no function has.
"""

from __future__ import annotations

import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from closeloop.domain.evidence import Head, Verified, verify
from sandbox.driver import Driver, until
from tests.e2e.person import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.cloud import Client
    from sandbox.world import World
    from tests.e2e.begun import Begun

T = TypeVar("T")
R = TypeVar("R")
Json = dict[str, Any]

# No test is decided by time: this is how long a busy machine may take for anything at all.
PATIENCE_S = 300
AT_ONCE = 4
SWEEP_EVERY_S = 4
SERVICES = ("cloudformation", "dynamodb", "events", "iam", "lambda", "logs", "sqs", "stepfunctions")


@dataclass
class Stage:
    """A running world. Every test brings people of its own, so tests do not meet."""

    world: World
    driver: Driver
    begun: Begun | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Make the clients before threads want them: boto3 makes them one at a time."""
        for service in SERVICES:
            self.client(service)

    # --- people ------------------------------------------------------------------------------

    def person(self, name: str, /, **account: object) -> Person:
        """Put somebody new on the core's books; `account` overrides what is made up."""
        customer_id = f"{name}-{next(self._numbers)}"
        return Person(self, self.driver.seed(customer_id=customer_id, **account))

    def together(self, act: Callable[[T], R], each: Iterable[T], at_once: int = AT_ONCE) -> list[R]:
        """Let several do something at the same time, a few at once."""
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(act, each))

    def until(self, what: str, look: Callable[[], T | None]) -> T:
        """Look again until there is something; TimeoutError names what did not come."""
        return until(what, look, PATIENCE_S, every_s=0.3)

    def until_swept(self, what: str, look: Callable[[], T | None]) -> T:
        """The same for what may need the sweep of every minute, which here comes more often.

        Not as often as possible: each finds what still waits, and lets it wait longer (R8).
        """
        swept = time.monotonic()

        def look_or_sweep() -> T | None:
            nonlocal swept
            found = look()
            if not found and time.monotonic() - swept > SWEEP_EVERY_S:
                self.sweep()
                swept = time.monotonic()
            return found

        return self.until(what, look_or_sweep)

    def advance(self, seconds: float) -> None:
        """Move the clock of the world, for tests that come last (the fixture `later`)."""
        self.driver.tell("/sandbox/clock", {"advance_s": seconds})

    # --- the core ----------------------------------------------------------------------------

    @contextmanager
    def core(self, mode: str, **switch: object) -> Iterator[None]:
        """Let the core misbehave for the length of the block."""
        self.driver.tell("/sandbox/faults", {"target": "core", "mode": mode, **switch})
        try:
            yield
        finally:
            self.driver.tell("/sandbox/faults", {"target": "core", "mode": "off"})

    def publish(self, detail_type: str, detail: Json) -> str:
        """Put an event on the bus, whatever the core itself knows; return its id."""
        event = {"source": "core.billing", "detail-type": detail_type, "detail": detail}
        return self.driver.tell("/sandbox/events", event)["event_id"]

    # --- what an operator sees ---------------------------------------------------------------

    def client(self, service: str) -> Client:
        """A client with the account's own credentials."""
        return self.world.cloud.client(service)

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the deployed stack."""
        return dict(self.world.deployed.outputs)

    @cached_property
    def resources(self) -> dict[str, str]:
        """The physical id of each resource of the stack by its name in the template."""
        found: dict[str, str] = {}
        asked = {"StackName": self.outputs["EventBusName"]}
        while True:
            page = self.client("cloudformation").list_stack_resources(**asked)
            for each in page["StackResourceSummaries"]:
                found[each["LogicalResourceId"]] = each["PhysicalResourceId"]
            if "NextToken" not in page:
                return found
            asked["NextToken"] = page["NextToken"]

    def sweep(self) -> Json:
        """Do now what the clockwork does every minute; return what was moved on."""
        name = self.resources["SweepFunction"]
        reply = self.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        answer = json.load(reply["Payload"])
        assert "FunctionError" not in reply, answer
        return answer

    def rows(self, pk: str, prefix: str = "") -> list[Json]:
        """The items of one partition of the case table."""
        return self.world.cloud.rows(self.outputs["TableName"], pk, prefix)

    def sessions_of(self, case_id: str) -> int:
        """How many sessions were ever opened on a case, by a look through the whole table."""
        asked = {
            "TableName": self.outputs["TableName"],
            "FilterExpression": "begins_with(pk, :session) AND #case = :case",
            "ExpressionAttributeNames": {"#case": "case"},
            "ExpressionAttributeValues": {":session": {"S": "SESSION#"}, ":case": {"S": case_id}},
        }
        return sum(1 for _ in self.world.cloud._pages("scan", asked))

    def forget_token(self, case_id: str) -> None:
        """Lose the token under which a journey waits, as a crash before its storing would."""
        self.client("dynamodb").update_item(
            TableName=self.outputs["TableName"],
            Key={"pk": {"S": f"CASE#{case_id}"}, "sk": {"S": "CASE"}},
            UpdateExpression="REMOVE #token",
            ConditionExpression="attribute_exists(#token)",
            ExpressionAttributeNames={"#token": "token"},
        )

    def change_row(self, key: Json, **values: str) -> None:
        """Set text attributes of an existing row by hand, where no outside event can bring it."""
        self.client("dynamodb").update_item(
            TableName=self.outputs["TableName"],
            Key={name: {"S": value} for name, value in key.items()},
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in values),
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={f"#{name}": name for name in values},
            ExpressionAttributeValues={f":{name}": {"S": value} for name, value in values.items()},
        )

    def waiting_in(self, queue: str) -> int:
        """How many messages a queue holds, visible or not."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        names = (*names, "ApproximateNumberOfMessagesDelayed")
        found = self.client("sqs").get_queue_attributes(
            QueueUrl=self.resources[queue], AttributeNames=list(names)
        )
        return sum(int(found["Attributes"][name]) for name in names)

    @contextmanager
    def stopped(self, mapping: str) -> Iterator[None]:
        """Let a queue's function take nothing from it for the length of the block."""
        functions, asked = self.client("lambda"), {"UUID": self.resources[mapping]}
        functions.update_event_source_mapping(**asked, Enabled=False)
        try:
            yield
        finally:
            functions.update_event_source_mapping(**asked, Enabled=True)

    def peek(self, queue: str) -> str:
        """Wait for a message in a queue and return it as it lies there; it stays."""
        asked = {"QueueUrl": self.resources[queue], "VisibilityTimeout": 0}
        look = self.client("sqs").receive_message
        found = self.until(f"a message in {queue}", lambda: look(**asked).get("Messages"))
        return json.dumps(found)

    def executions_of(self, case_id: str) -> list[Json]:
        """Every journey that was ever started for a case."""
        pages = self.client("stepfunctions").list_executions(
            stateMachineArn=self.outputs["JourneyArn"], maxResults=1000
        )
        return [each for each in pages["executions"] if each["name"].startswith(case_id)]

    def journey_of(self, case_id: str) -> Json:
        """The one journey of a case, with its output and cause as they stand."""
        (found,) = self.executions_of(case_id)
        return self.client("stepfunctions").describe_execution(executionArn=found["executionArn"])

    def history_of(self, case_id: str) -> list[Json]:
        """Everything that Step Functions remembers of a case."""
        asked: Json = {"executionArn": self.journey_of(case_id)["executionArn"], "maxResults": 1000}
        return self.client("stepfunctions").get_execution_history(**asked)["events"]

    def states_of(self, case_id: str) -> list[str]:
        """The states that a journey has entered, in order."""
        entered = (each.get("stateEnteredEventDetails") for each in self.history_of(case_id))
        return [each["name"] for each in entered if each]

    @contextmanager
    def without(self, role: str, action: str) -> Iterator[None]:
        """Take a right away from a function's role: its call fails as if it had died there."""
        iam, name = self.client("iam"), self.resources[role]
        denied = {"Effect": "Deny", "Action": action, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [denied]})
        iam.put_role_policy(RoleName=name, PolicyName="taken-away", PolicyDocument=policy)
        try:
            yield
        finally:
            iam.delete_role_policy(RoleName=name, PolicyName="taken-away")


def chain_is_whole(case: Json) -> bool:
    """Whether the audit chain of a case verifies, from what /sandbox/cases shows of it (T23)."""
    events = [{name: e[name] for name in e if name != "id"} for e in case["events"]]
    verified = verify(case["id"], events, Head(case["seq"], case["head"]))
    return verified == Verified(len(events)) and len(events) > 0
