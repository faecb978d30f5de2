"""One smoke test of a deployed stack: a message really leaves, and the case is taken back."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.cli import main
from sandbox.driver import until

if TYPE_CHECKING:
    from tests.aws.conftest import Stack

pytestmark = [pytest.mark.aws, pytest.mark.timeout(300)]

WITHIN_S = 120
# What send_touch comes to by day and by night.
SENT_OR_HELD = {"touch_accepted", "held"}
Json = dict[str, Any]


def _publish(stack: Stack, detail_type: str, detail: Json) -> str:
    entry = {"EventBusName": stack.output("EventBusName"), "Source": "core.billing"}
    entry |= {"DetailType": detail_type, "Detail": json.dumps(detail)}
    reply = stack.client("events").put_events(Entries=[entry])
    assert reply["FailedEntryCount"] == 0, reply
    return reply["Entries"][0]["EventId"]


def _kinds(stack: Stack, case_id: str) -> list[str]:
    return [row["kind"] for row in stack.rows(f"CASE#{case_id}", "EVENT#")]


def test_a_made_up_link_finds_nothing(stack: Stack):
    """T2: the public address answers, with every header, and says nothing."""
    url = f"{stack.output('CustomerUrl')}/c/{'0' * 28}"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url, timeout=30)  # noqa: S310 - the stack's own address
    with caught.value as answer:
        assert answer.code == 404
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Set-Cookie"] is None


def test_a_failed_payment_reaches_the_customer_and_is_withdrawn(stack: Stack):
    """Bus, queue, table, journey, core and provider work together under the roles as deployed."""
    version = int(time.time())  # later than whatever was said of this obligation before
    failed = {
        "schema_version": 1,
        "version": version,
        **stack.about,
        "amount_minor": int(stack.test_amount_minor),
        "currency": stack.test_currency,
        "due_date": time.strftime("%Y-%m-%d", time.gmtime(version - 5 * 86_400)),
        "failure_code": "insufficient_funds",
        "product": "test",
        "segment": "standard",
        "locale": "en-GB",
        "country": stack.test_country,
    }
    event_id = _publish(stack, "PaymentFailed", failed)
    key = f"TRIGGER#core.billing#{event_id}"
    (trigger,) = until("the stored trigger", lambda: stack.rows(key), WITHIN_S)
    case_id = trigger["case"]
    try:
        until(
            "a message, or the hour at which it may be sent",
            lambda: SENT_OR_HELD.intersection(_kinds(stack, case_id)),
            WITHIN_S,
        )
    finally:
        withdrawn = {"schema_version": 1, "version": version + 1, **stack.about}
        _publish(stack, "ObligationWithdrawn", {**withdrawn, "reason": "smoke_test"})
    (case,) = until(
        "the withdrawn case",
        lambda: [r for r in stack.rows(f"CASE#{case_id}", "CASE") if r["status"] == "withdrawn"],
        WITHIN_S,
    )
    if "held" not in _kinds(stack, case_id):  # else the journey learns it when its hold is over
        _see_the_journey_end(stack, f"{case_id}-{case['run']}")
    assert main(["verify-audit", "--table", stack.output("TableName"), "--case", case_id]) == 0


def _see_the_journey_end(stack: Stack, name: str) -> None:
    execution = stack.output("JourneyArn").replace(":stateMachine:", ":execution:")
    arn = f"{execution}:{name}"
    states = stack.client("stepfunctions")

    def over() -> bool:
        return states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED"

    until("the end of the journey", over, WITHIN_S)
