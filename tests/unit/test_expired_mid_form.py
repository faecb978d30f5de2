"""Link, code or session runs out while the customer fills in the form: nothing applied (F34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from closeloop.domain.identity import Channel
from tests.crashes.moments import acting, code_sent, contacted, identified
from tests.fakes import invariants
from tests.fakes.clockwork import until_quiet
from tests.fakes.customer import Customer

if TYPE_CHECKING:
    from tests.fakes.scene import Scene


def submissions(scene: Scene) -> list[str]:
    return [row["id"] for row in scene.rows if row["sk"].startswith("SUBMISSION#")]


def come_back(scene: Scene, customer: Customer) -> None:
    """Open the same message again and prove who it is once more."""
    customer.open(customer.link(Channel.EMAIL))
    customer.prove()
    assert customer.page.name == "choose", scene


@pytest.mark.parametrize("minutes", [6, 31], ids=["idle too long", "past the half hour"])
def test_a_session_that_ends_mid_form_applies_nothing_and_keeps_the_choice_f34(minutes: int):
    scene = identified().copy()
    with acting(scene) as customer:
        plan = customer.form("c/act/instalment_plan")
        wanted = plan.fields[0].options[-1].value
        assert not plan.fields[0].options[-1].chosen
        scene.firm.clock.advance(minutes=minutes)

        assert customer.submit(plan, choice=wanted).status == 401
        assert submissions(scene) == []

        come_back(scene, customer)
        again = customer.form("c/act/instalment_plan")
        assert [each.value for each in again.fields[0].options if each.chosen] == [wanted]
        customer.submit(again, choice=wanted)
    until_quiet(scene)
    invariants.hold(scene)
    assert scene.firm.core.journal == submissions(scene)
    assert len(submissions(scene)) == 1


def test_a_form_of_the_session_before_is_refused_in_the_session_after_it_f34():
    scene = identified().copy()
    with acting(scene) as customer:
        plan = customer.form("c/act/instalment_plan")
        choice = plan.fields[0].options[0].value
        scene.firm.clock.advance(minutes=6)
        come_back(scene, customer)
        assert customer.submit(plan, choice=choice).status == 403
    assert submissions(scene) == []


def test_a_code_that_runs_out_while_it_is_typed_proves_nothing_f34():
    scene = code_sent().copy()
    with acting(scene) as customer:
        form, code = customer.form("c/verify"), customer.code(Channel.SMS)
        scene.firm.clock.advance(minutes=4)
        customer.get("c")  # still there, so that the session itself does not idle out
        scene.firm.clock.advance(minutes=1)
        customer.submit(form, code=code)
        assert customer.page.name in {"code", "prove"}
        assert customer.page.alert
    assert not [row for row in scene.rows if row.get("proved_by")]


def test_a_link_that_runs_out_before_it_is_opened_is_renewed_in_place_f34():
    scene = contacted().copy()
    scene.customer = Customer(scene.firm)
    with acting(scene) as customer:
        link = customer.link(Channel.EMAIL)
        scene.firm.clock.advance(hours=73)
        assert customer.open(link).status == 410
        customer.submit(customer.page.forms[0])
        customer.open(link)
        assert customer.page.name == "prove"
    assert submissions(scene) == []


def test_a_link_that_runs_out_mid_form_takes_nothing_from_a_session_that_lives_f34():
    """The link locates; whoever is inside has proved more than it."""
    scene = contacted().copy()
    scene.customer = Customer(scene.firm)
    with acting(scene) as customer:
        link = customer.link(Channel.EMAIL)
        scene.firm.clock.advance(hours=71, minutes=58)
        customer.open(link)
        customer.prove()
        scene.firm.clock.advance(minutes=3)
        plan = customer.form("c/act/instalment_plan")
        customer.submit(plan, choice=plan.fields[0].options[0].value)
        assert customer.page.name == "received"
    until_quiet(scene)
    assert scene.firm.core.journal == submissions(scene)
