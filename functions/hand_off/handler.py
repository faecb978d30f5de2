"""Hand off: a step of the journey, or the news that a journey has died."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import journey_events

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@journey_events.observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Give the case to its owner; return the outcome by which the journey ends."""
    case_id, reason, token = journey_events.hand_off_request(event)
    return {"outcome": bootstrap.hand_off()(case_id, reason, token)}
