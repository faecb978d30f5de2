"""What a workflow author has to fix, each with the file and the line where to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to fix. `file` is relative to the folder of all workflows; lines count from 1."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class BrokenWorkflowError(Exception):
    """A workflow cannot be compiled; `problems` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def one_of(words: Iterable[str]) -> str:
    """A list of words as an author reads it: `a, b or c`."""
    known = sorted(words)
    return " or ".join(filter(None, [", ".join(known[:-1]), *known[-1:]])) or "nothing"
