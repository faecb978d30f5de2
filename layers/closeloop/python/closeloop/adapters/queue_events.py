"""Batches from SQS: each message on its own, only the failed ones delivered again (F19, F20).

A message that cannot be read is a failed one too: after the queue's receives it goes to its
dead-letter queue and from there to an owner. The log names ids and exception types, never bodies.
The loop is our own: importing Powertools' would be a tenth of every start (docs/decisions/0015).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from closeloop.adapters.telemetry import count, logger, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class DeliverAgain(Exception):  # noqa: N818 - an instruction to the queue, not a fault
    """The message must be delivered again: nothing durable says yet what happens next."""


def process(
    event: Mapping[str, Any], one: Callable[[Mapping[str, Any]], str]
) -> dict[str, list[dict[str, str]]]:
    """Handle each message's JSON body with `one`, which returns a word for the log."""
    return process_raw(event, lambda _id, _queue, body: one(json.loads(body)))


def process_raw(
    event: Mapping[str, Any], one: Callable[[str, str, str], str]
) -> dict[str, list[dict[str, str]]]:
    """Handle each message as id, queue name and text; return those to be delivered again."""
    failed = [record["messageId"] for record in event["Records"] if not _handled(record, one)]
    metrics().flush_metrics()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _handled(record: Mapping[str, Any], one: Callable[[str, str, str], str]) -> bool:
    message_id = record["messageId"]
    queue = record["eventSourceARN"].rpartition(":")[2]
    try:
        done = one(message_id, queue, record["body"])
    except Exception as error:  # noqa: BLE001 - the outermost boundary of one message
        logger().error("failed", message_id=message_id, error=type(error).__name__)
        count("message_failed")
        return False
    logger().info("done", message_id=message_id, outcome=done)
    count(f"outcome_{done}")
    return True
