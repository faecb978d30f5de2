"""A sandbox world without an emulator: its application in process, its clock standing still."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.testclient import TestClient

from sandbox import app, world
from sandbox.clock import Clock
from sandbox.cloud import Deployment
from sandbox.place import Place
from sandbox.world import World
from tests.fakes.local_cloud import OUTPUTS, FakeCloud

# A Sunday: the world's clock starts on the Monday after, at ten.
REAL = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
KEY = {"X-Api-Key": "core-key"}


@dataclass(frozen=True)
class LocalWorld:
    """The world, the cloud under it and a client of its application."""

    world: World
    cloud: FakeCloud
    client: TestClient


@contextmanager
def local_world(outputs: dict[str, str] | None = None) -> Generator[LocalWorld]:
    """Serve a deployed world whose cloud is a fake; `outputs` adds to what the stack names."""
    cloud = FakeCloud()
    made = world.build(Place(8080, 4566, 30), ":memory:", cloud, Clock(lambda: REAL))
    made.core_key = KEY["X-Api-Key"]
    made.deployment = Deployment.of({**OUTPUTS, **(outputs or {})})
    with TestClient(app.make(made), "http://localhost:8080", follow_redirects=False) as client:
        yield LocalWorld(made, cloud, client)
