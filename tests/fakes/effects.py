"""Every effect of a use case on the outside, written down, and what befalls it at one of them.

One proxy serves for all ports: table, journey, queues, senders, core. It counts the calls and can
let something happen just before or just after one of them took place: the process dies, a reply is
lost, or somebody else acts in between. The use cases know nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from closeloop.application.ports import SendInDoubtError, TemporarilyUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.fakes.firm import Firm

Port = TypeVar("Port")


class Killed(BaseException):
    """The process died. No `except Exception` tidies up, as after a timeout or a SIGKILL."""


@dataclass(frozen=True, slots=True)
class Done:
    """An effect that took place, or is about to."""

    port: str
    method: str
    args: tuple[Any, ...]
    named: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.port}.{self.method}"


Befall = Callable[[Done], None]


def die(_: Done) -> None:
    raise Killed


def no_answer(done: Done) -> None:
    """Before the effect: it was throttled. After it: only its reply was lost (F17).

    A writeback's own calls say what became of them in their result, never by an exception.
    """
    if done.port.startswith("sender"):
        raise SendInDoubtError
    if done.method not in {"apply", "look_up"}:
        raise TemporarilyUnavailable


@dataclass
class Effects:
    """Lets `befall` happen at effect number `at` (from 1), before it or `after` it."""

    log: list[Done] = field(default_factory=list)
    befall: Befall = die
    at: int = 0
    after: bool = False
    count: int = 0

    def over(self, port: Port, name: str) -> Port:
        """The same port, seen through this."""
        return cast("Port", _Seen(self, port, name))

    def call(self, done: Done, take_place: Callable[..., Any]) -> Any:
        self.count += 1
        mine = self.count == self.at
        if mine and not self.after:
            self.befall(done)
        result = take_place(*done.args, **done.named)
        self.log.append(done)
        if mine and self.after:
            self.befall(done)
        return result


class _Seen:
    """Stands before a port; whatever is no call passes through."""

    def __init__(self, effects: Effects, port: object, name: str) -> None:
        self._effects = effects
        self._port = port
        self._name = name

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._port, method)
        if method.startswith("_") or not callable(found):
            return found

        def call(*args: object, **named: object) -> object:
            return self._effects.call(Done(self._name, method, args, named), found)

        return call


def seen(firm: Firm, effects: Effects) -> Firm:
    """The same firm with every port seen through `effects`."""
    return replace(
        firm,
        table=effects.over(firm.table, "table"),
        journey=effects.over(firm.journey, "journey"),
        queue=effects.over(firm.queue, "queue"),
        rejects=effects.over(firm.rejects, "rejects"),
        core=effects.over(firm.core, "core"),
        senders={
            channel: effects.over(sender, f"sender {channel}")
            for channel, sender in firm.senders.items()
        },
    )
