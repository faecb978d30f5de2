"""The switches that make the core system or a channel fail, each in one known way.

A switch stays until it is turned off or its `requests` are used up. Requests are counted as the
wire sees them, so an SDK's own retry uses one too.
"""

import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class Target(StrEnum):
    """What can be made to fail."""

    CORE = "core"
    SMS = "sms"
    EMAIL = "email"
    WHATSAPP = "whatsapp"


class Mode(StrEnum):
    """How it fails. The last two are about the whole switch, the rest about one request."""

    DOWN = "down"  # refused before anything happened; may be tried again
    SLOW = "slow"  # done, and answered late
    COMMIT_THEN_TIMEOUT = "commit_then_timeout"  # done, and never answered (F12)
    LATE_COMMIT = "late_commit"  # answered as failed, and done a little later (F13)
    REJECT = "reject"  # refused for good
    FLAKY = "flaky"  # each request draws one of the above, or none
    OFF = "off"


# Seconds that a mode takes, where the caller names none. A hang outlasts every client's timeout.
SECONDS = {Mode.SLOW: 3.0, Mode.COMMIT_THEN_TIMEOUT: 15.0, Mode.LATE_COMMIT: 1.5}
# What flaky draws from: half of the requests pass.
_DRAW: tuple[Mode | None, ...] = (
    None, None, None, None, Mode.DOWN, Mode.DOWN, Mode.SLOW, Mode.COMMIT_THEN_TIMEOUT,
)  # fmt: skip
# Modes that are about a change; a question passes through them untouched and uncounted.
_WRITES_ONLY = frozenset({Mode.COMMIT_THEN_TIMEOUT, Mode.LATE_COMMIT, Mode.REJECT})
# Brief, because the draw is repeated many times and half of all requests are to pass.
_FLAKY_SLOW_S = 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What to do to one request, for how long."""

    mode: Mode
    seconds: float = 0.0


@dataclass(slots=True)
class _Switch:
    mode: Mode
    left: int | None
    seconds: float | None


class Faults:
    """All the switches; safe to share between threads. Draws are seeded, so runs repeat."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._lock = threading.Lock()
        self._switches: dict[Target, _Switch] = {}
        self._random = random.Random(seed)  # noqa: S311 - chance for tests, not secrets

    def reset(self) -> None:
        """Turn every switch off and draw from the beginning again."""
        with self._lock:
            self._switches.clear()
            self._random.seed(self._seed)

    def set(
        self,
        target: Target,
        mode: Mode,
        requests: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Turn a switch; `requests` None means until it is turned again."""
        with self._lock:
            self._switches.pop(target, None)
            if mode is not Mode.OFF:
                self._switches[target] = _Switch(mode, requests, seconds)

    def take(self, target: Target, *, write: bool) -> Fault | None:
        """Return what happens to this request, None for nothing, and count it."""
        with self._lock:
            switch = self._switches.get(target)
            if switch is None or (switch.mode in _WRITES_ONLY and not write):
                return None
            if switch.left is not None:
                switch.left -= 1
                if switch.left <= 0:
                    del self._switches[target]
            if switch.mode is not Mode.FLAKY:
                return _fault(switch.mode, switch.seconds)
            drawn = self._random.choice(_DRAW)
            if drawn is None or (drawn in _WRITES_ONLY and not write):
                return None
            return _fault(drawn, _FLAKY_SLOW_S if drawn is Mode.SLOW else switch.seconds)

    def showing(self) -> dict[str, dict[str, str | int | None]]:
        """Return the switches that are on, for people to look at."""
        with self._lock:
            return {
                target.value: {"mode": switch.mode.value, "requests_left": switch.left}
                for target, switch in self._switches.items()
            }


def _fault(mode: Mode, seconds: float | None) -> Fault:
    return Fault(mode, SECONDS.get(mode, 0.0) if seconds is None else seconds)
