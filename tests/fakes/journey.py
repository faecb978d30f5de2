"""The journey in memory: runs, the token that each waits under, and what it was told."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

_GOES_ON = frozenset({"hold", "next", "no_response"})


@dataclass(frozen=True, slots=True)
class Started:
    """A run that was started."""

    case_id: str
    run: int
    waits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome that a waiting task was completed with."""

    case_id: str
    outcome: str
    hold_s: int | None


class FakeJourney:
    """Waits under one token per case. A test may also let a task wait without having started it.

    `started` and `told` are what happened, in order; `refused` counts completions that came late.
    """

    def __init__(self) -> None:
        self.started: list[Started] = []
        self.told: list[Told] = []
        self.refused = 0
        self._waiting: dict[str, str] = {}
        self._number = 0
        self._lock = threading.RLock()

    def start(self, case_id: str, run: int, waits: Sequence[int]) -> bool:
        if not waits or min(waits) < 1:
            raise ValueError(f"a journey needs a wait of at least one second per touch: {waits!r}")
        with self._lock:
            if any((each.case_id, each.run) == (case_id, run) for each in self.started):
                return False
            self.started.append(Started(case_id, run, tuple(waits)))
            self.wait(case_id)
            return True

    def finish(self, token: str, outcome: str, hold_s: int | None = None) -> bool:
        with self._lock:
            case_id = self._waiting.pop(token, None)
            if case_id is None:
                self.refused += 1
                return False
            self.told.append(Told(case_id, outcome, hold_s))
            if outcome in _GOES_ON:
                self.wait(case_id)
            return True

    def wait(self, case_id: str) -> str:
        """Let a task of the case begin to wait; return its token."""
        with self._lock:
            self._number += 1
            token = f"token-{self._number}"
            self._waiting[token] = case_id
            return token

    def token(self, case_id: str) -> str | None:
        """Return the token that the case waits under now, None if it does not wait."""
        with self._lock:
            tokens = [token for token, case in self._waiting.items() if case == case_id]
            return tokens[-1] if tokens else None

    def waiting(self, token: str) -> bool:
        """Return whether a task still waits under the token."""
        with self._lock:
            return token in self._waiting

    def time_out(self, token: str) -> None:
        """Let the wait run out: the token is worth nothing from now on."""
        with self._lock:
            self._waiting.pop(token)
