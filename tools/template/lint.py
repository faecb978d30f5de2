"""Lint the template as written and as deployed, with every suppression and its reason in one place.

`python -m tools.template.lint` runs `sam validate --lint`, cfn-lint with the serverless rules on
both forms and checkov on the expanded one, at the same time. A finding that is not suppressed
fails, and so does a suppression that suppresses nothing.
"""

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.template.expansion import EXPANDED, ROOT, TEMPLATE, expand, source

SUPPRESSIONS = Path(__file__).with_name("suppressions.toml")


@dataclass(frozen=True, order=True)
class Finding:
    """What a linter says of a resource; `resource` is empty when it speaks of none."""

    tool: str
    rule: str
    resource: str
    text: str


@dataclass(frozen=True)
class Suppression:
    """A rule that does not apply to some resources ("*" for all), and why."""

    tool: str
    rule: str
    resources: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those meant."""
        named = "*" in self.resources or finding.resource in self.resources
        return (self.tool, self.rule) == (finding.tool, finding.rule) and named


def suppressions() -> list[Suppression]:
    """Read what is suppressed; a line without a reason is a KeyError."""
    lines = tomllib.loads(SUPPRESSIONS.read_text(encoding="utf-8"))["suppression"]
    return [
        Suppression(each["tool"], each["rule"], tuple(each["resources"]), each["reason"])
        for each in lines
    ]


def judge(findings: Iterable[Finding], excuses: Iterable[Suppression]) -> list[str]:
    """Return what is wrong: findings without an excuse, and excuses without a finding."""
    found, known = sorted(set(findings)), list(excuses)
    wrong = [
        f"{each.tool} {each.rule} {each.resource}: {each.text}"
        for each in found
        if not any(excuse.covers(each) for excuse in known)
    ]
    for excuse in known:
        for name in excuse.resources:
            alone = Suppression(excuse.tool, excuse.rule, (name,), excuse.reason)
            if not any(alone.covers(each) for each in found):
                wrong.append(
                    f"{excuse.tool} {excuse.rule} {name}: suppressed, but nothing finds it"
                )
    return wrong


def cfn_lint(template: Path) -> list[Finding]:
    """Run cfn-lint with the serverless rules and its informational ones."""
    serverless = ["--append-rules", "cfn_lint_serverless.rules", "--include-checks", "I"]
    command = [".venv/bin/cfn-lint", "--format", "json", *serverless, "--template", str(template)]
    return [
        Finding("cfn-lint", each["Rule"]["Id"], _resource(each), each["Message"])
        for each in json.loads(_output(command) or "[]")
    ]


def _resource(match: dict[str, Any]) -> str:
    path = match["Location"].get("Path") or []
    return str(path[1]) if len(path) > 1 and path[0] == "Resources" else ""


def checkov(template: Path) -> list[Finding]:
    """Run checkov's CloudFormation policies."""
    quiet = ["--framework", "cloudformation", "--output", "json", "--compact", "--quiet"]
    report = json.loads(_output([".venv-checkov/bin/checkov", *quiet, "--file", str(template)]))
    return [
        Finding("checkov", each["check_id"], each["resource"].split(".")[-1], each["check_name"])
        for each in report["results"]["failed_checks"]
    ]


def sam_validate(template: Path) -> list[Finding]:
    """Run `sam validate --lint`, whose only machine-readable answer is its exit code."""
    command = [".venv-sam/bin/sam", "validate", "--lint", "--template", str(template)]
    done = _run([*command, "--region", "eu-west-2"])
    text = (done.stdout + done.stderr).strip()
    return [Finding("sam", "validate", "", text)] if done.returncode else []


def _output(command: list[str]) -> str:
    done = _run(command)
    if not done.stdout.strip().startswith(("[", "{")) and done.returncode:
        sys.exit(f"{command[0]} did not run:\n{done.stderr or done.stdout}")
    return done.stdout


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    quiet = os.environ | {"SAM_CLI_TELEMETRY": "0", "LOG_LEVEL": "ERROR", "BC_SKIP_MAPPING": "TRUE"}
    return subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)


def main() -> int:
    """Lint; 0 when clean."""
    EXPANDED.parent.mkdir(exist_ok=True)
    EXPANDED.write_text(json.dumps(expand(source()), indent=1), encoding="utf-8")
    runs: list[Callable[[], list[Finding]]] = [
        lambda: checkov(EXPANDED),
        lambda: cfn_lint(EXPANDED),
        lambda: cfn_lint(TEMPLATE),
        lambda: sam_validate(TEMPLATE),
    ]
    with ThreadPoolExecutor(max_workers=2) as pool:
        findings = [each for found in pool.map(lambda run: run(), runs) for each in found]
    wrong = judge(findings, suppressions())
    for line in wrong:
        print(line)
    if not wrong:
        print(f"template: clean, {len(set(findings))} findings suppressed with a reason")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
