"""The decisions of the writeback ledger, each a function of the row, the policy and the clock.

The protocol asks these and nothing else; the simulation breaks them one at a time to
show that each is needed.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from closeloop.domain.ledger.replies import (
    AlreadyDone,
    NotMine,
    Outcome,
    RetryAt,
    RetryCause,
)
from closeloop.domain.ledger_entry import AdapterClass, Host, LedgerEntry, LedgerPolicy, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta


class Step(Enum):
    """What a claimed row needs next."""

    CALL = auto()
    ASK = auto()
    HAND_OFF = auto()


def not_now(seen: LedgerEntry, policy: LedgerPolicy, host: Host) -> Outcome | None:
    """Why this row must not be claimed now, or None."""
    if seen.state.ended:
        return AlreadyDone(seen.state)
    if lease_is_live(seen, policy, host.now()):
        return NotMine()
    if seen.retry_at is not None and seen.retry_at > host.now():
        return RetryAt(seen.retry_at, RetryCause.DUE_LATER)
    if host.remaining() < policy.call_timeout + policy.margin:
        return NotMine()
    return None


def lease_is_live(entry: LedgerEntry, policy: LedgerPolicy, now: datetime) -> bool:
    """Whether the owner may still be at work, if this host's clock is the fastest (R14)."""
    return entry.lease_until is not None and now <= entry.lease_until + policy.margin


def time_for_call(entry: LedgerEntry, policy: LedgerPolicy, host: Host) -> bool:
    """Whether a call begun now ends within lease and invocation, with a margin (R4)."""
    now = host.now()
    lease_left = (entry.lease_until or now) - now
    return min(lease_left, host.remaining()) >= policy.call_timeout + policy.margin


def next_step(entry: LedgerEntry, adapter: AdapterClass, policy: LedgerPolicy) -> Step:
    """What to do with a row just claimed: rule R6 as a table."""
    if entry.state is State.APPLIED:
        return Step.ASK
    if not entry.maybe_sent:
        return Step.CALL
    match adapter:
        case AdapterClass.A:
            return Step.CALL if entry.calls < policy.max_calls else Step.ASK
        case AdapterClass.B:
            return Step.ASK
        case AdapterClass.C:
            return Step.HAND_OFF


def decisive_from(entry: LedgerEntry, policy: LedgerPolicy) -> datetime:
    """From when a look-up that shows nothing proves that there is nothing (R6).

    `sent_at` is written before the call, and the call may leave as late as the lease allows. The
    margin with which it must end before the lease does pays for the difference of two clocks.
    """
    return (entry.sent_at or entry.accepted_at) + policy.lease + policy.settle


def call_not_made(before: LedgerEntry, marked: LedgerEntry) -> LedgerEntry:
    """The marked row once its call certainly did nothing: the attempt is given back (R8).

    A doubt that an older call left behind stays.
    """
    return replace(marked, maybe_sent=before.maybe_sent, sent_at=before.sent_at, calls=before.calls)


def believes_rejection(before: LedgerEntry) -> bool:
    """Whether a rejection can only be of this call: no older call is in doubt.

    A system may refuse a repeated request because the first one succeeded.
    """
    return not before.maybe_sent


def backoff(tries: int, policy: LedgerPolicy, random: float) -> timedelta:
    """How long to wait after `tries` retries: full jitter under a doubling bound (F16)."""
    doubled = policy.backoff_base * 2 ** min(tries, 32)
    return min(doubled, policy.backoff_cap) * random


def differing(expected: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    """The names of the fields in which the system's record is not what was agreed."""
    missing = object()
    return sorted(name for name in expected if record.get(name, missing) != expected[name])


def acknowledges(outcome: Outcome) -> bool:
    """Whether the message that led here may be deleted: a durable row says what is next (R7)."""
    return not isinstance(outcome, NotMine)
