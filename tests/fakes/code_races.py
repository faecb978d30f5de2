"""Fifty at once at the codes of one link: what must hold over any case table (SECURITY T4, T19)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from closeloop.application.ports import TemporarilyUnavailable
from closeloop.application.visits import PROBLEM
from closeloop.domain import identity
from closeloop.domain.identity import Channel
from tests.fakes.intruder import ask, ask_for_code, opened, post, touched, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from closeloop.adapters.keyring import SecretKeyring
    from closeloop.application.ports import CodeBinding
    from closeloop.application.visits import View
    from tests.fakes.customer import Customer
    from tests.fakes.firm import Firm

FIFTY = 50


class CountingKeyring:
    """Counts how often a code was computed: each comparison needs it once."""

    def __init__(self, keyring: SecretKeyring) -> None:
        self._keyring = keyring
        self._lock = threading.Lock()
        self.codes = 0

    def code(self, binding: CodeBinding) -> str:
        with self._lock:
            self.codes += 1
        return self._keyring.code(binding)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keyring, name)


def at_once(jobs: list[Callable[[], View]]) -> list[View]:
    """Do all jobs at the same moment, each in a thread of its own, answered as the edge would."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], View]) -> View:
        start.wait()
        try:
            return job()
        except TemporarilyUnavailable:
            return PROBLEM

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def waiting_for_code(firm: Firm) -> tuple[Customer, Mapping[str, str], str]:
    """A customer with a code on their phone, the form to type it into, and the code."""
    touched(firm, 1)
    customer = opened(firm)
    code = ask_for_code(customer)
    return customer, customer.form("c/verify").hidden, code


def verify(firm: Firm, form: Mapping[str, str], code: str, cookie: str) -> Callable[[], View]:
    return lambda: ask(firm, post("/c/verify", {**form, "code": code}, cookie))


class CodeRaces:
    """A table's own tests: give a fixture `firm` whose table is the one to be tried.

    `askers` is how many ask for a code at once: each of them is a transaction.
    """

    askers = FIFTY

    def test_fifty_wrong_codes_at_once_are_compared_five_times(self, firm: Firm):
        """T4, ASVS 6.6.3, 15.4.2: the count is taken before the comparison."""
        customer, form, code = waiting_for_code(firm)
        keyring = CountingKeyring(firm.keyring)
        firm.keyring = keyring  # pyright: ignore[reportAttributeAccessIssue]
        guesses = [f"{(int(code) + 1 + each) % 10**6:06d}" for each in range(FIFTY)]

        views = at_once([verify(firm, form, guess, customer.cookie) for guess in guesses])

        assert keyring.codes == identity.CHECKS_PER_CODE
        answered = [view.goto for view in views if "code_wrong" in view.goto]
        assert sorted(answered) == [f"c?said=code_wrong&left={left}" for left in (1, 2, 3, 4)]
        assert firm.one_time_code(post("/c/verify", {**form, "code": code}, customer.cookie)).goto

    def test_twenty_right_codes_at_once_open_one_session(self, firm: Firm):
        """T9, ASVS 6.5.1: a code is used once, however often it arrives."""
        customer, form, code = waiting_for_code(firm)

        views = at_once([verify(firm, form, code, customer.cookie) for _ in range(20)])

        cookies = {view.ticket.digest for view in views if view.goto == "c" and view.ticket}
        assert len(cookies) == 1
        assert {view.goto for view in views} == {"c", "c?said=code_void"}

    def test_a_right_code_among_wrong_ones_opens_at_most_one_session(self, firm: Firm):
        """T4: whoever comes first; the old session is dead for everybody (T8)."""
        customer, form, code = waiting_for_code(firm)
        tries = [code if each % 10 == 0 else wrong(code) for each in range(FIFTY)]

        views = at_once([verify(firm, form, each, customer.cookie) for each in tries])

        proved = [view for view in views if view.goto == "c"]
        assert len(proved) <= 1
        if proved:
            customer.get("c")
            assert customer.status == 401

    def test_however_many_requests_for_a_code_at_once_send_three(self, firm: Firm):
        """T19: a message is claimed before it is sent."""
        touched(firm, 1)
        customer = opened(firm)
        form = customer.page.forms[0].hidden
        cookie = customer.cookie

        at_once([lambda: ask(firm, post("/c/code", form, cookie)) for _ in range(self.askers)])

        assert len(firm.senders[Channel.SMS].outbox) <= identity.CODES_PER_LINK
        for _ in range(identity.CODES_PER_LINK + 1):
            ask(firm, post("/c/code", form, cookie))
        assert len(firm.senders[Channel.SMS].outbox) == identity.CODES_PER_LINK

    def test_however_many_browsers_on_one_link_share_its_codes(self, firm: Firm):
        """T4, T19: sessions multiply no budget; one owner hears of it, once."""
        case_id = touched(firm, 1)
        browsers = [opened(firm) for _ in range(5)]
        posts = [post("/c/code", each.page.forms[0].hidden, each.cookie) for each in browsers]

        at_once([lambda visit=visit: ask(firm, visit) for visit in posts * (self.askers // 5)])
        for visit in posts:
            ask(firm, visit)

        assert len(firm.senders[Channel.SMS].outbox) == identity.CODES_PER_LINK
        handoffs = firm.table.query(f"CASE#{case_id}", "HANDOFF#")
        assert [each["reason"] for each in handoffs] == ["identity_failed"]
