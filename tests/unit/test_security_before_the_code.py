"""Whoever holds a link and has proved nothing learns nothing (SECURITY T3, CONC 7.9.7R)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from closeloop.domain.identity import Channel
from closeloop.domain.policy import PolicyDecision
from tests.fakes.firm import Firm
from tests.fakes.intruder import DEBT, PERSONAL, opened, touched, words_on

if TYPE_CHECKING:
    from tests.fakes.customer import Customer

ACTIONS = ("instalment_plan", "promise_to_pay", "dispute", "ask_for_person", "no_such_action")
STRAY = ("c", "c?said=code_sent", "c?said=code_wrong&left=1", "c?said=not_sent", "c/status")


def assert_tells_nothing(customer: Customer) -> None:
    for view in customer.views:
        for secret in (*PERSONAL, *DEBT):
            assert secret not in words_on(view), (secret, view)


@pytest.mark.parametrize("amount", [12000, 60000, 400000, 100])
@pytest.mark.parametrize("channel", list(Channel))
def test_no_page_names_person_or_debt_before_a_code_was_right(amount: int, channel: Channel):
    """T3: every page there is, for small, large, too large and too small a debt."""
    firm = Firm()
    touched(firm, 1 + list(Channel).index(channel), amount_minor=amount)
    visitor = opened(firm, channel)

    for path in (*STRAY, *(f"c/act/{action}" for action in ACTIONS)):
        visitor.get(path)
    for form in list(visitor.page.forms):
        visitor.submit(form)

    debt = f"{amount / 100:,.2f}"
    assert_tells_nothing(visitor)
    assert not any(debt in words_on(view) for view in visitor.views)


def test_somebody_unproved_who_wants_a_plan_is_asked_for_a_code_and_not_told_the_amount():
    """T3: the page that asks for a second proof names the debt, so it never comes first."""
    firm = Firm()
    touched(firm, 1)
    visitor = opened(firm)

    visitor.get("c/act/instalment_plan")

    assert visitor.page.name == "prove"
    assert_tells_nothing(visitor)


def test_a_refusal_between_page_and_submit_tells_somebody_unproved_nothing(
    monkeypatch: pytest.MonkeyPatch,
):
    """T3, T29: the policy breaks after the form was shown; the way out names no amount either."""
    firm = Firm()
    touched(firm, 1)
    visitor = opened(firm)
    visitor.get("c/act/dispute")
    form = visitor.form("c/act/dispute")

    refusal = PolicyDecision(allowed=False, forbidden_by=("x",), reasons=("outside_policy",))
    monkeypatch.setattr("closeloop.adapters.cedar_policy.CedarPolicy.decide", lambda *_: refusal)
    visitor.submit(form, choice="not_mine")

    assert visitor.page.name == "prove"
    assert_tells_nothing(visitor)
