"""Messages that somebody might send and nobody can digest, beside good ones."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.firm import payment_failed
from tests.fakes.functions import on_the_bus


def good(number: int) -> dict[str, Any]:
    return on_the_bus(payment_failed(event_id=f"e{number}", obligation_id=f"INV-{number}"))


def changed(**changes: Any) -> dict[str, Any]:
    return on_the_bus(payment_failed(event_id="bad", **changes))


UNREADABLE: dict[str, object] = {
    "no JSON": "{not json",
    "nothing": "",
    "a list": [1, 2],
    "a text": '"PaymentFailed"',
    "no event": {"detail": {}},
    "no detail": {"id": "e", "source": "core.billing", "detail-type": "PaymentFailed"},
    "a type that is no text": {"id": "e", "source": "s", "detail-type": None, "detail": {}},
}
REFUSED: dict[str, dict[str, Any]] = {
    "unknown version": changed(schema_version=2),
    "a float for money": changed(amount_minor=120.5),
    "300 KB": changed(failure_code="x" * 300_000),
    "a field of nobody's": changed(name="Ada Vale"),
    "a type without a workflow": {**changed(), "detail-type": "CardExpired"},
    "a detail that is a list": {**changed(), "detail": [1]},
}
LETTERS: dict[str, str] = {
    **{name: v if isinstance(v, str) else json.dumps(v) for name, v in UNREADABLE.items()},
    "a megabyte": json.dumps(changed(failure_code="ü" * 500_000), ensure_ascii=False),
    "deeper than anybody looks": "[" * 100_000,
    "a case that cannot be one": json.dumps({"case": "x" * 3000}),
    "a case that is no text at all": '{"case": "\\ud800"}',
}
