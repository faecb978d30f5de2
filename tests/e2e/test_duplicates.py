"""Triggers that come more than once: one case, one journey, one message."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from closeloop.application.keys import due_kind
from tests.e2e.stage import chain_is_whole

if TYPE_CHECKING:
    from tests.e2e.person import Person
    from tests.e2e.stage import Stage

TWENTY = range(20)
BATCH = 10


def _one_of_each(stage: Stage, person: Person) -> None:
    """One case, one journey, and no more messages than touches that the plan has reached."""
    person.link("email")
    case = person.case()
    assert len(stage.executions_of(case["id"])) == 1
    assert [m["channel"] for m in person.messages()].count("email") == 1
    assert [touch["id"] for touch in case["touches"]].count("001") == 1
    assert len(person.messages()) <= len(person.case()["touches"])
    assert chain_is_whole(case)


def test_twenty_deliveries_of_one_event_make_one_case_and_one_message(stage: Stage):
    """F01: the bus promises at least once; all twenty are there before the first is taken."""
    grace = stage.person("grace")
    event_id = str(uuid.uuid4())
    event = {"version": "0", "id": event_id, "source": "core.billing", "region": "eu-west-2"}
    event |= {"detail-type": "PaymentFailed", "detail": grace.failed()}

    def deliver(numbers: list[int]) -> None:
        entries = [{"Id": str(n), "MessageBody": json.dumps(event)} for n in numbers]
        queue = stage.resources["TriggersQueue"]
        stage.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)

    stage.together(deliver, [[*TWENTY[:BATCH]], [*TWENTY[BATCH:]]])
    stage.until("all twenty taken", lambda: stage.waiting_in("TriggersQueue") == 0)
    _one_of_each(stage, grace)
    assert len(stage.rows(f"TRIGGER#core.billing#{event_id}")) == 1


def test_twenty_events_about_one_failed_payment_make_one_case_and_one_message(stage: Stage):
    """F02: twenty ids, one customer, obligation and cycle, on the bus at the same time."""
    lukasz = stage.person("lukasz")
    detail = lukasz.failed()
    ids = stage.together(lambda _: stage.publish("PaymentFailed", detail), TWENTY, at_once=20)
    assert len(set(ids)) == len(TWENTY)

    def known() -> bool:
        return all(stage.driver.ask("/sandbox/cases", event_id=each) for each in ids)

    stage.until("all twenty known to be about the case", known)
    _one_of_each(stage, lukasz)


def test_a_newer_failure_of_the_same_payment_joins_the_open_case(stage: Stage):
    """F02: the core tries again, fails again, and says so with a newer version."""
    hamish = stage.person("hamish")
    first = hamish.happens("payment_failed")
    hamish.link("email")
    again = hamish.happens("payment_failed")
    stage.until("the second event", lambda: stage.rows(f"TRIGGER#core.billing#{again}"))
    cases = [stage.driver.ask("/sandbox/cases", event_id=each) for each in (first, again)]
    assert len({case["id"] for found in cases for case in found}) == 1
    _one_of_each(stage, hamish)


def test_a_start_that_is_repeated_starts_nothing(stage: Stage):
    """F06: the reply of StartExecution was lost, so the row still says that it is to be started."""
    yuki = stage.person("yuki")
    yuki.happens("payment_failed")
    yuki.link("email")
    case = yuki.case()
    row = {"pk": f"CASE#{case['id']}", "sk": "CASE"}
    stage.change_row(row, due_kind=due_kind("start", case["id"]), due_at=case["opened_at"])
    stage.sweep()
    (after,) = stage.rows(row["pk"], "CASE")
    assert after["due_kind"] == due_kind("overdue", case["id"])
    _one_of_each(stage, yuki)
