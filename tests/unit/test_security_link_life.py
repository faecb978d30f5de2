"""How long a link lives: days, renewed in place a few times, dead with its case (SECURITY 2.3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from closeloop.application.case_file import STUCK_GRACE
from closeloop.application.visits import Visit
from closeloop.domain import identity
from closeloop.domain.blueprint import Reason
from closeloop.domain.identity import Channel
from closeloop.domain.instants import from_text
from tests.crashes.core_facts import protection, settlement, withdrawal
from tests.fakes.customer import Customer
from tests.fakes.firm import Firm
from tests.fakes.intruder import (
    DEBT,
    PERSONAL,
    ask,
    counted,
    links,
    opened,
    post,
    rows,
    touched,
    words_on,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from closeloop.application.ports import Change
    from closeloop.application.visits import View


def renew(firm: Firm, text: str, *, foreign: bool = False) -> View:
    return ask(firm, Visit("POST", "/c/renew", form={"link": text}, foreign=foreign))


def enter(firm: Firm, text: str) -> Customer:
    customer = Customer(firm)
    customer.open(text)
    return customer


def renewals(firm: Firm) -> int:
    (row,) = (row for key, row in rows(firm).items() if key.pk.startswith("LINK#"))
    return row.get("renewals", 0)


def expired_link(firm: Firm) -> str:
    touched(firm, 1)
    (text,) = links(firm)
    firm.clock.at += identity.LINK_LIFE
    return text


def settle(firm: Firm, _: str) -> None:
    firm.open_case(settlement(2))


def withdraw(firm: Firm, _: str) -> None:
    firm.open_case(withdrawal(2))


def hand_off(firm: Firm, case_id: str) -> None:
    firm.hand_off(case_id, Reason.FRAUD_SIGNAL)


def run_out(firm: Firm, case_id: str) -> None:
    firm.hand_off(case_id, Reason.NO_RESPONSE)


def resolve(firm: Firm, _: str) -> None:
    customer = opened(firm)
    customer.prove()
    customer.get("c/act/instalment_plan")
    form = customer.form("c/act/instalment_plan")
    customer.submit(form, choice=form.fields[0].options[0].value)
    message = firm.queue.take()
    firm.writeback(message["case"], message["submission"], lambda: timedelta(minutes=5))


ENDINGS = [settle, withdraw, hand_off, run_out, resolve]


def test_a_link_opens_for_three_days_and_then_offers_to_be_renewed_in_place():
    """ASVS 6.5.5: nothing is sent for it, so an old link can cause no message (T19)."""
    firm = Firm()
    text = expired_link(firm)
    sent = len(firm.senders[Channel.EMAIL].outbox)

    late = enter(firm, text)
    assert late.page.name == "expired"
    assert late.status == 410
    assert late.cookie == ""
    late.submit(late.form("c/renew"))
    assert late.page.name == "renewed"
    late.submit(late.page.forms[0])

    assert late.page.name == "prove"
    assert len(firm.senders[Channel.EMAIL].outbox) == sent


def test_a_link_still_opens_in_the_last_second_of_its_life():
    firm = Firm()
    text = expired_link(firm)
    firm.clock.advance(seconds=-1)

    assert enter(firm, text).page.name == "prove"


def test_the_pages_of_an_expired_link_tell_nothing():
    """T3."""
    firm = Firm()
    text = expired_link(firm)
    views = [*enter(firm, text).views, renew(firm, text)]

    assert not [word for view in views for word in (*PERSONAL, *DEBT) if word in words_on(view)]


def test_a_link_is_renewed_no_more_than_three_times():
    """SECURITY 2.3: the case's deadline is out of the way, so only the count can refuse."""
    firm = Firm(time_scale=1)
    text = expired_link(firm)
    key = next(key for key in rows(firm) if key.sk == "CASE")
    firm.table.items[key]["deadline_at"] = "2027-06-01T00:00:00.000000Z"  # pyright: ignore[reportAttributeAccessIssue]

    names = []
    for _ in range(identity.RENEWALS_PER_LINK + 1):
        view = renew(firm, text)
        names.append(view.page.name if view.page else view.name)
        firm.clock.at += identity.LINK_LIFE

    assert names == ["renewed", "renewed", "renewed", "not_available"]


def test_a_renewal_does_not_outlive_the_case():
    """A stuck case is no reason for a link without end: deadline and one day, then no more."""
    firm = Firm()
    text = expired_link(firm)
    (case,) = (row for key, row in rows(firm).items() if key.sk == "CASE")
    last = from_text(case["deadline_at"]) + STUCK_GRACE
    for _ in range(2):
        renew(firm, text)
        firm.clock.at += identity.LINK_LIFE
    (row,) = (row for key, row in rows(firm).items() if key.pk.startswith("LINK#"))
    assert from_text(row["until"]) == last
    firm.clock.at = last

    assert renew(firm, text).name == "not_available"
    assert renewals(firm) == 2


def test_renewing_a_link_that_lives_costs_none_of_its_renewals():
    firm = Firm()
    touched(firm, 1)
    (text,) = links(firm)

    views = [renew(firm, text) for _ in range(10)]

    assert {view.page.name for view in views if view.page} == {"renewed"}
    assert renewals(firm) == 0


def test_twenty_presses_of_the_button_at_once_are_one_renewal():
    """T9, ASVS 15.4.2."""
    firm = Firm()
    text = expired_link(firm)

    with ThreadPoolExecutor(20) as pool:
        views = list(pool.map(lambda _: renew(firm, text), range(20)))

    assert {view.page.name for view in views if view.page} == {"renewed"}
    assert renewals(firm) == 1


