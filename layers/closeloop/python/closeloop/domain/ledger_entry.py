"""The writeback ledger's row and the numbers it is judged by.

The row lives on the submission, which is also the outbox: what is written here decides whether a
system of record is called, asked, or left alone. The protocol that moves it is `domain.ledger`; the
row stands beside it, because who accepts a submission writes a row and never plays the protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class State(StrEnum):
    """How far a writeback is known to have come. Every move is forward (R7)."""

    PENDING = "pending"
    APPLIED = "applied"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    HANDED_OFF = "handed_off"

    @property
    def ended(self) -> bool:
        """Whether the ledger has nothing left to do."""
        return self not in UNFINISHED


UNFINISHED = (State.PENDING, State.APPLIED)
ALLOWED_FROM = {
    State.PENDING: (State.PENDING,),
    State.APPLIED: UNFINISHED,
    State.CONFIRMED: UNFINISHED,
    State.REJECTED: (State.PENDING,),
    State.HANDED_OFF: UNFINISHED,
}


class AdapterClass(StrEnum):
    """What a connector's system does with a request whose reply was lost (R6).

    Every class shows a record under the reference it gave; only A and B show it under our key.
    """

    A = "dedupes_by_our_key"
    B = "can_be_asked"
    C = "neither"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One writeback as stored. Instants are aware and UTC; the defaults are a fresh submission.

    `owner` outlives its lease: it names the run that wrote last. `maybe_sent` says that a call may
    have reached the system and nothing has settled whether it did. `calls` counts the calls that
    may have done work and is the budget (R8); `tries` counts retries since the last progress and
    only spreads the next one. `retry_at` is when to go on, or to look whether the owner died.
    `reference` is the system's own name for the record.
    """

    accepted_at: datetime
    state: State = State.PENDING
    owner: str | None = None
    fence: int = 0
    lease_until: datetime | None = None
    maybe_sent: bool = False
    sent_at: datetime | None = None
    calls: int = 0
    tries: int = 0
    retry_at: datetime | None = None
    reference: str | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Writeback:
    """What is to be done: the action id, its connector's class, the fields read-back must show.

    `expected` holds JSON values as the system's record shows them.
    """

    request_id: str
    adapter: AdapterClass
    expected: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LedgerPolicy:
    """The durations and the budget. Defaults are those of a production deployment.

    `call_timeout` bounds one call, from the effect to its reply. `margin` exceeds the difference
    between any two hosts' clocks (R14: 2 x 3 s). `settle` is the longest that the system of record
    may work on a request after it arrived: ask its owner. `give_up_after` is the age at which a
    person takes over from a system that gives no answer; an outage of hours is no reason to.
    """

    lease: timedelta = timedelta(seconds=30)
    call_timeout: timedelta = timedelta(seconds=10)
    margin: timedelta = timedelta(seconds=6)
    settle: timedelta = timedelta(seconds=120)
    max_calls: int = 8
    backoff_base: timedelta = timedelta(seconds=2)
    backoff_cap: timedelta = timedelta(minutes=15)
    give_up_after: timedelta = timedelta(hours=24)

    def __post_init__(self) -> None:
        """Refuse numbers under which no call could ever be made."""
        if self.lease <= self.call_timeout + self.margin or self.max_calls < 1:
            raise ValueError("a lease must outlast a call and its margin, and allow one call")

    @classmethod
    def of(cls, lease: timedelta, settle: timedelta, max_calls: int) -> LedgerPolicy:
        """The same proportions within a shorter lease: a local run's is a second or two.

        A longer lease stretches nothing: a call must still end within the function's own time.
        """
        usual = cls()
        scale = min(1.0, lease / usual.lease)
        return cls(
            lease=lease,
            call_timeout=usual.call_timeout * scale,
            margin=usual.margin * scale,
            settle=settle,
            max_calls=max_calls,
            backoff_base=usual.backoff_base * scale,
            backoff_cap=usual.backoff_cap * scale,
        )


@dataclass(frozen=True, slots=True)
class Host:
    """The run that carries a writeback out, as far as the protocol needs to know it.

    `owner` is a nonce minted for this run alone. `remaining` is the time the invocation has left;
    `random` draws uniformly from [0, 1).
    """

    owner: str
    now: Callable[[], datetime]
    remaining: Callable[[], timedelta]
    random: Callable[[], float]


def wake_at(entry: LedgerEntry, fast_path_age: timedelta) -> datetime | None:
    """When `sweep` must send this row again: its `due_at`; None once it has ended (R1, R8).

    A row that was ever claimed says so itself; a fresh one is due when the message sent at
    acceptance has had `fast_path_age` to do its work.
    """
    if entry.state.ended:
        return None
    return entry.retry_at or entry.accepted_at + fast_path_age
