"""Links, codes and sessions that run out in the customer's hands: nothing applied, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from closeloop.domain import link as links
from tests.e2e.person import PLAN

if TYPE_CHECKING:
    from tests.e2e.stage import Stage

LONG_AGO = "2026-11-01T09:00:00.000000Z"
CODE_LIFE_S = SESSION_IDLE_S = 300


def test_an_expired_link_is_renewed_in_place_and_costs_no_message(stage: Stage):
    """F34: the link in the customer's hand works again; no new one is sent to anybody.

    The row is aged by hand: where a day takes seconds, a link's 72 hours outlive its case.
    """
    maja = stage.person("maja")
    maja.happens("payment_failed")
    link = maja.link()
    key = f"LINK#{links.digest(link.rpartition('/')[2])}"
    stage.change_row({"pk": key, "sk": key}, until=LONG_AGO)
    with maja.browser() as customer:
        expired = maja.open(customer, link)
        assert expired.status == 410
        assert "__Host-s" not in customer.cookies
        renew = expired.form("c/renew")
        assert renew is not None
        renewed = customer.submit(expired, renew)
        choices = maja.type_code(
            customer,
            *maja.ask_code(customer, customer.submit(renewed, renewed.content.forms[0])),
        )
        maja.choose(customer, choices)
        maja.recorded(customer)
    (row,) = stage.rows(key)
    assert row["renewals"] == 1
    assert len(maja.touches()) == len(maja.case()["touches"])


def test_an_expired_code_proves_nothing_and_a_new_one_does(later: Stage):
    """F34: five minutes; the page stays, says so, and sends another."""
    olga = later.person("olga")
    olga.happens("payment_failed")
    with olga.browser() as customer:
        typing, code = olga.ask_code(customer, olga.open(customer, olga.link()))
        for _ in range(2):  # the page is looked at in between, so that the session lives
            later.advance(CODE_LIFE_S / 2 + 5)
            customer.get("/c")
        late = olga.type_code(customer, typing, code)
        assert "That code no longer works" in late.content.text
        assert "identity_proved" not in [e["kind"] for e in olga.case()["events"]]
        choices = olga.type_code(customer, *olga.ask_code(customer, late))
        olga.choose(customer, choices)
        olga.recorded(customer)
    assert len(olga.journal()) == 1


def test_an_expired_session_applies_nothing_and_keeps_the_choice(later: Stage):
    """F34: 401 with the draft kept; after proving again the same plan is chosen already."""
    karin = later.person("karin")
    karin.happens("payment_failed")
    link = karin.link()
    with karin.browser() as customer:
        form_page = karin.prove(customer, link)
        form = form_page.form(f"/act/{PLAN}")
        assert form is not None
        wanted = form.choices["choice"][2]
        later.advance(SESSION_IDLE_S + 5)
        lost = customer.submit(form_page, form, choice=wanted)
        assert lost.status == 401
        assert karin.case()["submissions"] == []
        assert karin.journal() == []

        choices = karin.prove(customer, link)
        again = choices.form(f"/act/{PLAN}")
        assert again is not None
        assert again.fields["choice"] == wanted
        customer.submit(choices, again)
        karin.recorded(customer)
    (submission,) = karin.case_when("resolved")["submissions"]
    assert submission["evidence"]["input"]["choice"] == wanted
    assert len(karin.journal()) == 1
