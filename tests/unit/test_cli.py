"""The `closeloop` command as an auditor and a workflow author run it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from closeloop.cli import main
from tests.fakes.customer import identified
from tests.fakes.firm import ROOT, Firm

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def exported(folder: Path) -> tuple[Path, dict[str, Any]]:
    firm = Firm()
    case_id, _ = identified(firm)
    rows = firm.table.query(f"CASE#{case_id}")
    export = {
        "case": next(row for row in rows if row["sk"] == "CASE"),
        "events": [row for row in rows if row["sk"].startswith("EVENT#")],
    }
    path = folder / "case.json"
    path.write_text(json.dumps(export), encoding="utf-8")
    return path, export


def test_an_untouched_case_is_said_to_be_intact(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path, export = exported(tmp_path)

    assert main(["verify-audit", "--file", str(path)]) == 0
    assert f"intact: {export['case']['seq']} events" in capsys.readouterr().out


def test_an_altered_event_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """SECURITY T23."""
    path, export = exported(tmp_path)
    export["events"][1]["actor"] = "somebody_else"
    path.write_text(json.dumps(export), encoding="utf-8")

    assert main(["verify-audit", "--file", str(path)]) == 1
    assert "BROKEN at event 2" in capsys.readouterr().out


def test_the_good_workflows_pass_the_lint_command():
    assert main(["lint", str(ROOT / "layers" / "workflows")]) == 0


def test_a_case_must_be_named():
    assert main(["verify-audit"]) == 2
