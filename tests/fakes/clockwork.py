"""What AWS does by itself: delivers until acknowledged, sweeps every minute, waits and goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from closeloop.application.ports import TemporarilyUnavailable
from closeloop.application.send_touch import Step
from closeloop.domain.blueprint import Reason
from closeloop.domain.ledger import State, acknowledges

if TYPE_CHECKING:
    from tests.fakes.scene import Scene

_PATIENCE = 90
_LAMBDA_TIME = timedelta(seconds=30)


def lambda_time() -> timedelta:
    return _LAMBDA_TIME


def deliver(scene: Scene) -> None:
    """Give each waiting message to the writeback once; one that it does not finish stays."""
    firm = scene.recorded
    bodies = [body for body, _ in scene.firm.queue.sent]
    scene.firm.queue.sent.clear()
    for body in bodies:
        try:
            outcome = firm.writeback(body["case"], body["submission"], lambda_time)
        except TemporarilyUnavailable:
            outcome = None
        if outcome is None or not acknowledges(outcome):
            scene.firm.queue.sent.append((body, 0))


def until_quiet(scene: Scene) -> None:
    """Minute by minute deliver and sweep, until no message is on its way and nothing unfinished."""
    for _ in range(_PATIENCE):
        deliver(scene)
        scene.recorded.sweep()
        if not scene.firm.queue.sent and not _unfinished(scene):
            return
        scene.firm.clock.advance(minutes=1)
    raise AssertionError(f"still not quiet: {scene.firm.queue.sent} {_unfinished(scene)}")


def _unfinished(scene: Scene) -> list[dict[str, Any]]:
    alive = {State.PENDING.value, State.APPLIED.value}
    return [
        row
        for row in scene.rows
        if (row["sk"].startswith("SUBMISSION#") and row["state"] in alive)
        or row.get("due_kind", "").startswith("start#")
    ]


def play_journey(scene: Scene, touch: int = 1) -> str:
    """Play the state machine from a touch to its end, with nobody answering; return the outcome.

    A step that dies is repeated under a new token, as the definition's Retry says.
    """
    case_id, journey = scene.case_id, scene.firm.journey
    (waits,) = {each.waits for each in journey.started if each.case_id == case_id}
    while touch <= len(waits):
        token = journey.wait(case_id)
        outcome = scene.recorded.send_touch(Step(case_id, touch, token))
        if journey.waiting(token):
            journey.time_out(token)
            scene.firm.clock.advance(seconds=waits[touch - 1])
            touch += 1
            continue
        told = journey.told[-1]
        if told.outcome == "hold":
            scene.firm.clock.advance(seconds=told.hold_s or 0)
        elif told.outcome == "next":
            touch += 1
        elif told.outcome == "no_response":
            break
        else:
            return outcome
    return close_unanswered(scene)


def close_unanswered(scene: Scene) -> str:
    """The plan is exhausted: hand off, and wait for whoever completes the token if it is parked."""
    token = scene.firm.journey.wait(scene.case_id)
    scene.recorded.hand_off(scene.case_id, Reason.NO_RESPONSE, token)
    if scene.firm.journey.waiting(token):
        until_quiet(scene)
    assert not scene.firm.journey.waiting(token), "the journey waits for nobody"
    return scene.firm.journey.told[-1].outcome
