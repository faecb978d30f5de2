"""What the connector's tests send: the real connector file, one effect for each operation."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from closeloop.application.submissions import Submission
from closeloop.authoring.folder import compiled_connector, read_shared
from tests.fakes.firm import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECTOR = compiled_connector(
    read_shared(ROOT / "layers" / "workflows", ROOT).connectors["core_banking"]
)
EFFECTS: dict[str, dict[str, Any]] = {
    "post_arrangement": {
        "currency": "GBP",
        "total_minor": 12000,
        "instalments": [
            {"due_date": "2026-12-01", "amount_minor": 6000},
            {"due_date": "2027-01-04", "amount_minor": 6000},
        ],
    },
    "record_promise": {"currency": "GBP", "amount_minor": 12000, "due_date": "2026-12-01"},
    "set_flag": {"flag": "disputed", "reason": "wrong_amount"},
    "append_note": {"text": "ask_for_person: question"},
}


class Key:
    def headers(self) -> dict[str, str]:
        return {"X-Api-Key": "core-key"}


def submission_about(about: Mapping[str, str], operation: str = "record_promise") -> Submission:
    """A new submission of one operation."""
    effect = EFFECTS[operation]
    return Submission(
        id=secrets.token_hex(16),
        case="C",
        action="promise_to_pay",
        system="core_banking",
        operation=operation,
        about=about,
        effect=effect,
        expected=effect,
        evidence={},
        payload="",
    )