def test_a_renewal_overtaken_by_another_is_one_renewal(monkeypatch: pytest.MonkeyPatch):
    """T9, ASVS 15.4.2: the second press has read the old end when the first one writes."""
    firm = Firm()
    text = expired_link(firm)
    write = firm.table.write

    def overtaken(*changes: Change) -> None:
        monkeypatch.undo()
        assert renew(firm, text).page
        write(*changes)

    monkeypatch.setattr(firm.table, "write", overtaken)
    view = renew(firm, text)

    assert view.page is not None
    assert view.page.name == "renewed"
    assert renewals(firm) == 1


def test_another_site_can_neither_open_nor_renew_a_link():
    """T6."""
    firm = Firm()
    text = expired_link(firm)

    with counted(firm) as made:
        assert renew(firm, text, foreign=True).status == 403
        opening = Visit("POST", "/c/{link}", link=text, foreign=True)
        assert ask(firm, opening).status == 403
    assert made == []


def test_a_locked_link_is_not_renewed():
    """T4: renewal gives no new codes."""
    firm = Firm()
    touched(firm, 1)
    (text,) = links(firm)
    holder = opened(firm)
    form = holder.page.forms[0]
    for _ in range(4):
        holder.submit(form)
    firm.clock.at += identity.LINK_LIFE

    assert renew(firm, text).name == "not_available"
    assert renewals(firm) == 0


def test_a_renewed_link_has_no_new_codes():
    """T4, T19: three codes per link, whatever becomes of its life."""
    firm = Firm()
    touched(firm, 1)
    (text,) = links(firm)
    holder = enter(firm, text)
    form = holder.page.forms[0]
    for _ in range(3):
        holder.submit(form)
    firm.clock.at += identity.LINK_LIFE
    renew(firm, text)
    again = enter(firm, text)
    again.submit(again.page.forms[0])

    assert again.views[-1].name == "used_up"


@pytest.mark.parametrize("end", ENDINGS)
def test_a_link_dies_with_its_case(end: Callable[[Firm, str], None]):
    """7.4.1, T1: it opens no code, no action and nothing personal, and is renewed no more."""
    firm = Firm()
    case_id = touched(firm, 1)
    (text,) = links(firm)
    end(firm, case_id)
    codes = [len(sender.outbox) for sender in firm.senders.values()]
    audit = [key for key in rows(firm) if key.pk == f"CASE#{case_id}"]

    visitor = enter(firm, text)
    visitor.get("c")
    key = firm.keyring.session_key()
    ticket = firm.door.ticket(Visit("GET", "/c", cookie=visitor.cookie))
    assert ticket is not None
    csrf = {"csrf": ticket.csrf(key)}
    for path in ("c/act/instalment_plan", "c/act/dispute", "c/status", "c?said=code_sent"):
        visitor.get(path)
    visitor.post("c/code", {**csrf, "channel": "sms"})
    visitor.post("c/act/dispute", {**csrf, "version": "1", "choice": "not_mine", "form_id": "x"})

    assert {view.page.name for view in visitor.views if view.page} <= {"closed", "handed_off"}
    for view in visitor.views:
        assert not [word for word in (*PERSONAL, *DEBT) if word in words_on(view)]
        assert "raud" not in words_on(view)  # nor which desk it went to
        assert view.page is None or view.page.forms == ()
    assert [len(sender.outbox) for sender in firm.senders.values()] == codes
    assert [key for key in rows(firm) if key.pk == f"CASE#{case_id}"] == audit
    firm.clock.at += identity.LINK_LIFE
    assert renew(firm, text).name == "not_available"


@pytest.mark.parametrize("end", [settle, withdraw, hand_off])
def test_whoever_was_inside_when_the_case_ended_can_do_nothing_more(
    end: Callable[[Firm, str], None],
):
    """7.4.1, F36: with a form of the open case in hand, and with a code on its way."""
    firm = Firm()
    case_id = touched(firm, 1)
    proved, waiting = opened(firm), opened(firm)
    proved.prove()
    proved.get("c/act/instalment_plan")
    form = proved.form("c/act/instalment_plan")
    waiting.submit(waiting.page.forms[0])
    typed = waiting.form("c/verify")
    end(firm, case_id)

    proved.submit(form, choice=form.fields[0].options[0].value)
    waiting.submit(typed, code=waiting.code(Channel.SMS))
    waiting.get("c/act/instalment_plan")

    assert {proved.page.name, waiting.page.name} <= {"closed", "handed_off"}
    assert not [key for key in rows(firm) if key.sk.startswith("SUBMISSION#")]


def test_a_paused_case_shows_that_it_is_paused_and_takes_no_code():
    """CONC 7.9.7R: a protected person is not asked for anything."""
    firm = Firm()
    touched(firm, 1)
    firm.open_case(protection(1, active=True))

    visitor = opened(firm)
    assert visitor.page.name == "paused"
    ticket = firm.door.ticket(Visit("GET", "/c", cookie=visitor.cookie))
    assert ticket is not None
    form = {"csrf": ticket.csrf(firm.keyring.session_key()), "channel": "sms"}
    view = ask(firm, post("/c/code", form, visitor.cookie))

    assert view.goto == "c"
    assert firm.senders[Channel.SMS].outbox == []
