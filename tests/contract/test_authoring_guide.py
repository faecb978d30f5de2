"""The author's guide says what is so: its commands run, its tables are the product's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from closeloop.authoring.model import BlueprintFile
from closeloop.authoring.vocabulary import ACTIONS, CODE, DEBT_WORDS, TOUCH
from closeloop.domain.blueprint import Reason
from closeloop.domain.identity import Assurance
from closeloop.domain.policy import FACT_TYPES

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "authoring.md").read_text(encoding="utf-8")
CORPUS = ROOT / "tests" / "unit" / "broken_workflows" / "corpus.yaml"


def section(title: str) -> str:
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of a Markdown table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def in_shell(script: str, place: Path) -> subprocess.CompletedProcess[str]:
    package = str(ROOT / "layers" / "closeloop" / "python")
    return subprocess.run(
        ["bash", "-euc", script],
        cwd=place,
        env={**os.environ, "PYTHONPATH": package},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_lint_messages_quoted_are_those_of_the_linter():
    corpus: list[dict[str, Any]] = yaml.safe_load(CORPUS.read_text(encoding="utf-8"))
    said = {(each["file"], each["says"]) for case in corpus for each in case["expect"]}
    (quoted,) = blocks(section("What the linter says"), "")

    for line in quoted.splitlines():
        file, _, message = line.split(":", 2)
        assert (file, message.strip()) in said, line


def test_the_blueprint_keys_are_all_explained():
    explained = {next(iter(names(row[0]))) for row in rows(section("The blueprint"))}
    known = {field.alias or name for name, field in BlueprintFile.model_fields.items()}
    assert explained == known - {"workflow", "language", "touches_reason"}


def test_the_words_of_the_blueprint_are_the_product_s():
    words = section("The blueprint")
    assert names(words) >= set(ACTIONS)
    assert names(words) >= {level.value for level in Assurance}
    assert names(words) >= {reason.value for reason in tuple(Reason)[:9]}


def test_the_variables_of_messages_are_the_product_s():
    variables = {row[0]: names(row[1]) for row in rows(section("Messages"))}
    assert variables == {"of a touch": set(TOUCH), "with a code": set(CODE)}
    assert 65 <= len(DEBT_WORDS) <= 75, "the guide says some seventy"


def test_the_variables_of_actions_are_the_product_s():
    always = {"firm_name", "support_contact"}
    for texts, variables in rows(section("Pages")):
        actions = names(texts) & set(ACTIONS) or set(ACTIONS)
        for action in actions:
            for text in names(texts) - set(ACTIONS):
                assert set(ACTIONS[action][f".{text}"]) - always == names(variables)


def test_the_facts_are_those_that_policies_are_told():
    facts = {
        next(iter(names(row[0]))): next(iter(names(row[1]))) for row in rows(section("Policy"))
    }
    assert facts == dict(FACT_TYPES)


def test_the_rule_quoted_is_in_the_policy():
    policy = (ROOT / "layers/workflows/failed_payment/policy.cedar").read_text(encoding="utf-8")
    (quoted,) = blocks(section("Policy"), "cedar")
    assert quoted.strip() in policy


def test_the_files_drawn_are_there():
    (tree,) = blocks(GUIDE.split("\n## ")[0], "")
    drawn = re.findall(r"[a-z_]+\.(?:yaml|cedar|cedarschema)", tree)
    there = {path.name for path in (ROOT / "layers" / "workflows").rglob("*")}
    assert drawn
    assert set(drawn) <= there


@pytest.mark.slow
def test_a_workflow_of_one_s_own_is_made_as_the_guide_says(tmp_path: Path):
    for part in ("layers/workflows", "events", "statemachines"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (commands,) = blocks(section("A workflow of your own"), "sh")
    script = commands.replace(".venv/bin/python", sys.executable)

    run = in_shell(script, tmp_path)

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("2 good: due_soon ")


def test_the_commands_at_the_top_are_those_of_the_linter(tmp_path: Path):
    (commands,) = blocks(GUIDE.split("\n## ")[0], "sh")
    script = commands.replace(".venv/bin/python", sys.executable)
    script = script.replace("build/workflows", str(tmp_path / "out"))

    run = in_shell(script, ROOT)

    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out" / "connectors.json").is_file()
