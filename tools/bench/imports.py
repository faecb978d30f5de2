"""Cold starts of all functions against reference set I.

I is the least that any function of this kind needs: the standard library, a botocore session with
pruned endpoints and published models, one DynamoDB client, bytecode at hand. A function is gated
where it is ready: handler imported and use case built, all but the first call.
"""

from __future__ import annotations

import shutil
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import botocore

from closeloop import settings
from tools.bench.figures import Figure, Section, Table
from tools.bench.starts import Start, Starter, shows_pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANY, PAGES = 1.7, 1.5  # of I
DENIED = frozenset({"aws_xray_sdk", "pydantic", "yaml"})
_MILLION = 1e6
_LATE = ("cedarpy", "jinja2", "babel", "holidays")


def sections(starter: Starter) -> list[Section]:
    """Measure every function and the reference, one valgrind at a time."""
    reference = _reference(starter)
    starts = {name: starter.function(name) for name in settings.FUNCTIONS}
    compiled = [path for name in starts for path in starter.compiled(name)]
    return [_instructions(starter, reference, starts), _modules(reference, starts, compiled)]


def _reference(starter: Starter) -> Start:
    """Start I with the published models: the layer's own may be leaner, and that is our gain."""
    published = Path(botocore.__file__).parent / "data" / "dynamodb"
    with tempfile.TemporaryDirectory() as data:
        shutil.copytree(published, Path(data) / "dynamodb")
        return starter.reference(Path(data))


def _instructions(starter: Starter, reference: Start, starts: Mapping[str, Start]) -> Section:
    base = reference.stages["reference"].instructions
    figures = [
        Figure(
            f"{name} ready, of I",
            start.stages["ready"].instructions / base,
            PAGES if shows_pages(name) else ANY,
            digits=2,
        )
        for name, start in starts.items()
    ]
    return Section(
        title="Cold start",
        about=(
            "Instructions under valgrind from the start of the interpreter: handler imported, then "
            "use case built, all but the first call; what is imported later comes on top. "
            f"I, the reference set, is {base / _MILLION:,.0f} million "
            f"(Python {starter.python_version}, bytecode at hand)."
        ),
        figures=figures,
        tables=[_by_function(base, starts), _late(reference)],
    )


def _by_function(base: int, starts: Mapping[str, Start]) -> Table:
    rows = [
        [name, *_of(start, "import", base), *_of(start, "ready", base)]
        for name, start in starts.items()
    ]
    return Table(["function", "import, M", "of I", "ready, M", "of I"], rows)


def _of(start: Start, stage: str, base: int) -> list[str]:
    count = start.stages[stage].instructions
    return [f"{count / _MILLION:,.0f}", f"{count / base:.2f}"]


def _late(reference: Start) -> Table:
    """What is not imported before a page, a text or a decision asks for it, on top of I."""
    stages = list(reference.stages.items())
    rows = [
        [name, f"{(stage.instructions - before.instructions) / _MILLION:,.0f}"]
        for (_, before), (name, stage) in pairwise(stages)
        if name in _LATE
    ]
    return Table(["imported when a page, text, date or decision first asks for it", "M"], rows)


def _modules(reference: Start, starts: Mapping[str, Start], compiled: Sequence[str]) -> Section:
    denied = [f"{name}: {each}" for name, start in starts.items() for each in start.loaded & DENIED]
    rows = [
        [name, str(start.stages["import"].modules), str(start.stages["ready"].modules)]
        for name, start in starts.items()
    ]
    rows.append(["reference set I", "", str(reference.stages["reference"].modules)])
    return Section(
        title="Modules at start",
        about="Entries of `sys.modules`; none may be compiled, so that every start uses bytecode.",
        figures=[
            Figure("modules compiled at start, all functions", len(compiled), 0),
            Figure(f"modules loaded of {', '.join(sorted(DENIED))}", len(denied), 0),
        ],
        tables=[Table(["function", "imported", "ready"], rows)],
    )
