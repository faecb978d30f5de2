"""What accepting an action writes: the submission with its evidence, and the case's move.

An action that needs a person puts the work before its owner at once. When policy left the customer
nothing else to choose, that owner is the one for the rule that stood in the way, and is told which.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from closeloop.application.case_file import Entry, advance
from closeloop.application.handoffs import Cause, hand_over
from closeloop.application.submissions import Submission, expected_of
from closeloop.domain.blueprint import Reason
from closeloop.domain.case import CaseStatus
from closeloop.domain.evidence import canonical
from closeloop.domain.instants import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from closeloop.application.act_pages import Situation
    from closeloop.application.choices import Choice
    from closeloop.application.ports import Change
    from closeloop.domain.blueprint import ActionRule
    from closeloop.domain.case import Case
    from closeloop.domain.policy import PolicyDecision


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One action that the customer committed under `submission_id` at `now`.

    `refused` holds what policy said about each action that it did not allow.
    """

    situation: Situation
    rule: ActionRule
    choice: Choice
    submission_id: str
    now: datetime
    refused: Mapping[str, PolicyDecision]

    @property
    def payload(self) -> str:
        """The hash of what was chosen: the same form with another choice has another one."""
        chosen = {"action": self.rule.name, "choice": self.choice.id}
        return hashlib.sha256(canonical(chosen)).hexdigest()

    def submission(self) -> Submission:
        """The submission row's content."""
        case, rule = self.situation.visitor.case, self.rule
        return Submission(
            id=self.submission_id,
            case=case.id,
            action=rule.name,
            system=rule.writeback.system,
            operation=rule.writeback.operation,
            about={
                "customer_id": case.customer,
                "obligation_id": case.obligation,
                "cycle": case.cycle,
            },
            effect=self.choice.effect,
            expected=expected_of(rule, self.choice.effect),
            evidence=self._evidence(),
            payload=self.payload,
        )

    def case_changes(self) -> tuple[Case, tuple[Change, ...]]:
        """The case after it, and the changes that move it there with its audit event."""
        case, name = self.situation.visitor.case, self.rule.name
        data = {"action": name, "submission": self.submission_id, "payload": self.payload}
        changed = {"submission": self.submission_id}
        submitted = CaseStatus.SUBMITTED
        if self.rule.hands_off is None:
            entry = Entry("submitted", "customer", data)
            return advance(case, entry, self.now, status=submitted, changed=changed)
        forbidden = {each: list(no.forbidden_by) for each, no in self.refused.items()}
        cause = Cause(self._reason(), "customer", {**data, "forbidden_by": forbidden})
        blueprint = self.situation.bundle.blueprint
        return hand_over(case, blueprint, cause, self.now, to=submitted, changed=changed)

    def _reason(self) -> Reason:
        """Why the case goes to a person: their wish, or the policy that left them no other."""
        own = self.rule.hands_off or Reason.ASKED_FOR_PERSON
        actions = self.situation.bundle.blueprint.actions.values()
        others = [each.name for each in actions if each.hands_off is None]
        barred = [self.refused[name] for name in others if name in self.refused]
        if own is not Reason.ASKED_FOR_PERSON or not barred or len(barred) < len(others):
            return own
        return barred[0].handoff_reason

    def _evidence(self) -> dict[str, Any]:
        case, session = self.situation.visitor.case, self.situation.visitor.session
        evidence: dict[str, Any] = {
            "time": to_text(self.now),
            "channel": session.channel.value,
            "assurance": session.assurance.value,
            "proved_by": session.proved_by,
            "input": {"choice": self.choice.id},
            "page_version": f"{case.bundle}:{case.version}",
        }
        if self.choice.agreement:
            evidence["agreement"] = {
                "text": self.choice.agreement,
                "sha256": hashlib.sha256(self.choice.agreement.encode()).hexdigest(),
                "version": case.bundle,
            }
        return evidence
