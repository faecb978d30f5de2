"""Send touch: one planned message, if it may be sent now, once.

In this order, so that nobody who has paid is chased and nobody is written to twice: read the case,
ask the core whether the obligation still stands, decide contact, claim touch and link and a place
in the person's contact ledger in one transaction with the case (R10), send. The claim comes before
the call because no provider has an idempotency key: an ambiguous answer is `in_doubt` and the next
touch is the retry (R11). The task token is stored with the claim, before the send (R9).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from closeloop.application import case_file, known_facts, outcomes
from closeloop.application.case_file import Entry, advance, attempt, note
from closeloop.application.handoffs import Cause, hand_over
from closeloop.application.ports import (
    Outgoing,
    SendInDoubtError,
    SendRefusedError,
    TemporarilyUnavailable,
)
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.case import CaseStatus
from closeloop.domain.contact import Verdict, decide
from closeloop.domain.trigger import Known

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from closeloop.application.core_facts import CoreFacts
    from closeloop.application.ports import (
        Clock,
        Journey,
        ObligationState,
        Rendering,
        Sender,
        SystemOfRecord,
        Table,
        Workflows,
    )
    from closeloop.application.touch_claim import Claimed, TouchClaim
    from closeloop.domain.blueprint import PlannedTouch
    from closeloop.domain.case import Case
    from closeloop.domain.contact import ContactDecision
    from closeloop.domain.identity import Channel

_CORE_DOWN_HOLD = timedelta(minutes=30)
_PAUSE_HOLD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Step:
    """One call of the journey: touch `number` (from 1) of a case, and the token that waits."""

    case_id: str
    number: int
    token: str


@dataclass(frozen=True, slots=True)
class SendTouch:
    """Sends touches. `words` are the variables that every message may use."""

    table: Table
    core: SystemOfRecord
    facts: CoreFacts
    claim: TouchClaim
    senders: Mapping[Channel, Sender]
    workflows: Workflows
    rendering: Rendering
    journey: Journey
    clock: Clock
    words: Mapping[str, str]
    time_scale: int

    def __call__(self, step: Step) -> str:
        """Send, hold, skip or end; return in one word what was done.

        The journey's token is completed here unless the customer is now being waited for. Raises
        TemporarilyUnavailable when the journey should repeat the step.
        """
        return attempt(lambda: self._take(step))

    def _take(self, step: Step) -> str:
        """Decide on the case as read; ConflictError if it moved before that was written (F18)."""
        case = case_file.load(self.table, step.case_id)
        if case is None:
            msg = f"no case {step.case_id}"
            raise LookupError(msg)
        if case.status.ended:
            return self._finish(step, outcomes.of(case))
        if case.status is CaseStatus.SUBMITTED or case.touch >= step.number:
            return self._park(step, case)
        if self.clock.now() >= case.deadline_at:
            return self._finish(step, outcomes.NO_RESPONSE)
        if case.status is CaseStatus.PAUSED:
            return self._paused(step, case)
        return self._ask_and_send(step, case)

    def _paused(self, step: Step, case: Case) -> str:
        """Hold while the person is protected; a protection that has lapsed resumes the case."""
        now = self.clock.now()
        protections, _ = known_facts.protections_of(self.table, case.customer)
        pause = Known(protections=protections).pause_at(now)
        if pause is not None:
            return self._hold(step, case, min(pause.until or now + _PAUSE_HOLD, now + _PAUSE_HOLD))
        self.facts.resume(case.id, "send_touch")
        return self._take(step)

    def _ask_and_send(self, step: Step, case: Case) -> str:
        try:
            state = self.core.obligation(case.customer, case.obligation, case.cycle)
        except TemporarilyUnavailable:
            return self._hold(step, case, self.clock.now() + _CORE_DOWN_HOLD)
        if state is None or not state.standing:
            return self._no_longer_stands(step, case, state)
        bundle = Bundle.from_document(self.workflows.pinned(case.bundle))
        touch = bundle.blueprint.touches[step.number - 1]
        claimed = self._decide_and_claim(step, case, state, bundle, touch)
        if isinstance(claimed, str):
            return claimed
        return self._send(step, claimed, bundle, touch)

    def _no_longer_stands(self, step: Step, case: Case, state: ObligationState | None) -> str:
        """Paid, arranged or withdrawn elsewhere: end the case, send nothing.

        A submission accepted meanwhile is carried through first, so how it ends is read again.
        """
        withdrawn = state is None or state.status == "withdrawn"
        status = CaseStatus.WITHDRAWN if withdrawn else CaseStatus.SETTLED
        self.facts.end(case.id, status, "send_touch")
        return self._take(step)

    def _decide_and_claim(
        self,
        step: Step,
        case: Case,
        state: ObligationState,
        bundle: Bundle,
        touch: PlannedTouch,
    ) -> Claimed | str:
        now = self.clock.now()
        turn = self.claim.turn(case, now)
        decision = decide(
            turn.request(touch.channel, state.contact, bundle.blueprint.cap_per_person)
        )
        reachable = any(state.contact.address(each.channel) for each in bundle.blueprint.touches)
        if decision.needs_person or not reachable:
            return self._missing_data(step, case, bundle, decision)
        if decision.verdict is Verdict.HOLD:
            return self._hold(step, case, decision.until or now + _PAUSE_HOLD, decision)
        address = state.contact.address(touch.channel)
        if decision.verdict is Verdict.DENY or not address or touch.channel not in self.senders:
            return self._skip(step, case, decision)
        return self.claim(turn, step.number, step.token, touch, state.contact, decision)

    def _missing_data(
        self, step: Step, case: Case, bundle: Bundle, decision: ContactDecision
    ) -> str:
        """No address at all, or no telling when to write: only a person can find that out."""
        cause = Cause(Reason.MISSING_DATA, "send_touch", dict(decision.record()))
        after, changes = hand_over(case, bundle.blueprint, cause, self.clock.now())
        self.table.write(*changes)
        return self._finish(step, outcomes.of(after))

    def _send(self, step: Step, claimed: Claimed, bundle: Bundle, touch: PlannedTouch) -> str:
        variables = {**self.words, "name": claimed.name, "link": claimed.url}
        parts = self.rendering.message(bundle.document, touch.message, variables)
        outgoing = Outgoing(claimed.address, parts, claimed.attempt)
        try:
            provider_id = self.senders[touch.channel].send(outgoing)
        except SendInDoubtError:
            self.claim.settle(claimed, "in_doubt", {})
            return "in_doubt"
        except SendRefusedError as error:
            self.claim.settle(claimed, "failed", {"code": str(error)})
            return self._finish(step, outcomes.NEXT)
        self.claim.settle(claimed, "accepted", {"provider_id": provider_id})
        return "sent"

    def _park(self, step: Step, case: Case) -> str:
        """Keep the token of a step that has nothing to send: somebody else will complete it."""
        entry = Entry("token_parked", "send_touch", {"touch": step.number})
        _, changes = advance(case, entry, self.clock.now(), changed={"token": step.token})
        self.table.write(*changes)
        return "parked"

    def _hold(
        self, step: Step, case: Case, until: datetime, decision: ContactDecision | None = None
    ) -> str:
        now = self.clock.now()
        data = decision.record() if decision else {"until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        self._note(case, "held", {"touch": step.number, **data}, now)
        wait = min(until, case.deadline_at) - now
        seconds = math.ceil(wait.total_seconds() / self.time_scale)
        self.journey.finish(step.token, outcomes.HOLD, max(1, seconds))
        return outcomes.HOLD

    def _skip(self, step: Step, case: Case, decision: ContactDecision) -> str:
        self._note(case, "skipped", {"touch": step.number, **decision.record()}, self.clock.now())
        return self._finish(step, outcomes.NEXT)

    def _note(self, case: Case, kind: str, data: Mapping[str, int | str], now: datetime) -> None:
        """Write down what was decided on the case as it was read, or not at all."""
        _, chain = note(case_file.position_of(case), Entry(kind, "send_touch", data), now)
        self.table.write(*chain)

    def _finish(self, step: Step, outcome: str) -> str:
        self.journey.finish(step.token, outcome)
        return outcome
