"""Dead letters: whatever no function could digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import queue_events
from closeloop.application.dead_letters import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], _context: LambdaContext) -> Mapping[str, Any]:
    """Take a batch; return the messages to be delivered again."""
    return queue_events.process_raw(event, _one)


def _one(message_id: str, queue: str, body: str) -> str:
    return bootstrap.dead_letters()(DeadLetter(message_id, queue, body))
