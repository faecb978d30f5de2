"""Writeback: accepted submissions from the writeback queue."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import queue_events
from closeloop.domain.ledger import acknowledges

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], context: LambdaContext) -> Mapping[str, Any]:
    """Take a batch; return the messages to be delivered again."""

    def remaining() -> timedelta:
        return timedelta(milliseconds=context.get_remaining_time_in_millis())

    def one(body: Mapping[str, Any]) -> str:
        outcome = bootstrap.writeback()(body["case"], body["submission"], remaining)
        if not acknowledges(outcome):
            raise queue_events.DeliverAgain
        return type(outcome).__name__

    return queue_events.process(event, one)
