"""Teach MiniStack 1.5.33 the condition `dynamodb:LeadingKeys`, on which every role here hangs.

Each role may touch only the partitions that begin with its own words. MiniStack does not know the
key, and on AWS as there a `ForAllValues` condition is met where the key is absent: without this,
whoever may put one item may put all of them, and no run shows a missing or a needless prefix. A
test tells the day the unpatched emulator knows it, so that this module goes away.

Runs in the emulator's own interpreter: nothing but MiniStack and the standard library is here.
"""

import contextvars
import importlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

_KEY = "dynamodb:LeadingKeys"
_MEMBERS = ("ConditionCheck", "Put", "Update", "Delete", "Get")
_EQUALS = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
_of_this_item: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("of_item")

Call = Callable[..., Any]
Json = dict[str, Any]


def install() -> None:
    """Patch what a DynamoDB request tells the permission check; twice changes nothing."""
    actions = importlib.import_module("ministack.core.iam_actions")
    evaluator = importlib.import_module("ministack.core.iam_evaluator")
    if hasattr(actions, "knows_leading_keys"):
        return
    actions.knows_leading_keys = True  # pyright: ignore[reportAttributeAccessIssue]
    for module, name, wrap in (
        (actions, "dynamodb_service_context", _of_the_request),
        (actions, "dynamodb_transaction_checks", _item_by_item),
        (evaluator, "enforce", _judged_by_its_own),
    ):
        setattr(module, name, wrap(getattr(module, name)))


def _of_the_request(context_of: Call) -> Call:
    """Name the partitions of a request that is no transaction."""

    def context(body: bytes) -> Json:
        keys = list(leading_keys(_read(body)))
        return {**context_of(body), **({_KEY: keys} if keys else {})}

    return context


def _item_by_item(checks_of: Call) -> Call:
    """Let each item of a transaction be judged by its own partition, as each is its own action."""

    def checks(action: str, body: bytes, *place: object) -> list[tuple[str, str]]:
        items: list[Json] = _read(body).get("TransactItems") or []
        parts: list[Json] = [item[m] for item in items for m in _MEMBERS if m in item]
        return _Items(checks_of(action, body, *place), [list(leading_keys(p)) for p in parts])

    return checks


class _Items(list[tuple[str, str]]):
    """Checks that tell, while they are gone through, which partition the present one is about."""

    def __init__(self, checks: list[tuple[str, str]], keys: list[list[str]]) -> None:
        super().__init__(checks)
        self._keys = keys

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for check, keys in zip(super().__iter__(), self._keys, strict=False):
            _of_this_item.set(keys)
            yield check


def _judged_by_its_own(enforce: Call) -> Call:
    def judged(*asked: object, service_context: Json | None = None, **more: Any) -> Any:  # noqa: ANN401
        keys = _of_this_item.get(None)
        _of_this_item.set(None)
        context = {**(service_context or {}), **({_KEY: keys} if keys else {})}
        return enforce(*asked, service_context=context, **more)

    return judged


def leading_keys(request: Json) -> Iterable[str]:
    """Yield the partition keys that a request names: of its table, or of the index it queries."""
    table = request.get("TableName", "")
    tables: Json = request.get("RequestItems") or {}
    for name, asked in tables.items():
        for key in _batched(asked):
            yield from _value(key, _partition_of(name, None))
    for named in ("Key", "Item"):
        if named in request:
            yield from _value(request[named], _partition_of(table, None))
    if "KeyConditionExpression" in request:
        wanted = _partition_of(table, request.get("IndexName"))
        names: dict[str, str] = request.get("ExpressionAttributeNames") or {}
        for name, value in _EQUALS.findall(request["KeyConditionExpression"]):
            if names.get(name, name) == wanted:
                yield from _value(request["ExpressionAttributeValues"], value)


def _batched(asked: Any) -> list[Json]:  # noqa: ANN401 - the wire's own shape
    """The keys of one table in a BatchGetItem or a BatchWriteItem."""
    if isinstance(asked, dict):
        return cast("Json", asked).get("Keys", [])
    parts = (part for request in cast("list[Json]", asked) for part in request.values())
    return [part.get("Key") or part.get("Item") for part in parts]


def _value(attributes: Json, name: str) -> Iterable[str]:
    if name in attributes:
        yield from (str(value) for value in attributes[name].values())


def _partition_of(table: str, index: str | None) -> str:
    """The name of the attribute that a table or one of its indexes is partitioned by."""
    tables: Any = importlib.import_module("ministack.services.dynamodb")._tables  # noqa: SLF001
    described: Json = tables.get(table) or {}
    if index is not None:
        indexes: list[Json] = described.get("GlobalSecondaryIndexes") or []
        named = [each for each in indexes if each["IndexName"] == index]
        described = named[0] if named else {}
    schema: list[Json] = described.get("KeySchema") or []
    return next((each["AttributeName"] for each in schema if each["KeyType"] == "HASH"), "")


def _read(body: bytes) -> Json:
    try:
        found: object = json.loads(body or b"{}")
    except ValueError:
        return {}
    return cast("Json", found) if isinstance(found, dict) else {}
