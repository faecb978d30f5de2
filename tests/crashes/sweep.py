"""`sweep` dies; a minute later it runs again."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from closeloop.application import case_file
from closeloop.domain.case import CaseStatus
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import submitted
from tests.fakes.effects import Effects, Killed, seen
from tests.fakes.firm import payment_failed

if TYPE_CHECKING:
    from closeloop.application.sweep import Swept
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


@cache
def three_that_stand_still() -> Scene:
    """A case whose journey has died, a submission whose message is lost, a case never started."""
    scene = submitted().copy()
    scene.firm.queue.sent.clear()
    clock, submitted_at = scene.firm.clock, scene.firm.clock.at
    clock.advance(days=-9)
    scene.recorded.open_case(payment_failed(obligation_id="INV-OLD", event_id="event-old"))
    clock.at = submitted_at
    never_started = payment_failed(obligation_id="INV-NEW", event_id="event-new")
    try:
        # Its fifth effect stored the case; the next would have been to read and start it.
        seen(scene.firm, Effects(scene.log, at=5)).open_case(never_started)
    except Killed:
        clock.advance(minutes=3)
        return scene
    raise AssertionError("it should have died before its journey was started")


def sweep(_: Scene, firm: Firm) -> Swept:
    return firm.sweep()


def each_moved_on_once(scene: Scene) -> None:
    cases = {row["obligation"]: row for row in scene.rows if row["sk"] == "CASE"}
    started = [each.case_id for each in scene.firm.journey.started]
    assert sorted(started) == sorted(row["id"] for row in cases.values())
    assert cases["INV-NEW"]["status"] == CaseStatus.OPEN.value
    assert cases["INV-1"]["status"] == CaseStatus.RESOLVED.value
    assert cases["INV-OLD"]["status"] == CaseStatus.HANDED_OFF.value
    (stuck,) = scene.firm.table.work("platform")
    assert (stuck["case"], stuck["reason"]) == (cases["INV-OLD"]["id"], "stuck")
    assert len(scene.firm.core.journal) == 1
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    assert scene.firm.core.journal == [case.submission]


class SweepCrashes:
    def test_a_sweep_that_dies_anywhere_moves_each_on_once_f08_f28(self, place: Place):
        every_death(three_that_stand_still(), sweep, each_moved_on_once, place)


class SweepDies:
    def test_a_sweep_that_was_throttled_or_lost_a_reply_moves_each_on_once_f17(self, place: Place):
        every_lost_answer(three_that_stand_still(), sweep, each_moved_on_once, place)

    def test_a_sweep_that_dies_twice_moves_each_on_once_f08_f28(self, place: Place):
        two_deaths(three_that_stand_still(), sweep, each_moved_on_once, place, lives=80)
