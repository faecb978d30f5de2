"""What the writeback ledger is told in reply, and how a run of it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from closeloop.domain.ledger_entry import LedgerEntry, State


class HandOffCause(StrEnum):
    """Why a writeback goes to a person."""

    IN_DOUBT = "in_doubt"
    CALLS_SPENT = "calls_spent"
    UNREACHABLE = "unreachable"
    NOT_SHOWN = "not_shown"
    MISMATCH = "mismatch"


class RetryCause(StrEnum):
    """Why a writeback waits. `breaker_open` is left to `sweep` at the agreed rate."""

    DUE_LATER = "due_later"
    NO_TIME = "no_time"
    NO_ANSWER = "no_answer"
    IN_DOUBT = "in_doubt"
    NOT_YET_SHOWN = "not_yet_shown"
    BREAKER_OPEN = "breaker_open"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The system says it did it; `reference` is its name for the record."""

    reference: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The system refuses for a business reason: a call's reply, and the outcome if believed."""

    code: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Certainly nothing was done: not connected, or turned away (429, 503). `error` is a code."""

    error: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """It may have been done: a timeout or a 5xx after the request had left. `error` is a code."""

    error: str


@dataclass(frozen=True, slots=True)
class BreakerOpen:
    """The circuit breaker did not let the call through; nothing left this host."""


@dataclass(frozen=True, slots=True)
class Found:
    """The system shows this record."""

    reference: str
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotFound:
    """The system shows no such record now."""


@dataclass(frozen=True, slots=True)
class Written:
    """The conditional write took place; `row` is the row after it."""

    row: LedgerEntry


@dataclass(frozen=True, slots=True)
class Refused:
    """The condition failed; `row` is the row that stood in the way."""

    row: LedgerEntry


CallResult = Accepted | Rejected | Unavailable | Ambiguous | BreakerOpen
LookUpResult = Found | NotFound | Unavailable | BreakerOpen
Reply = Written | Refused | CallResult | LookUpResult


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The system of record shows what was agreed; `record` is what it showed."""

    reference: str
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HandedOff:
    """A person must finish it. Unless `maybe_applied`, the system certainly has nothing of it."""

    cause: HandOffCause
    detail: str
    maybe_applied: bool


@dataclass(frozen=True, slots=True)
class RetryAt:
    """The next run is written down and due at `when`."""

    when: datetime
    cause: RetryCause


@dataclass(frozen=True, slots=True)
class NotMine:
    """Another run is at work, or may be; this one knows of nothing durable and must not say so."""


@dataclass(frozen=True, slots=True)
class AlreadyDone:
    """The ledger had ended before."""

    state: State


Outcome = Confirmed | Rejected | HandedOff | RetryAt | NotMine | AlreadyDone
