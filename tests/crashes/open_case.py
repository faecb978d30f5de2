"""`open_case` dies; the queue delivers the trigger again, and sweep looks every minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import EVENT, opened, quiet
from tests.fakes.clockwork import play_journey
from tests.fakes.firm import payment_failed

if TYPE_CHECKING:
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def trigger(_: Scene, firm: Firm) -> str:
    return firm.open_case(payment_failed(event_id=EVENT))


def other_event(_: Scene, firm: Firm) -> str:
    return firm.open_case(payment_failed(event_id="event-2"))


def one_case_on_its_way(scene: Scene) -> None:
    cases = [row for row in scene.rows if row["sk"] == "CASE"]
    assert len(cases) == 1
    assert [each.case_id for each in scene.firm.journey.started] == [cases[0]["id"]]
    assert cases[0]["due_kind"].startswith("overdue#")


def three_messages_and_no_answer(scene: Scene) -> None:
    one_case_on_its_way(scene)
    scene.case_id = scene.firm.journey.started[0].case_id
    assert play_journey(scene) == "expired"
    assert [len(sender.outbox) for sender in scene.firm.senders.values()] == [1, 1, 1]


class OpenCaseCrashes:
    def test_a_trigger_that_dies_anywhere_opens_one_case_and_starts_it_once_f01_f06(
        self, place: Place
    ):
        every_death(quiet(), trigger, one_case_on_its_way, place)

    def test_another_event_about_the_same_payment_that_dies_anywhere_opens_no_second_case_f02(
        self, place: Place
    ):
        every_death(opened(), other_event, one_case_on_its_way, place)


class OpenCaseDies:
    def test_a_trigger_that_is_throttled_or_loses_a_reply_anywhere_is_taken_once_f17(
        self, place: Place
    ):
        every_lost_answer(quiet(), trigger, one_case_on_its_way, place)

    def test_a_trigger_that_dies_twice_is_still_one_case_and_three_messages_f01(self, place: Place):
        two_deaths(quiet(), trigger, three_messages_and_no_answer, place, lives=80)
