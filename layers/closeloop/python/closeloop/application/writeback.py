"""Writeback: carry an accepted submission into its system of record, and see it there.

The protocol is `domain.ledger`; this drives it. Each row effect becomes one conditional write. The
effect that ends the ledger goes out in one transaction with what it means for the case and with the
audit event, so that a case is resolved exactly when its submission is confirmed.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from closeloop.application import case_file, keys, outcomes, submissions
from closeloop.application.case_file import Entry, advance
from closeloop.application.handoffs import Cause, hand_over
from closeloop.application.ports import (
    ConflictError,
    Is,
    OneOf,
    TemporarilyUnavailable,
    Update,
)
from closeloop.domain import ledger
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.case import CaseStatus
from closeloop.domain.instants import to_text
from closeloop.domain.ledger import (
    Apply,
    Claim,
    Confirmed,
    Effect,
    HandedOff,
    Host,
    LedgerPolicy,
    LookUp,
    Mark,
    Outcome,
    Record,
    Refused,
    Rejected,
    Reply,
    RetryAt,
    RetryCause,
    RowEffect,
    State,
    Written,
)
from closeloop.domain.ledger.effects import landed
from closeloop.domain.ledger_entry import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from closeloop.application.ports import (
        Change,
        Clock,
        Condition,
        Connector,
        Journey,
        Queue,
        Table,
        Workflows,
    )
    from closeloop.application.submissions import Submission
    from closeloop.domain.blueprint import Blueprint
    from closeloop.domain.case import Case

_FAST_RETRY_S = 120
_TRIES = 6
_LEFT_TO_OTHERS = (RetryCause.BREAKER_OPEN, RetryCause.DUE_LATER)


@dataclass(frozen=True, slots=True)
class WriteBack:
    """Drives the ledger for one submission at a time."""

    table: Table
    connectors: Mapping[str, Connector]
    workflows: Workflows
    journey: Journey
    queue: Queue
    clock: Clock
    policy: LedgerPolicy
    random: Callable[[], float] = secrets.SystemRandom().random

    def __call__(
        self, case_id: str, submission_id: str, remaining: Callable[[], timedelta]
    ) -> Outcome:
        """Carry the writeback as far as it goes now. `remaining` is the invocation's time left.

        Raises TemporarilyUnavailable when the message must be delivered again, LookupError when
        there is no such submission.
        """
        (row,) = self.table.get(keys.submission(case_id, submission_id))
        if row is None:
            msg = f"no submission {submission_id}"
            raise LookupError(msg)
        submission = submissions.read(row)
        connector = self.connectors[submission.system]
        host = Host(secrets.token_hex(16), self.clock.now, remaining, self.random)
        work = ledger.Writeback(submission.id, connector.adapter, submission.expected)
        steps = ledger.write_back(submissions.entry_of(row), work, self.policy, host)
        try:
            effect = next(steps)
            while True:
                effect = steps.send(self._reply(effect, submission, connector))
        except StopIteration as ended:
            outcome: Outcome = ended.value
        return self._after(submission, outcome)

    def _reply(self, effect: Effect, submission: Submission, connector: Connector) -> Reply:
        match effect:
            case Apply():
                return connector.apply(submission)
            case LookUp():
                return connector.look_up(submission, effect.reference)
            case Record() if effect.terminal:
                return self._finish(submission, effect)
            case Claim() | Mark() | Record():
                return self._write(submission, effect)

    def _write(self, submission: Submission, effect: RowEffect) -> Reply:
        try:
            row = self.table.update(self._update(submission, effect))
        except ConflictError as conflict:
            return self._refused(submission, conflict)
        return Written(submissions.entry_of(row))

    def _update(self, submission: Submission, effect: RowEffect) -> Update:
        values = effect.changes()
        values |= self._due(submission, values)
        return Update(
            keys.submission(submission.case, submission.id),
            set=submissions.plain(values),
            remove=tuple(name for name, value in values.items() if value is None),
            when=_condition(effect),
        )

    def _due(self, submission: Submission, values: Mapping[str, Any]) -> dict[str, str | None]:
        """Keep the row's place in the `due` index where the ledger says when to look again."""
        if "retry_at" not in values:
            return {}
        when = values["retry_at"]
        kind = keys.due_kind("submission", submission.id) if when else None
        return {"due_kind": kind, "due_at": to_text(when) if when else None}

    def _refused(self, submission: Submission, conflict: ConflictError) -> Refused:
        row = conflict.found.get(0)
        if row is None:
            (row,) = self.table.get(keys.submission(submission.case, submission.id))
        if row is None:
            raise TemporarilyUnavailable from conflict
        return Refused(submissions.entry_of(row))

    def _finish(self, submission: Submission, effect: Record) -> Reply:
        """End ledger and case in one transaction; the case may have moved on since it was read."""
        for _ in range(_TRIES):
            case = case_file.load(self.table, submission.case)
            if case is None:
                raise TemporarilyUnavailable
            bundle = Bundle.from_document(self.workflows.pinned(case.bundle))
            ending = Ending(submission, effect, bundle.blueprint, self.clock.now())
            after, changes = ending.of(case)
            update = self._update(submission, effect)
            now = {"ended_at": to_text(ending.now)}
            try:
                self.table.write(replace(update, set={**update.set, **now}), *changes)
            except ConflictError as conflict:
                if conflict.found.get(0) is None:
                    continue
                refused = self._refused(submission, conflict)
                if landed(effect, refused.row):
                    outcomes.tell(self.journey, case, after)
                return refused
            outcomes.tell(self.journey, case, after)
            return Written(effect.entry)
        raise TemporarilyUnavailable

    def _after(self, submission: Submission, outcome: Outcome) -> Outcome:
        """Send a retry that is due soon back by itself; `sweep` sends the others when due (R8).

        A row that was found waiting has its message already, and an open breaker waits for `sweep`.
        """
        if isinstance(outcome, RetryAt) and outcome.cause not in _LEFT_TO_OTHERS:
            wait = (outcome.when - self.clock.now()).total_seconds()
            if wait <= _FAST_RETRY_S:
                body = {"case": submission.case, "submission": submission.id}
                self.queue.send(body, delay_s=max(0, math.ceil(wait)))
        return outcome


