"""How little may be tried with codes: per code, per link, per address and day (SECURITY 2.4)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from closeloop.application import case_file
from closeloop.application.send_touch import Step
from closeloop.domain import identity
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Channel
from tests.fakes.customer import Customer
from tests.fakes.firm import Firm
from tests.fakes.intruder import (
    ask,
    ask_for_code,
    counted,
    links,
    opened,
    post,
    rows,
    touched,
    wrong,
)

SMS, EMAIL = Channel.SMS, Channel.EMAIL


def codes_sent(firm: Firm) -> int:
    """How many messages with a code went out."""
    texts = [str(each.parts) for sender in firm.senders.values() for each in sender.outbox]
    return len([text for text in texts if re.search(r"\b\d{6}\b", text)])


def type_code(customer: Customer, code: str) -> None:
    customer.submit(customer.form("c/verify"), code=code)


def fail(customer: Customer, times: int, channel: Channel = SMS) -> str:
    """Ask for a code and type it wrong so many times; return the right one."""
    code = ask_for_code(customer, channel)
    for _ in range(times):
        type_code(customer, wrong(code))
    return code


def handoffs(firm: Firm, case_id: str) -> list[str]:
    found = (row for key, row in rows(firm).items() if key.sk.startswith("HANDOFF#"))
    return [row["reason"] for row in found if row["case"] == case_id]


@pytest.mark.parametrize(
    ("age", "page"),
    [(timedelta(minutes=4, seconds=59), "choose"), (timedelta(minutes=5, seconds=1), "code")],
)
def test_a_code_works_for_five_minutes_and_not_for_one_second_more(age: timedelta, page: str):
    """ASVS 6.5.5, T4: the visitor stays awake meanwhile, so that only the code can be too old."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    code = ask_for_code(customer)
    firm.clock.advance(minutes=2)
    customer.get("c")
    firm.clock.at += age - timedelta(minutes=2)

    type_code(customer, code)

    assert customer.page.name == page
    if page == "code":
        assert "no longer works" in customer.page.alert


def test_a_code_is_too_old_at_the_very_end_of_its_fifth_minute():
    """ASVS 6.5.5: the limit itself is outside."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    code = ask_for_code(customer)
    firm.clock.advance(minutes=5)

    type_code(customer, code)

    assert customer.page.name == "code"


def test_a_used_code_is_refused():
    """ASVS 6.5.1, T9."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    code = ask_for_code(customer)
    form, cookie = customer.form("c/verify"), customer.cookie
    type_code(customer, code)
    before = rows(firm)

    again = ask(firm, post("/c/verify", {**form.hidden, "code": code}, cookie))

    assert again.goto == "c?said=code_void"
    assert rows(firm) == before


def test_a_code_is_checked_five_times_and_then_not_even_the_right_one_counts():
    """T4, ASVS 6.6.3."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    code = fail(customer, identity.CHECKS_PER_CODE)

    type_code(customer, code)

    assert customer.page.name == "code"
    assert "no longer works" in customer.page.alert


def test_a_thousand_requests_for_a_code_send_three():
    """T19: whoever holds a link can cause three messages, and no more by asking harder."""
    firm = Firm()
    case_id = touched(firm, 1)
    customer = opened(firm)
    form, cookie = customer.page.forms[0], customer.cookie

    views = [ask(firm, post("/c/code", form.hidden, cookie)) for _ in range(1_000)]

    assert codes_sent(firm) == identity.CODES_PER_LINK
    assert views[-1].name == "used_up"
    assert views[-1].status == 429
    assert handoffs(firm, case_id) == ["identity_failed"]


def test_more_browsers_on_one_link_share_its_three_codes():
    """T4, T19: a new session is no new budget."""
    firm = Firm()
    touched(firm, 1)
    browsers = [opened(firm) for _ in range(5)]

    for browser in browsers:
        browser.submit(browser.page.forms[0])

    assert codes_sent(firm) == identity.CODES_PER_LINK


def test_a_new_code_gives_no_new_tries_for_the_link():
    """T4: fifteen compares per link in all; the sixteenth has no code to be made against."""
    firm = Firm()
    case_id = touched(firm, 1)
    customer = opened(firm)
    fail(customer, 5, SMS)
    fail(customer, 5, EMAIL)
    fail(customer, 4, SMS)
    assert handoffs(firm, case_id) == []

    type_code(customer, wrong(customer.code(SMS)))

    assert customer.views[-1].name == "used_up"
    assert handoffs(firm, case_id) == ["identity_failed"]


def test_a_newer_code_ends_the_one_before_it():
    """SECURITY 2.2 (OWASP): only the last code that was sent to a session opens anything."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    older = ask_for_code(customer, SMS)
    form = customer.form("c/verify")
    newer = ask_for_code(customer, EMAIL)

    customer.submit(form, code=older)
    assert customer.page.name == "code"
    assert "no longer works" in customer.page.alert

    type_code(customer, newer)
    assert customer.page.name == "choose"


