"""Submit action: accept what the customer committed, in one transaction, once (R1, R2).

Before that transaction nothing has happened; after it the action is never lost. It carries the
case's move, the submission with its evidence and effect, and the audit event. Policy and offers are
computed again on current facts, so a form is a wish and never a permission (F36, T10).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from closeloop.application import keys
from closeloop.application.acceptance import Acceptance
from closeloop.application.act_pages import CHOICE
from closeloop.application.ports import ConflictError, TemporarilyUnavailable
from closeloop.application.visits import REFUSED, SIGNED_OUT, View
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Assurance
from closeloop.domain.session import read_form_id

if TYPE_CHECKING:
    from closeloop.application.act_pages import ActPages, Situation
    from closeloop.application.ports import Keyring, Queue, Table
    from closeloop.application.visits import Doorkeeper, Visit, Visitor
    from closeloop.domain.policy import PolicyDecision

FAST_PATH_AGE = timedelta(minutes=2)
_DONE = View(goto="c/status")
_VERSION_DIGITS = 9
_DRAFT_LENGTH = 120
_TRIES = 3


@dataclass(frozen=True, slots=True)
class SubmitAction:
    """Answers POST /c/act/{action}. `pending_age` is how long the fast path may take."""

    door: Doorkeeper
    table: Table
    keyring: Keyring
    acts: ActPages
    queue: Queue
    pending_age: timedelta = FAST_PATH_AGE

    def __call__(self, visit: Visit) -> View:
        """Accept the action, or show why not, with the customer's choice kept.

        Another site's post is refused before anything else: not even as a choice to be kept may it
        come back to the customer later (T6).
        """
        if visit.foreign:
            return REFUSED
        for _ in range(_TRIES):
            visitor = self.door.visitor(visit)
            if visitor is None:
                draft = f"{visit.action}.{visit.form.get(CHOICE, '')}"
                return replace(SIGNED_OUT, draft=draft[:_DRAFT_LENGTH])
            if not self.door.own_form(visitor.ticket, visit):
                return REFUSED
            with suppress(ConflictError):  # a message moved the chain meanwhile: look again (F18)
                return self._take(visitor, visit)
        raise TemporarilyUnavailable

    def _take(self, visitor: Visitor, visit: Visit) -> View:
        """Take a form that we gave to this very session, once and while it is still true."""
        submission_id = self._form_id(visitor, visit)
        if submission_id is not None and visitor.case.submission == submission_id:
            return self._repeated(visitor, visit, submission_id)
        if submission_id is None or str(visitor.case.version) != visit.form["version"]:
            return self._again(visitor, visit, "changed")
        if visitor.case.status is not CaseStatus.OPEN:
            return _DONE
        return self._decide(visitor, visit, submission_id)

    def _form_id(self, visitor: Visitor, visit: Visit) -> str | None:
        version = visit.form.get("version", "")
        if not (version.isascii() and version.isdigit() and len(version) <= _VERSION_DIGITS):
            return None
        key = self.keyring.session_key()
        form_id = visit.form.get("form_id", "")
        return read_form_id(form_id, visitor.ticket, visit.action, int(version), key)

    def _decide(self, visitor: Visitor, visit: Visit, submission_id: str) -> View:
        situation = self.acts.situation(visitor)
        rule = situation.bundle.blueprint.actions.get(visit.action)
        if rule is None:
            return self._again(visitor, visit, "changed")
        decision = self.acts.decide(situation, rule.name)
        if not decision.allowed:
            return self._refused(situation, visit, decision)
        wanted = visit.form.get(CHOICE, "")
        choice = next((each for each in situation.choices.of(rule) if each.id == wanted), None)
        if choice is None:
            return self._again(visitor, visit, "choose_one" if not wanted else "changed")
        refused = self.acts.refusals(situation)
        accepted = Acceptance(situation, rule, choice, submission_id, self.door.now(), refused)
        return self._accept(visitor, visit, accepted)

    def _accept(self, visitor: Visitor, visit: Visit, accepted: Acceptance) -> View:
        submission = accepted.submission()
        _, changes = accepted.case_changes()
        try:
            self.table.write(submission.put(accepted.now, self.pending_age), *changes)
        except ConflictError as conflict:
            if conflict.found.get(0) is None:
                raise
            return self._repeated(visitor, visit, submission.id)
        with suppress(TemporarilyUnavailable):  # accepted and due: `sweep` sends it (F08)
            self.queue.send({"case": submission.case, "submission": submission.id})
        return replace(_DONE, ticket=visitor.ticket, draft="")

    def _repeated(self, visitor: Visitor, visit: Visit, submission_id: str) -> View:
        """The same form again: the same receipt; another choice under it is refused (R2)."""
        (row,) = self.table.get(keys.submission(visitor.case.id, submission_id))
        choice = row["evidence"]["input"]["choice"] if row else None
        same = (
            row is not None and choice == visit.form.get(CHOICE) and row["action"] == visit.action
        )
        return replace(_DONE, ticket=visitor.ticket) if same else replace(REFUSED, status=409)

    def _refused(self, situation: Situation, visit: Visit, decision: PolicyDecision) -> View:
        """Policy says no: one more proof if that would do, else what can be done instead.

        What can be done is named with its amount, so whoever proved nothing is asked to (T3).
        """
        visitor = situation.visitor
        if decision.more_proof_would_do:
            return View(goto=f"c/act/{visit.action}", ticket=visitor.ticket)
        if visitor.session.assurance is Assurance.LINK:
            return View(goto="c", ticket=visitor.ticket)
        page = replace(
            self.acts.choose(visitor, visit), alert=situation.words.text("choose.not_possible")
        )
        return View(page, status=403, ticket=visitor.ticket)

    def _again(self, visitor: Visitor, visit: Visit, why: str) -> View:
        """Show the form anew, as things now stand, with the choice kept where it still exists."""
        if visitor.case.status is not CaseStatus.OPEN:
            return replace(_DONE, ticket=visitor.ticket)
        alert = self.acts.situation(visitor).words.text(f"choose.{why}")
        page = self.acts.act(visitor, visit, alert)
        if page is None:
            return View(goto="c", ticket=visitor.ticket)
        return View(page, status=409 if why == "changed" else 422, ticket=visitor.ticket)
