"""What every Journey keeps: the one on Step Functions (moto runs it) and the one in memory."""

import secrets
import time
from collections.abc import Iterator
from typing import Protocol

import pytest

from closeloop.application.ports import Journey
from tests.contract.journey_scenarios import observe
from tests.contract.moto_world import MotoWorld, moto_world
from tests.fakes.journey import FakeJourney

WAITS = (30, 30)


class World(Protocol):
    """A journey, and the two things a test must see of what stands behind it."""

    @property
    def journey(self) -> Journey:
        """Return the journey under test."""
        ...

    def token(self, case_id: str, turn: int = 1) -> str:
        """Return the token that the case's journey waits under in its n-th turn."""
        ...

    def ended(self, case_id: str, run: int = 1) -> str | None:
        """Return the outcome that a run ended with, None while it goes on."""
        ...

    def runs(self, case_id: str) -> int:
        """Return how many runs of the case were started."""
        ...


class InMemory:
    """The fake."""

    def __init__(self) -> None:
        self.journey = FakeJourney()

    def token(self, case_id: str, turn: int = 1) -> str:
        assert turn
        token = self.journey.token(case_id)
        assert token is not None
        return token

    def ended(self, case_id: str, run: int = 1) -> str | None:
        assert run
        outcomes = [told.outcome for told in self.journey.told if told.case_id == case_id]
        return None if self.journey.token(case_id) else outcomes[-1]

    def runs(self, case_id: str) -> int:
        return sum(started.case_id == case_id for started in self.journey.started)


class OnMoto:
    """The real adapter; both functions keep silent, so that every task waits for the test."""

    def __init__(self, world: MotoWorld) -> None:
        self.world = world
        self.journey = world.journey

    def token(self, case_id: str, turn: int = 1) -> str:
        while len(calls := self.world.functions.calls[case_id]) < turn:
            time.sleep(0.02)
        return calls[turn - 1][1]["token"]

    def ended(self, case_id: str, run: int = 1) -> str | None:
        seen = observe(self.world.client, self._arn(case_id, run), within_s=3)
        return None if seen.output is None else seen.output["outcome"]

    def runs(self, case_id: str) -> int:
        listed = self.world.client.list_executions(stateMachineArn=self.world.arn)["executions"]
        return sum(each["name"].startswith(f"{case_id}-") for each in listed)

    def _arn(self, case_id: str, run: int) -> str:
        return f"{self.world.arn.replace(':stateMachine:', ':execution:')}:{case_id}-{run}"


@pytest.fixture
def case_id() -> str:
    return f"CASE{secrets.token_hex(6)}"


class JourneyContract:
    """Both journeys are tested by these words."""

    def test_a_run_started_twice_is_one_run_f06(self, world: World, case_id: str):
        assert world.journey.start(case_id, 1, WAITS) is True
        world.journey.start(case_id, 1, WAITS)
        assert world.runs(case_id) == 1

    def test_a_run_that_has_ended_is_not_started_again_f06(self, world: World, case_id: str):
        world.journey.start(case_id, 1, WAITS)
        world.journey.finish(world.token(case_id), "settled")
        assert world.ended(case_id) == "settled"
        assert world.journey.start(case_id, 1, WAITS) is False
        assert world.runs(case_id) == 1

    def test_a_case_that_returns_to_automation_gets_another_run(self, world: World, case_id: str):
        world.journey.start(case_id, 1, WAITS)
        world.journey.finish(world.token(case_id), "handed_off")
        assert world.ended(case_id) == "handed_off"
        assert world.journey.start(case_id, 2, WAITS) is True
        assert world.runs(case_id) == 2
        world.journey.finish(world.token(case_id, turn=2), "resolved")
        assert world.ended(case_id, run=2) == "resolved"

    def test_a_waiting_task_is_completed_with_its_outcome(self, world: World, case_id: str):
        world.journey.start(case_id, 1, WAITS)
        assert world.journey.finish(world.token(case_id), "resolved") is True
        assert world.ended(case_id) == "resolved"

    def test_a_hold_comes_back_under_another_token(self, world: World, case_id: str):
        world.journey.start(case_id, 1, WAITS)
        first = world.token(case_id)
        assert world.journey.finish(first, "hold", 1) is True
        second = world.token(case_id, turn=2)
        assert second != first
        assert world.journey.finish(second, "resolved") is True
        assert world.ended(case_id) == "resolved"

    def test_a_token_of_a_journey_that_has_ended_is_refused_quietly_f26_f27(
        self, world: World, case_id: str
    ):
        world.journey.start(case_id, 1, WAITS)
        token = world.token(case_id)
        assert world.journey.finish(token, "resolved") is True
        assert world.ended(case_id) == "resolved"
        assert world.journey.finish(token, "settled") is False
        assert world.ended(case_id) == "resolved"

    def test_a_token_that_never_was_is_refused_quietly_f26(self, world: World):
        assert world.journey.finish("no-such-token", "resolved") is False

    @pytest.mark.parametrize("waits", [(), (30, 0)], ids=["none", "a wait of nothing"])
    def test_a_journey_needs_a_wait_after_every_touch(
        self, world: World, case_id: str, waits: tuple[int, ...]
    ):
        with pytest.raises(ValueError, match="at least one second"):
            world.journey.start(case_id, 1, waits)
        assert world.runs(case_id) == 0


class TestInMemory(JourneyContract):
    @pytest.fixture
    def world(self) -> World:
        return InMemory()


class TestOnStepFunctions(JourneyContract):
    @pytest.fixture
    def world(self, on_moto: MotoWorld) -> World:
        return OnMoto(on_moto)


@pytest.fixture(scope="module")
def on_moto() -> Iterator[MotoWorld]:
    with moto_world() as world:
        yield world
