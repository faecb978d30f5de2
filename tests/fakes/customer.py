"""A customer who reads messages and fills in the forms that pages show, whatever they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from closeloop.application.send_touch import Step
from closeloop.application.visits import View, Visit
from closeloop.domain.identity import Channel
from tests.fakes.firm import Firm, payment_failed

if TYPE_CHECKING:
    from closeloop.application.pages import Form, Page


@dataclass
class Customer:
    """One visitor with a browser: its cookie, and the page it is on."""

    firm: Firm
    cookie: str = ""
    draft: str = ""
    views: list[View] = field(default_factory=list)

    @property
    def page(self) -> Page:
        page = self.views[-1].page
        assert page is not None, self.views[-1]
        return page

    @property
    def status(self) -> int:
        return self.views[-1].status

    def newest(self, channel: Channel, pattern: str) -> str:
        message = self.firm.senders[channel].outbox[-1]
        text = " ".join(_texts(message.parts))
        found = re.search(pattern, text)
        assert found, text
        return found.group(1)

    def link(self, channel: Channel) -> str:
        return self.newest(channel, r"https://pay\.vale\.example/c/([0-9A-Za-z]{28})")

    def code(self, channel: Channel) -> str:
        return self.newest(channel, r"\b(\d{6})\b")

    def get(self, path: str) -> View:
        return self._go("GET", path, {})

    def post(self, path: str, form: dict[str, str]) -> View:
        return self._go("POST", path, form)

    def submit(self, form: Form, **typed: str) -> View:
        """Send a form of the page, with what is typed or chosen."""
        return self.post(form.action, {**form.hidden, **typed})

    def open(self, link: str) -> View:
        return self.post(f"c/{link}", {})

    def form(self, action: str) -> Form:
        found = [form for form in self.page.forms if form.action == action]
        assert found, self.page
        return found[0]

    def prove(self, channel: Channel = Channel.SMS) -> View:
        """Ask for a code on a channel and type what arrives."""
        wanted = [form for form in self.page.forms if form.hidden.get("channel") == channel.value]
        self.submit(wanted[0])
        return self.submit(self.form("c/verify"), code=self.code(channel))

    def _go(self, method: str, path: str, form: dict[str, str]) -> View:
        visit = self._visit(method, path, form)
        view = self._function(visit)(visit)
        if view.ticket:
            key = self.firm.keyring.session_key()
            self.cookie = view.ticket.cookie(key, self.firm.clock.now())
        if view.draft is not None:
            self.draft = view.draft
        self.views.append(view)
        return self.get(view.goto) if view.goto else view

    def _visit(self, method: str, path: str, form: dict[str, str]) -> Visit:
        path, _, query = path.partition("?")
        said = dict(pair.split("=") for pair in query.split("&")) if query else {}
        route, link, action = f"/{path}", "", ""
        if path.startswith("c/act/"):
            route, action = "/c/act/{action}", path.removeprefix("c/act/")
        elif path not in {"c", "c/code", "c/verify", "c/status", "c/renew"}:
            route, link = "/c/{link}", path.removeprefix("c/")
        return Visit(
            method=method,
            route=route,
            link=link,
            action=action,
            form=form,
            cookie=self.cookie,
            draft=self.draft,
            said=said.get("said", ""),
            left=int(said.get("left", 0)),
        )

    def _function(self, visit: Visit) -> Any:
        if visit.route in {"/c/code", "/c/verify"}:
            return self.firm.one_time_code
        if visit.method == "POST" and visit.action:
            return self.firm.submit_action
        return self.firm.mini_app


def contacted(firm: Firm, touch: int = 1, **changes: Any) -> tuple[str, Customer]:
    """Open a case, let its journey send touch `touch`, and return its id with its customer."""
    firm.open_case(payment_failed(**changes))
    case_id = firm.journey.started[-1].case_id
    firm.send_touch(Step(case_id, touch, firm.journey.token(case_id) or ""))
    return case_id, Customer(firm)


def identified(firm: Firm, **changes: Any) -> tuple[str, Customer]:
    """A customer who has opened the emailed link and proved who they are by a code by SMS."""
    case_id, customer = contacted(firm, **changes)
    customer.open(customer.link(Channel.EMAIL))
    customer.prove()
    return case_id, customer


def _texts(parts: Any) -> list[str]:
    if isinstance(parts, str):
        return [parts]
    values = parts.values() if isinstance(parts, dict) else parts
    return [text for each in values for text in _texts(each)]
