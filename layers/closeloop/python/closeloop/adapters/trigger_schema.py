"""Checks an event's detail against its contract before anything is stored.

The contracts are the JSON Schemas of `events/schemas`, one file per detail-type, which the build
puts into the workflows layer. They are always the deployed ones, never pinned: a case exists only
after its trigger has passed. Each is compiled once per environment, at its first event. Problems
name fields and what they should be, never a value, which may be personal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import fastjsonschema

if TYPE_CHECKING:
    from pathlib import Path

Check = Callable[[object], object]
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field: never its value. `field` is `detail` for the whole."""

    field: str
    reason: str


class TriggerSchemas:
    """The contracts in a folder: `<folder>/<detail-type>.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._contract = cache(self._read)

    def validate(self, detail_type: str, detail: Mapping[str, Any]) -> list[Problem]:
        """Return what is wrong with the detail, nothing when it is good or has no contract."""
        contract = self._contract(detail_type) if _FIELD.fullmatch(detail_type) else None
        return contract.problems(detail) if contract else []

    def _read(self, detail_type: str) -> _Contract | None:
        path = self._folder / f"{detail_type}.json"
        return _Contract(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


class _Contract:
    """One contract, flat by convention: a detail is an object of plain values."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._whole = _compiled(schema)

    def problems(self, detail: object) -> list[Problem]:
        """Return every problem; the good case costs one pass of compiled code."""
        if _fits(self._whole, detail) is None and not _floats(detail):
            return []
        if not isinstance(detail, Mapping):
            return [Problem("detail", "must be an object")]
        found = list(self._by_field(cast("Mapping[str, Any]", detail)))
        return found[:_MOST_PROBLEMS] or [Problem("detail", "does not meet its contract")]

    def _by_field(self, detail: Mapping[str, Any]) -> Iterator[Problem]:
        """Look field by field: only for a detail that is known to be bad."""
        known: dict[str, dict[str, Any]] = self._schema["properties"]
        for name in self._schema["required"]:
            if name not in detail:
                yield Problem(name, "is missing")
        for name, value in detail.items():
            if name not in known:
                yield Problem(name if _FIELD.fullmatch(name) else "?", "is not in the contract")
                continue
            reason = _fits(_compiled(known[name]), value)
            if reason or isinstance(value, float):
                yield Problem(name, reason or "must be written as a whole number")


def _compiled(schema: dict[str, Any]) -> Check:
    # The contracts keep to what 2020-12 and the compiler's draft 7 mean alike (tested).
    return fastjsonschema.compile(schema, formats=_FORMATS)


def _fits(check: Check, value: object) -> str | None:
    """Return None if the value passes, else what it should have been."""
    try:
        check(value)
    except fastjsonschema.JsonSchemaValueException as error:
        return _reason(str(error.rule), error.rule_definition)
    return None


def _reason(rule: str, wanted: object) -> str:
    listed = cast("list[object]", wanted) if isinstance(wanted, list) else [wanted]
    words = " or ".join(str(each) for each in listed)
    return {
        "type": f"must be of type {words}",
        "const": f"must be {words}",
        "enum": f"must be {words}",
        "minimum": f"must be at least {words}",
        "maximum": f"must be at most {words}",
        "pattern": f"must match {words}",
        "format": f"must be a real {words}",
    }.get(rule, f"breaks the rule {rule}")


def _floats(detail: object) -> bool:
    """Whether a number is written with a point: equal to a whole one, yet not money (1200.0)."""
    if not isinstance(detail, Mapping):
        return False
    return any(isinstance(value, float) for value in cast("Mapping[str, object]", detail).values())


def _real_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _real_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() is not None
    except ValueError:
        return False


_FORMATS: dict[str, Callable[[str], bool]] = {"date": _real_date, "date-time": _real_instant}
