"""The real definition, run by MiniStack with real functions and IAM enforced."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.contract.journey_scenarios import LONG, SCENARIOS, Run, Scenario
from tests.fakes.journey_functions import SILENT, Answer, Tell, told_later
from tests.integration.ministack_world import MiniStackWorld, ministack

AT_ONCE = 4  # every concurrent invocation starts a process


@pytest.fixture(scope="module")
def world() -> Iterator[MiniStackWorld]:
    with ministack() as a_world:
        yield a_world


@pytest.fixture(scope="module")
def runs(world: MiniStackWorld) -> dict[str, Run]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = pool.map(world.run, SCENARIOS.values())
        return {name: run for name, (_, run) in zip(SCENARIOS, ended, strict=True)}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_journey_ends_where_the_drawing_says(name: str, runs: dict[str, Run]):
    run, expected = runs[name], SCENARIOS[name]
    assert run.path == expected.path
    assert (run.status, run.error) == (expected.status, expected.error)


def test_a_late_token_changes_nothing_f26(world: MiniStackWorld):
    case_id, run = world.run(Scenario((), (SILENT, told_later("settled")), waits=(1, LONG)))
    assert run.path[-1] == "Settled elsewhere"
    first, second = (payload["token"] for _, payload in world.functions.calls[case_id])
    assert world.journey.finish(first, "resolved") is False
    assert world.journey.finish(second, "resolved") is False


def test_this_emulator_accepts_a_second_completion_so_the_guard_is_ours_f27(
    world: MiniStackWorld,
):
    case_id, run = world.run(Scenario((), (Answer((Tell("settled"), Tell("resolved"))),)))
    assert world.functions.told[case_id] == [True, True]
    assert len(run.path) == 3


def test_a_run_that_exists_is_not_started_again_f06(world: MiniStackWorld):
    scenario = SCENARIOS["resolved at the first touch"]
    case_id, _ = world.run(scenario)
    assert world.journey.start(case_id, 1, scenario.waits) is False
    assert len(world.functions.calls[case_id]) == 1
