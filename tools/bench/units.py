"""Read and write units of DynamoDB per resolved case, and the size of what is stored."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tools.bench.capacity import item_bytes
from tools.bench.figures import Figure, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.bench.meter import Step
    from tools.bench.story import Told

_KIB = 1024


def section(told: Told, later: Told, items: Iterable[Mapping[str, Any]]) -> Section:
    """Report `told`, resolved at its first touch, `later`, with more, and the table's items."""
    sizes = _sizes(items)
    largest = max(size for kind, size in sizes.items() if kind != "BUNDLE")
    writes, reads = _units(told.to_confirmation)
    more_writes, more_reads = _units(later.further_touches[:1])
    scans = _scans([*told.to_confirmation, *later.to_confirmation])
    return Section(
        title="DynamoDB per resolved case",
        about=(
            "Request units from trigger to confirmation, indexes and transactions included. Writes "
            "as the emulator bills them, reads by AWS's rules from what was read."
        ),
        figures=[
            Figure("write units, resolved at the first touch", writes, digits=1),
            Figure("read units, resolved at the first touch", reads, digits=1),
            Figure("write units of each further touch", more_writes, digits=1),
            Figure("read units of each further touch", more_reads, digits=1),
            Figure("scans", scans, 0),
            Figure("largest item of a case, bytes", largest, 2 * _KIB),
        ],
        tables=[_by_step(told), Table(["item", "bytes"], _rows(sizes))],
    )


def _units(steps: Iterable[Step]) -> tuple[float, float]:
    pairs = [(step.write_units, step.read_units) for step in steps]
    return sum(writes for writes, _ in pairs), sum(reads for _, reads in pairs)


def _scans(steps: Iterable[Step]) -> int:
    return sum(step.calls["dynamodb.Scan"] for step in steps)


def _sizes(items: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The largest item of each kind, by the first word of its sort key, else of its partition."""
    sizes: defaultdict[str, int] = defaultdict(int)
    for item in items:
        partition, sort = (item[name]["S"].partition("#")[0] for name in ("pk", "sk"))
        kind = sort if partition in ("CASE", "PERSON", sort) else partition
        kind = f"PERSON {kind}" if partition == "PERSON" else kind
        sizes[kind] = max(sizes[kind], item_bytes(item))
    return dict(sizes)


def _rows(sizes: Mapping[str, int]) -> list[list[str]]:
    return [[kind, f"{size:,}"] for kind, size in sorted(sizes.items(), key=lambda pair: -pair[1])]


def _by_step(told: Told) -> Table:
    steps = [step for step in told.to_confirmation if step.write_units or step.read_units]
    rows = [[step.name, f"{step.write_units:g}", f"{step.read_units:g}"] for step in steps]
    return Table(["step", "write units", "read units"], rows)
