"""One case from the core's event to the confirmed record, over the production use cases."""

from __future__ import annotations

from datetime import timedelta

from closeloop.application import case_file
from closeloop.application.send_touch import Step
from closeloop.domain.case import Case, CaseStatus
from closeloop.domain.evidence import Head, Verified, verify
from closeloop.domain.identity import Channel
from closeloop.domain.ledger import Confirmed
from tests.fakes.customer import Customer, contacted, identified
from tests.fakes.firm import Firm


def stands(firm: Firm, case_id: str) -> Case:
    case = case_file.load(firm.table, case_id)
    assert case is not None
    return case


def minutes_left() -> timedelta:
    return timedelta(minutes=5)


def test_a_failed_payment_ends_when_the_core_shows_the_plan_and_not_before():
    firm = Firm()
    case_id, customer = identified(firm)

    plan = customer.form("c/act/instalment_plan")
    choice = plan.fields[0].options[0].value
    customer.submit(plan, choice=choice)

    assert customer.page.name == "received"
    assert stands(firm, case_id).status is CaseStatus.SUBMITTED
    message = firm.queue.take()
    outcome = firm.writeback(message["case"], message["submission"], minutes_left)

    assert isinstance(outcome, Confirmed)
    assert len(firm.core.journal) == 1
    case = stands(firm, case_id)
    assert case.status is CaseStatus.RESOLVED
    assert firm.journey.told[-1].outcome == "resolved"
    customer.get("c/status")
    assert customer.page.name == "recorded"
    events = firm.table.query(f"CASE#{case_id}", "EVENT#")
    assert verify(case_id, events, Head(case.seq, case.head)) == Verified(case.seq)


def test_the_customer_sees_nothing_personal_before_the_code_is_right():
    """SECURITY T3."""
    firm = Firm()
    _, customer = identified(firm)

    shown = [view.page for view in customer.views if view.page][:-1]

    assert shown
    for page in shown:
        assert "120" not in str(page)
        assert "Ada" not in str(page)
        assert "+447700900141" not in str(page)


def test_each_channel_brings_a_link_that_opens():
    firm = Firm()
    case_id, _ = contacted(firm)
    firm.send_touch(Step(case_id, 2, firm.journey.wait(case_id)))
    firm.send_touch(Step(case_id, 3, firm.journey.wait(case_id)))

    for channel in Channel:
        customer = Customer(firm)
        customer.open(customer.link(channel))
        assert customer.page.name == "prove"
