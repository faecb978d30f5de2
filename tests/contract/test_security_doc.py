"""The security page names tests that exist, one or more for every threat, and each only truly."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (T\d+) ([^|]+)\|([^|]+)\|([^|]+)\|$", PAGE, re.MULTILINE)
# Those without a row: said in words below the table.
ELSEWHERE = {"T15", "T17", "T24"}


def all_tests() -> set[str]:
    """Every test of every suite, whether it stands in a module or in a class."""
    return {
        node.name
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_threat_has_its_row():
    numbers = [number for number, *_ in ROWS]

    assert len(numbers) == len(set(numbers))
    assert {*numbers, *ELSEWHERE} == {f"T{number}" for number in range(1, 31)}
    assert all(number in PAGE for number in ELSEWHERE)


def test_every_row_names_tests_that_exist():
    there = all_tests()
    named = {number: re.findall(r"`(test_\w+)`", tests) for number, _, _, tests in ROWS}

    assert all(named.values())
    missing = {test for tests in named.values() for test in tests if test not in there}
    assert missing == set()
    assert set(re.findall(r"`(test_\w+)`", PAGE)) <= there
