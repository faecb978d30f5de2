"""What the deployed product knows of a case, read from its table as it stands now."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from sandbox.cloud import Item

Rows = Callable[[str, str], list[Item]]
# Secrets, keys and index attributes say nothing to a reader.
_HIDDEN = frozenset({"pk", "sk", "token", "due_kind", "due_at", "expires_at", "csrf", "secret"})
_SOURCE = "core.billing"


@dataclass(frozen=True, slots=True)
class Cases:
    """Reads cases; `rows(pk, prefix)` returns the items of one partition of the table."""

    rows: Rows

    def of_event(self, event_id: str, source: str = _SOURCE) -> list[Item]:
        """Return the case that an event opened or was found to be about: one or none."""
        found = self.rows(f"TRIGGER#{source}#{event_id}", "")
        return self._documents(row.get("case") for row in found)

    def of_customer(self, customer_id: str) -> list[Item]:
        """Return a customer's cases, oldest first (case ids sort by time)."""
        found = self.rows(f"PERSON#{customer_id}", "CASE#")
        return self._documents(row["sk"].removeprefix("CASE#") for row in found)

    def one(self, case_id: str) -> Item | None:
        """Return a case with its events, touches, submissions and handoffs; None if unknown."""
        items = self.rows(f"CASE#{case_id}", "")
        case = next((item for item in items if item["sk"] == "CASE"), None)
        if case is None:
            return None
        return {
            "case_id": case_id,
            **_shown(case),
            "events": _under(items, "EVENT#"),
            "touches": _under(items, "TOUCH#"),
            "submissions": _under(items, "SUBMISSION#"),
            "handoffs": _under(items, "HANDOFF#"),
        }

    def _documents(self, ids: Iterable[str | None]) -> list[Item]:
        found = (self.one(case_id) for case_id in ids if case_id)
        return [document for document in found if document]


def _under(items: list[Item], prefix: str) -> list[Item]:
    return [
        {"id": item["sk"].removeprefix(prefix), **_shown(item)}
        for item in items
        if item["sk"].startswith(prefix)
    ]


def _shown(item: Item) -> Item:
    return {name: _plain(value) for name, value in item.items() if name not in _HIDDEN}


def _plain(value: Any) -> Any:  # noqa: ANN401 - DynamoDB's types in, JSON's out
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | set | tuple):
        return [_plain(each) for each in cast("Iterable[Any]", value)]
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in cast("Item", value).items()}
    return value
