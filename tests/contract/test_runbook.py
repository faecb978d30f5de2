"""The runbook has a line for every alarm that can ring, and for no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_alarm_of_the_template_has_its_line_in_the_runbook():
    """House rule 19: no alarm without a runbook line."""
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    alarms = re.findall(r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm$", template, re.MULTILINE)
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")

    lines = re.findall(r"^\| `(\w+)` \|", runbook, re.MULTILINE)

    assert alarms
    assert sorted(lines) == sorted(alarms)
