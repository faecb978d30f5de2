"""Moves of the ledger row: claim it, write to it while it is ours, end a run, hand it off.

Every write is conditional on the fence that the claim drew. A run that finds the row in other hands
stops where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace

from closeloop.domain.ledger.effects import Claim, Effect, Record, RowEffect, landed
from closeloop.domain.ledger.replies import (
    AlreadyDone,
    HandedOff,
    HandOffCause,
    NotMine,
    Outcome,
    Refused,
    Reply,
    Written,
)
from closeloop.domain.ledger_entry import Host, LedgerEntry, LedgerPolicy, State

Steps = Generator[Effect, Reply, Outcome]


class _OvertakenError(Exception):
    """A conditional write found the row in other hands, or ended."""

    def __init__(self, row: LedgerEntry) -> None:
        super().__init__()
        self.row = row


def claimed(
    seen: LedgerEntry, policy: LedgerPolicy, host: Host, then: Callable[[LedgerEntry], Steps]
) -> Steps:
    """Claim the row and go on with `then`; whoever is overtaken says only what the row says."""
    try:
        lease_until = host.now() + policy.lease
        claim = Claim(host.owner, seen.fence, lease_until, lease_until + policy.margin)
        entry = yield from write(claim)
        return (yield from then(entry))
    except _OvertakenError as overtaken:
        return AlreadyDone(overtaken.row.state) if overtaken.row.state.ended else NotMine()


def write(effect: RowEffect) -> Generator[Effect, Reply, LedgerEntry]:
    """Make one conditional write and return the row after it (R3, R7)."""
    reply = yield effect
    match reply:
        case Written(row):
            return row
        case Refused(row) if landed(effect, row):
            return row
        case Refused(row):
            raise _OvertakenError(row)
        case _:
            raise TypeError(f"{effect} was answered with {reply}")


def record(entry: LedgerEntry, outcome: Outcome) -> Steps:
    """Write how this run ended and give the lease back."""
    done = replace(entry, lease_until=None)
    yield from write(Record(done, outcome))
    return outcome


def hand_off(entry: LedgerEntry, cause: HandOffCause, detail: str | None = None) -> Steps:
    """End the ledger with a person, who is told whether the system may have something of it."""
    said = detail or entry.last_error or ""
    ended = replace(entry, state=State.HANDED_OFF, retry_at=None, last_error=cause.value)
    return (yield from record(ended, HandedOff(cause, said, maybe_applied=entry.maybe_sent)))
