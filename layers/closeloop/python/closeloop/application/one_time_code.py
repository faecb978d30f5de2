"""One-time code: the two posts by which a customer proves who they are.

Nothing about a code is stored: it is computed again from a secret pepper and everything it is bound
to. Refusals look alike, so that they tell an attacker nothing (ASVS 6.3.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.application.check_code import CheckCode, Proved, Wrong
from closeloop.application.issue_code import CodeRefusedError, IssueCode, Purpose
from closeloop.application.ports import TemporarilyUnavailable, Workflows
from closeloop.application.visits import (
    PROBLEM,
    REFUSED,
    SIGNED_OUT,
    Doorkeeper,
    View,
    Visit,
    Visitor,
)
from closeloop.domain.blueprint import Bundle
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Assurance, Channel

if TYPE_CHECKING:
    from closeloop.application.link_lock import LinkLock
    from closeloop.domain.session import Ticket

_REFUSALS = {
    "no_address": View(goto="c?said=no_address"),
    "not_sent": View(goto="c?said=not_sent"),
    "over": View(goto="c"),
    "number_resting": View(name="too_many", status=429),
}
_WORN_OUT = View(name="used_up", status=429)


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """Answers POST /c/code and POST /c/verify."""

    door: Doorkeeper
    issue: IssueCode
    check: CheckCode
    lock: LinkLock
    workflows: Workflows

    def __call__(self, visit: Visit) -> View:
        """Do what the route asks for and return what to show."""
        ticket = self.door.ticket(visit)
        if ticket is None:
            return SIGNED_OUT
        if not self.door.own_form(ticket, visit):
            return REFUSED
        if visit.route == "/c/verify":
            return self._verify(ticket, visit)
        visitor = self.door.visitor(visit)
        return self._send(visitor, visit) if visitor else SIGNED_OUT

    def _send(self, visitor: Visitor, visit: Visit) -> View:
        if visitor.case.status is not CaseStatus.OPEN:
            return View(goto="c")
        try:
            channel = Channel(visit.form.get("channel", ""))
        except ValueError:
            return View(goto="c?said=no_address")
        bundle = Bundle.from_document(self.workflows.pinned(visitor.case.bundle))
        now = self.door.now()
        try:
            self.issue(visitor, bundle, channel, Purpose(), now)
        except CodeRefusedError as refused:
            if refused.why != "link_spent":
                return _REFUSALS[refused.why]
            self.lock(visitor.case.id, visitor.session.link, now)
            return _WORN_OUT
        except TemporarilyUnavailable:
            return PROBLEM
        again = visitor.session.assurance is not Assurance.LINK  # one more proof of somebody proved
        return View(goto="c?said=code_sent" if again else "c", ticket=visitor.ticket)

    def _verify(self, ticket: Ticket, visit: Visit) -> View:
        given = "".join(visit.form.get("code", "").split())
        now = self.door.now()
        result = self.check(ticket, visit.form.get("challenge", ""), given, now)
        if isinstance(result, Proved):
            return View(goto="c", ticket=result.ticket)
        if not isinstance(result, Wrong):
            return View(goto="c?said=code_void", ticket=ticket)
        if result.left > 0:
            return View(goto=f"c?said=code_wrong&left={result.left}", ticket=ticket)
        if self.lock(result.challenge.case, result.challenge.link, now):
            return _WORN_OUT
        return View(goto="c?said=code_void", ticket=ticket)
