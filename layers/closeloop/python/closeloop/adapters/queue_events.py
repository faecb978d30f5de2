"""Batches from SQS: each message on its own, only the failed ones delivered again (F19, F20).

A message that cannot be read is a failed one too: after the queue's receives it goes to its
dead-letter queue and from there to an owner. The log names ids and exception types, never bodies.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from closeloop.adapters.telemetry import count, logger, metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext


class DeliverAgain(Exception):  # noqa: N818 - an instruction to the queue, not a fault
    """The message must be delivered again: nothing durable says yet what happens next."""


def process(
    event: dict[str, Any], context: LambdaContext, one: Callable[[Mapping[str, Any]], str]
) -> Mapping[str, Any]:
    """Handle each message's JSON body with `one`, which returns a word for the log."""
    return process_raw(event, context, lambda _id, _queue, body: one(json.loads(body)))


def process_raw(
    event: dict[str, Any], context: LambdaContext, one: Callable[[str, str, str], str]
) -> Mapping[str, Any]:
    """Handle each message as id, queue name and text."""

    def record_handler(record: Mapping[str, Any]) -> None:
        message_id = record["messageId"]
        queue = record["eventSourceARN"].rpartition(":")[2]
        try:
            done = one(message_id, queue, record["body"])
        except Exception as error:
            logger().error("failed", message_id=message_id, error=type(error).__name__)
            count("message_failed")
            raise
        logger().info("done", message_id=message_id, outcome=done)
        count(f"outcome_{done}")

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    response = process_partial_response(event, record_handler, processor, context)
    metrics().flush_metrics()
    return response
