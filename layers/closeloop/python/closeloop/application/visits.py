"""A customer's visit: what arrives with a request, who it is, and what is shown in return."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from closeloop.application import case_file, keys
from closeloop.domain import session as sessions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from closeloop.application.pages import Page
    from closeloop.application.ports import Clock, Keyring, Table
    from closeloop.domain.case import Case
    from closeloop.domain.session import Session, Ticket


@dataclass(frozen=True, slots=True)
class Visit:
    """A request to the mini-app, already parsed. `form` holds the posted fields."""

    method: str
    route: str
    link: str = ""
    action: str = ""
    form: Mapping[str, str] = field(default_factory=dict[str, str])
    cookie: str = ""
    draft: str = ""
    said: str = ""
    left: int = 0
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """A page to show, or a step to go to (`goto`, relative to the mini-app's root).

    `name` stands for one of the pages that are the same for every case; `ticket` is the session to
    carry on with; `draft` is a choice kept over a lost session.
    """

    page: Page | None = None
    name: str = ""
    status: int = 200
    goto: str = ""
    ticket: Ticket | None = None
    draft: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a live session, and the case it is bound to."""

    ticket: Ticket
    session: Session
    case: Case


SIGNED_OUT = View(name="session_ended", status=401)
REFUSED = View(name="not_available", status=403)
NOT_AVAILABLE = View(name="not_available", status=404)
PROBLEM = View(name="problem", status=503)


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Knows visitors by their cookie. The case is the session's, whatever the request says (T1)."""

    table: Table
    keyring: Keyring
    clock: Clock

    def ticket(self, visit: Visit) -> Ticket | None:
        """The ticket of a genuine cookie that has not idled out; nothing is read for it."""
        now = self.clock.now()
        return sessions.read_cookie(visit.cookie, self.keyring.session_key(), now)

    def visitor(self, visit: Visit) -> Visitor | None:
        """Read session and case in one call; None unless both stand and belong together."""
        ticket = self.ticket(visit)
        if ticket is None:
            return None
        stored, row = self.table.get(keys.session(ticket.digest), keys.case(ticket.case))
        if stored is None or row is None or stored["case"] != ticket.case:
            return None
        session = sessions.from_item(ticket.digest, stored)
        if not session.alive(self.clock.now()):
            return None
        return Visitor(ticket, session, case_file.read(row))

    def own_form(self, ticket: Ticket, visit: Visit) -> bool:
        """Whether the posted form is one that we gave to this very session (T6)."""
        given = ticket.csrf(self.keyring.session_key())
        return not visit.foreign and sessions.same(given, visit.form.get("csrf", ""))

    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()
