"""`dead_letters` dies; the dead-letter queue delivers the letter again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from closeloop.application.dead_letters import DeadLetter
from closeloop.domain.case import CaseStatus
from tests.crashes.hand_off import status
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import contacted, submitted

if TYPE_CHECKING:
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def about_the_case(scene: Scene, firm: Firm) -> str:
    body = json.dumps({"case": scene.case_id, "submission": "unreadable"})
    return firm.dead_letters(DeadLetter("letter-1", "writeback-dlq", body))


def about_nobody(_: Scene, firm: Firm) -> str:
    return firm.dead_letters(DeadLetter("letter-1", "triggers-dlq", "{not json"))


def told_once(scene: Scene) -> None:
    (work,) = scene.firm.table.work("platform")
    assert (work["reason"], work["case"]) == ("dead_letter", scene.case_id)
    assert status(scene) is CaseStatus.OPEN


def told_once_and_carried_through(scene: Scene) -> None:
    """A dead letter never ends a case: the submission is due and sweep goes on trying."""
    (work,) = scene.firm.table.work("platform")
    assert work["reason"] == "dead_letter"
    assert status(scene) is CaseStatus.RESOLVED


def kept_once(scene: Scene) -> None:
    (work,) = scene.firm.table.work("platform")
    assert work["body"] == "{not json"


class DeadLetterCrashes:
    def test_a_letter_that_dies_anywhere_is_one_handoff_and_ends_no_case_f19(self, place: Place):
        every_death(contacted(), about_the_case, told_once, place)
        every_death(submitted(), about_the_case, told_once_and_carried_through, place)


class DeadLetterDies:
    def test_a_letter_about_nobody_is_kept_once_wherever_it_dies_f19(self, place: Place):
        every_death(contacted(), about_nobody, kept_once, place)

    def test_a_letter_that_was_throttled_or_lost_a_reply_is_one_handoff_f17_f19(self, place: Place):
        every_lost_answer(contacted(), about_the_case, told_once, place)

    def test_a_letter_that_dies_twice_is_one_handoff_f19(self, place: Place):
        two_deaths(contacted(), about_the_case, told_once, place, lives=80)
