"""A case: one customer, one obligation, one cycle, one workflow, and the states it passes through.

`version` moves when something the customer sees changes, and every form carries it; `seq` numbers
the audit chain and moves with every event. A delivery receipt therefore never makes a customer's
submit conflict.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from closeloop.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class IllegalTransitionError(Exception):
    """A case was asked to move between two states that are not joined."""


class CaseStatus(StrEnum):
    """Where a case stands. Only `resolved` means the system of record shows the customer's act."""

    OPEN = "open"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    RESOLVED = "resolved"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    HANDED_OFF = "handed_off"
    EXPIRED = "expired"

    @property
    def ended(self) -> bool:
        """Whether the journey has nothing left to do for the case."""
        return self not in _ALIVE

    def can_become(self, new: CaseStatus) -> bool:
        """Whether the transition table joins the two states."""
        return new in _NEXT[self]


_ALIVE = frozenset({CaseStatus.OPEN, CaseStatus.PAUSED, CaseStatus.SUBMITTED})
_CLOSED_BY_CORE = frozenset({CaseStatus.SETTLED, CaseStatus.WITHDRAWN})
_NEXT: Mapping[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.OPEN: _CLOSED_BY_CORE
    | {CaseStatus.PAUSED, CaseStatus.SUBMITTED, CaseStatus.HANDED_OFF, CaseStatus.EXPIRED},
    CaseStatus.PAUSED: _CLOSED_BY_CORE
    | {CaseStatus.OPEN, CaseStatus.HANDED_OFF, CaseStatus.EXPIRED},
    CaseStatus.SUBMITTED: _CLOSED_BY_CORE | {CaseStatus.RESOLVED, CaseStatus.HANDED_OFF},
    CaseStatus.HANDED_OFF: _CLOSED_BY_CORE | {CaseStatus.OPEN, CaseStatus.RESOLVED},
    CaseStatus.RESOLVED: frozenset(),
    CaseStatus.SETTLED: frozenset(),
    CaseStatus.WITHDRAWN: frozenset(),
    CaseStatus.EXPIRED: _CLOSED_BY_CORE,
}


@dataclass(frozen=True, slots=True)
class Case:
    """The case row.

    `facts` are the trigger's non-personal fields; `head` ends the audit chain; `ending` is the
    core's word about a case whose submission is still on its way; `handoff` names the owner and
    the due time of the newest handoff.
    """

    id: str
    workflow: str
    bundle: str
    customer: str
    obligation: str
    cycle: str
    status: CaseStatus
    version: int
    seq: int
    head: str
    opened_at: datetime
    deadline_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    waits_s: tuple[int, ...] = ()
    touch: int = 0
    run: int = 1
    token: str | None = None
    submission: str | None = None
    ending: str | None = None
    handoff: Mapping[str, str] | None = None

    @property
    def debt(self) -> Money:
        """The amount of the obligation as the trigger stated it."""
        return Money(self.facts["amount_minor"], self.facts["currency"])

    def require(self, new: CaseStatus) -> CaseStatus:
        """Return `new`, or raise IllegalTransitionError when the table does not join the two."""
        if not self.status.can_become(new):
            msg = f"a case that is {self.status} cannot become {new}"
            raise IllegalTransitionError(msg)
        return new


def new_case_id(now: datetime) -> str:
    """Mint an id that sorts by time and cannot be guessed (48 bits of time, 80 random bits)."""
    milliseconds = int(now.timestamp() * 1000).to_bytes(6, "big")
    return base64.b32hexencode(milliseconds + secrets.token_bytes(10)).decode().rstrip("=")
