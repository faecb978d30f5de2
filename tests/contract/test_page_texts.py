"""Every text that the pages show is in every workflow, and no workflow writes texts for nobody."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from closeloop.authoring.compiler import compile_folder
from closeloop.authoring.vocabulary import COMMON, PAGES, texts_of_action
from closeloop.domain.blueprint import Bundle
from closeloop.domain.identity import Channel

ROOT = Path(__file__).parents[2]
APPLICATION = ROOT / "layers" / "closeloop" / "python" / "closeloop" / "application"
FOLDER = ROOT / "layers" / "workflows" / "failed_payment"
KNOWN = {*COMMON, *PAGES}
TEXT = re.compile(r"[a-z_]+\.[a-z_]+")


def literals() -> set[str]:
    """Every constant string in the use cases."""
    return {
        node.value
        for path in APPLICATION.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def built_from_parts() -> set[str]:
    """How the names of texts begin that are put together, as in `prove.send_{channel}`."""
    return {
        node.values[0].value
        for path in APPLICATION.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and isinstance(node.values[0].value, str)
        and re.match(r"[a-z_]+\.", node.values[0].value)
    }


def calls(*methods: str) -> set[str]:
    """The constant first argument of every call of these methods in the use cases."""
    return {
        node.args[0].value
        for path in APPLICATION.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in methods
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_text_that_a_page_asks_for_is_one_that_workflows_must_have():
    asked = {name for name in calls("text") if TEXT.fullmatch(name)}
    assert asked
    assert asked <= KNOWN


def test_every_page_that_is_shown_has_title_and_intro():
    for page in calls("page", "common"):
        assert {f"{page}.title", f"{page}.intro"} <= KNOWN, page


def test_a_code_can_be_offered_by_every_channel_that_carries_codes():
    codes = compile_folder(FOLDER)["blueprint"]["codes"]
    assert set(codes) <= {channel.value for channel in Channel}
    assert {
        f"{text}_{channel}" for text in ("prove.send", "code.resend") for channel in codes
    } <= KNOWN


def test_a_bundle_holds_every_text_of_every_page():
    bundle = Bundle.from_document(compile_folder(FOLDER))
    wanted = set(KNOWN)
    for name, action in bundle.blueprint.actions.items():
        inputs = {field: list(answers) for field, answers in action.inputs.items()}
        wanted |= set(texts_of_action(name, inputs))
    assert set(bundle.pages) == wanted


def test_no_text_is_written_for_nobody():
    """A text that no page names would be written, checked and translated in vain."""
    shown, beginnings = literals(), tuple(built_from_parts())
    unnamed = {
        text
        for text in KNOWN
        if text not in shown
        # A text for each channel is named without its channel: `prove.send` for `prove.send_sms`.
        and re.sub(r"_(sms|email)$", "", text) not in shown
        and not text.startswith(beginnings)
        # A page shows these three of its own without naming them.
        and text.rpartition(".")[2] not in {"title", "intro", "help"}
    }
    assert unnamed == set()
