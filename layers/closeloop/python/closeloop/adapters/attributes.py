"""Plain values to DynamoDB's typed attributes and back.

botocore speaks typed attributes; the converter that ships with boto3 would load all of boto3 (and
knows only Decimal). Items here hold text, whole numbers, truth values, None, lists and maps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast


def to_attribute(value: object) -> dict[str, Any]:
    """Convert one plain value; TypeError for anything else, floats above all."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": to_attributes(cast("Mapping[str, object]", value))}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return {"L": [to_attribute(each) for each in cast("Sequence[object]", value)]}
    msg = f"an item cannot hold a {type(value).__name__}"
    raise TypeError(msg)


def to_attributes(item: Mapping[str, object]) -> dict[str, Any]:
    """Convert a whole item."""
    return {name: to_attribute(value) for name, value in item.items()}


def from_attribute(attribute: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any plain value
    """Convert one typed attribute back."""
    ((kind, value),) = attribute.items()
    if kind == "N":
        return int(value)
    if kind == "M":
        return from_attributes(value)
    if kind == "L":
        return [from_attribute(each) for each in value]
    return None if kind == "NULL" else value


def from_attributes(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a whole item back."""
    return {name: from_attribute(attribute) for name, attribute in attributes.items()}
