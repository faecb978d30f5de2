"""The case table on DynamoDB.

One change goes out as a plain conditional write, several as one transaction whose request token
botocore mints, so that its own retry of a lost reply cannot apply it twice. Conditions are always
on the caller's clock: an expired item that TTL has not yet removed is an expired item (R12).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from closeloop.adapters.attributes import from_attributes, to_attribute, to_attributes
from closeloop.adapters.expressions import Expressions
from closeloop.application.ports import (
    Change,
    Check,
    ConflictError,
    Delete,
    Item,
    Key,
    Put,
    TemporarilyUnavailable,
    Update,
)
from closeloop.domain.instants import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionInProgressException",
        # A single write met somebody's transaction: no condition was looked at, nothing refused.
        "TransactionConflictException",
    }
)
_CONFLICTS = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
_ALIVE = frozenset({"None", *_CONFLICTS})


class DynamoTable:
    """The real case table; TemporarilyUnavailable for throttling, faults and lost replies."""

    def __init__(self, client: Any, name: str) -> None:  # noqa: ANN401 - botocore clients are untyped
        self._client = client
        self._name = name

    def get(self, *keys: Key) -> list[Item | None]:
        """Read one or several items, strongly consistent, in one call."""
        if len(keys) == 1:
            reply = self._call(
                "get_item", Key=_key(keys[0]), TableName=self._name, ConsistentRead=True
            )
            return [from_attributes(reply["Item"]) if "Item" in reply else None]
        wanted = {"Keys": [_key(key) for key in dict.fromkeys(keys)], "ConsistentRead": True}
        reply = self._call("batch_get_item", RequestItems={self._name: wanted})
        if reply.get("UnprocessedKeys"):
            raise TemporarilyUnavailable
        items = (from_attributes(each) for each in reply["Responses"].get(self._name, []))
        found = {(item["pk"], item["sk"]): item for item in items}
        return [found.get((key.pk, key.sk)) for key in keys]

    def query(
        self, pk: str, prefix: str = "", *, newest_first: bool = False, limit: int = 100
    ) -> list[Item]:
        """Read a partition, or the part of it whose sort keys start with `prefix`."""
        condition, values = "pk = :pk", {":pk": pk}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :sk)", values | {":sk": prefix}
        return self._pages(
            limit,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=to_attributes(values),
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
        )

    def write(self, *changes: Change) -> None:
        """Apply all changes or none."""
        if len(changes) == 1 and not isinstance(changes[0], Check):
            self._single(changes[0])
            return
        actions = [{_VERBS[type(change)]: self._request(change)} for change in changes]
        for action in actions:
            (body,) = action.values()
            body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        self._call("transact_write_items", TransactItems=actions)

    def update(self, change: Update) -> Item:
        """Apply one update and return the item after it."""
        reply = self._single(change, ReturnValues="ALL_NEW")
        return from_attributes(reply["Attributes"])

    def due(self, kind: str, until: datetime, limit: int = 50) -> list[Item]:
        """Read the sparse `due` index up to an instant."""
        return self._index("due", "due_kind", kind, until, limit)

    def work(self, owner: str, limit: int = 50) -> list[Item]:
        """Read the sparse `work` index of one owner."""
        return self._index("work", "owner", owner, None, limit)

    def _index(
        self, index: str, partition: str, value: str, until: datetime | None, limit: int
    ) -> list[Item]:
        condition, values = "#p = :p", {":p": value}
        if until is not None:
            condition, values = f"{condition} AND due_at <= :t", values | {":t": to_text(until)}
        return self._pages(
            limit,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#p": partition},
            ExpressionAttributeValues=to_attributes(values),
        )

    def _pages(self, limit: int, **request: Any) -> list[Item]:  # noqa: ANN401
        """Query page by page: DynamoDB ends a page after 1 MB, whatever the limit."""
        items: list[Item] = []
        while True:
            reply = self._call("query", TableName=self._name, Limit=limit - len(items), **request)
            items += [from_attributes(each) for each in reply["Items"]]
            if len(items) >= limit or "LastEvaluatedKey" not in reply:
                return items
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def _single(self, change: Put | Update | Delete, **extra: str) -> dict[str, Any]:
        return self._call(
            _SINGLE[type(change)],
            **self._request(change),
            **extra,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _request(self, change: Change) -> dict[str, Any]:
        names = Expressions()
        request: dict[str, Any] = {"TableName": self._name}
        if isinstance(change, Put):
            key = {"pk": change.key.pk, "sk": change.key.sk}
            request["Item"] = to_attributes({**change.item, **key})
        else:
            request["Key"] = _key(change.key)
        if isinstance(change, Update):
            request["UpdateExpression"] = names.update(change)
        if change.when:
            request["ConditionExpression"] = names.condition(change.when)
        return request | names.bindings()

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:  # noqa: ANN401
        try:
            return getattr(self._client, operation)(**request)
        except ClientError as error:
            raise _translated(error) from error
        except BotoCoreError as error:
            raise TemporarilyUnavailable from error


_SINGLE = {Put: "put_item", Update: "update_item", Delete: "delete_item"}
_VERBS = {Put: "Put", Update: "Update", Delete: "Delete", Check: "ConditionCheck"}


def _key(key: Key) -> dict[str, Any]:
    return {"pk": to_attribute(key.pk), "sk": to_attribute(key.sk)}


def _translated(error: ClientError) -> Exception:
    reply: Mapping[str, Any] = error.response
    code = reply["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return ConflictError({0: _found(reply)})
    reasons = reply.get("CancellationReasons", [])
    if code == "TransactionCanceledException" and reasons:
        codes = [reason.get("Code", "None") for reason in reasons]
        if _CONFLICTS.intersection(codes) and _ALIVE.issuperset(codes):
            pairs = enumerate(zip(codes, reasons, strict=True))
            return ConflictError(
                {at: _found(reason) for at, (why, reason) in pairs if why in _CONFLICTS}
            )
        if "ValidationError" not in codes:
            return TemporarilyUnavailable()
    if code in _BUSY or reply.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:  # noqa: PLR2004 - server faults
        return TemporarilyUnavailable()
    return error


def _found(reply: Mapping[str, Any]) -> Item | None:
    return from_attributes(reply["Item"]) if reply.get("Item") else None
