"""What surrounds a ledger run in the simulation: a core system, the row's store, a queue.

Times are seconds since `START` on the true clock, which no host can see.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    Ambiguous,
    BreakerOpen,
    CallResult,
    Found,
    LedgerEntry,
    LedgerPolicy,
    LookUpResult,
    NotFound,
    Refused,
    Rejected,
    RowEffect,
    State,
    Unavailable,
    Written,
)

if TYPE_CHECKING:
    from random import Random

START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
AGREED = {"currency": "GBP", "total_minor": 12_000}
FORWARD = {
    State.PENDING: set(State),
    State.APPLIED: {State.APPLIED, State.CONFIRMED, State.HANDED_OFF},
}


def instant(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class StoreFailedError(Exception):
    """The table gave no answer after its client's own retries: the run ends here (F17)."""


@dataclass
class Commit:
    """An effect in the core. It happens at `at` and look-ups show it from `shown_from` on."""

    at: float
    shown_from: float
    record: dict[str, Any]


@dataclass
class Core:
    """A system of record of one adapter class, which may fail in every way its class allows.

    Whatever reaches it is worked off and visible within `settle` of its arrival, and it arrives
    within the call's timeout. `harm` is the share of calls and look-ups that go wrong.
    """

    adapter: AdapterClass
    policy: LedgerPolicy
    random: Random
    harm: float
    commits: list[Commit] = field(default_factory=list[Commit])
    reached: int = 0
    down_until: float = 0.0
    seen: Counter[str] = field(default_factory=Counter[str])

    def journal(self, now: float) -> list[Commit]:
        return [commit for commit in self.commits if commit.at <= now]

    def call(self, now: float) -> CallResult:
        """One request leaving a host at `now`, and the reply that its caller will see."""
        if now < self.down_until:
            return self._turned_away()
        faults = ("lost", "late", "undelivered", "reject", "away", "slow", "lies", "other")
        fault = self.random.choice(faults) if self.random.random() < self.harm else "fine"
        self.seen[fault] += 1
        if fault == "undelivered":
            return Ambiguous("timeout")
        if fault == "away":
            return self._turned_away()
        self.reached += 1
        if self.adapter is AdapterClass.A and self.commits:
            return self._repeated(now, fault)
        if fault == "reject":
            return Rejected("not_allowed")
        return self._first(now, fault)

    def look_up(self, now: float, reference: str | None) -> LookUpResult:
        if self.adapter is AdapterClass.C and reference is None:
            return NotFound()
        if now < self.down_until or self.random.random() < self.harm / 4:
            return self._turned_away()
        for commit in self.commits:
            if commit.shown_from <= now:
                return Found("R1", commit.record)
        return NotFound()

    def _first(self, now: float, fault: str) -> CallResult:
        timeout, settle = (
            self.policy.call_timeout.total_seconds(),
            self.policy.settle.total_seconds(),
        )
        at = shown_from = now
        if fault in ("late", "slow"):
            at = now + self.random.uniform(0, timeout) + self.random.uniform(0, 0.9 * settle)
            shown_from = self.random.uniform(at, max(at, now + 0.9 * settle))
        record = AGREED | ({"total_minor": 11_999} if fault == "other" else {})
        if fault != "lies":
            self.commits.append(Commit(at, shown_from, {"id": "R1", **record}))
        return Ambiguous("timeout") if fault in ("lost", "late") else Accepted("R1")

    def _repeated(self, now: float, fault: str) -> CallResult:
        """Class A: nothing is done twice, but the answer may be lost or misleading."""
        if fault in ("lost", "late") or not self.journal(now):
            return Ambiguous("timeout")
        return Rejected("duplicate") if fault == "reject" else Accepted("R1")

    def _turned_away(self) -> Unavailable | BreakerOpen:
        if self.random.random() < 0.5:
            return BreakerOpen()
        wait = self.random.choice([None, timedelta(seconds=30)])
        return Unavailable("503", retry_after=wait)


@dataclass
class Store:
    """The row under conditional writes, as the effects define them; `broken` collects faults."""

    random: Random
    harm: float
    broken: set[str]
    row: LedgerEntry = field(default_factory=lambda: LedgerEntry(START))

    def write(self, effect: RowEffect) -> Written | Refused:
        """Write once or, when a reply is lost and the client repeats itself, twice."""
        draw = self.random.random()
        if draw < 0.3 * self.harm:
            raise StoreFailedError
        reply = self._once(effect)
        if draw < 0.5 * self.harm:
            raise StoreFailedError
        return self._once(effect) if draw < self.harm else reply

    def holds(self, effect: RowEffect) -> bool:
        return effect.holds(self.row)

    def _once(self, effect: RowEffect) -> Written | Refused:
        if not self.holds(effect):
            return Refused(self.row)
        after = replace(self.row, **effect.changes())
        before = self.row.state
        if after.state is not before and after.state not in FORWARD.get(before, ()):
            self.broken.add("MONOTONE")
        self.row = after
        return Written(after)


@dataclass
class Message:
    """A message of the queue; it comes back unless it is deleted (F09)."""

    visible_at: float = 0.0
    receives: int = 0


@dataclass
class Queue:
    """At-least-once delivery with a visibility timeout."""

    visibility: float = 180.0
    messages: list[Message] = field(default_factory=lambda: [Message()])

    def visible(self, now: float) -> list[Message]:
        return [message for message in self.messages if message.visible_at <= now]

    def receive(self, message: Message, now: float) -> Message:
        message.visible_at = now + self.visibility
        message.receives += 1
        return message

    def delete(self, message: Message) -> None:
        if message in self.messages:
            self.messages.remove(message)

    def next_visible(self) -> float:
        return min((message.visible_at for message in self.messages), default=float("inf"))
