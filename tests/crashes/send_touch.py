"""`send_touch` dies; the state machine repeats the step under a new token, or time runs out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from closeloop.application import keys
from closeloop.application.send_touch import Step
from closeloop.domain.identity import Channel
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import acting, opened
from tests.fakes.clockwork import close_unanswered, play_journey, until_quiet
from tests.fakes.customer import Customer

if TYPE_CHECKING:
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene

MIDNIGHT = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def first_touch(scene: Scene, firm: Firm) -> str:
    return firm.send_touch(Step(scene.case_id, 1, scene.firm.journey.wait(scene.case_id)))


def at_night() -> Scene:
    scene = opened().copy()
    scene.firm.clock.at = MIDNIGHT
    return scene


def paid_meanwhile() -> Scene:
    scene = opened().copy()
    scene.firm.core.status = "paid"
    return scene


def sent(scene: Scene) -> list[int]:
    return [len(scene.firm.senders[channel].outbox) for channel in Channel]


def claimed_once_and_awaited(scene: Scene) -> None:
    """The touch is claimed; whatever became of its message, the newest step is what waits."""
    (case, touch) = scene.firm.table.get(keys.case(scene.case_id), keys.touch(scene.case_id, 1))
    assert case is not None
    assert touch is not None
    assert touch["state"] in {"claimed", "accepted", "in_doubt"}
    assert scene.firm.journey.waiting(case["token"])
    assert case["token"] == scene.firm.journey.token(scene.case_id)
    assert sent(scene)[0] <= 1


def later_touches_go_out(scene: Scene) -> None:
    claimed_once_and_awaited(scene)
    assert play_journey(scene, touch=2) == "expired"
    assert sent(scene)[1:] == [1, 1]


def three_messages_at_most(scene: Scene) -> None:
    """While the core gives no answer the touch is held; else it is claimed, and not sent again."""
    (case,) = scene.firm.table.get(keys.case(scene.case_id))
    assert case is not None
    if case["touch"]:
        later_touches_go_out(scene)
    else:
        assert scene.firm.journey.told[-1].outcome == "hold"
        assert play_journey(scene) == "expired"
        assert sent(scene) == [1, 1, 1]


def the_next_touch_is_answered(scene: Scene) -> None:
    """A message that was claimed and never sent blocks nobody: the next one resolves the case."""
    step = Step(scene.case_id, 2, scene.firm.journey.wait(scene.case_id))
    scene.recorded.send_touch(step)
    scene.customer = Customer(scene.firm)
    with acting(scene) as customer:
        customer.open(customer.link(Channel.SMS))
        customer.prove(Channel.SMS)
        plan = customer.form("c/act/instalment_plan")
        customer.submit(plan, choice=plan.fields[0].options[0].value)
    until_quiet(scene)
    assert scene.firm.journey.told[-1].outcome == "resolved"
    assert not scene.firm.journey.waiting(step.token)


def held_and_sent_in_the_morning(scene: Scene) -> None:
    assert sent(scene) == [0, 0, 0]
    assert scene.firm.journey.told[-1].outcome == "hold"
    assert play_journey(scene) == "expired"
    assert sent(scene) == [1, 1, 1]


def settled_and_silent(scene: Scene) -> None:
    assert play_journey(scene) == "settled"
    assert sent(scene) == [0, 0, 0]


class SendTouchCrashes:
    def test_a_touch_that_dies_anywhere_is_sent_once_at_most_and_later_ones_go_out_f24_f31_r9(
        self, place: Place
    ):
        every_death(opened(), first_touch, later_touches_go_out, place)


class SendTouchDies:
    def test_a_touch_that_was_throttled_or_lost_a_reply_is_sent_once_at_most_f17_f31_r11(
        self, place: Place
    ):
        every_lost_answer(opened(), first_touch, three_messages_at_most, place)

    def test_a_touch_that_dies_anywhere_leaves_the_next_one_to_be_answered_f24_r10(
        self, place: Place
    ):
        every_death(opened(), first_touch, the_next_touch_is_answered, place)

    def test_a_touch_that_dies_twice_is_sent_once_at_most_f24_f31(self, place: Place):
        two_deaths(opened(), first_touch, later_touches_go_out, place, lives=80)

    def test_a_hold_that_dies_anywhere_is_a_hold_and_sends_in_the_morning_f24(self, place: Place):
        every_death(at_night(), first_touch, held_and_sent_in_the_morning, place)

    def test_whoever_has_paid_is_not_written_to_wherever_the_step_dies_f24_i4(self, place: Place):
        every_death(paid_meanwhile(), first_touch, settled_and_silent, place)

    def test_nobody_is_written_to_after_the_deadline_however_long_the_hold_was_f24(self):
        scene = opened().copy()
        scene.firm.clock.advance(days=7)
        assert first_touch(scene, scene.recorded) == "no_response"
        assert sent(scene) == [0, 0, 0]
        assert close_unanswered(scene) == "expired"
