"""The case row and its audit chain move together: there is no other way to change a case.

`open_file` and `advance` return the changes of one transaction: the case under the condition that
nobody moved the chain since it was read, and the audit event that says what happened. A use case
adds its own changes and writes all of them at once, or none (R1, F38).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from closeloop.application import keys
from closeloop.application.ports import (
    NEW,
    Change,
    ConflictError,
    Is,
    Item,
    Put,
    Table,
    TemporarilyUnavailable,
    Update,
)
from closeloop.domain import evidence
from closeloop.domain.case import Case, CaseStatus
from closeloop.domain.instants import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
_START_GRACE = timedelta(minutes=2)
STUCK_GRACE = timedelta(days=1)
_TRIES = 4
_CHANGEABLE = ("version", "token", "touch", "run", "submission", "ending", "handoff")


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, who did it (`customer`, `core`, or a function's name), non-personal data."""

    kind: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


def open_file(case: Case, entry: Entry) -> tuple[Case, tuple[Change, ...]]:
    """Return the case with its first event, and the changes that store both.

    The row is due for `sweep` until its journey is known to have started.
    """
    opened, event = _seal(
        replace(case, seq=0, head=evidence.genesis(case.id)), entry, case.opened_at
    )
    due = {
        "due_kind": keys.due_kind("start", case.id),
        "due_at": to_text(case.opened_at + _START_GRACE),
    }
    return opened, (Put(keys.case(case.id), _item(opened) | due, when=NEW), event)


def advance(
    case: Case,
    entry: Entry,
    now: datetime,
    *,
    status: CaseStatus | None = None,
    visible: bool = False,
    changed: Mapping[str, Any] | None = None,
) -> tuple[Case, tuple[Change, ...]]:
    """Return the case after `entry`, and the changes that bring it about.

    `status` moves the case along the transition table (IllegalTransitionError otherwise) and is
    always visible to the customer; `changed` sets other attributes, None removing them. A case that
    ends gives up its task token and is due for nothing any more.
    """
    after, event = _seal(case, entry, now)
    values: dict[str, Any] = {"seq": after.seq, "head": after.head, **(changed or {})}
    if status is not None and status is not case.status:
        values["status"] = case.require(status).value
        visible = True
        if status.ended:
            values |= {"token": None, "due_kind": None, "due_at": None}
    if visible:
        values["version"] = case.version + 1
    update = Update(
        keys.case(case.id),
        set={name: value for name, value in values.items() if value is not None},
        remove=tuple(name for name, value in values.items() if value is None),
        when={"seq": Is(case.seq)},
    )
    known = {name: values[name] for name in _CHANGEABLE if name in values}
    return replace(after, status=CaseStatus(values.get("status", case.status)), **known), (
        update,
        event,
    )


@dataclass(frozen=True, slots=True)
class Position:
    """Where a case's audit chain ends."""

    case: str
    seq: int
    head: str


def note(position: Position, entry: Entry, now: datetime) -> tuple[Position, tuple[Change, ...]]:
    """Return the position after an event that changes nothing else, and the changes storing it."""
    event = evidence.append(
        position.head, position.seq + 1, now, entry.kind, entry.actor, entry.data
    )
    moved = Update(
        keys.case(position.case),
        set={"seq": event.seq, "head": event.hash},
        when={"seq": Is(position.seq)},
    )
    put = Put(keys.event(position.case, event.seq), evidence.to_item(event), when=NEW)
    return Position(position.case, event.seq, event.hash), (moved, put)


def position_of(case: Case) -> Position:
    """Where the case's chain ended when it was read."""
    return Position(case.id, case.seq, case.head)


def started(case: Case) -> Update:
    """The change that records a started journey: from now on the row is due only when overdue."""
    return Update(
        keys.case(case.id),
        set={
            "due_kind": keys.due_kind("overdue", case.id),
            "due_at": to_text(case.deadline_at + STUCK_GRACE),
        },
        when={"due_kind": Is(keys.due_kind("start", case.id))},
    )


def read(item: Item) -> Case:
    """Read a case row."""
    return Case(
        id=item["id"],
        workflow=item["workflow"],
        bundle=item["bundle"],
        customer=item["customer"],
        obligation=item["obligation"],
        cycle=item["cycle"],
        status=CaseStatus(item["status"]),
        version=item["version"],
        seq=item["seq"],
        head=item["head"],
        opened_at=from_text(item["opened_at"]),
        deadline_at=from_text(item["deadline_at"]),
        facts=item["facts"],
        waits_s=tuple(item["waits_s"]),
        touch=item["touch"],
        run=item["run"],
        token=item.get("token"),
        submission=item.get("submission"),
        ending=item.get("ending"),
        handoff=item.get("handoff"),
    )


def load(table: Table, case_id: str) -> Case | None:
    """Return the case as it stands now, or None."""
    (item,) = table.get(keys.case(case_id))
    return read(item) if item else None


def attempt(action: Callable[[], T]) -> T:
    """Run a read-decide-write again when somebody else moved the case in between (F18).

    Raises TemporarilyUnavailable when the case will not hold still.
    """
    for _ in range(_TRIES):
        try:
            return action()
        except ConflictError:
            continue
    raise TemporarilyUnavailable


def _seal(case: Case, entry: Entry, now: datetime) -> tuple[Case, Put]:
    event = evidence.append(case.head, case.seq + 1, now, entry.kind, entry.actor, entry.data)
    put = Put(keys.event(case.id, event.seq), evidence.to_item(event), when=NEW)
    return replace(case, seq=event.seq, head=event.hash), put


def _item(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "workflow": case.workflow,
        "bundle": case.bundle,
        "customer": case.customer,
        "obligation": case.obligation,
        "cycle": case.cycle,
        "status": case.status.value,
        "version": case.version,
        "seq": case.seq,
        "head": case.head,
        "opened_at": to_text(case.opened_at),
        "deadline_at": to_text(case.deadline_at),
        "facts": dict(case.facts),
        "waits_s": list(case.waits_s),
        "touch": case.touch,
        "run": case.run,
    }
