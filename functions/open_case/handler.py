"""Open case: the core's events from the triggers queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import queue_events
from closeloop.application.open_case import CoreEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], _context: LambdaContext) -> Mapping[str, Any]:
    """Take a batch; return the messages to be delivered again."""
    return queue_events.process(event, _one)


def _one(body: Mapping[str, Any]) -> str:
    detail = CoreEvent(body["id"], body["source"], body["detail-type"], body["detail"])
    return bootstrap.open_case()(detail)
