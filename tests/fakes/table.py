"""The case table in memory: the same values, conditions, transactions and indexes, one lock."""

from __future__ import annotations

import copy
import json
import threading
from typing import TYPE_CHECKING, Any, Self

from closeloop.adapters.attributes import from_attributes, to_attributes
from closeloop.application.ports import (
    Above,
    Absent,
    AbsentOr,
    Below,
    Change,
    Check,
    Condition,
    ConflictError,
    Delete,
    Is,
    Item,
    Key,
    OneOf,
    Put,
    Test,
    Update,
)
from closeloop.domain.instants import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

_MISSING = object()
# What the template projects into the `due` index.
_DUE = frozenset({"pk", "sk", "due_kind", "due_at", "accepted_at", "case", "id"})


class FakeTable:
    """Holds items by key. `calls` counts reads and writes as the real table would make them."""

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.calls: list[str] = []
        self._lock = threading.RLock()

    @classmethod
    def holding(cls, items: Iterable[Item]) -> Self:
        """A table with these items, each under the key that it bears."""
        table = cls()
        table.items = {Key(item["pk"], item["sk"]): item for item in items}
        return table

    def get(self, *keys: Key) -> list[Item | None]:
        with self._lock:
            self.calls.append("get")
            return [copy.deepcopy(self.items.get(Key(*key))) for key in keys]

    def query(
        self, pk: str, prefix: str = "", *, newest_first: bool = False, limit: int = 100
    ) -> list[Item]:
        with self._lock:
            self.calls.append("query")
            keys = sorted(k for k in self.items if k.pk == pk and k.sk.startswith(prefix))
            if newest_first:
                keys.reverse()
            return [copy.deepcopy(self.items[key]) for key in keys[:limit]]

    def write(self, *changes: Change) -> None:
        with self._lock:
            self.calls.append("write")
            self._apply(changes)

    def update(self, change: Update) -> Item:
        with self._lock:
            self.calls.append("update")
            self._apply((change,))
            return copy.deepcopy(self.items[Key(*change.key)])

    def due(self, kind: str, until: datetime, limit: int = 50) -> list[Item]:
        found = self._index("due_kind", kind, lambda due_at: due_at <= to_text(until), limit)
        return [{name: item[name] for name in item if name in _DUE} for item in found]

    def work(self, owner: str, limit: int = 50) -> list[Item]:
        return self._index("owner", owner, lambda _: True, limit)

    def _index(
        self, partition: str, value: str, within: Callable[[str], bool], limit: int
    ) -> list[Item]:
        with self._lock:
            self.calls.append("index")
            rows = [
                item
                for item in self.items.values()
                if item.get(partition) == value and "due_at" in item and within(item["due_at"])
            ]
            return copy.deepcopy(sorted(rows, key=lambda item: item["due_at"])[:limit])

    def _apply(self, changes: tuple[Change, ...]) -> None:
        keys = [change.key for change in changes]
        if len(set(keys)) != len(keys):
            msg = "a transaction names each item once"
            raise ValueError(msg)
        found = {
            at: copy.deepcopy(self.items.get(Key(*change.key)))
            for at, change in enumerate(changes)
            if not _passes(self.items.get(Key(*change.key)), change.when)
        }
        if found:
            raise ConflictError(found)
        for change in changes:
            self._do(change)

    def _do(self, change: Change) -> None:
        key = Key(*change.key)
        match change:
            case Put():
                self.items[key] = _plain({**change.item, "pk": key.pk, "sk": key.sk})
            case Update():
                values = _plain(change.set)
                item = self.items.setdefault(key, {"pk": key.pk, "sk": key.sk})
                item.update(values)
                for name in change.remove:
                    item.pop(name, None)
                for name, amount in change.add.items():
                    item[name] = item.get(name, 0) + amount
            case Delete():
                self.items.pop(key, None)
            case Check():
                pass


def _plain(values: Mapping[str, Any]) -> Item:
    """What the real table would give back; TypeError for what it refuses to take."""
    return from_attributes(json.loads(json.dumps(to_attributes(values))))


def _passes(item: Item | None, when: Condition) -> bool:
    return all(_holds(item or {}, name, test) for name, test in when.items())


def _holds(item: Mapping[str, Any], name: str, test: Test) -> bool:
    value = item.get(name, _MISSING)
    match test:
        case Absent():
            return value is _MISSING
        case Is(wanted):
            return _same(value, wanted)
        case OneOf(wanted):
            return any(_same(value, each) for each in wanted)
        case Below(limit):
            return value is not _MISSING and type(value) is type(limit) and value < limit
        case Above(limit):
            return value is not _MISSING and type(value) is type(limit) and value > limit
        case AbsentOr(inner):
            return value is _MISSING or _holds(item, name, inner)


def _same(value: object, wanted: object) -> bool:
    """Equal and of one kind: to DynamoDB, True is not 1; an enum's value is plain text."""
    return value == wanted and isinstance(value, bool) is isinstance(wanted, bool)
