"""Bring a whole world up, in order, and take it down again without a trace."""

import shutil
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from sandbox import app, world
from sandbox.build import build, undisturbed
from sandbox.deploy import deploy, endpoints
from sandbox.emulator import Emulator
from sandbox.place import Place
from sandbox.progress import Progress
from sandbox.server import serving
from sandbox.world import World


@contextmanager
def running(place: Place, progress: Progress) -> Generator[World]:
    """Serve a deployed world for the length of the block; CannotStartError says what is missing."""
    place.require()
    shutil.rmtree(place.state, ignore_errors=True)
    place.state.mkdir(parents=True)
    build(place, progress)
    made = world.build(place, place.state / "core.sqlite")
    with serving(app.make(made), place.port), ExitStack() as stack:
        with progress.step("Starting the emulator, IAM enforced"):
            stack.enter_context(Emulator(place, endpoints(place)))
        with undisturbed(place):
            made.deployment = deploy(made, progress)
        yield made
