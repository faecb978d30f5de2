"""The submission row: an accepted action, the outbox that carries it, and its writeback ledger."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.application import keys
from closeloop.application.ports import NEW, Item, Put
from closeloop.domain.instants import from_text, to_text
from closeloop.domain.ledger_entry import LedgerEntry, State, wake_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.domain.blueprint import ActionRule

# `owner` and `due_at` together would put the row among the handoffs in the `work` index.
STORED_AS = {"owner": "held_by"}
_INSTANTS = frozenset({"accepted_at", "lease_until", "sent_at", "retry_at"})


@dataclass(frozen=True, slots=True)
class Submission:
    """What the customer committed, and what shall come of it.

    `about` names customer, obligation and cycle; `effect` is what the system of record is asked to
    record; `expected` the fields of its record that must equal what was agreed; `evidence` what
    proves that the customer agreed to it.
    """

    id: str
    case: str
    action: str
    system: str
    operation: str
    about: Mapping[str, str]
    effect: Mapping[str, Any]
    expected: Mapping[str, Any]
    evidence: Mapping[str, Any]
    payload: str

    def put(self, now: datetime, fast_path_age: timedelta) -> Put:
        """The change that accepts it: from now on it is never lost."""
        entry = LedgerEntry(accepted_at=now)
        item = {
            "id": self.id,
            "case": self.case,
            "action": self.action,
            "system": self.system,
            "operation": self.operation,
            "about": dict(self.about),
            "effect": dict(self.effect),
            "expected": dict(self.expected),
            "evidence": dict(self.evidence),
            "payload": self.payload,
            **stored(entry),
            "due_kind": keys.due_kind("submission", self.id),
            "due_at": to_text(wake_at(entry, fast_path_age) or now),
        }
        return Put(keys.submission(self.case, self.id), item, when=NEW)


def expected_of(rule: ActionRule, effect: Mapping[str, Any]) -> dict[str, Any]:
    """What read-back must show: the system's field names with the values that were agreed."""
    return {theirs: effect[ours] for theirs, ours in rule.writeback.read_back.items()}


def read(item: Item) -> Submission:
    """Read the part of the row that never changes."""
    return Submission(**{each.name: item[each.name] for each in fields(Submission)})


def entry_of(item: Item) -> LedgerEntry:
    """Read the ledger's part of the row."""
    values: dict[str, Any] = {
        each.name: _loaded(each.name, item[STORED_AS.get(each.name, each.name)])
        for each in fields(LedgerEntry)
        if STORED_AS.get(each.name, each.name) in item
    }
    return LedgerEntry(**values)


def stored(entry: LedgerEntry) -> dict[str, Any]:
    """The ledger's part of the row, as stored; what is None is left out."""
    return plain({each.name: getattr(entry, each.name) for each in fields(LedgerEntry)})


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a ledger row as stored; what is None is left out."""
    return {
        STORED_AS.get(name, name): _stored(value)
        for name, value in values.items()
        if value is not None
    }


def _loaded(name: str, value: Any) -> Any:  # noqa: ANN401 - a row's values
    if name in _INSTANTS:
        return from_text(value)
    return State(value) if name == "state" else value


def _stored(value: Any) -> Any:  # noqa: ANN401 - a row's values
    if isinstance(value, datetime):
        return to_text(value)
    return value.value if isinstance(value, State) else value
