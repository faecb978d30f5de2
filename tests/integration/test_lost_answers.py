"""DynamoDB throttles, loses replies and cancels transactions, one call at a time (F17, F18).

The faults happen inside botocore, below the table's adapter. Whatever they hit, the use case fails
in a way that may be repeated, and once repeated it has happened once.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters.dynamodb import DynamoTable
from closeloop.application.ports import TemporarilyUnavailable
from tests.crashes import (
    core_facts,
    dead_letters,
    hand_off,
    one_time_code,
    open_case,
    send_touch,
    submit_action,
    writeback,
)
from tests.crashes.moments import code_sent, contacted, identified, landed, opened, quiet
from tests.fakes import invariants
from tests.fakes.botocore_faults import CallFaults, RepliesLostOnce, refusal
from tests.fakes.clockwork import until_quiet
from tests.fakes.moto_table import aws_client, moto_table
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from tests.crashes.matrix import Act, Then
    from tests.fakes.botocore_faults import Answer
    from tests.fakes.scene import Scene

pytestmark = pytest.mark.integration

Story = tuple["Callable[[], Scene]", "Act", "Then"]
STORIES: dict[str, Story] = {
    "open": (quiet, open_case.trigger, open_case.one_case_on_its_way),
    "settle": (contacted, core_facts.settles, core_facts.settled_and_silent),
    "protect": (contacted, core_facts.protects, core_facts.paused_until_told_otherwise),
    "send": (opened, send_touch.first_touch, send_touch.three_messages_at_most),
    "issue": (landed, one_time_code.ask, one_time_code.the_newest_code_is_right),
    "check": (code_sent, one_time_code.verify, one_time_code.proved_once_or_begun_again),
    "submit": (identified, submit_action.submit, submit_action.applied_once_with_one_receipt),
    "write back": (
        lambda: writeback.delivered_to(writeback.A),
        writeback.carry,
        writeback.resolved_by_one_effect,
    ),
    "hand off": (contacted, hand_off.unanswered, hand_off.expired_with_one_owner),
    "dead letter": (contacted, dead_letters.about_the_case, dead_letters.told_once),
}
EVERY_STORY = pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
DELIVERIES = 6


@pytest.fixture(scope="module")
def plain(aws: None) -> Any:
    """A client without faults, for what the tests do themselves."""
    del aws
    return aws_client("dynamodb")


@contextmanager
def on(client: Any, plain: Any, scene: Scene) -> Generator[None]:
    """Let the scene's table be asked through a client; it goes back to memory afterwards."""
    with moto_table(plain, scene.rows) as table:
        scene.firm = scene.firm.over(DynamoTable(client, table._name))
        yield
        scene.firm = scene.firm.over(FakeTable.holding(scene.rows))


def deliver(scene: Scene, act: Act) -> None:
    for _ in range(DELIVERIES):
        try:
            act(scene, scene.recorded)
        except TemporarilyUnavailable:
            scene.firm.clock.advance(seconds=30)
        else:
            return
    raise AssertionError("never taken, however often it was delivered")


def happened_once(scene: Scene, then: Then) -> None:
    until_quiet(scene)
    invariants.hold(scene)
    then(scene)


@EVERY_STORY
@pytest.mark.parametrize("after", [False, True], ids=["throttled", "reply lost"])
def test_one_call_that_fails_is_repeated_by_whoever_called_and_happens_once_f17(
    plain: Any, story: Story, *, after: bool
):
    moment, act, then = story
    faults = CallFaults(aws_client("dynamodb"))
    at, reached = 0, True
    while reached:
        at += 1
        scene = moment().copy()
        with on(faults.client, plain, scene):
            faults.arm(at, after=after)
            deliver(scene, act)
            reached = faults.disarm()
        happened_once(scene, then)
    assert at > 2, "the use case asks its table at least twice"


@EVERY_STORY
def test_the_sdk_s_own_repetition_of_single_writes_is_not_taken_for_a_rival_f17_r3(
    plain: Any, story: Story
):
    """Each write's first attempt is done and its reply lost; the SDK sends the same write again.

    DynamoDB knows a repeated transaction by its token, which moto does not: those are left alone.
    """
    moment, act, then = story
    scene = moment().copy()
    client = aws_client("dynamodb", attempts=2)
    RepliesLostOnce(client, operations=("UpdateItem", "PutItem", "DeleteItem"))
    with on(client, plain, scene):
        deliver(scene, act)
    happened_once(scene, then)


def test_the_ledger_knows_its_own_last_write_even_if_a_transaction_is_repeated_f17_r3(plain: Any):
    """As above, and no token tells: what stands in the way is what this run has just written."""
    moment, act, then = STORIES["write back"]
    scene = moment().copy()
    client = aws_client("dynamodb", attempts=2)
    RepliesLostOnce(client)
    with on(client, plain, scene):
        act(scene, scene.recorded)
        assert scene.firm.journey.told[-1].outcome == "resolved"
    happened_once(scene, then)


def conflicts(times: int) -> Callable[[str, Mapping[str, Any]], Answer | None]:
    """Cancel so many transactions because somebody else's holds their first item."""
    left = [times]

    def answer(operation: str, params: Mapping[str, Any]) -> Answer | None:
        if operation != "TransactWriteItems" or not left[0]:
            return None
        left[0] -= 1
        count = params["body"].count(b"ClientRequestToken") and params["body"].count(b'"TableName"')
        reasons = [{"Code": "None"}] * (count - 1)
        held = {"Code": "TransactionConflict", "Message": "held by another"}
        return refusal("TransactionCanceledException", CancellationReasons=[held, *reasons])

    return answer


@EVERY_STORY
@pytest.mark.parametrize("times", [1, 2], ids=["once", "twice"])
def test_a_transaction_cancelled_by_a_conflict_is_decided_again_within_the_call_f18(
    plain: Any, story: Story, times: int
):
    moment, act, then = story
    scene = moment().copy()
    faults = CallFaults(aws_client("dynamodb"), always=conflicts(times))
    with on(faults.client, plain, scene):
        act(scene, scene.recorded)
    assert faults.calls.count("TransactWriteItems") > times
    happened_once(scene, then)


@EVERY_STORY
def test_a_case_that_will_not_hold_still_is_left_to_the_next_delivery_f18(plain: Any, story: Story):
    moment, act, then = story
    scene = moment().copy()
    faults = CallFaults(aws_client("dynamodb"), always=conflicts(1000))
    with on(faults.client, plain, scene):
        with pytest.raises(TemporarilyUnavailable):
            act(scene, scene.recorded)
        assert faults.calls.count("TransactWriteItems") <= 6
        faults.always = lambda _name, _params: None
        deliver(scene, act)
    happened_once(scene, then)