def test_ten_failures_a_day_close_the_number_for_codes_over_all_links_and_cases():
    """T4: two cases, two links; the tenth failure ends it, for the right code as well."""
    firm = Firm()
    touched(firm, 1)
    first = opened(firm)
    touched(firm, 1, obligation_id="INV-2")
    second = opened(firm)
    waiting = ask_for_code(second)
    fail(first, 5)
    right = fail(first, 4)
    type_code(second, wrong(waiting))

    type_code(first, right)
    assert first.page.name == "code"
    type_code(second, waiting)
    assert second.page.name == "code"
    before = codes_sent(firm)
    second.submit(next(form for form in second.page.forms if form.action == "c/code"))

    assert second.views[-1].name == "too_many"
    assert second.status == 429
    assert codes_sent(firm) == before


def test_whoever_has_failed_ten_times_cannot_tell_a_right_code_from_a_wrong_one():
    """ASVS 6.3.8: else a code could be found today and used after midnight."""
    firm = Firm()
    touched(firm, 1)
    first = opened(firm)
    touched(firm, 1, obligation_id="INV-2")
    right_one = opened(firm)
    touched(firm, 1, obligation_id="INV-3")
    wrong_one = opened(firm)
    codes = {each.cookie: ask_for_code(each) for each in (right_one, wrong_one)}
    fail(first, 5)
    fail(first, 5)

    type_code(right_one, codes[right_one.cookie])
    type_code(wrong_one, wrong(codes[wrong_one.cookie]))

    assert right_one.page.alert == wrong_one.page.alert
    assert right_one.page.name == wrong_one.page.name == "code"


def test_another_day_or_another_address_is_not_closed():
    """ASVS 6.1.1: no lockout of a customer that an attacker could keep up."""
    firm = Firm()
    touched(firm, 1)
    first = opened(firm)
    fail(first, 5)
    fail(first, 5)
    touched(firm, 1, obligation_id="INV-2")
    second = opened(firm)

    second.prove(EMAIL)
    assert second.page.name == "choose"

    firm.clock.at = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    third = opened(firm)
    third.prove(SMS)
    assert third.page.name == "choose"


def test_a_code_of_one_session_is_worth_nothing_in_another():
    """ASVS 6.6.2: two browsers on one link; each needs its own code."""
    firm = Firm()
    touched(firm, 1)
    mine, theirs = opened(firm), opened(firm)
    code = ask_for_code(mine)
    challenge = mine.form("c/verify").hidden["challenge"]
    ask_for_code(theirs, EMAIL)
    own = theirs.form("c/verify").hidden

    theirs.post("c/verify", {**own, "code": code})
    assert theirs.page.name == "code"
    theirs.post("c/verify", {**own, "challenge": challenge, "code": code})
    assert theirs.page.name == "code"

    type_code(mine, code)
    assert mine.page.name == "choose"


@pytest.mark.parametrize(
    "stray", ["", "x", "../CASE", "0" * 32, "F" * 32, "9" * 5_000, "é" * 32, "0" * 31 + "\n"]
)
def test_a_challenge_that_never_was_costs_at_most_one_call_and_says_nothing(stray: str):
    """ASVS 6.3.8: the same answer whatever the id; one that cannot be an id is not looked up."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    ask_for_code(customer)
    form = {**customer.form("c/verify").hidden, "challenge": stray, "code": "000000"}
    before = rows(firm)

    with counted(firm) as made:
        view = ask(firm, post("/c/verify", form, customer.cookie))

    assert view.goto == "c?said=code_void"
    assert made == (["update"] if stray == "0" * 32 else [])
    assert rows(firm) == before


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "٠١٢٣٤٥", "0x1234", "-12345", "9" * 60_000, "'; --", "\x00"]
)
def test_whatever_is_typed_as_a_code_is_one_wrong_code(typed: str):
    """T14, T4."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    ask_for_code(customer)

    type_code(customer, typed)

    assert "4 more times" in customer.page.alert


def test_spaces_that_a_phone_puts_into_a_code_do_no_harm():
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    code = ask_for_code(customer)

    type_code(customer, f" {code[:3]} {code[3:]}\u00a0")

    assert customer.page.name == "choose"


def test_a_link_without_codes_is_locked_and_the_next_message_brings_one_that_works():
    """T4, ASVS 6.1.1: the owner hears of it once, the case stays open, the customer is not shut."""
    firm = Firm()
    case_id = touched(firm, 1)
    first = opened(firm)
    form = first.page.forms[0]
    for _ in range(5):
        first.submit(form)
    late = Customer(firm)
    late.open(links(firm)[-1])
    assert late.views[-1].name == "not_available"
    assert late.status == 404

    firm.clock.advance(days=1)
    firm.send_touch(Step(case_id, 2, firm.journey.wait(case_id)))
    second = opened(firm, SMS)
    second.prove(EMAIL)

    assert second.page.name == "choose"
    assert handoffs(firm, case_id) == ["identity_failed"]
    case = case_file.load(firm.table, case_id)
    assert case is not None
    assert case.status is CaseStatus.OPEN