@dataclass(frozen=True, slots=True)
class Ending:
    """What the end of a ledger means for its case."""

    submission: Submission
    effect: Record
    blueprint: Blueprint
    now: datetime

    def of(self, case: Case) -> tuple[Case, tuple[Change, ...]]:
        """Return the case after it and the changes that go with it."""
        match self.effect.outcome:
            case Confirmed(reference=reference):
                return self._confirmed(case, reference)
            case Rejected(code=code):
                return self._failed(case, {"rejected": code})
            case HandedOff(cause=cause, maybe_applied=maybe):
                return self._failed(case, {"cause": cause.value, "maybe_applied": maybe})
            case _:
                msg = f"{self.effect.outcome} does not end a ledger"
                raise TypeError(msg)

    def _confirmed(self, case: Case, reference: str) -> tuple[Case, tuple[Change, ...]]:
        data = {"submission": self.submission.id, "reference": reference}
        entry = Entry("recorded", "writeback", data)
        hands_off = self.blueprint.actions[self.submission.action].hands_off
        status = CaseStatus.HANDED_OFF if hands_off else CaseStatus.RESOLVED
        moves = case.status is CaseStatus.SUBMITTED
        return advance(case, entry, self.now, status=status if moves else None, visible=True)

    def _failed(
        self, case: Case, context: Mapping[str, str | bool]
    ) -> tuple[Case, tuple[Change, ...]]:
        """Settled elsewhere meanwhile explains a rejection; anything else is a person's work."""
        data = {"submission": self.submission.id, **context}
        if case.ending and "rejected" in context and case.status is CaseStatus.SUBMITTED:
            entry = Entry("superseded", "writeback", data)
            return advance(case, entry, self.now, status=CaseStatus(case.ending))
        cause = Cause(Reason.WRITEBACK_FAILED, "writeback", data)
        return hand_over(case, self.blueprint, cause, self.now)


def _condition(effect: RowEffect) -> Condition:
    match effect:
        case Claim(expected_fence=fence):
            states = tuple(state.value for state in UNFINISHED)
            return {"state": OneOf(states), "fence": Is(fence)}
        case Mark(owner=owner, fence=fence):
            return {"state": Is(State.PENDING.value), "held_by": Is(owner), "fence": Is(fence)}
        case Record(owner=owner, fence=fence, allowed_from=states):
            values = tuple(state.value for state in states)
            return {"state": OneOf(values), "held_by": Is(owner), "fence": Is(fence)}
