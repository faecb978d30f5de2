"""What the writeback ledger asks for.

A row effect carries the meaning of its own conditional write: it takes place if `holds(row)`, and
then sets exactly `changes()`. An adapter translates the two; fakes and the simulation call them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from closeloop.domain.ledger_entry import ALLOWED_FROM, UNFINISHED, LedgerEntry, State

if TYPE_CHECKING:
    from datetime import datetime

    from closeloop.domain.ledger.replies import Outcome


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the row: a new owner, the next fence, a lease (R3).

    `retry_at` is when somebody must look again if this owner dies: from the first claim until its
    end the row always says so, and a message may be deleted by whoever reads that.
    """

    owner: str
    expected_fence: int
    lease_until: datetime
    retry_at: datetime

    def holds(self, row: LedgerEntry) -> bool:
        """The row has not ended and nobody claimed it since it was read."""
        return row.state in UNFINISHED and row.fence == self.expected_fence

    def changes(self) -> dict[str, Any]:
        """The attributes this write sets."""
        return {
            "owner": self.owner,
            "fence": self.expected_fence + 1,
            "lease_until": self.lease_until,
            "retry_at": self.retry_at,
        }


@dataclass(frozen=True, slots=True)
class Mark:
    """Write ahead that a call may be made, and count it (R4, R8)."""

    owner: str
    fence: int
    sent_at: datetime
    calls: int

    def holds(self, row: LedgerEntry) -> bool:
        """The row is still pending and ours."""
        return row.state is State.PENDING and (row.owner, row.fence) == (self.owner, self.fence)

    def changes(self) -> dict[str, Any]:
        """The attributes this write sets."""
        return {"maybe_sent": True, "sent_at": self.sent_at, "calls": self.calls}


@dataclass(frozen=True, slots=True)
class Record:
    """Write what became known. If `terminal`, case, audit event and row move in one transaction.

    `outcome` is what the run will return once this is written; None when it goes on (`applied`).
    """

    entry: LedgerEntry
    outcome: Outcome | None

    @property
    def owner(self) -> str | None:
        """The owner that the row must still have."""
        return self.entry.owner

    @property
    def fence(self) -> int:
        """The fence that the row must still have."""
        return self.entry.fence

    @property
    def terminal(self) -> bool:
        """Whether this ends the ledger."""
        return self.entry.state.ended

    @property
    def allowed_from(self) -> tuple[State, ...]:
        """The states from which this write may move the row (R7)."""
        return ALLOWED_FROM[self.entry.state]

    def holds(self, row: LedgerEntry) -> bool:
        """The row is ours and the move is forward."""
        ours = (row.owner, row.fence) == (self.owner, self.fence)
        return ours and row.state in self.allowed_from

    def changes(self) -> dict[str, Any]:
        """The attributes this write sets; None removes one."""
        fixed = {"accepted_at", "owner", "fence"}
        names = LedgerEntry.__dataclass_fields__.keys() - fixed
        return {name: getattr(self.entry, name) for name in names}


@dataclass(frozen=True, slots=True)
class Apply:
    """Make one call, under the action id as request id (R5, R15)."""

    request_id: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask for the record, by the system's `reference` if it gave one, else by our key."""

    request_id: str
    reference: str | None


RowEffect = Claim | Mark | Record
Effect = RowEffect | Apply | LookUp


def landed(effect: RowEffect, row: LedgerEntry) -> bool:
    """Whether a refused write had in fact been made: its reply was lost and it was repeated (R3).

    Only a record of ours may have ended the row: one that somebody else ended is not ours.
    """
    ours = row.owner == effect.owner and (isinstance(effect, Record) or not row.state.ended)
    return ours and all(getattr(row, name) == value for name, value in effect.changes().items())
