"""What an attacker can look at: a table's rows, a page's words, and forms that nobody was given."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from closeloop.application.send_touch import Step
from closeloop.application.visits import View, Visit
from closeloop.domain.identity import Channel
from tests.fakes.customer import Customer, contacted
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from closeloop.application.pages import Form
    from tests.fakes.firm import Firm

# What the core knows of Ada Vale and her debt of 120 pounds, however it is written.
PERSONAL = ("Ada", "Vale of", "ada@example.org", "447700900141", "7700900141", "C-1", "INV-1")
_TOKENS = frozenset({"csrf", "form_id", "link", "challenge"})
DEBT = ("120.00", "12000", "£120", "20 November", "2026-11-20", "insufficient", "loan")


def rows(firm: Firm) -> dict[Any, dict[str, Any]]:
    """Everything that is stored now."""
    assert isinstance(firm.table, FakeTable)
    return copy.deepcopy(dict(firm.table.items))


def rows_of(firm: Firm, case_id: str) -> dict[Any, dict[str, Any]]:
    """Everything that is stored about one case, its links and sessions included."""
    return {
        key: row
        for key, row in rows(firm).items()
        if key.pk == f"CASE#{case_id}" or row.get("case") == case_id
    }


def calls(firm: Firm) -> list[str]:
    """The calls that were made to the table, in order."""
    assert isinstance(firm.table, FakeTable)
    return firm.table.calls


@contextmanager
def counted(firm: Firm) -> Iterator[list[str]]:
    """The calls that are made to the table within the block."""
    made: list[str] = []
    before = len(calls(firm))
    yield made
    made.extend(calls(firm)[before:])


def everything_in(firm: Firm) -> str:
    """All that is stored, as text: what somebody sees who reads the whole table."""
    return json.dumps([[*key, row] for key, row in rows(firm).items()], default=str)


def unkeyed_digests(text: str) -> Iterator[str]:
    """What a plain hash of a short secret looks like: found again by trying all of them."""
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        yield hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def words_on(view: View) -> str:
    """Everything a view shows, but for its random tokens: any short word may occur in those."""
    if view.page is None:
        return ""
    return repr(replace(view.page, forms=tuple(map(_without_tokens, view.page.forms))))


def _without_tokens(form: Form) -> Form:
    hidden = {name: value for name, value in form.hidden.items() if name not in _TOKENS}
    return replace(form, action=re.sub(r"[0-9A-Za-z]{28}$", "…", form.action), hidden=hidden)


def alone_in(text: str, word: str) -> bool:
    """Whether a word stands in a text by itself, and not by chance within a number or a hash."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", text) is not None


def touched(firm: Firm, *touches: int, **changes: Any) -> str:
    """Open a case and let its journey send the given touches; return its id."""
    case_id, _ = contacted(firm, touches[0], **changes)
    for number in touches[1:]:
        firm.clock.advance(days=1)
        assert firm.send_touch(Step(case_id, number, firm.journey.wait(case_id))) == "sent"
    return case_id


def links(firm: Firm, channel: Channel = Channel.EMAIL) -> list[str]:
    """The links that were sent by a channel, oldest first."""
    sent = " ".join(str(message.parts) for message in firm.senders[channel].outbox)
    return list(dict.fromkeys(re.findall(r"/c/([0-9A-Za-z]{28})\b", sent)))


def opened(firm: Firm, channel: Channel = Channel.EMAIL) -> Customer:
    """Somebody who opens the newest link of a channel in a browser of their own."""
    customer = Customer(firm)
    customer.open(links(firm, channel)[-1])
    return customer


def ask_for_code(customer: Customer, channel: Channel = Channel.SMS) -> str:
    """Ask for a code by a channel; return the code that arrived."""
    forms = [form for form in customer.page.forms if form.hidden.get("channel") == channel.value]
    customer.submit(forms[0])
    return customer.code(channel)


def wrong(code: str) -> str:
    """A code that is not the right one."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def ask(firm: Firm, visit: Visit) -> View:
    """Let the function that the template names for the route answer, without following steps."""
    if visit.route in {"/c/code", "/c/verify"}:
        return firm.one_time_code(visit)
    if visit.method == "POST" and visit.route == "/c/act/{action}":
        return firm.submit_action(visit)
    return firm.mini_app(visit)


def post(route: str, form: Mapping[str, str], cookie: str, **more: Any) -> Visit:
    """A post that nobody's page offered."""
    return Visit("POST", route, form=dict(form), cookie=cookie, **more)
