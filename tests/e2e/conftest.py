"""One local world for the whole session: the real template on the emulator, IAM enforced."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.driver import Driver
from sandbox.place import Place, free_port
from sandbox.progress import Progress
from sandbox.run import running
from tests.e2e.begun import Begun, begin
from tests.e2e.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# A day of the plan in seconds: long enough to act on a message before the next, short to wait for.
DAY_S = 40
# Bringing the world up belongs to whichever test comes first, and a build to that.
TEST_WITHIN_S = 600


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A deployed world. Its logs are kept, and named, only if a test that used it fails."""
    place = Place(port=free_port(), emulator_port=free_port(), day_s=DAY_S)
    with running(place, Progress()) as world, Driver(place.url) as driver:
        made = Stage(world, driver)
        if any("begun" in _fixtures_of(item) for item in request.session.items):
            made.begun = begin(made)
        yield made
    if not request.session.testsfailed:
        shutil.rmtree(place.state, ignore_errors=True)


@pytest.fixture(scope="session")
def begun(stage: Stage) -> Begun:
    """What was begun as soon as the world was there, so that its waiting costs no time."""
    assert stage.begun is not None
    return stage.begun


@pytest.fixture
def later(stage: Stage) -> Stage:
    """The stage, for tests that move its clock: they come last, for no clock goes back."""
    return stage


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what plays on the stage; let the tests that move the clock come after all others."""
    for item in items:
        if "stage" in _fixtures_of(item):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(TEST_WITHIN_S))
    items.sort(key=lambda item: "later" in _fixtures_of(item))


def _fixtures_of(item: pytest.Item) -> tuple[str, ...]:
    return getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Say where the logs of the world are when a test in it fails."""
    report = yield
    stage = getattr(item, "funcargs", {}).get("stage")
    if report.failed and stage is not None:
        report.sections.append(("logs of the local world", str(stage.world.place.state)))
    return report
