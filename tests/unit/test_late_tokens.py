"""A task token is a hint: late, lost or repeated, it changes nothing (R9, F26, F27)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters.journey import StepFunctionsJourney
from closeloop.application import case_file
from closeloop.domain.blueprint import Reason
from closeloop.domain.case import CaseStatus
from tests.crashes.core_facts import settlement
from tests.crashes.matrix import every_death
from tests.crashes.moments import contacted, submitted
from tests.crashes.writeback import carry
from tests.fakes.botocore_faults import CallFaults, refusal
from tests.fakes.clockwork import until_quiet
from tests.fakes.journey import FakeJourney
from tests.fakes.moto_table import aws_client

if TYPE_CHECKING:
    from tests.crashes.matrix import Place
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def status(scene: Scene) -> CaseStatus:
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    return case.status


def deaf(scene: Scene, code: str) -> CallFaults:
    """Step Functions has let every wait run out."""
    faults = CallFaults(aws_client("stepfunctions"), always=lambda _name, _params: refusal(code))
    scene.firm.journey = StepFunctionsJourney(faults.client)  # pyright: ignore[reportAttributeAccessIssue]
    return faults


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_whatever_a_late_token_is_called_the_case_ends_as_it_should_f26(code: str):
    """AWS, MiniStack and moto name it differently; the case row has the truth."""
    scene = submitted().copy()
    faults = deaf(scene, code)
    until_quiet(scene)
    assert status(scene) is CaseStatus.RESOLVED
    assert faults.calls == ["SendTaskSuccess"]

    scene = contacted().copy()
    deaf(scene, code)
    scene.firm.open_case(settlement(2))
    assert status(scene) is CaseStatus.SETTLED

    scene = contacted().copy()
    deaf(scene, code)
    scene.firm.hand_off(scene.case_id, Reason.NO_RESPONSE, "late")
    assert status(scene) is CaseStatus.EXPIRED


@dataclass
class Forgetful(FakeJourney):
    """Takes every completion, as MiniStack does: what it is told again overwrites the first."""

    finished: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def finish(self, token: str, outcome: str, hold_s: int | None = None) -> bool:
        self.finished.append((token, outcome))
        super().finish(token, outcome, hold_s)
        return True


def forgetful(moment: Scene) -> Scene:
    scene = moment.copy()
    journey = Forgetful()
    journey.__dict__.update(scene.firm.journey.__dict__)
    scene.firm.journey = journey
    return scene


def told_one_thing(scene: Scene) -> None:
    journey: Any = scene.firm.journey
    told = Counter(token for token, _ in journey.finished)
    assert all(count == 1 for count in told.values()), journey.finished


def test_no_token_is_completed_twice_wherever_a_writeback_dies_f27(place: Place):
    every_death(forgetful(submitted()), carry, told_one_thing, place)


def settles_and_is_handed_off(scene: Scene, firm: Firm) -> None:
    """Three who may end a case, each after the other."""
    firm.open_case(settlement(2))
    firm.hand_off(scene.case_id, Reason.JOURNEY_FAILED)
    firm.open_case(settlement(2))


def test_only_whoever_ended_the_case_tells_its_journey_f27(place: Place):
    every_death(forgetful(contacted()), settles_and_is_handed_off, told_one_thing, place)


def test_a_case_that_ended_by_confirmation_is_not_told_otherwise_afterwards_f27():
    scene = forgetful(submitted())
    until_quiet(scene)
    scene.firm.open_case(settlement(2))
    scene.firm.hand_off(scene.case_id, Reason.JOURNEY_FAILED)
    told_one_thing(scene)
    journey: Any = scene.firm.journey
    assert [outcome for _, outcome in journey.finished] == ["resolved"]
