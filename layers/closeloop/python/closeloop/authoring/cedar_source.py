"""Where each statement of a Cedar file stands: Cedar's own messages say what, but not where."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A string may hold anything; a comment runs to the end of its line; a semicolon ends a statement.
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|;|\s+|[^\s;"/]+|/')


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its annotations, and the line of the file where it begins."""

    text: str
    line: int

    def line_of(self, *needles: str) -> int:
        """The line of the first needle that occurs in the statement, else where it begins."""
        return self.line + line_with(self.text, *needles) - 1


def line_with(text: str, *needles: str) -> int:
    """The line of the first needle that occurs in `text` outside comments, else 1."""
    for needle in filter(None, needles):
        whole = re.compile(rf"(?<!\w){re.escape(needle)}(?!\w)")
        for at, line in enumerate(text.splitlines(), 1):
            if whole.search(line.partition("//")[0]):
                return at
    return 1


def statements(source: str) -> list[Statement]:
    """The statements of a Cedar file, in order, each without the comments before it."""
    found: list[Statement] = []
    start: int | None = None
    for token in _TOKEN.finditer(source):
        word = token.group()
        if start is None and not word.isspace() and not word.startswith("//"):
            start = token.start()
        if word == ";" and start is not None:
            found.append(_statement(source, start, token.end()))
            start = None
    if start is not None:
        found.append(_statement(source, start, len(source)))
    return found


def _statement(source: str, start: int, end: int) -> Statement:
    return Statement(source[start:end], source.count("\n", 0, start) + 1)
