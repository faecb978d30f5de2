"""One run over a claimed row: what to call, what to ask, what to believe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.domain.ledger import row, rules
from closeloop.domain.ledger.effects import Apply, LookUp, Mark, Record
from closeloop.domain.ledger.replies import (
    Accepted,
    Ambiguous,
    BreakerOpen,
    Confirmed,
    Found,
    HandOffCause,
    NotFound,
    Rejected,
    Reply,
    RetryAt,
    RetryCause,
    Unavailable,
)
from closeloop.domain.ledger_entry import (
    AdapterClass,
    Host,
    LedgerEntry,
    LedgerPolicy,
    State,
    Writeback,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from closeloop.domain.ledger.row import Steps


def write_back(seen: LedgerEntry, writeback: Writeback, policy: LedgerPolicy, host: Host) -> Steps:
    """Carry a writeback as far as it goes now, from the row as last read.

    TypeError if an effect is answered with another effect's reply.
    """
    if (early := rules.not_now(seen, policy, host)) is not None:
        return early
    run = _Run(writeback, policy, host)
    return (yield from row.claimed(seen, policy, host, run.proceed))


class _Run:
    """The way of one claimed row through calls and look-ups."""

    def __init__(self, writeback: Writeback, policy: LedgerPolicy, host: Host) -> None:
        self.writeback = writeback
        self.policy = policy
        self.host = host

    def proceed(self, entry: LedgerEntry) -> Steps:
        match rules.next_step(entry, self.writeback.adapter, self.policy):
            case rules.Step.CALL:
                return (yield from self.call(entry))
            case rules.Step.ASK:
                return (yield from self.ask(entry, self.absent))
            case rules.Step.HAND_OFF:
                return (yield from row.hand_off(entry, HandOffCause.IN_DOUBT))

    def call(self, entry: LedgerEntry) -> Steps:
        if entry.calls >= self.policy.max_calls:
            return (yield from row.hand_off(entry, HandOffCause.CALLS_SPENT))
        if not rules.time_for_call(entry, self.policy, self.host):
            return (yield from self.retry(entry, RetryCause.NO_TIME, at=self.host.now()))
        marked = yield from row.write(
            Mark(self.host.owner, entry.fence, self.host.now(), entry.calls + 1)
        )
        if not rules.time_for_call(marked, self.policy, self.host):
            unused = rules.call_not_made(entry, marked)
            return (yield from self.retry(unused, RetryCause.NO_TIME, at=self.host.now()))
        reply = yield Apply(self.writeback.request_id)
        return (yield from self.called(entry, marked, reply))

    def called(self, before: LedgerEntry, marked: LedgerEntry, reply: Reply) -> Steps:
        unmade = rules.call_not_made(before, marked)
        match reply:
            case Accepted(reference):
                applied = replace(marked, state=State.APPLIED, reference=reference, tries=0)
                kept = yield from row.write(Record(applied, None))
                return (yield from self.ask(kept, self.absent))
            case Rejected(code):
                refused = replace(unmade, calls=marked.calls, last_error=code)
                if rules.believes_rejection(before):
                    return (yield from self.reject(refused))
                return (yield from self.ask(refused, self.reject))
            case Ambiguous(error) if self.writeback.adapter is AdapterClass.C:
                return (yield from row.hand_off(marked, HandOffCause.IN_DOUBT, error))
            case Ambiguous(error):
                doubtful = replace(marked, last_error=error)
                return (yield from self.retry(doubtful, RetryCause.IN_DOUBT))
            case Unavailable() | BreakerOpen():
                return (yield from self.unanswered(unmade, reply))
            case _:
                raise TypeError(f"a call was answered with {reply}")

    def ask(self, entry: LedgerEntry, if_absent: Callable[[LedgerEntry], Steps]) -> Steps:
        """Look the record up: what is shown is compared, a decisive absence leads on."""
        if not rules.time_for_call(entry, self.policy, self.host):
            return (yield from self.retry(entry, RetryCause.NO_TIME, at=self.host.now()))
        asked_at = self.host.now()
        reply = yield LookUp(self.writeback.request_id, entry.reference)
        decisive = rules.decisive_from(entry, self.policy)
        match reply:
            case Found(reference, record):
                return (yield from self.compare(replace(entry, reference=reference), record))
            case NotFound() if asked_at >= decisive:
                return (yield from if_absent(entry))
            case NotFound():
                applied = entry.state is State.APPLIED
                cause = RetryCause.NOT_YET_SHOWN if applied else RetryCause.IN_DOUBT
                at = min(self.later(entry), decisive)
                return (yield from self.retry(entry, cause, at=at))
            case Unavailable() | BreakerOpen():
                return (yield from self.unanswered(entry, reply))
            case _:
                raise TypeError(f"a look-up was answered with {reply}")

    def absent(self, entry: LedgerEntry) -> Steps:
        """The system certainly has no such record."""
        if entry.state is State.APPLIED:
            return (yield from row.hand_off(entry, HandOffCause.NOT_SHOWN, entry.reference))
        return (yield from self.call(replace(entry, maybe_sent=False, sent_at=None)))

    def compare(self, entry: LedgerEntry, record: Mapping[str, Any]) -> Steps:
        if other := rules.differing(self.writeback.expected, record):
            return (yield from row.hand_off(entry, HandOffCause.MISMATCH, ", ".join(other)))
        ended = replace(entry, state=State.CONFIRMED, retry_at=None, last_error=None)
        return (yield from row.record(ended, Confirmed(entry.reference or "", record)))

    def reject(self, entry: LedgerEntry) -> Steps:
        ended = replace(entry, state=State.REJECTED, maybe_sent=False, retry_at=None)
        return (yield from row.record(ended, Rejected(entry.last_error or "")))

    def unanswered(self, entry: LedgerEntry, reply: Unavailable | BreakerOpen) -> Steps:
        if isinstance(reply, BreakerOpen):
            waiting = replace(entry, last_error=RetryCause.BREAKER_OPEN.value)
            return (yield from self.retry(waiting, RetryCause.BREAKER_OPEN))
        asked_for = self.host.now() + (reply.retry_after or timedelta())
        at = max(self.later(entry), asked_for)
        waiting = replace(entry, last_error=reply.error)
        return (yield from self.retry(waiting, RetryCause.NO_ANSWER, at=at))

    def later(self, entry: LedgerEntry) -> datetime:
        return self.host.now() + rules.backoff(entry.tries, self.policy, self.host.random())

    def retry(self, entry: LedgerEntry, cause: RetryCause, at: datetime | None = None) -> Steps:
        """Write down when to go on, unless it has gone on for too long."""
        if self.host.now() >= entry.accepted_at + self.policy.give_up_after:
            return (yield from row.hand_off(entry, HandOffCause.UNREACHABLE))
        at = at or self.later(entry)
        waiting = replace(entry, tries=entry.tries + 1, retry_at=at)
        return (yield from row.record(waiting, RetryAt(at, cause)))
