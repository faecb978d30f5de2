"""Sweep: once a minute, move on whatever has stopped moving."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import journey_events
from closeloop.adapters.telemetry import count

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@journey_events.observed
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Look once at everything due."""
    swept = asdict(bootstrap.sweep()())
    for name, amount in swept.items():
        count(f"swept_{name}", amount)
    return swept
