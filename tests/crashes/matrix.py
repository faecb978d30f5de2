"""Live through one moment again and again, dying at each of its effects in turn.

For a use case with N effects there are 2N lives with one death, before or after each effect, and
4N² with two. Where a life is dear (`Place.thrifty`) each state of the world is died in once: before
the first effect that changes something, and after each that does. After a death the trigger comes
again, as its queue, its state machine or its customer would bring it, and the world runs on until
it is quiet. Then the invariants hold, and what the use case is for has happened once. `place` says
on which table the use case dies and is taken again.
"""

from __future__ import annotations

import random
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from closeloop.application.ports import TemporarilyUnavailable
from tests.fakes import invariants
from tests.fakes.clockwork import until_quiet
from tests.fakes.effects import Done, Effects, Killed, die, no_answer, seen

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene

    Act = Callable[[Scene, Firm], object]
    Then = Callable[[Scene], None]

Death = tuple[int, bool]

_DELIVERIES = 6
_READS = frozenset({"get", "query", "due", "work", "obligation", "look_up"})


@dataclass(frozen=True, slots=True)
class Place:
    """Puts a scene's rows on some table for as long as the block lasts."""

    on: Callable[[Scene], AbstractContextManager[None]] = lambda _: nullcontext()
    thrifty: bool = False


def every_death(scene: Scene, act: Act, then: Then, place: Place) -> None:
    """One death, at every effect and on both sides of it."""
    story = _Story(scene, act, then, place)
    for death in story.deaths():
        story.live(death)


def two_deaths(scene: Scene, act: Act, then: Then, place: Place, lives: int) -> None:
    """Two deaths in a row: every pair, or `lives` of them drawn with a fixed seed."""
    story = _Story(scene, act, then, place)
    deaths = story.deaths()
    pairs = list(product(deaths, deaths))
    if len(pairs) > lives:
        pairs = random.Random(len(deaths)).sample(pairs, lives)  # noqa: S311 - repeatable
    for pair in pairs:
        story.live(*pair)


def never_repeated(scene: Scene, act: Act, then: Then) -> None:
    """One death, anywhere, and whoever brought the trigger does not come back."""
    story = _Story(scene, act, then, Place(), again=False)
    for death in replace(story, again=True).deaths():
        story.live(death)


def every_lost_answer(scene: Scene, act: Act, then: Then, place: Place) -> None:
    """Throttled, or done and the reply lost, at every effect: an error where a death was (F17)."""
    story = _Story(scene, act, then, Place(place.on), befall=lambda _, done: no_answer(done))
    for fault in story.deaths():
        story.live(fault)


def meanwhile(scene: Scene, act: Act, other: Act, then: Then) -> None:
    """Somebody else acts between two effects, whichever two, from before the first to the end."""

    def acts(now: Scene, _: Done) -> None:
        other(now, now.recorded)

    effects = _Story(scene, act, lambda _: None, Place()).live()
    story = _Story(scene, act, then, Place(), befall=acts)
    for at in range(1, len(effects) + 1):
        story.live((at, False))
    story.live((len(effects), True))


@dataclass(frozen=True)
class _Story:
    """One moment, what is about to happen in it, and what must have come of it."""

    scene: Scene
    act: Act
    then: Then
    place: Place
    befall: Callable[[Scene, Done], None] = lambda _, done: die(done)
    again: bool = True

    def deaths(self) -> list[Death]:
        """Live once without dying, see that all is well, and name every effect's two sides."""
        effects = list(enumerate(self.live(), start=1))
        if not self.place.thrifty:
            return list(product([at for at, _ in effects], (False, True)))
        changing = [at for at, done in effects if done.method not in _READS]
        return [(changing[0], False), *((at, True) for at in changing)]

    def live(self, *deaths: Death) -> list[Done]:
        """Live through it, dying where told; return what took place once it was taken."""
        scene = self.scene.copy()
        before = len(scene.log)
        with _told(deaths, scene.log):
            with self.place.on(scene):
                taken = not all(self._dies(scene, each) for each in deaths)
                if self.again and not taken:
                    self._deliver(scene)
                done = scene.log[before:]
            until_quiet(scene)
            invariants.hold(scene)
            self.then(scene)
        return done

    def _dies(self, scene: Scene, death: Death) -> bool:
        at, after = death
        effects = Effects(scene.log, lambda done: self.befall(scene, done), at=at, after=after)
        try:
            self.act(scene, seen(scene.firm, effects))
        except (Killed, TemporarilyUnavailable):
            return True
        return False

    def _deliver(self, scene: Scene) -> None:
        """Bring the trigger again until it is taken."""
        for _ in range(_DELIVERIES):
            try:
                self.act(scene, scene.recorded)
            except TemporarilyUnavailable:
                scene.firm.clock.advance(seconds=30)
            else:
                return
        raise AssertionError("never taken, however often it was delivered")


@contextmanager
def _told(deaths: tuple[Death, ...], log: list[Done]) -> Generator[None]:
    """Say with a failure where the process had died."""
    start = len(log)
    try:
        yield
    except Exception as error:
        places = [f"{'after' if after else 'before'} effect {at}" for at, after in deaths]
        error.add_note(f"it befell {', then '.join(places) or 'never'}")
        error.add_note(f"effects: {', '.join(map(str, log[start:]))}")
        raise
