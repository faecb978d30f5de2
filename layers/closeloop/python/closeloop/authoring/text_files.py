"""Reads the files of a workflow as text that people and systems read alike."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from closeloop.authoring.problems import Problem

if TYPE_CHECKING:
    from pathlib import Path

# What no editor shows: control characters but tab and line feed, and what is no character at all.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def read_text(path: Path, file: str, problems: list[Problem]) -> str | None:
    """The text of a file; None, with the problem added, if there is none to read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.append(Problem(file, 1, "this file is missing: add it"))
        return None
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        problems.append(Problem(file, line, "this is not UTF-8: save the file as UTF-8"))
        return None
    unseen = _UNSEEN.search(text)
    if unseen:
        line = 1 + text.count("\n", 0, unseen.start())
        message = f"an invisible character stands here (U+{ord(unseen[0]):04X}): remove it"
        problems.append(Problem(file, line, message))
        return None
    return text


def read_json(path: Path, file: str, problems: list[Problem]) -> dict[str, Any] | None:
    """The object in a JSON file; None, with the problem added, if there is none."""
    text = read_text(path, file, problems)
    if text is None:
        return None
    try:
        data: object = json.loads(text)
    except json.JSONDecodeError as error:
        problems.append(Problem(file, error.lineno, f"this is not JSON: {error.msg}"))
        return None
    if not isinstance(data, dict):
        problems.append(Problem(file, 1, "write a JSON object here"))
        return None
    return data  # pyright: ignore[reportUnknownVariableType] - JSON's keys are text
