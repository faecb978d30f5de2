"""Send touch: a step of the journey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import journey_events
from closeloop.application.send_touch import Step

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@journey_events.observed
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Take the step; the journey goes on when its token is completed."""
    step = Step(event["case_id"], event["touch"], event["token"])
    return {"outcome": bootstrap.send_touch()(step)}
