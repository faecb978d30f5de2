"""`submit_action` dies; the customer sends the same form again, or only sweep looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from closeloop.application import case_file
from closeloop.domain.case import CaseStatus
from tests.crashes.matrix import Place, every_death, every_lost_answer, never_repeated, two_deaths
from tests.crashes.moments import acting, identified
from tests.fakes.clockwork import until_quiet

if TYPE_CHECKING:
    from closeloop.application.visits import View, Visit
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def the_form(scene: Scene) -> Visit:
    customer = scene.customer
    assert customer is not None
    plan = customer.form("c/act/instalment_plan")
    choice = plan.fields[0].options[0].value
    return customer._visit("POST", plan.action, {**plan.hidden, "choice": choice})


def submit(scene: Scene, firm: Firm) -> View:
    return firm.submit_action(the_form(scene))


def applied_once_with_one_receipt(scene: Scene) -> None:
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    assert case.status is CaseStatus.RESOLVED
    assert scene.firm.core.journal == [case.submission]
    assert submit(scene, scene.recorded).goto == "c/status"
    with acting(scene) as customer:
        assert customer.get("c/status").page is not None
        assert customer.page.name == "recorded"
    assert scene.firm.core.journal == [case.submission]


def all_or_nothing(scene: Scene) -> None:
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    accepted = [row["id"] for row in scene.rows if row["sk"].startswith("SUBMISSION#")]
    assert scene.firm.core.journal == accepted
    assert case.status is (CaseStatus.RESOLVED if accepted else CaseStatus.OPEN)


class SubmitActionCrashes:
    def test_a_submit_that_dies_anywhere_is_applied_once_and_has_one_receipt_f07_f08(
        self, place: Place
    ):
        every_death(identified(), submit, applied_once_with_one_receipt, place)


class SubmitActionDies:
    def test_a_submit_that_was_throttled_or_lost_a_reply_is_applied_once_f17(self, place: Place):
        every_lost_answer(identified(), submit, applied_once_with_one_receipt, place)

    def test_a_submit_that_dies_twice_is_applied_once_f07(self, place: Place):
        two_deaths(identified(), submit, applied_once_with_one_receipt, place, lives=80)

    def test_a_submit_that_nobody_repeats_is_carried_through_or_never_was_f08(self):
        """The customer has closed the browser: accepted and applied, or not accepted at all."""
        never_repeated(identified(), submit, all_or_nothing)

    def test_a_queue_that_does_not_answer_takes_nothing_from_what_was_accepted_f08(self):
        """The customer is told "received" all the same: sweep sends what the queue did not take."""
        scene = identified().copy()
        scene.firm.queue.broken = True
        assert submit(scene, scene.recorded).goto == "c/status"
        scene.firm.queue.broken = False
        until_quiet(scene)
        applied_once_with_one_receipt(scene)
