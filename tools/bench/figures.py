"""A figure with its limit beside it, and the sections of a report made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A count or a ratio. `limit` is the most it may be, None where it is only printed."""

    name: str
    value: float
    limit: float | None = None
    digits: int = 0

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its limit; judged as it is written, so that none looks wrong."""
        return self.limit is None or round(self.value, self.digits) <= self.limit

    @property
    def written(self) -> str:
        """The value with its digits."""
        return f"{self.value:,.{self.digits}f}"

    @property
    def limit_written(self) -> str:
        """The limit as ≤ n, empty if there is none."""
        return "" if self.limit is None else f"≤ {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Table:
    """Details behind the figures."""

    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report: what it says, its figures, the details, how to read them."""

    title: str
    about: str
    figures: list[Figure]
    tables: list[Table] = field(default_factory=list[Table])

    @property
    def broken(self) -> list[Figure]:
        """The figures that exceed their limit."""
        return [figure for figure in self.figures if not figure.holds]


def to_document(sections: list[Section]) -> list[dict[str, Any]]:
    """The sections as plain values."""
    return [asdict(section) for section in sections]


def from_document(document: list[dict[str, Any]]) -> list[Section]:
    """The sections that `to_document` wrote."""
    return [
        Section(
            title=each["title"],
            about=each["about"],
            figures=[Figure(**figure) for figure in each["figures"]],
            tables=[Table(**table) for table in each["tables"]],
        )
        for each in document
    ]
