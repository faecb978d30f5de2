"""Edits of a parsed definition, in place, by the path to what they change."""

from collections.abc import Callable
from typing import Any

from tools.journey.walk import Json

Spoil = Callable[[Json], None]


def put(*where: str | int, value: object) -> Spoil:
    """Set a value below States."""

    def spoil(machine: Json) -> None:
        _below(machine, where)[where[-1]] = value

    return spoil


def drop(*where: str | int) -> Spoil:
    """Remove a value below States."""

    def spoil(machine: Json) -> None:
        del _below(machine, where)[where[-1]]

    return spoil


def top(key: str, value: object) -> Spoil:
    """Set a value of the machine itself."""

    def spoil(machine: Json) -> None:
        machine[key] = value

    return spoil


def _below(machine: Json, where: tuple[str | int, ...]) -> dict[str | int, object]:
    part: Any = machine["States"]
    for key in where[:-1]:
        part = part[key]
    return part
