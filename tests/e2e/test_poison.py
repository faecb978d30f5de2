"""Triggers that cannot be right: set aside with field and reason, and nothing beside them waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.begun import Begun
    from tests.e2e.stage import Stage

Json = dict[str, Any]
WRONG: dict[str, Json] = {
    "amount_minor": {"amount_minor": "120.00"},
    "currency": {"currency": "pounds"},
    "schema_version": {"schema_version": 2},
    "due_date": {"due_date": "2026-02-30"},
}


def _rejects(stage: Stage, wanted: set[str]) -> dict[str, Json]:
    """The reject queue's messages about these events, taken out of it."""
    sqs, queue = stage.client("sqs"), stage.outputs["RejectsQueueUrl"]
    found: dict[str, Json] = {}

    def all_there() -> bool:
        reply = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in reply.get("Messages", []):
            body = json.loads(message["Body"])
            if body["event_id"] in wanted:
                found[body["event_id"]] = body
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found.keys() == wanted

    stage.until("the rejected events", all_there)
    return found


def test_a_bad_trigger_is_set_aside_with_field_and_reason_and_its_neighbours_open(stage: Stage):
    """F19: nothing is lost, nothing is guessed, and a reason never quotes a value."""
    good, bad = stage.person("good"), stage.person("bad")
    details = [(name, {**bad.failed(), **change}) for name, change in WRONG.items()]
    ids = stage.together(lambda each: stage.publish("PaymentFailed", each[1]), details)
    good.happens("payment_failed")
    rejects = _rejects(stage, set(ids))
    for event_id, (field, detail) in zip(ids, details, strict=True):
        (problem,) = rejects[event_id]["problems"]
        assert problem["field"] == field
        assert str(detail[field]) not in problem["reason"]
        assert rejects[event_id]["detail"] == detail
    good.link()
    assert (bad.cases(), bad.messages()) == ([], [])


def test_a_message_that_nobody_can_read_becomes_a_persons_work_once(stage: Stage, begun: Begun):
    """F19: after the queue's receives to the dead letters, from there to an owner, kept whole."""
    for neighbour in begun.neighbours:
        neighbour.link()
    queue = stage.resources["TriggersDeadLetters"].rpartition("/")[2]

    def kept() -> list[Json]:
        rows = stage.rows(f"DEADLETTER#{queue}")
        return [row for row in rows if row.get("body") == begun.unreadable]

    (handoff,) = stage.until("the handoff of the dead letter", kept)
    assert (handoff["reason"], handoff["owner"]) == ("dead_letter", "platform")
    stage.until("empty queues", lambda: stage.waiting_in("TriggersDeadLetters") == 0)
    assert stage.waiting_in("TriggersQueue") == 0


def test_a_fact_in_another_systems_name_is_not_heard(stage: Stage):
    """T16: the bus takes the core's own word only, and the queue the rule's."""
    mallory = stage.person("mallory")
    entry = {"EventBusName": stage.outputs["EventBusName"], "Source": "core.marketing"}
    entry |= {"DetailType": "PaymentFailed", "Detail": json.dumps(mallory.failed())}
    stage.client("events").put_events(Entries=[entry])
    after = stage.person("after")
    after.happens("payment_failed")
    after.link()
    assert (mallory.cases(), mallory.messages()) == ([], [])
