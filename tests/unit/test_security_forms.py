"""Forms are wishes: signed for one session, action and version, and computed again (T9, T10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.domain.session import new_ticket, read_form_id
from tests.fakes.customer import Customer, identified
from tests.fakes.firm import Firm
from tests.fakes.intruder import ask, ask_for_code, opened, post, rows, touched

if TYPE_CHECKING:
    from typing import Any

    from closeloop.application.visits import View

PLAN = "instalment_plan"


def plan(customer: Customer, action: str = PLAN) -> dict[str, str]:
    """The fields of a plan that would be accepted."""
    customer.get(f"c/act/{action}")
    form = customer.form(f"c/act/{action}")
    return {**form.hidden, "choice": form.fields[0].options[0].value}


def send(customer: Customer, form: dict[str, str], action: str = PLAN) -> View:
    return ask(customer.firm, post("/c/act/{action}", form, customer.cookie, action=action))


def submissions(firm: Firm) -> list[dict[str, Any]]:
    return [row for key, row in rows(firm).items() if key.sk.startswith("SUBMISSION#")]


# --- signed


@pytest.mark.parametrize("other", ["session", "action", "version", "nonce", "tag", "key"])
def test_a_form_id_is_good_for_its_own_session_action_and_version_only(other: str):
    """R2, T9, ASVS 9.1.1."""
    firm = Firm()
    _, customer = identified(firm)
    form = plan(customer)
    key = firm.keyring.session_key()
    nonce, tag = form["form_id"].split(".")
    (session,) = (key.pk for key in rows(firm) if key.pk.startswith("SESSION#"))
    ticket = customer.views[-1].ticket
    assert ticket is not None
    assert session.endswith(ticket.digest)
    assert read_form_id(form["form_id"], ticket, PLAN, 1, key) == nonce
    changed = {
        "session": (form["form_id"], new_ticket(ticket.case), PLAN, 1, key),
        "action": (form["form_id"], ticket, "promise_to_pay", 1, key),
        "version": (form["form_id"], ticket, PLAN, 2, key),
        "nonce": (f"{'0' * 32}.{tag}", ticket, PLAN, 1, key),
        "tag": (f"{nonce}.{'0' * 32}", ticket, PLAN, 1, key),
        "key": (form["form_id"], ticket, PLAN, 1, b"x" * 32),
    }

    assert read_form_id(*changed[other]) is None


@given(st.text(max_size=80))
def test_no_text_is_a_form_id_unless_we_signed_it(text: str):
    assert read_form_id(text, new_ticket("CASE"), PLAN, 1, b"k" * 32) is None


@pytest.mark.parametrize("version", ["", "0", "2", "01", "1 ", "-1", "1.0", "\u0661", "9" * 5_000])
def test_a_version_that_is_not_the_pages_own_is_refused_with_the_page_anew(version: str):
    """F36, T10: the last of them is longer than Python would read as a number."""
    firm = Firm()
    _, customer = identified(firm)
    form = plan(customer) | {"version": version}

    view = send(customer, form)

    assert view.status == 409
    assert submissions(firm) == []


def test_a_form_of_another_action_submits_neither():
    """T11."""
    firm = Firm()
    _, customer = identified(firm)
    promise = plan(customer, "promise_to_pay")
    instalments = plan(customer)

    crossed = send(customer, {**promise, "choice": instalments["choice"]})
    unknown = send(customer, instalments, "no_such_action")

    assert crossed.status == 409
    assert unknown.goto == "c"
    assert submissions(firm) == []


# --- once


def test_the_same_form_again_shows_the_same_receipt_and_submits_nothing_more():
    """T9, F07, ASVS 2.3.3."""
    firm = Firm()
    _, customer = identified(firm)
    form = plan(customer)

    views = [send(customer, form) for _ in range(3)]

    assert [view.goto for view in views] == ["c/status"] * 3
    assert len(submissions(firm)) == 1
    assert len(firm.queue.sent) == 1


def test_the_same_form_with_another_choice_is_refused_and_changes_nothing():
    """T9, F35: what was agreed first stands."""
    firm = Firm()
    _, customer = identified(firm)
    form = plan(customer)
    other = customer.form(f"c/act/{PLAN}").fields[0].options[1].value
    send(customer, form)
    before = submissions(firm)

    view = send(customer, {**form, "choice": other})

    assert view.status == 409
    assert submissions(firm) == before


def test_a_second_form_after_the_first_was_accepted_submits_nothing():
    """T9: two tabs, two forms, one submission."""
    firm = Firm()
    _, customer = identified(firm)
    first, second = plan(customer), plan(customer, "promise_to_pay")
    send(customer, first)

    view = send(customer, second, "promise_to_pay")

    assert view.goto in {"c/status", ""}
    assert len(submissions(firm)) == 1


# --- wishes


def test_a_choice_that_was_not_offered_is_no_choice():
    """T10: the schedule is computed again; nothing in the id is trusted."""
    firm = Firm()
    _, customer = identified(firm)
    form = plan(customer)
    kind, year, month, day, digest = form["choice"].split("-")
    tampered = [
        "",
        f"99x-{year}-{month}-{day}-{digest}",
        f"{kind}-2030-{month}-{day}-{digest}",
        f"{kind}-{year}-{month}-{day}-{'0' * 12}",
        form["choice"].upper(),
        form["choice"] + " ",
        "1x-2026-12-01-000000000000",
        '{"total_minor": 1}',
        "../../etc/passwd",
    ]

    statuses = [send(customer, {**form, "choice": choice}).status for choice in tampered]

    assert statuses[0] == 422
    assert set(statuses[1:]) == {409}
    assert submissions(firm) == []


EXTRA = {
    "amount": "1",
    "amount_minor": "1",
    "total_minor": "1",
    "effect": '{"total_minor":1}',
    "assurance": "passkey",
    "case": "OTHER",
    "case_id": "OTHER",
    "customer_id": "C-2",
    "status": "resolved",
    "system": "elsewhere",
    "operation": "write_off",
    "proved_by": "me",
    "instalments": "[]",
    "to": "+15550100",
    "__proto__": "x",
}


def accepted(extra: dict[str, str]) -> dict[str, Any]:
    """What is stored of one submission of which only ids and instants may differ."""
    firm = Firm()
    _, customer = identified(firm)
    send(customer, {**extra, **plan(customer)})
    (row,) = submissions(firm)
    evidence = {name: value for name, value in row["evidence"].items() if name != "proved_by"}
    return {name: row[name] for name in ("about", "effect", "expected", "system", "operation")} | {
        "evidence": evidence
    }


def test_fields_that_no_form_of_ours_has_change_nothing():
    """T10, ASVS 15.3.3: a submission is made of our offer, never of what was posted beside it."""
    assert accepted(EXTRA) == accepted({})


@given(
    st.dictionaries(
        st.sampled_from(["csrf", "form_id", "version", "choice", *EXTRA]), st.text(max_size=40)
    )
)
@settings(max_examples=60, deadline=None)
def test_no_form_made_up_by_an_attacker_submits_anything(form: dict[str, str]):
    """T10: with a session, but without a form that we gave to it."""
    customer = Shared.customer()

    view = send(customer, form)

    assert view.status == 403
    assert submissions(customer.firm) == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_spoiling_any_field_of_a_good_form_submits_nothing(data: st.DataObject):
    """T10, T6."""
    customer = Shared.customer()
    form = plan(customer)
    name = data.draw(st.sampled_from(sorted(form)))
    spoilt = data.draw(st.text(max_size=60).filter(lambda text: text != form[name]))

    view = send(customer, {**form, name: spoilt})

    assert view.status in {403, 409, 422}
    assert submissions(customer.firm) == []


class Shared:
    """One customer for many examples that must change nothing."""

    _one: Customer | None = None

    @classmethod
    def customer(cls) -> Customer:
        if cls._one is None:
            _, cls._one = identified(Firm())
        return cls._one


# --- where codes go


@given(
    st.dictionaries(
        st.sampled_from(["to", "phone", "email", "address", "channel", "number"]),
        st.text(max_size=30),
    )
)
@settings(max_examples=60, deadline=None)
def test_no_posted_field_decides_where_a_code_goes(form: dict[str, str]):
    """T19, ASVS 6.6.1: codes go to the core's own record, or nowhere."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    reached = {message.to for sender in firm.senders.values() for message in sender.outbox}
    own = customer.page.forms[0].hidden

    ask(firm, post("/c/code", {**own, **form}, customer.cookie))

    sent_to = {message.to for sender in firm.senders.values() for message in sender.outbox}
    assert sent_to <= reached | {firm.core.contact.phone, firm.core.contact.email}


