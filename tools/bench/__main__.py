"""`make bench`: measure, print beside what was accepted before, fail if a limit is exceeded.

`--accept` also makes what was measured the figures to compare with, unless a limit is exceeded, and
writes them to docs/benchmarks.md. Ports: BENCH_PORT (4611) and the one after it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.build import build
from sandbox.place import DAY_S, CannotStartError, Place
from sandbox.progress import Progress
from tools.bench import calls, cost, imports, report, story, transitions, units, world
from tools.bench.figures import from_document, to_document
from tools.bench.starts import Starter

if TYPE_CHECKING:
    from tools.bench.figures import Section

BASELINE = Path(__file__).with_name("baseline.json")
_PORT = 4611


def main() -> int:
    """Run everything; 0 when every limit is kept, 1 when not or when it cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="compare with these from now on")
    accept: bool = parser.parse_args().accept
    port = int(os.environ.get("BENCH_PORT", _PORT))
    place, progress = Place(port, port + 1, DAY_S), Progress()
    try:
        place.require()
        build(place, progress)
        sections = [transitions.section(place.root), *_cases(place, progress)]
        with progress.step("Starting every function under valgrind"):
            sections[1:1] = _starts(place)
    except CannotStartError as problem:
        print(problem, file=sys.stderr)
        return 1
    before = report.values(read_baseline())
    print("\n" + report.terminal(sections, before))
    if any(section.broken for section in sections):
        return 1
    if accept:
        write(place.root, sections)
    return 0


def _cases(place: Place, progress: Progress) -> list[Section]:
    playing = progress.step("Playing cases on MiniStack, every call counted")
    with playing, world.running(place) as bench:
        first = story.play(bench, "first", 3)
        one = story.play(bench, "one", 1)
        later = story.play(bench, "later", 3)
        items = bench.items()
    return [
        calls.section(one, first),
        units.section(one, later, items),
        cost.section(one, later, first),
    ]


def _starts(place: Place) -> list[Section]:
    with closing(Starter(place)) as starter:
        return imports.sections(starter)


def read_baseline() -> list[Section]:
    """The figures accepted last, none before there are any."""
    return from_document(json.loads(BASELINE.read_text())) if BASELINE.exists() else []


def write(root: Path, sections: list[Section]) -> None:
    """Accept these figures."""
    BASELINE.write_text(json.dumps(to_document(sections), indent=1) + "\n", encoding="utf-8")
    (root / "docs" / "benchmarks.md").write_text(report.document(sections), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
