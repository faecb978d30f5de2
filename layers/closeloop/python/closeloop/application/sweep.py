"""Sweep: every minute, move on whatever has stopped moving. The one recovery mechanism.

It starts journeys that were stored and never started, sends submissions whose time has come (a lost
fast path, a retry, a dead claimer, an outage that is over) at the agreed rate, and gives cases that
have outlived their deadline to a person (F08, F28, R1, R8). It only reads what is due, never scans.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from closeloop.application import case_file, keys
from closeloop.application.case_file import attempt
from closeloop.application.handoffs import Cause, hand_over
from closeloop.application.open_case import start_journey
from closeloop.application.ports import ConflictError, Is, Update
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.case import CaseStatus
from closeloop.domain.instants import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from closeloop.application.ports import Clock, Item, Journey, Key, Queue, Table, Workflows

_LOOK_AGAIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each kind were moved on, and the age in seconds of the oldest submission."""

    started: int
    sent: int
    stuck: int
    oldest_s: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """Moves on what is due. `rate` bounds the submissions sent in one run."""

    table: Table
    workflows: Workflows
    journey: Journey
    queue: Queue
    clock: Clock
    rate: int
    resend_after: timedelta

    def __call__(self) -> Swept:
        """Look once at everything due.

        An item that cannot be moved on stops no other: what it raised is raised at the end.
        """
        now = self.clock.now()
        waiting = sorted(self._due("submission", now), key=_due_at)[: self.rate]
        ages = [int((now - from_text(item["accepted_at"])).total_seconds()) for item in waiting]
        faults: list[Exception] = []
        swept = Swept(
            started=_each(self._due("start", now), self._start, faults),
            sent=_each(waiting, lambda item: self._send(item, now), faults),
            stuck=_each(self._due("overdue", now), lambda item: self._stuck(item, now), faults),
            oldest_s=max(ages, default=0),
        )
        if faults:
            raise faults[0]
        return swept

    def _due(self, kind: str, now: datetime) -> list[Item]:
        return [item for each in keys.due_kinds(kind) for item in self.table.due(each, now)]

    def _start(self, item: Item) -> bool:
        case = case_file.load(self.table, item["id"])
        if case is None:
            return False
        start_journey(self.table, self.journey, case)
        return True

    def _send(self, item: Item, now: datetime) -> bool:
        """Send the message, having moved the row's due time on, so that a backlog is sent once.

        A row whose retry is due keeps `retry_at` as it was: the ledger judges by that.
        """
        key = keys.submission(item["case"], item["id"])
        if not self._postpone(key, item["due_at"], now + self.resend_after):
            return False
        self.queue.send({"case": item["case"], "submission": item["id"]})
        return True

    def _postpone(self, key: Key, due_at: str, until: datetime) -> bool:
        try:
            self.table.write(
                Update(key, set={"due_at": to_text(until)}, when={"due_at": Is(due_at)})
            )
        except ConflictError:
            return False
        return True

    def _stuck(self, item: Item, now: datetime) -> bool:
        return attempt(lambda: self._stuck_once(item["id"], now))

    def _stuck_once(self, case_id: str, now: datetime) -> bool:
        (item,) = self.table.get(keys.case(case_id))
        if item is None or "due_at" not in item or from_text(item["due_at"]) > now:
            return False
        case = case_file.read(item)
        if case.status is CaseStatus.SUBMITTED:
            # The writeback's own budget brings this to an end; look again tomorrow all the same.
            self._postpone(keys.case(case_id), item["due_at"], now + _LOOK_AGAIN)
            return False
        blueprint = Bundle.from_document(self.workflows.pinned(case.bundle)).blueprint
        cause = Cause(Reason.STUCK, "sweep", {"run": case.run})
        _, changes = hand_over(case, blueprint, cause, now)
        self.table.write(*changes)
        return True


def _each(items: list[Item], move: Callable[[Item], bool], faults: list[Exception]) -> int:
    """Move on each item by itself; return how many were moved."""
    moved = 0
    for item in items:
        try:
            moved += move(item)
        except Exception as fault:  # noqa: BLE001 - as at a queue: one poisoned item holds up no other
            faults.append(fault)
    return moved


def _due_at(item: Item) -> str:
    return str(item["due_at"])
