"""What a code proves is said honestly, and large agreements take a second road (SECURITY 2.2)."""

from __future__ import annotations

import pytest

from closeloop.application import case_file
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Assurance, Channel
from tests.fakes.customer import Customer
from tests.fakes.firm import Firm
from tests.fakes.intruder import (
    ask_for_code,
    opened,
    rows,
    touched,
    wrong,
)

LARGE = 60000  # above `independent_above_minor` of the real blueprint
TOUCH_OF = {Channel.EMAIL: 1, Channel.SMS: 2, Channel.WHATSAPP: 3}


def assurance_of(customer: Customer) -> str:
    (session,) = (row for key, row in rows(customer.firm).items() if key.pk.startswith("SESSION#"))
    return session["assurance"]


def agree(customer: Customer, action: str = "instalment_plan") -> None:
    customer.get(f"c/act/{action}")
    form = customer.form(f"c/act/{action}")
    customer.submit(form, choice=form.fields[0].options[0].value)


def evidence_of(customer: Customer) -> dict[str, str]:
    (row,) = (row for key, row in rows(customer.firm).items() if key.sk.startswith("SUBMISSION#"))
    return row["evidence"]


@pytest.mark.parametrize(
    ("link_by", "code_by", "proves"),
    [
        (Channel.EMAIL, Channel.SMS, Assurance.CODE_INDEPENDENT_CHANNEL),
        (Channel.EMAIL, Channel.EMAIL, Assurance.CODE_SAME_CHANNEL),
        (Channel.SMS, Channel.SMS, Assurance.CODE_SAME_CHANNEL),
        (Channel.SMS, Channel.EMAIL, Assurance.CODE_INDEPENDENT_CHANNEL),
        (Channel.WHATSAPP, Channel.SMS, Assurance.CODE_SAME_CHANNEL),
        (Channel.WHATSAPP, Channel.EMAIL, Assurance.CODE_INDEPENDENT_CHANNEL),
    ],
)
def test_link_and_code_on_one_phone_or_mailbox_are_one_factor(
    link_by: Channel, code_by: Channel, proves: Assurance
):
    """SECURITY 2.2, ASVS 6.6.1: possession of one number, shown twice, is shown once."""
    firm = Firm()
    touched(firm, TOUCH_OF[link_by])
    customer = opened(firm, link_by)

    customer.prove(code_by)

    assert assurance_of(customer) == proves.value


def test_a_large_plan_after_link_and_code_by_sms_needs_a_code_by_email_and_is_then_accepted():
    """ASVS 7.5.3: the whole step-up, with a slip of the finger on the way."""
    firm = Firm()
    case_id = touched(firm, 2, amount_minor=LARGE)
    customer = opened(firm, Channel.SMS)
    customer.prove(Channel.SMS)
    first_cookie = customer.cookie

    customer.get("c/act/instalment_plan")
    assert customer.page.name == "prove_more"
    assert [form.hidden["channel"] for form in customer.page.forms] == ["email"]

    code = ask_for_code(customer, Channel.EMAIL)
    assert customer.page.name == "code"
    customer.submit(customer.form("c/verify"), code=wrong(code))
    assert customer.page.name == "code"
    assert "4 more times" in customer.page.alert
    customer.submit(customer.form("c/verify"), code=code)

    assert customer.page.name == "choose"
    assert assurance_of(customer) == "code_independent_channel"
    agree(customer)
    assert customer.page.name == "received"
    case = case_file.load(firm.table, case_id)
    assert case is not None
    assert case.status is CaseStatus.SUBMITTED
    assert evidence_of(customer)["assurance"] == "code_independent_channel"
    replayed = Customer(firm, cookie=first_cookie)
    replayed.get("c")
    assert replayed.status == 401  # the session of the first code ended with the second (T8)


def test_a_code_by_sms_is_independent_at_once_for_a_link_by_email():
    firm = Firm()
    touched(firm, 1, amount_minor=LARGE)
    customer = opened(firm, Channel.EMAIL)
    customer.prove(Channel.SMS)

    agree(customer)

    assert customer.page.name == "received"
    assert evidence_of(customer)["assurance"] == "code_independent_channel"


def test_a_form_for_a_large_plan_is_refused_while_only_one_road_was_proved():
    """T10, T11: a form of a session that proved enough is worth nothing to one that did not."""
    firm = Firm()
    touched(firm, 2, amount_minor=LARGE)
    weak = opened(firm, Channel.SMS)
    strong = opened(firm, Channel.SMS)
    weak.prove(Channel.SMS)
    strong.prove(Channel.EMAIL)
    strong.get("c/act/instalment_plan")
    form = strong.form("c/act/instalment_plan")
    weak.get("c/act/ask_for_person")
    own = weak.form("c/act/ask_for_person").hidden

    for hidden in (form.hidden, {**form.hidden, "csrf": own["csrf"]}, own):
        weak.post("c/act/instalment_plan", {**hidden, "choice": form.fields[0].options[0].value})

    assert weak.status in {403, 409}
    assert not [key for key in rows(firm) if key.sk.startswith("SUBMISSION#")]


def test_a_customer_at_the_second_code_can_go_back_to_what_needs_only_one():
    firm = Firm()
    touched(firm, 2, amount_minor=LARGE)
    customer = opened(firm, Channel.SMS)
    customer.prove(Channel.SMS)
    customer.get("c/act/instalment_plan")
    ask_for_code(customer, Channel.EMAIL)

    assert {way.href for way in customer.page.ways} == {"c/act/ask_for_person", "c"}
    customer.get("c")

    assert customer.page.name == "choose"


def test_a_second_code_is_offered_only_by_the_road_that_would_prove_more():
    firm = Firm()
    touched(firm, 2, amount_minor=LARGE)
    customer = opened(firm, Channel.SMS)
    customer.prove(Channel.SMS)
    customer.get("c/act/instalment_plan")
    ask_for_code(customer, Channel.EMAIL)

    offered = [form for form in customer.page.forms if form.action == "c/code"]

    assert [form.hidden["channel"] for form in offered] == ["email"]


def test_a_code_by_the_same_road_again_lifts_nobody_over_the_limit():
    """A second code by SMS proves the phone again and nothing else."""
    firm = Firm()
    touched(firm, 2, amount_minor=LARGE)
    customer = opened(firm, Channel.SMS)
    customer.prove(Channel.SMS)
    customer.get("c/act/instalment_plan")
    again = {**customer.page.forms[0].hidden, "channel": "sms"}
    customer.post("c/code", again)
    customer.submit(customer.form("c/verify"), code=customer.code(Channel.SMS))

    customer.get("c/act/instalment_plan")

    assert assurance_of(customer) == "code_same_channel"
    assert customer.page.name == "prove_more"
