"""`hand_off` dies; the state machine repeats the step, or the rule on dead ones comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from closeloop.application import case_file
from closeloop.domain.blueprint import Reason
from closeloop.domain.case import CaseStatus
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import contacted, submitted

if TYPE_CHECKING:
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def unanswered(scene: Scene, firm: Firm) -> str:
    token = scene.firm.journey.wait(scene.case_id)
    return firm.hand_off(scene.case_id, Reason.NO_RESPONSE, token)


def journey_died(scene: Scene, firm: Firm) -> str:
    return firm.hand_off(scene.case_id, Reason.JOURNEY_FAILED)


def handoffs(scene: Scene) -> list[str]:
    return [row["reason"] for row in scene.rows if row["sk"].startswith("HANDOFF#")]


def status(scene: Scene) -> CaseStatus:
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    return case.status


def expired_with_one_owner(scene: Scene) -> None:
    assert status(scene) is CaseStatus.EXPIRED
    assert handoffs(scene) == ["no_response"]
    assert scene.firm.journey.told[-1].outcome == "expired"
    assert len(scene.firm.table.work("customer_care")) == 1


def handed_to_the_platform(scene: Scene) -> None:
    assert status(scene) is CaseStatus.HANDED_OFF
    assert handoffs(scene) == ["journey_failed"]
    assert len(scene.firm.table.work("platform")) == 1


def resolved_all_the_same(scene: Scene) -> None:
    """An accepted submission wins: no handoff, and whatever waits is told of the confirmation."""
    assert status(scene) is CaseStatus.RESOLVED
    assert handoffs(scene) == []
    assert scene.firm.journey.told[-1].outcome == "resolved"


class HandOffCrashes:
    def test_an_unanswered_case_that_dies_anywhere_gets_one_owner_and_one_end_f24(
        self, place: Place
    ):
        every_death(contacted(), unanswered, expired_with_one_owner, place)

    def test_a_hand_off_that_dies_while_a_submission_is_on_its_way_waits_for_it_f25(
        self, place: Place
    ):
        every_death(submitted(), unanswered, resolved_all_the_same, place)


class HandOffDies:
    def test_a_dead_journey_is_handed_off_once_wherever_that_dies_f28(self, place: Place):
        every_death(contacted(), journey_died, handed_to_the_platform, place)

    def test_a_dead_journey_takes_nothing_from_an_accepted_submission_f28(self, place: Place):
        every_death(submitted(), journey_died, resolved_all_the_same, place)

    def test_a_hand_off_that_was_throttled_or_lost_a_reply_is_one_f17(self, place: Place):
        every_lost_answer(contacted(), unanswered, expired_with_one_owner, place)

    def test_a_hand_off_that_dies_twice_is_one_f24(self, place: Place):
        two_deaths(contacted(), unanswered, expired_with_one_owner, place, lives=80)
