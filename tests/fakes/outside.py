"""What lies outside the product, in memory: clock, queue, core system, providers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.application.ports import (
    LONGEST_DELAY_S,
    ContactPoints,
    ObligationState,
    Outgoing,
    TemporarilyUnavailable,
)
from closeloop.domain.identity import Channel
from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    CallResult,
    Found,
    LookUpResult,
    NotFound,
    Rejected,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.application.submissions import Submission

TUESDAY_TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    at: datetime = TUESDAY_TEN

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class FakeQueue:
    """Keeps what was sent; `broken` makes every send fail."""

    sent: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    broken: bool = False

    def send(self, body: Mapping[str, Any], delay_s: int = 0) -> None:
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"no queue delays by {delay_s} seconds")
        if self.broken:
            raise TemporarilyUnavailable
        self.sent.append((json.loads(json.dumps(body)), delay_s))

    def take(self) -> dict[str, Any]:
        body, _ = self.sent.pop(0)
        return body


def person(**changes: Any) -> ContactPoints:
    """Ada Vale of London, who can be reached on every channel and agreed to it."""
    usual = ContactPoints(
        name="Ada Vale",
        email="ada@example.org",
        phone="+447700900141",
        whatsapp="+447700900141",
        time_zones=("Europe/London",),
        locale="en-GB",
        country="GB",
        consents=dict.fromkeys(Channel, datetime(2026, 1, 2, tzinfo=UTC)),
    )
    return replace(usual, **changes)


@dataclass
class FakeCore:
    """A core system and the journal of what it applied.

    Of class A it keeps one record for each request id. Of class B and C it applies whatever it is
    asked, as often as it is asked; C shows a record only under the reference it gave for it.
    `fails` holds one-shot failures: before the next call the first is taken and, if it is callable,
    called with the submission; what it returns is the answer.
    """

    clock: FakeClock
    contact: ContactPoints = field(default_factory=person)
    status: str = "overdue"
    down: bool = False
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    journal: list[str] = field(default_factory=list)
    fails: list[Any] = field(default_factory=list)
    adapter: AdapterClass = AdapterClass.A

    def obligation(self, customer: str, obligation: str, cycle: str) -> ObligationState | None:
        del customer, obligation, cycle
        if self.down:
            raise TemporarilyUnavailable
        if self.status == "unknown":
            return None
        standing = self.status == "overdue"
        return ObligationState(standing, self.status, 1, 12000, "GBP", self.contact)

    def apply(self, submission: Submission) -> CallResult:
        if self.fails:
            answer = self.fails.pop(0)
            result: CallResult | None = answer(submission) if callable(answer) else answer  # pyright: ignore[reportAssignmentType] - a test's own
            if result is not None:
                return result
        return self.commit(submission)

    def commit(self, submission: Submission) -> CallResult:
        """Apply the effect; a core of class A only if this request id is new to it."""
        before = self.records.get(submission.id)
        if before is not None and self.adapter is AdapterClass.A:
            same = all(before[name] == value for name, value in submission.effect.items())
            return Accepted(before["id"]) if same else Rejected("key_reused")
        if self.status == "paid":
            return Rejected("already_paid")
        record = {**submission.about, **submission.effect, "id": f"R-{len(self.journal) + 1}"}
        self.records[submission.id] = record
        self.journal.append(submission.id)
        return Accepted(record["id"])

    def look_up(self, submission: Submission, reference: str | None) -> LookUpResult:
        record = self.records.get(submission.id)
        if record and self.adapter is AdapterClass.C and record["id"] != reference:
            return NotFound()
        return Found(record["id"], record) if record else NotFound()


@dataclass
class FakeSender:
    """Keeps what was sent; `fails` holds one-shot exceptions."""

    outbox: list[Outgoing] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def send(self, message: Outgoing) -> str:
        if self.fails:
            raise self.fails.pop(0)
        self.outbox.append(message)
        return f"provider-{len(self.outbox)}"
