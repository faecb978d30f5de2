"""Changes and conditions as DynamoDB expressions, with every name and value bound."""

from __future__ import annotations

from typing import Any

from closeloop.adapters.attributes import to_attribute
from closeloop.application.ports import (
    Above,
    Absent,
    AbsentOr,
    Below,
    Condition,
    Is,
    OneOf,
    Test,
    Update,
)


class Expressions:
    """Collects the placeholders of one request."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def condition(self, when: Condition) -> str:
        """Write a condition: every test must pass."""
        return " AND ".join(self._test(name, test) for name, test in when.items())

    def update(self, change: Update) -> str:
        """Write the update expression of a change."""
        clauses: list[str] = []
        if change.set:
            pairs = (f"{self._name(name)} = {self._value(v)}" for name, v in change.set.items())
            clauses.append("SET " + ", ".join(pairs))
        if change.remove:
            clauses.append("REMOVE " + ", ".join(self._name(name) for name in change.remove))
        if change.add:
            pairs = (f"{self._name(name)} {self._value(v)}" for name, v in change.add.items())
            clauses.append("ADD " + ", ".join(pairs))
        return " ".join(clauses)

    def bindings(self) -> dict[str, Any]:
        """Return the request's maps of names and values, leaving out the empty ones."""
        maps = {
            "ExpressionAttributeNames": {alias: name for name, alias in self._names.items()},
            "ExpressionAttributeValues": self._values,
        }
        return {key: value for key, value in maps.items() if value}

    def _test(self, name: str, test: Test) -> str:
        alias = self._name(name)
        match test:
            case Absent():
                return f"attribute_not_exists({alias})"
            case Is(value):
                return f"{alias} = {self._value(value)}"
            case OneOf(values):
                return f"{alias} IN ({', '.join(self._value(value) for value in values)})"
            case Below(value):
                return f"{alias} < {self._value(value)}"
            case Above(value):
                return f"{alias} > {self._value(value)}"
            case AbsentOr(inner):
                return f"(attribute_not_exists({alias}) OR {self._test(name, inner)})"

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#n{len(self._names)}")

    def _value(self, value: object) -> str:
        alias = f":v{len(self._values)}"
        self._values[alias] = to_attribute(value)
        return alias
