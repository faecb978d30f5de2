"""A workflow that is not whole does not deploy, and its author is told which line to change."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closeloop.authoring.__main__ import main
from closeloop.authoring.compiler import compile_folder, content_hash
from closeloop.authoring.problems import BrokenWorkflowError, Problem
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.identity import Assurance, Channel

ROOT = Path(__file__).parents[2]
GOOD = ROOT / "layers" / "workflows"
CORPUS = Path(__file__).with_name("broken_workflows") / "corpus.yaml"
BROKEN: list[dict[str, Any]] = yaml.safe_load(CORPUS.read_text(encoding="utf-8"))


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "workflows"))


def without_key(text: str, key: str) -> str:
    """The YAML text without one top-level key and what stands under it."""
    kept: list[str] = []
    inside = False
    for line in text.splitlines(keepends=True):
        inside = line.startswith(f"{key}:") or (inside and line.startswith(" "))
        kept += [] if inside else [line]
    return "".join(kept)


def make_mistake(workflows: Path, mistake: dict[str, Any]) -> None:
    path = workflows / mistake["in"]
    if mistake.get("delete"):
        path.unlink()
        return
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if "write" in mistake:
        text = mistake["write"]
    elif "drop" in mistake:
        text = without_key(text, mistake["drop"])
    else:
        old, new = mistake["replace"]
        assert text.count(old) == 1, f"{old!r} must stand once in {mistake['in']}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def text_of_line(workflows: Path, file: str, line: int) -> str:
    path = workflows / file
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return lines[line - 1].strip() if line <= len(lines) else ""


def problems_of(workflows: Path) -> tuple[Problem, ...]:
    try:
        compile_folder(workflows / "failed_payment", ROOT)
    except BrokenWorkflowError as refused:
        return refused.problems
    return ()


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case["name"].replace(" ", "_"))
def test_a_broken_workflow_is_refused_on_the_line_to_change(case: dict[str, Any], workflows: Path):
    for mistake in case.get("edits", [case]):
        make_mistake(workflows, mistake)

    said = [
        {
            "file": each.file,
            "line": text_of_line(workflows, each.file, each.line),
            "says": each.message,
        }
        for each in problems_of(workflows)
    ]
    assert said == case["expect"]


def test_the_corpus_breaks_workflows_in_many_ways():
    messages = {each["says"] for case in BROKEN for each in case["expect"]}
    assert len(BROKEN) >= 25
    assert len(messages) >= 70
    assert len({case["name"] for case in BROKEN}) == len(BROKEN)


def test_the_lint_command_names_file_and_line_and_fails(workflows: Path):
    blueprint = workflows / "failed_payment" / "blueprint.yaml"
    text = blueprint.read_text(encoding="utf-8")
    blueprint.write_text(text.replace("channel: sms", "channel: fax"), encoding="utf-8")
    line = 1 + text[: text.index("channel: sms")].count("\n")
    command = [sys.executable, "-m", "closeloop.authoring", "--project", str(ROOT), "lint"]

    run = subprocess.run([*command, str(workflows)], capture_output=True, text=True, check=False)

    assert run.returncode == 1
    mistake = "`touches.1.channel` is not known: write email, sms or whatsapp"
    assert run.stderr.splitlines() == [
        f"failed_payment/blueprint.yaml:{line}: {mistake}",
        "1 problem: nothing was built",
    ]


def test_all_mistakes_of_a_folder_are_said_at_once(workflows: Path):
    for name in ("an owner does not exist", "words follow the link", "a forbid has no name"):
        (case,) = (case for case in BROKEN if case["name"] == name)
        make_mistake(workflows, case)

    assert len(problems_of(workflows)) == 3


def test_a_broken_workflow_writes_nothing(workflows: Path, tmp_path: Path):
    (workflows / "failed_payment" / "policy.cedar").unlink()
    out = tmp_path / "out"

    assert main(["--project", str(ROOT), "build", str(workflows), str(out)]) == 1
    assert not out.exists()


def test_two_workflows_cannot_wait_for_one_event(
    workflows: Path, capsys: pytest.CaptureFixture[str]
):
    twin = Path(shutil.copytree(workflows / "failed_payment", workflows / "late_payment"))
    blueprint = twin / "blueprint.yaml"
    text = blueprint.read_text("utf-8").replace(
        "workflow: failed_payment", "workflow: late_payment"
    )
    blueprint.write_text(text, "utf-8")

    assert main(["--project", str(ROOT), "lint", str(workflows)]) == 1
    assert "PaymentFailed opens failed_payment already: name another" in capsys.readouterr().err


def test_a_folder_without_any_workflow_is_a_problem(tmp_path: Path):
    assert main(["lint", str(tmp_path)]) == 1


def test_the_build_writes_bundles_connectors_and_contracts(tmp_path: Path):
    assert main(["build", str(GOOD), str(tmp_path)]) == 0

    bundle = Bundle.from_document(json.loads((tmp_path / "failed_payment.json").read_text("utf-8")))
    connectors = json.loads((tmp_path / "connectors.json").read_text("utf-8"))
    assert bundle.blueprint.workflow == "failed_payment"
    assert connectors["core_banking"]["timeouts"] == {"connect_s": 2, "read_s": 5}
    assert {path.stem for path in (tmp_path / "schemas").iterdir()} == {
        path.stem for path in (ROOT / "events" / "schemas").iterdir()
    }


def test_one_workflow_can_be_linted_alone():
    assert main(["lint", str(GOOD / "failed_payment")]) == 0


def test_the_compiled_blueprint_says_what_the_folder_says():
    blueprint = Bundle.from_document(compile_folder(GOOD / "failed_payment")).blueprint

    assert [touch.channel for touch in blueprint.touches] == [*Channel]
    assert blueprint.waits_s == (86_400, 86_400, 5 * 86_400)
    assert sum(blueprint.waits_s) == blueprint.deadline_s
    assert blueprint.cap_per_person == 3
    assert set(blueprint.exceptions) == set(Reason)
    plan = blueprint.actions["instalment_plan"]
    assert plan.required is Assurance.CODE_SAME_CHANNEL
    assert plan.independent_above_minor == 50_000
    assert blueprint.actions["dispute"].hands_off is Reason.DISPUTE


def test_every_message_that_the_blueprint_sends_is_in_the_bundle():
    document = compile_folder(GOOD / "failed_payment")
    bundle = Bundle.from_document(document)

    sent = {touch.message for touch in bundle.blueprint.touches}
    sent |= set(document["blueprint"]["codes"].values())
    assert set(bundle.messages) == sent


def test_a_bundle_is_named_by_its_content(workflows: Path):
    first = compile_folder(workflows / "failed_payment", ROOT)
    again = compile_folder(GOOD / "failed_payment")
    text = workflows / "failed_payment" / "pages" / "en.yaml"
    text.write_text(
        text.read_text("utf-8").replace("You choose the day", "Choose your day"), "utf-8"
    )
    changed = compile_folder(workflows / "failed_payment", ROOT)

    content = {key: value for key, value in first.items() if key != "hash"}
    assert first["hash"] == again["hash"] == content_hash(content)
    assert changed["hash"] != first["hash"]


def test_a_comment_does_not_make_another_bundle_of_a_blueprint(workflows: Path):
    before = compile_folder(workflows / "failed_payment", ROOT)
    blueprint = workflows / "failed_payment" / "blueprint.yaml"
    blueprint.write_text("# nothing new\n" + blueprint.read_text("utf-8"), "utf-8")

    assert compile_folder(workflows / "failed_payment", ROOT)["hash"] == before["hash"]


SOURCES = sorted(
    path.relative_to(GOOD).as_posix()
    for path in GOOD.rglob("*")
    if path.suffix in {".yaml", ".txt", ".html", ".cedar", ".cedarschema"}
)
SLIPS = st.sampled_from(
    ["{{", "}}", "{%", '"', "[", "]", ":", "- ", "\t", "&a ", "*a", ";", "\x00"]
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(SOURCES), st.data())
def test_the_linter_answers_whatever_slip_is_made(
    tmp_path_factory: pytest.TempPathFactory, file: str, data: st.DataObject
):
    """It finds problems or none, but it never falls over: an author needs a line, not a trace."""
    workflows = Path(shutil.copytree(GOOD, tmp_path_factory.mktemp("slip") / "workflows"))
    raw = (workflows / file).read_bytes()
    start = data.draw(st.integers(0, len(raw)), "from")
    end = data.draw(st.integers(start, min(len(raw), start + 40)), "to")
    slip = data.draw(st.one_of(SLIPS.map(str.encode), st.binary(max_size=3)), "slip")
    (workflows / file).write_bytes(raw[:start] + slip + raw[end:])

    assert all(each.line >= 1 and each.message for each in problems_of(workflows))
