"""What policy does not offer ends with a person who knows which rule stood in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop.application import case_file
from closeloop.application.send_touch import Step
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Channel
from tests.fakes.customer import Customer, contacted, identified
from tests.fakes.firm import Firm, payment_failed
from tests.fakes.outside import person

if TYPE_CHECKING:
    from closeloop.application.pages import Form

ASK = "c/act/ask_for_person"


def handoffs(firm: Firm, case_id: str) -> list[dict[str, Any]]:
    return firm.table.query(f"CASE#{case_id}", "HANDOFF#")


def asked(customer: Customer) -> Form:
    customer.get(ASK)
    return customer.form(ASK)


def test_a_customer_for_whom_policy_has_no_offer_reaches_the_owner_of_the_rule():
    firm = Firm()
    case_id, customer = identified(firm, country="FR")

    form = asked(customer)
    customer.submit(form, choice=form.fields[0].options[0].value)

    (handoff,) = handoffs(firm, case_id)
    assert handoff["reason"] == "outside_policy"
    assert "country_not_covered" in handoff["context"]["forbidden_by"]["instalment_plan"]


def test_a_customer_who_would_rather_talk_reaches_the_owner_of_such_wishes():
    firm = Firm()
    case_id, customer = identified(firm)

    form = asked(customer)
    customer.submit(form, choice=form.fields[0].options[0].value)

    (handoff,) = handoffs(firm, case_id)
    assert handoff["reason"] == "asked_for_person"


def test_a_message_claimed_while_the_customer_submits_does_not_undo_the_submit():
    """F18: the audit chain moved, nothing that the customer saw did."""
    firm = Firm()
    case_id, customer = identified(firm)
    plan = customer.form("c/act/instalment_plan")
    real_write = firm.table.write
    interrupted: list[str] = []

    def touch_first(*changes: Any) -> None:
        if not interrupted:
            interrupted.append("touch")
            firm.send_touch(Step(case_id, 2, firm.journey.wait(case_id)))
        real_write(*changes)

    firm.table.write = touch_first
    customer.submit(plan, choice=plan.fields[0].options[0].value)

    assert interrupted
    assert customer.page.name == "received"
    assert len(firm.queue.sent) == 1


def test_a_customer_without_any_address_goes_to_an_owner_at_once():
    firm = Firm()
    firm.core.contact = person(email=None, phone=None, whatsapp=None)

    case_id, _ = contacted(firm)

    case = case_file.load(firm.table, case_id)
    assert case is not None
    assert case.status is CaseStatus.HANDED_OFF
    assert [each["reason"] for each in handoffs(firm, case_id)] == ["missing_data"]
    assert firm.journey.told[-1].outcome == "handed_off"


def test_a_customer_nobody_knows_when_to_write_to_goes_to_an_owner_at_once():
    """An unknown zone fails closed, and waiting longer would not make it known."""
    firm = Firm()
    firm.core.contact = person(time_zones=("Mars/Olympus",), country="ZZ")

    case_id, _ = contacted(firm)

    assert [each["reason"] for each in handoffs(firm, case_id)] == ["missing_data"]
    assert not any(sender.outbox for sender in firm.senders.values())


def test_a_missing_address_on_one_channel_only_moves_on_to_the_next():
    firm = Firm()
    firm.core.contact = person(email=None)
    firm.open_case(payment_failed())
    case_id = firm.journey.started[-1].case_id

    done = firm.send_touch(Step(case_id, 1, firm.journey.token(case_id) or ""))

    assert done == "next"
    assert not firm.senders[Channel.EMAIL].outbox
