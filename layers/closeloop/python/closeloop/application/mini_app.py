"""The mini-app: the pages of a link, from opening it to reading the receipt.

A GET of a link reads and writes nothing and says nothing about anybody: scanners, previews and
prefetchers may fetch it for ever (T7). Only the customer's gesture, a POST, makes a session, and
the link leaves the address bar with it. What a visitor sees next depends on their session and on
the case, never on anything in the request (T1, T11).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from closeloop.application import case_file, keys
from closeloop.application.ports import Absent, AbsentOr, Below, ConflictError, Is, Put, Update
from closeloop.application.visits import NOT_AVAILABLE, REFUSED, SIGNED_OUT, View
from closeloop.domain import identity, link
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Assurance, Channel
from closeloop.domain.instants import from_text, to_text
from closeloop.domain.session import Session, new_ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from closeloop.application.act_pages import ActPages
    from closeloop.application.ports import Item, Keyring, Table
    from closeloop.application.step_pages import StepPages
    from closeloop.application.visits import Doorkeeper, Visit, Visitor


@dataclass(frozen=True, slots=True)
class MiniApp:
    """Answers every GET of the mini-app, and the posts that open or renew a link."""

    door: Doorkeeper
    table: Table
    keyring: Keyring
    steps: StepPages
    acts: ActPages

    def __call__(self, visit: Visit) -> View:
        """Return what the route shows to this visitor."""
        return self._routes()[visit.method, visit.route](visit)

    def _routes(self) -> Mapping[tuple[str, str], Callable[[Visit], View]]:
        return {
            ("GET", "/c/{link}"): self._landing,
            ("HEAD", "/c/{link}"): self._landing,
            ("POST", "/c/{link}"): self._open,
            ("POST", "/c/renew"): self._renew,
            ("GET", "/c"): lambda visit: self._inside(visit, self._step),
            ("GET", "/c/status"): lambda visit: self._inside(visit, self._status),
            ("GET", "/c/act/{action}"): lambda visit: self._inside(visit, self._act),
        }

    def _genuine(self, text: str) -> bool:
        return link.genuine(text, self.keyring.link_keys())

    def _landing(self, visit: Visit) -> View:
        if not self._genuine(visit.link):
            return NOT_AVAILABLE
        return View(self.steps.landing(visit.link))

    def _open(self, visit: Visit) -> View:
        if visit.foreign:
            return REFUSED
        found = self._find(visit.link)
        if found is None or found.get("locked"):
            return NOT_AVAILABLE
        now = self.door.now()
        if from_text(found["until"]) <= now:
            return View(self.steps.expired(visit.link), status=410)
        ticket = new_ticket(found["case"])
        session = Session(
            digest=ticket.digest,
            case=found["case"],
            link=link.digest(visit.link),
            channel=Channel(found["channel"]),
            assurance=Assurance.LINK,
            opened_at=now,
            hints=found["hints"],
            zone=found["zone"],
        )
        self.table.write(Put(keys.session(ticket.digest), session.item()))
        return View(goto="c", ticket=ticket)

    def _find(self, text: str) -> Item | None:
        if not self._genuine(text):
            return None
        (found,) = self.table.get(keys.link(link.digest(text)))
        return found

    def _renew(self, visit: Visit) -> View:
        """Give an expired link new life in place, a few times, while its case is open.

        The link in the customer's message works again, so nothing has to be sent: no message can
        be caused by whoever finds an old link, and the code still goes to the address of record.
        """
        if visit.foreign:
            return REFUSED
        text = visit.form.get("link", "")
        found = self._find(text)
        if found is None or found.get("locked"):
            return NOT_AVAILABLE
        now = self.door.now()
        if from_text(found["until"]) > now or self._prolong(text, found, now):
            return View(self.steps.renewed(text))
        return NOT_AVAILABLE

    def _prolong(self, text: str, found: Item, now: datetime) -> bool:
        """Move the link's end once, however often the button is pressed; False if it is over."""
        case = case_file.load(self.table, found["case"])
        if case is None or case.status.ended:
            return False
        until = min(now + identity.LINK_LIFE, case.deadline_at + case_file.STUCK_GRACE)
        if until <= now:
            return False
        renewals = AbsentOr(Below(identity.RENEWALS_PER_LINK))
        change = Update(
            keys.link(link.digest(text)),
            set={"until": to_text(until)},
            add={"renewals": 1},
            when={"renewals": renewals, "locked": Absent(), "until": Is(found["until"])},
        )
        try:
            self.table.write(change)
        except ConflictError as conflict:
            row = conflict.found.get(0)
            return row is not None and row["until"] > found["until"]
        return True

    def _inside(self, visit: Visit, show: Callable[[Visitor, Visit], View]) -> View:
        visitor = self.door.visitor(visit)
        if visitor is None:
            return SIGNED_OUT
        view = show(visitor, visit)
        return view if view.goto else replace(view, ticket=visitor.ticket)

    def _step(self, visitor: Visitor, visit: Visit) -> View:
        """Where the visitor is at; news of a code (`said`) brings a proved one back to proving."""
        if visitor.case.status is not CaseStatus.OPEN:
            return self._status(visitor, visit)
        if visitor.session.assurance is Assurance.LINK or visit.said:
            return View(self.steps.identify(visitor, visit))
        return View(self.acts.choose(visitor, visit))

    def _status(self, visitor: Visitor, _visit: Visit) -> View:
        if visitor.case.status is CaseStatus.OPEN:
            return View(goto="c")
        return View(self.steps.status(visitor))

    def _act(self, visitor: Visitor, visit: Visit) -> View:
        if visitor.case.status is not CaseStatus.OPEN:
            return View(goto="c/status")
        page = self.acts.act(visitor, visit)
        return View(page) if page else View(goto="c")
