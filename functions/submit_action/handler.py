"""Submit action: the post that commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop import bootstrap
from closeloop.adapters import http

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return http.answer(event, bootstrap.submit_action, bootstrap.edge())
