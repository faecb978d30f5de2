"""What a case may live through, as both emulators must play it from the real definition."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.fakes.journey_functions import SILENT, Answer, breaks, tells, told_later

DEFINITION = Path("statemachines/case_journey.asl.json")
LONG = 30  # seconds; no scenario waits this long
SEND, ASK, HOLD = "Send touch", "What happened?", "Hold until lawful"
CLOSE, FAILURE = "Close unanswered", "Hand off failure"


class StepFunctions(Protocol):
    """A botocore client of Step Functions: every operation takes keywords and returns a dict."""

    def __getattr__(self, operation: str, /) -> Callable[..., Any]: ...


@dataclass(frozen=True, slots=True)
class Scenario:
    """A script for both functions and the states that the case must pass, in order."""

    path: tuple[str, ...]
    send_touch: tuple[Answer, ...]
    hand_off: tuple[Answer, ...] = ()
    waits: tuple[int, ...] = (LONG,)
    error: str | None = None

    @property
    def status(self) -> str:
        """How the execution ends."""
        return "FAILED" if self.error else "SUCCEEDED"


def _ends(outcome: str, state: str) -> Scenario:
    return Scenario((SEND, ASK, state), (told_later(outcome),))


def _fails(
    path: tuple[str, ...], send_touch: tuple[Answer, ...], hand_off: tuple[Answer, ...] = ()
) -> Scenario:
    ends = (FAILURE, "Journey failed")
    return Scenario((*path, *ends), send_touch, hand_off, error="JourneyFailed")


SCENARIOS: Mapping[str, Scenario] = {
    "resolved at the first touch": _ends("resolved", "Resolved"),
    "settled while waiting": _ends("settled", "Settled elsewhere"),
    "withdrawn while waiting": _ends("withdrawn", "Withdrawn"),
    "handed off while waiting": _ends("handed_off", "Handed off"),
    "expired while waiting": _ends("expired", "Expired"),
    "resolved at the second touch": Scenario(
        (SEND, ASK, SEND, ASK, "Resolved"), (SILENT, told_later("resolved")), waits=(1, LONG)
    ),
    "resolved at the third touch": Scenario(
        (SEND, ASK, SEND, ASK, SEND, ASK, "Resolved"),
        (SILENT, SILENT, told_later("resolved")),
        waits=(1, 1, LONG),
    ),
    "held, then sent": Scenario(
        (SEND, ASK, HOLD, SEND, ASK, "Resolved"), (tells("hold", 1), told_later("resolved"))
    ),
    "a touch that cannot be sent gives way at once": Scenario(
        (SEND, ASK, SEND, ASK, "Resolved"),
        (tells("next"), told_later("resolved")),
        waits=(LONG, LONG),
    ),
    "nobody answered": Scenario(
        (SEND, ASK, CLOSE, ASK, "Handed off"), (SILENT,), (tells("handed_off"),), waits=(1,)
    ),
    "nobody can be reached": Scenario(
        (SEND, ASK, CLOSE, ASK, "Handed off"), (tells("next"),), (tells("handed_off"),)
    ),
    "the deadline passed before the plan did": Scenario(
        (SEND, ASK, CLOSE, ASK, "Handed off"),
        (tells("no_response"),),
        (tells("handed_off"),),
        waits=(LONG, LONG),
    ),
    "closing finds an accepted submission and waits for it": Scenario(
        (SEND, ASK, CLOSE, ASK, "Resolved"), (SILENT,), (told_later("resolved"),), waits=(1,)
    ),
    "a dependency that does not answer is asked again": Scenario(
        (SEND, ASK, "Resolved"), (breaks("TemporarilyUnavailable"), told_later("resolved"))
    ),
    "a fault in send_touch goes to a person": _fails((SEND,), (breaks("KeyError"),)),
    "a fault in closing goes to a person": _fails(
        (SEND, ASK, CLOSE), (tells("no_response"),), (breaks("KeyError"),)
    ),
    "an outcome nobody knows is a failure": _fails((SEND, ASK), (tells("paid"),)),
    "a hold without a length is a failure": _fails((SEND, ASK), (tells("hold"),)),
    "closing may not start over": _fails(
        (SEND, ASK, CLOSE, ASK), (tells("no_response"),), (tells("next"),)
    ),
    "even the handoff breaks": Scenario(
        (SEND, FAILURE, "Nobody told"),
        (breaks("KeyError"),),
        (breaks("KeyError"),),
        error="HandOffFailed",
    ),
}


def definition(**functions: str) -> str:
    """Return the real definition with its substitutions filled in, as SAM does."""
    text = DEFINITION.read_text()
    for name, arn in functions.items():
        text = text.replace(f"${{{name}}}", arn)
    return text


@dataclass(frozen=True, slots=True)
class Run:
    """How an execution ended, and the states it entered on the way."""

    status: str
    error: str | None
    path: tuple[str, ...]
    events: int
    input: Mapping[str, Any]
    output: Mapping[str, Any] | None


def observe(client: StepFunctions, execution_arn: str, within_s: float = 30) -> Run:
    """Wait for an execution to end and read its history."""
    deadline = time.monotonic() + within_s
    described = client.describe_execution(executionArn=execution_arn)
    while described["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.05)
        described = client.describe_execution(executionArn=execution_arn)
    failed = described["status"] == "FAILED"
    return Run(
        described["status"],
        described.get("error") if failed else None,
        path(client, execution_arn),
        len(history(client, execution_arn)),
        json.loads(described["input"]),
        None if failed or not described.get("output") else json.loads(described["output"]),
    )


def path(client: StepFunctions, execution_arn: str) -> tuple[str, ...]:
    """Return the states entered so far: the transitions that AWS charges for, retries aside."""
    events = history(client, execution_arn)
    entered = (event.get("stateEnteredEventDetails") for event in events)
    return tuple(details["name"] for details in entered if details)


def history(client: StepFunctions, execution_arn: str) -> list[dict[str, Any]]:
    """Return every event of an execution, oldest first."""
    pages = client.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
    return [event for page in pages for event in page["events"]]
