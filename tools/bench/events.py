"""What Lambda hands to the functions that no browser calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.core.accounts import filled_in

if TYPE_CHECKING:
    from sandbox.world import World

Json = dict[str, Any]


def payment_failed(local: World, customer_id: str) -> Json:
    """Put a customer on the core's books, and return the event of their failed payment."""
    now = local.clock.now()
    number = len(local.ledger.accounts()) + 1
    account = local.ledger.seed(*filled_in({"customer_id": customer_id}, now, number))
    owed = account["obligations"][0]
    sample = json.loads((local.place.root / "events/samples/PaymentFailed.json").read_text())
    told = {name: owed[name] for name in sample["detail"] if name in owed}
    detail = {**sample["detail"], **told, "customer_id": customer_id}
    return {**sample, "id": f"event-{customer_id}", "detail": detail}


def from_queue(body: str, queue: str) -> Json:
    """The event with which Lambda hands a queue's message to a function."""
    record = {
        "messageId": "00000000-0000-0000-0000-000000000000",
        "receiptHandle": "-",
        "body": body,
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-2:000000000000:{queue}",
    }
    return {"Records": [record]}
