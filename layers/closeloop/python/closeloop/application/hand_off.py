"""Hand off: the journey has run out of touches, has failed, or has died."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.application import outcomes
from closeloop.application.case_file import Entry, advance, attempt, load
from closeloop.application.handoffs import Cause, hand_over
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.case import Case, CaseStatus

if TYPE_CHECKING:
    from closeloop.application.ports import Clock, Journey, Table, Workflows


@dataclass(frozen=True, slots=True)
class HandOff:
    """Gives a case to the owner that its blueprint names for the reason."""

    table: Table
    workflows: Workflows
    journey: Journey
    clock: Clock

    def __call__(self, case_id: str, reason: Reason, token: str | None = None) -> str:
        """Hand the case over once and return the outcome.

        A case that has ended already is left as it is. While an accepted submission is on its way
        the token is parked instead, if there is one: the writeback will end the case.
        """
        return attempt(lambda: self._once(case_id, reason, token))

    def _once(self, case_id: str, reason: Reason, token: str | None) -> str:
        case = load(self.table, case_id)
        if case is None:
            msg = f"no case {case_id}"
            raise LookupError(msg)
        if case.status.ended:
            outcomes.tell(self.journey, case, case, token)
            return outcomes.of(case)
        if case.status is CaseStatus.SUBMITTED:
            self._park(case, token)
            return "parked"
        bundle = Bundle.from_document(self.workflows.pinned(case.bundle))
        cause = Cause(reason, "hand_off", {"run": case.run})
        after, changes = hand_over(case, bundle.blueprint, cause, self.clock.now())
        self.table.write(*changes)
        outcomes.tell(self.journey, case, after, token)
        return outcomes.of(after)

    def _park(self, case: Case, token: str | None) -> None:
        if token is None:
            return
        entry = Entry("token_parked", "hand_off", {"waits_for": "confirmation"})
        _, changes = advance(case, entry, self.clock.now(), changed={"token": token})
        self.table.write(*changes)
