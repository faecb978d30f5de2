"""What the core says beside triggers: settled, withdrawn, protected. Remember first, then act.

Remembering before looking for cases is what makes any order of arrival end the same way (F03):
an opening that was decided on older facts fails its condition and is decided again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.application import known_facts, outcomes
from closeloop.application.case_file import Entry, advance, attempt, load
from closeloop.domain import trigger
from closeloop.domain.case import CaseStatus

if TYPE_CHECKING:
    from closeloop.application.known_facts import Subject
    from closeloop.application.ports import Clock, Journey, Table
    from closeloop.domain.protection import Protection


@dataclass(frozen=True, slots=True)
class CoreFacts:
    """Ends, pauses and resumes cases on the core's word. Safe to repeat."""

    table: Table
    journey: Journey
    clock: Clock

    def ended(self, subject: Subject, fact: trigger.Settled | trigger.Withdrawn) -> str:
        """End the obligation's open cases; return what was done, for the log."""
        known_facts.remember_ending(self.table, subject, fact)
        memory = known_facts.recall(self.table, subject)
        done = "remembered"
        for workflow, row in memory.cases.items():
            effect = trigger.effect_of(fact, memory.known(workflow), self.clock.now())
            if isinstance(effect, trigger.EndCase):
                done = self.end(row["case"], CaseStatus(effect.status.value), "core")
        return done

    def end(self, case_id: str, status: CaseStatus, actor: str) -> str:
        """End one case as settled or withdrawn.

        A submission already accepted is carried through first: whether the core took it decides
        how the case ends, and `ending` remembers the core's word until then.
        """
        return attempt(lambda: self._end_once(case_id, status, actor))

    def protected(self, customer: str, report: Protection) -> str:
        """Pause or resume the person's cases."""
        attempt(lambda: known_facts.remember_protection(self.table, customer, report))
        protections, _ = known_facts.protections_of(self.table, customer)
        effect = trigger.effect_of(report, trigger.Known(protections=protections), self.clock.now())
        if isinstance(effect, trigger.PauseCases):
            return self._move_all(customer, CaseStatus.OPEN, CaseStatus.PAUSED, report)
        if isinstance(effect, trigger.ResumeCases):
            return self._move_all(customer, CaseStatus.PAUSED, CaseStatus.OPEN, report)
        return "remembered"

    def resume(self, case_id: str, actor: str) -> None:
        """Resume one paused case whose person is protected no more."""
        attempt(
            lambda: self._move(case_id, CaseStatus.PAUSED, CaseStatus.OPEN, Entry("resumed", actor))
        )

    def _end_once(self, case_id: str, status: CaseStatus, actor: str) -> str:
        case = load(self.table, case_id)
        if case is None or case.status is status or case.ending == status.value:
            return "already_ended"
        now, entry = self.clock.now(), Entry(f"obligation_{status.value}", actor)
        if case.status is CaseStatus.SUBMITTED:
            _, changes = advance(case, entry, now, changed={"ending": status.value})
            self.table.write(*changes)
            return "ends_after_writeback"
        if not case.status.can_become(status):
            return "already_ended"
        after, changes = advance(case, entry, now, status=status)
        self.table.write(*changes)
        outcomes.tell(self.journey, case, after)
        return status.value

    def _move_all(
        self, customer: str, origin: CaseStatus, goal: CaseStatus, report: Protection
    ) -> str:
        data = {"kind": report.kind.value, "version": report.version}
        entry = Entry("paused" if goal is CaseStatus.PAUSED else "resumed", "core", data)
        for row in self.table.query(f"PERSON#{customer}", "CASE#"):
            attempt(lambda case_id=row["case"]: self._move(case_id, origin, goal, entry))
        return goal.value

    def _move(self, case_id: str, origin: CaseStatus, goal: CaseStatus, entry: Entry) -> None:
        case = load(self.table, case_id)
        if case is None or case.status is not origin:
            return
        _, changes = advance(case, entry, self.clock.now(), status=goal)
        self.table.write(*changes)
