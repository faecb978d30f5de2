"""Facts about one payment in every order of arrival: one end, and nobody paid is chased (F03).

The bus keeps no order. Every permutation of up to four of the core's facts goes through the use
case, each once or with one of them delivered twice.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from closeloop.application.send_touch import Step
from closeloop.domain.case import CaseStatus
from tests.crashes.core_facts import messages, protection, settlement, withdrawal
from tests.fakes import invariants
from tests.fakes.firm import payment_failed
from tests.fakes.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from closeloop.application.open_case import CoreEvent

FACTS: dict[str, CoreEvent] = {
    "failed 1": payment_failed(event_id="failed-1", version=1),
    "settled 2": settlement(2),
    "failed 3": payment_failed(event_id="failed-3", version=3),
    "withdrawn 4": withdrawal(4),
    "protected 1": protection(1, active=True),
    "free again 2": protection(2, active=False),
}
ALIVE = {CaseStatus.OPEN, CaseStatus.PAUSED}


def expected(names: Sequence[str]) -> CaseStatus | None:
    """What the newest facts of each kind say, in whatever order they came."""
    failed = max((int(n[-1]) for n in names if n.startswith("failed")), default=0)
    ended = max((int(n[-1]) for n in names if n.startswith(("settled", "withdrawn"))), default=0)
    if failed <= ended:
        return None
    paused = "protected 1" in names and "free again 2" not in names
    return CaseStatus.PAUSED if paused else CaseStatus.OPEN


def arrive(names: Sequence[str]) -> Scene:
    """Let the facts arrive, and after each let every journey that runs try to send its touch."""
    scene = Scene()
    firm = scene.recorded
    for name in names:
        firm.open_case(FACTS[name])
        for started in scene.firm.journey.started:
            token = scene.firm.journey.wait(started.case_id)
            firm.send_touch(Step(started.case_id, 1, token))
    return scene


def statuses(scene: Scene) -> list[CaseStatus]:
    return [CaseStatus(row["status"]) for row in scene.rows if row["sk"] == "CASE"]


def check(names: Sequence[str]) -> None:
    scene = arrive(names)
    alive = [status for status in statuses(scene) if status in ALIVE]
    wanted = expected(names)
    assert alive == ([wanted] if wanted else []), names
    invariants.hold(scene)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_any_order_of_up_to_four_facts_ends_as_the_newest_of_them_say_f03(length: int):
    for names in permutations(FACTS, length):
        check(names)


def test_a_fact_delivered_twice_in_any_place_changes_nothing_f01_f03():
    for names in permutations(("failed 1", "settled 2", "protected 1"), 3):
        for again in names:
            for place in range(len(names) + 1):
                check([*names[:place], again, *names[place:]])


@pytest.mark.parametrize("ending", ["settled 2", "withdrawn 4"])
def test_an_ending_that_overtakes_its_trigger_opens_nothing_and_sends_nothing_f03(ending: str):
    scene = arrive([ending, "failed 1"])
    assert statuses(scene) == []
    assert messages(scene) == 0


def test_a_new_failure_after_a_settlement_is_another_case_f02_f03():
    scene = arrive(["failed 1", "settled 2", "failed 3"])
    assert sorted(statuses(scene)) == [CaseStatus.OPEN, CaseStatus.SETTLED]
    assert len({row["id"] for row in scene.rows if row["sk"] == "CASE"}) == 2
