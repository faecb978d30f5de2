"""Figures and the report that shows them."""

import json

from sandbox.place import ROOT
from tools.bench import report
from tools.bench.__main__ import BASELINE, read_baseline
from tools.bench.figures import Figure, Section, Table, from_document, to_document

SECTION = Section(
    title="Calls",
    about="Counted.",
    figures=[Figure("GET /c", 2, 1), Figure("ratio", 1.504, 1.5, 2), Figure("printed", 1234.5)],
    tables=[Table(["step", "calls"], [["GET /c", "2"]])],
)


def test_a_figure_is_judged_as_it_is_written():
    assert Figure("ratio", 1.504, 1.5, 2).holds
    assert not Figure("ratio", 1.505001, 1.5, 2).holds
    assert Figure("printed only", 10**9).holds


def test_the_limit_itself_is_kept():
    assert Figure("calls", 14, 14).holds
    assert not Figure("calls", 15, 14).holds


def test_the_report_names_what_exceeds_its_limit_and_by_how_much():
    text = report.terminal([SECTION], {})

    assert "BENCH FAILED: 1 of 2 limits exceeded" in text
    assert "GET /c: 2, ≤ 1" in text.rpartition("BENCH FAILED")[2]


def test_the_report_shows_what_moved_since_the_accepted_figures():
    text = report.terminal([SECTION], {"Calls/GET /c": 1, "Calls/ratio": 1.504})

    line = next(line for line in text.splitlines() if "GET /c" in line)
    assert line.split() == ["GET", "/c", "2", "≤", "1", "EXCEEDED", "+100.0%"]
    assert next(line for line in text.splitlines() if "ratio" in line).endswith("ok")
    assert next(line for line in text.splitlines() if "printed" in line).endswith("new")


def test_a_figure_that_was_zero_tells_by_how_much_it_grew():
    assert report.change(3, 0) == "+3"
    assert report.change(0, 0) == ""


def test_sections_survive_being_written():
    assert from_document(json.loads(json.dumps(to_document([SECTION])))) == [SECTION]


def test_the_published_page_shows_the_accepted_figures():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")

    assert page == report.document(read_baseline())


def test_every_accepted_figure_keeps_its_limit():
    assert BASELINE.exists()
    broken = [figure.name for section in read_baseline() for figure in section.broken]
    assert broken == []
