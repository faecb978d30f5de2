"""What DynamoDB may answer in place of a result, and what the table makes of it (F17, F18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from closeloop.adapters.attributes import to_attributes
from closeloop.adapters.dynamodb import DynamoTable
from closeloop.application.ports import (
    NEW,
    Check,
    ConflictError,
    Delete,
    Is,
    Key,
    Put,
    TemporarilyUnavailable,
    Update,
)
from tests.fakes.botocore_faults import Answer, CallFaults, RepliesLostOnce, refusal, reply
from tests.fakes.moto_table import aws_client, moto_table
from tests.fakes.outside import TUESDAY_TEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from closeloop.application.ports import Table

pytestmark = pytest.mark.integration

ONE, TWO = Key("P", "1"), Key("P", "2")
SINGLE: dict[str, Callable[[Table], object]] = {
    "put": lambda table: table.write(Put(ONE, {"n": 1}, when=NEW)),
    "update": lambda table: table.write(Update(ONE, set={"n": 1})),
    "update and see": lambda table: table.update(Update(ONE, add={"n": 1})),
    "delete": lambda table: table.write(Delete(ONE)),
}
EVERY: dict[str, Callable[[Table], object]] = {
    **SINGLE,
    "get": lambda table: table.get(ONE),
    "get many": lambda table: table.get(ONE, TWO),
    "query": lambda table: table.query("P"),
    "due": lambda table: table.due("start#0", TUESDAY_TEN),
    "work": lambda table: table.work("disputes"),
    "transaction": lambda table: table.write(Put(ONE, {}), Put(TWO, {})),
}
BUSY = {
    "throttled": refusal("ProvisionedThroughputExceededException"),
    "throttled too": refusal("ThrottlingException"),
    "too many requests": refusal("RequestLimitExceeded"),
    "its own fault": refusal("InternalServerError", 500),
    "no server": refusal("ServiceUnavailable", 503),
    "the same transaction goes on": refusal("TransactionInProgressException"),
}


def answering(answer: Answer) -> Table:
    faults = CallFaults(aws_client("dynamodb"), always=lambda _name, _params: answer)
    return DynamoTable(faults.client, "cases")


def by(names: dict[str, Any]) -> Any:
    return pytest.mark.parametrize("call", names.values(), ids=names.keys())


@by(EVERY)
@pytest.mark.parametrize("answer", BUSY.values(), ids=BUSY.keys())
def test_a_busy_table_may_be_asked_again_f17(call: Callable[[Table], object], answer: Answer):
    with pytest.raises(TemporarilyUnavailable):
        call(answering(answer))


@by(EVERY)
def test_a_lost_reply_may_be_asked_for_again_f17(call: Callable[[Table], object]):
    faults = CallFaults(aws_client("dynamodb"), always=lambda _name, _params: reply())
    faults.arm(1, after=True)
    with pytest.raises(TemporarilyUnavailable):
        call(DynamoTable(faults.client, "cases"))


@by(EVERY)
def test_a_refusal_that_repeating_will_not_change_is_said_as_it_is(call: Callable[[Table], object]):
    with pytest.raises(ClientError, match="AccessDenied"):
        call(answering(refusal("AccessDeniedException")))


@by(SINGLE)
def test_an_item_within_a_transaction_of_somebody_else_may_be_asked_again_f18(
    call: Callable[[Table], object],
):
    """Its condition was not looked at, so nobody may take this for a refusal.

    A settlement that took it for one would believe that it was remembered already.
    """
    with pytest.raises(TemporarilyUnavailable):
        call(answering(refusal("TransactionConflictException")))


def test_some_keys_left_unread_are_no_missing_items_f17():
    unread = {"cases": {"Keys": [to_attributes({"pk": "P", "sk": "2"})]}}
    found = reply(Responses={"cases": []}, UnprocessedKeys=unread)
    with pytest.raises(TemporarilyUnavailable):
        answering(found).get(ONE, TWO)


def cancelled(*reasons: dict[str, Any]) -> Table:
    return answering(refusal("TransactionCanceledException", CancellationReasons=list(reasons)))


NONE, CONFLICT = {"Code": "None"}, {"Code": "TransactionConflict", "Message": "ongoing"}
STOOD = {"Code": "ConditionalCheckFailed", "Item": to_attributes({"pk": "P", "sk": "2", "n": 7})}
ABSENT = {"Code": "ConditionalCheckFailed"}


@pytest.mark.parametrize(
    ("reasons", "found"),
    [
        ((NONE, STOOD), {1: {"pk": "P", "sk": "2", "n": 7}}),
        ((ABSENT, STOOD), {0: None, 1: {"pk": "P", "sk": "2", "n": 7}}),
        ((CONFLICT, NONE), {0: None}),
        ((CONFLICT, STOOD), {0: None, 1: {"pk": "P", "sk": "2", "n": 7}}),
    ],
    ids=["refused", "refused twice", "held by another", "held and refused"],
)
def test_a_cancelled_transaction_names_what_stood_in_its_way_f18(
    reasons: tuple[dict[str, Any], ...], found: dict[int, Any]
):
    with pytest.raises(ConflictError) as caught:
        cancelled(*reasons).write(Put(ONE, {}, when=NEW), Check(TWO, {"n": Is(1)}))
    assert caught.value.found == found


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_cancelled_for_want_of_room_may_be_asked_again_f17(code: str):
    with pytest.raises(TemporarilyUnavailable):
        cancelled({"Code": code}, STOOD).write(Put(ONE, {}), Put(TWO, {}))


def test_a_transaction_that_can_never_be_taken_is_said_as_it_is():
    with pytest.raises(ClientError, match="TransactionCanceled"):
        cancelled({"Code": "ValidationError"}, NONE).write(Put(ONE, {}), Put(TWO, {}))


def test_the_sdk_s_own_repetition_of_a_write_shows_the_writer_its_own_item_f17_r3(aws: None):
    """The first attempt was done and its reply lost: whoever signs a write knows it again."""
    del aws
    client = aws_client("dynamodb", attempts=2)
    RepliesLostOnce(client)
    with moto_table(aws_client("dynamodb"), [{"pk": "P", "sk": "1", "n": 1}]) as table:
        change = Update(ONE, set={"owner": "me", "n": 2}, when={"n": Is(1)})
        with pytest.raises(ConflictError) as caught:
            DynamoTable(client, table._name).update(change)
    assert caught.value.found == {0: {"pk": "P", "sk": "1", "n": 2, "owner": "me"}}
