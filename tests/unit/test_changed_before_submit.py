"""Between the form and its submit the world moves on: what counts is how it is now (F36, T25)."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.crashes.core_facts import protection, settlement, withdrawal
from tests.crashes.moments import acting, identified
from tests.fakes.customer import Customer
from tests.fakes.customer import identified as identified_customer
from tests.fakes.firm import FakeWorkflows, Firm, failed_payment
from tests.fakes.outside import TUESDAY_TEN, FakeClock

if TYPE_CHECKING:
    from closeloop.application.open_case import CoreEvent

MIDNIGHT = TUESDAY_TEN.replace(hour=23, minute=58)


def choice_of(customer: Customer, action: str, at: int = 0) -> tuple[Any, str]:
    if f"c/act/{action}" not in {form.action for form in customer.page.forms}:
        customer.get(f"c/act/{action}")
    form = customer.form(f"c/act/{action}")
    return form, form.fields[0].options[at].value


def submitted(firm: Firm) -> bool:
    return any(key.sk.startswith("SUBMISSION#") for key in firm.table.items)  # pyright: ignore[reportAttributeAccessIssue]


def at_midnight(**changes: Any) -> tuple[Firm, Customer]:
    """Two minutes before the day ends; messages are sent by day, so only the code is of now."""
    firm = Firm(clock=FakeClock(MIDNIGHT - timedelta(hours=10)))
    _, customer = identified_customer(firm, **changes)
    firm.clock.at = MIDNIGHT
    customer = Customer(firm)
    customer.open(customer.link(next(iter(firm.senders))))
    customer.prove()
    return firm, customer


def test_a_schedule_counted_from_yesterday_is_shown_anew_and_not_applied_f36():
    firm, customer = at_midnight()
    plan, choice = choice_of(customer, "instalment_plan")
    firm.clock.advance(minutes=4)
    assert customer.submit(plan, choice=choice).status == 409
    assert not submitted(firm)
    shown = customer.form("c/act/instalment_plan")
    assert choice not in {option.value for option in shown.fields[0].options}
    customer.submit(shown, choice=shown.fields[0].options[0].value)
    assert customer.page.name == "received"


def test_a_plan_that_policy_no_longer_allows_is_refused_with_what_can_be_done_f36_t25():
    """Ninety days overdue when the form was made, ninety-one when it is sent."""
    due = (MIDNIGHT - timedelta(days=90)).date().isoformat()
    firm, customer = at_midnight(due_date=due)
    plan, choice = choice_of(customer, "instalment_plan")
    firm.clock.advance(minutes=4)
    assert customer.submit(plan, choice=choice).status == 403
    assert customer.page.alert
    assert not submitted(firm)


@pytest.mark.parametrize(
    ("fact", "page"),
    [
        (settlement(2), "closed"),
        (withdrawal(2), "closed"),
        (protection(1, active=True), "paused"),
    ],
    ids=["settled", "withdrawn", "protected"],
)
def test_what_the_core_said_meanwhile_comes_before_the_form_f36(fact: CoreEvent, page: str):
    scene = identified().copy()
    with acting(scene) as customer:
        plan, choice = choice_of(customer, "instalment_plan")
        scene.firm.open_case(fact)
        customer.submit(plan, choice=choice)
        assert customer.page.name == page
    assert not submitted(scene.firm)


def test_a_workflow_deployed_meanwhile_is_not_the_one_the_case_is_pinned_to_f36_t25():
    """Offers and policy stay as they were when the case was opened; new cases get the new ones."""
    firm = Firm(workflows=FakeWorkflows(failed_payment()))
    _, customer = identified_customer(firm)
    plan, choice = choice_of(customer, "instalment_plan", at=2)
    newer = copy.deepcopy(failed_payment())
    newer["hash"] = "f" * 64
    newer["blueprint"]["actions"]["instalment_plan"]["offers"]["counts"] = [2]
    firm.workflows.documents[:] = [newer]
    firm.workflows.kept[newer["hash"]] = newer

    customer.submit(plan, choice=choice)
    assert customer.page.name == "received"

    _, other = identified_customer(firm, obligation_id="INV-2")
    form, _ = choice_of(other, "instalment_plan")
    assert len(form.fields[0].options) == 1
