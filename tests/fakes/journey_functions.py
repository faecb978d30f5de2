"""`send_touch` and `hand_off` as a script plays them, for runs of the real state machine.

The machine invokes them with the payload of the definition; they answer as the real functions may:
complete their own token, leave it to somebody who completes it later, or fail.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from closeloop.application.ports import Journey


@dataclass(frozen=True, slots=True)
class Tell:
    """Complete the task's token: an outcome, and how long to hold if it is a hold."""

    outcome: str
    hold_s: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one invocation does: tell (at once, or `after_s` seconds later), or fail by a name."""

    tells: tuple[Tell, ...] = ()
    after_s: float = 0
    error: str | None = None


SILENT = Answer()


def tells(outcome: str, hold_s: int | None = None) -> Answer:
    """The function completes its own token before it returns."""
    return Answer((Tell(outcome, hold_s),))


def told_later(outcome: str) -> Answer:
    """The function leaves its token to somebody else, who completes it a moment later."""
    return Answer((Tell(outcome),), after_s=0.3)


def breaks(error: str) -> Answer:
    """The function raises an exception of this name."""
    return Answer(error=error)


@dataclass
class JourneyFunctions:
    """Both functions, playing one script per case. `calls` records every payload, in order."""

    journey: Journey
    calls: dict[str, list[tuple[str, Mapping[str, Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    told: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    _scripts: dict[tuple[str, str], list[Answer]] = field(
        default_factory=dict[tuple[str, str], list[Answer]]
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self, case_id: str, **scripts: tuple[Answer, ...]) -> None:
        """Set what each function answers for a case, invocation by invocation, then silence."""
        for function, answers in scripts.items():
            self._scripts[case_id, function] = list(answers)

    def invoke(self, function: str, payload: Mapping[str, Any]) -> str | None:
        """Play one invocation; return the name of the exception it raises, if any."""
        case_id = payload["case_id"]
        with self._lock:
            self.calls[case_id].append((function, payload))
            script = self._scripts.get((case_id, function), [])
            answer = script.pop(0) if script else SILENT
        if answer.after_s:
            threading.Timer(answer.after_s, self._tell, (payload, answer)).start()
        else:
            self._tell(payload, answer)
        return answer.error

    def _tell(self, payload: Mapping[str, Any], answer: Answer) -> None:
        for tell in answer.tells:
            done = self.journey.finish(payload["token"], tell.outcome, tell.hold_s)
            self.told[payload["case_id"]].append(done)
