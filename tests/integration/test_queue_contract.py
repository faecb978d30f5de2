"""What every queue keeps: the one on SQS (moto) and the one in memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from closeloop.adapters.sqs import SqsQueue
from closeloop.application.ports import LONGEST_DELAY_S, Queue, TemporarilyUnavailable
from tests.fakes.botocore_faults import CallFaults, refusal
from tests.fakes.moto_table import aws_client
from tests.fakes.outside import FakeQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY = {"case": "C", "submission": "S", "text": "Siân ✓", "deep": {"n": [1, None, True]}}


class World(Protocol):
    """A queue, and what a consumer and an outage make of it."""

    @property
    def queue(self) -> Queue:
        """Return the queue under test."""
        ...

    def arrived(self) -> list[Any]:
        """Return the bodies that a consumer can see now."""
        ...

    def delays(self) -> list[int]:
        """Return with how much delay each message was sent."""
        ...

    def breaks(self) -> None:
        """Let every call fail from now on."""
        ...


class InMemory:
    def __init__(self) -> None:
        self.queue = FakeQueue()

    def arrived(self) -> list[Any]:
        return [body for body, delay in self.queue.sent if not delay]

    def delays(self) -> list[int]:
        return [delay for _, delay in self.queue.sent]

    def breaks(self) -> None:
        self.queue.broken = True


class OnSqs:
    def __init__(self) -> None:
        self.client = aws_client("sqs")
        self.url = self.client.create_queue(QueueName="writeback")["QueueUrl"]
        self.queue = SqsQueue(self.client, self.url)
        self.sent: list[dict[str, Any]] = []
        self.client.meta.events.register(
            "provide-client-params.sqs.SendMessage", lambda params, **_: self.sent.append(params)
        )

    def arrived(self) -> list[Any]:
        found = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [json.loads(each["Body"]) for each in found.get("Messages", [])]

    def delays(self) -> list[int]:
        return [params["DelaySeconds"] for params in self.sent]

    def breaks(self) -> None:
        CallFaults(self.client, always=lambda _name, _params: refusal("ServiceUnavailable", 503))


class QueueContract:
    """Both queues are tested by these words."""

    def test_what_is_sent_arrives_as_it_was(self, world: World):
        world.queue.send(BODY)
        assert world.arrived() == [BODY]

    def test_what_is_delayed_is_not_seen_yet(self, world: World):
        world.queue.send(BODY, delay_s=LONGEST_DELAY_S)
        assert world.arrived() == []
        assert world.delays() == [900]

    @pytest.mark.parametrize("delay_s", [LONGEST_DELAY_S + 1, -1])
    def test_a_delay_that_no_queue_takes_is_refused_and_not_tried_for_ever_r8(
        self, world: World, delay_s: int
    ):
        with pytest.raises(ValueError, match=str(delay_s)):
            world.queue.send(BODY, delay_s=delay_s)
        assert world.delays() == []

    def test_a_queue_that_does_not_answer_may_be_asked_again_f08(self, world: World):
        world.breaks()
        with pytest.raises(TemporarilyUnavailable):
            world.queue.send(BODY)

    def test_what_is_no_json_is_refused(self, world: World):
        with pytest.raises(TypeError):
            world.queue.send({"at": object()})


class TestInMemory(QueueContract):
    @pytest.fixture
    def world(self) -> World:
        return InMemory()


@pytest.mark.integration
class TestOnSqs(QueueContract):
    @pytest.fixture
    def world(self, aws: None) -> Iterator[World]:
        del aws
        world = OnSqs()
        yield world
        aws_client("sqs").delete_queue(QueueUrl=world.url)
