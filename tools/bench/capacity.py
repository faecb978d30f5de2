"""What DynamoDB bills, by its own rules: units of reads and writes, and the size of items.

Write units are the emulator's, which follow AWS (indexes and transactions included). Its read units
do not: it leaves batches out and does not add up queries. So those are computed here from what was
read. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_READ_BLOCK = 4096
_STRUCTURE, _ELEMENT = 3, 1  # bytes that a list or map adds, itself and for each element
READS = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})


def write_units(reply: Mapping[str, Any]) -> float:
    """Units of a write, from its own reply."""
    consumed = reply["ConsumedCapacity"]
    each = consumed if isinstance(consumed, list) else [consumed]
    return sum(table["CapacityUnits"] for table in each)


def read_units(operation: str, asked: Mapping[str, Any], reply: Mapping[str, Any]) -> float:
    """Units of a read: each item rounded up by itself, except that a query adds them up first."""
    if operation == "GetItem":
        return _units([reply.get("Item", {})], strong=bool(asked.get("ConsistentRead")))
    if operation == "BatchGetItem":
        return sum(
            _batch_units(table, reply["Responses"].get(name, []))
            for name, table in asked["RequestItems"].items()
        )
    total = sum(map(item_bytes, reply["Items"]))
    return _blocks(total) * _share(strong=bool(asked.get("ConsistentRead")))


def item_bytes(item: Mapping[str, Any]) -> int:
    """The size that DynamoDB counts: names and values in UTF-8, numbers by their digits."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _batch_units(table: Mapping[str, Any], found: list[Mapping[str, Any]]) -> float:
    missing: list[Mapping[str, Any]] = [{}] * (len(table["Keys"]) - len(found))
    return _units([*found, *missing], strong=bool(table.get("ConsistentRead")))


def _units(items: Iterable[Mapping[str, Any]], *, strong: bool) -> float:
    return sum(_blocks(item_bytes(item)) for item in items) * _share(strong=strong)


def _blocks(size: int) -> int:
    return max(1, math.ceil(size / _READ_BLOCK))


def _share(*, strong: bool) -> float:
    return 1 if strong else 0.5


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    return _SIZES.get(kind, len)(content)


def _number_bytes(number: str) -> int:
    digits = number.lstrip("-").replace(".", "").strip("0")
    return math.ceil(len(digits) / 2) + 1


def _map_bytes(content: Mapping[str, Any]) -> int:
    return _STRUCTURE + len(content) * _ELEMENT + item_bytes(content)


def _list_bytes(content: list[Mapping[str, Any]]) -> int:
    return _STRUCTURE + sum(_ELEMENT + _value_bytes(each) for each in content)


_SIZES: Mapping[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number_bytes,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "M": _map_bytes,
    "L": _list_bytes,
    "SS": lambda texts: sum(len(text.encode()) for text in texts),
    "NS": lambda numbers: sum(map(_number_bytes, numbers)),
}
