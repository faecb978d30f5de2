"""The report: for a terminal beside the figures accepted before, and as docs/benchmarks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.bench.figures import Figure, Section, Table

_INTRODUCTION = """\
# Benchmarks

What the product costs, as counts that come out alike on any machine, never as milliseconds.
`make bench` measures them again, prints the change since, and fails when a figure exceeds the limit
beside it. This page is written by `make bench-accept`, together with `tools/bench/baseline.json`.
"""
_SAME = 0.0005


def document(sections: Sequence[Section]) -> str:
    """The whole report as Markdown."""
    return "\n".join([_INTRODUCTION, *(_markdown(section) for section in sections)])


def terminal(sections: Sequence[Section], before: Mapping[str, float]) -> str:
    """The whole report as text. `before` are the accepted values by `title/name`."""
    parts = [_text(section, before) for section in sections]
    return "\n".join([*parts, _verdict(sections)])


def values(sections: Sequence[Section]) -> dict[str, float]:
    """Every figure's value by `title/name`."""
    return {
        f"{section.title}/{figure.name}": figure.value
        for section in sections
        for figure in section.figures
    }


def change(now: float, before: float | None) -> str:
    """How a value moved: empty if it did not, `new` if there was none."""
    if before is None:
        return "new"
    if abs(now - before) <= _SAME * max(abs(before), 1e-9):
        return ""
    return f"{(now - before) / before:+.1%}" if before else f"+{now:g}"


def _verdict(sections: Sequence[Section]) -> str:
    figures = [figure for section in sections for figure in section.figures]
    broken = [figure for section in sections for figure in section.broken]
    gates = sum(figure.limit is not None for figure in figures)
    if not broken:
        return f"BENCH PASSED: {len(figures)} figures, all {gates} limits kept"
    names = "\n".join(f"  {each.name}: {each.written}, {each.limit_written}" for each in broken)
    return f"BENCH FAILED: {len(broken)} of {gates} limits exceeded\n{names}"


def _text(section: Section, before: Mapping[str, float]) -> str:
    def row(figure: Figure) -> list[str]:
        moved = change(figure.value, before.get(f"{section.title}/{figure.name}"))
        mark = "" if figure.limit is None else "ok" if figure.holds else "EXCEEDED"
        return [figure.name, figure.written, figure.limit_written, mark, moved]

    lines = [section.title, "=" * len(section.title), section.about, ""]
    lines += _columns([row(figure) for figure in section.figures])
    for table in section.tables:
        lines += ["", *_columns([table.head, *table.rows])]
    return "\n".join([*lines, ""])


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *others = row
        cells = [first.ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield ("  " + "  ".join(cells)).rstrip()


def _markdown(section: Section) -> str:
    lines = [f"## {section.title}", "", section.about, ""]
    lines += ["| figure | value | limit |", "|---|---:|---:|"]
    lines += [f"| {f.name} | {f.written} | {f.limit_written} |" for f in section.figures]
    for table in section.tables:
        lines += ["", *_markdown_table(table)]
    return "\n".join([*lines, ""])


def _markdown_table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(table.head)} |"
    yield f"|---|{'---:|' * (len(table.head) - 1)}"
    for row in table.rows:
        yield f"| {' | '.join(row)} |"