@pytest.mark.parametrize("channel", ["whatsapp", "voice", "", "SMS", "sms,email", "+15550100"])
def test_a_channel_that_carries_no_codes_carries_none(channel: str):
    """T19."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    before = rows(firm)

    own = customer.page.forms[0].hidden
    view = ask(firm, post("/c/code", {**own, "channel": channel}, customer.cookie))

    assert view.goto == "c?said=no_address"
    assert rows(firm) == before


# --- card numbers


PANS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "5500-0000-0000-0004",
    "340000000000009",
    "30000000000004",
    "6011000000000004",
    "3530111333300000",
]


@pytest.mark.parametrize("pan", PANS)
def test_a_card_number_typed_anywhere_is_kept_nowhere(pan: str):
    """T21: there is no free text; whatever is typed into what there is, is compared and dropped."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    ask_for_code(customer)
    customer.submit(customer.form("c/verify"), code=pan)
    customer.get("c/act/ask_for_person")
    form = customer.form("c/act/ask_for_person")
    for name in ("choice", "form_id", "version", "note", "card"):
        customer.submit(form, **{name: pan})

    digits = "".join(sign for sign in pan if sign.isdigit())
    kept = "".join(sign for sign in repr(rows(firm)) if sign not in " -")
    shown = repr([view.page for view in customer.views])
    assert digits not in kept
    assert pan not in shown
    assert not [
        field
        for view in customer.views
        if view.page
        for form in view.page.forms
        for field in form.fields
        if not field.options and field.name != "code"
    ]
