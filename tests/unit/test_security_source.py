"""Rules that the source itself keeps, so that a slip is found before it runs (ASVS 11.4.1, 11.5.1).

Each rule is tried on a line that breaks it as well: a rule that finds nothing anywhere proves
nothing.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
DEPLOYED = sorted(
    path
    for folder in ("layers/closeloop/python/closeloop", "functions")
    for path in (ROOT / folder).rglob("*.py")
    if "authoring" not in path.parts
)
SECRET = {
    *("code", "mac", "tag", "csrf", "token", "secret", "cookie", "given", "digest"),
    *("pepper", "form_id", "root", "session_key"),
}
PERSONAL = {
    *("name", "email", "phone", "whatsapp", "address", "to", "contact", "customer", "parts"),
    *("form", "cookie", "link", "code", "draft", "token", "body", "detail", "event", "visit"),
}
LOGGERS = {"logger", "_log", "logging", "log"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def _called(node: ast.AST) -> str:
    """The dotted name of what a call calls."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def no_guessable_randomness(tree: ast.AST) -> Iterator[int]:
    """`random` only as SystemRandom; ids from `secrets` (ASVS 6.5.3)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and any(each.name == "random" for each in node.names):
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "random":
            yield node.lineno
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("random."):
            yield node.lineno


def no_uuid(tree: ast.AST) -> Iterator[int]:
    """A UUID holds 122 random bits at best and says how it was made (ASVS 11.5.1)."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "uuid" in ast.unparse(node):
            yield node.lineno


def no_broken_hash(tree: ast.AST) -> Iterator[int]:
    """Neither MD5 nor SHA-1, by name or by text; HOTP's own SHA-1 is inside pyotp (ASVS 11.4.1)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.lower() in {"md5", "sha1"}:
            yield node.lineno
        if isinstance(node, ast.Constant) and str(node.value).lower() in {"md5", "sha1", "sha-1"}:
            yield node.lineno


def no_plain_comparison_of_secrets(tree: ast.AST) -> Iterator[int]:
    """Secrets are compared in constant time, by `hmac.compare_digest` or `same` (ASVS 11.2.4)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        if not any(isinstance(each, (ast.Eq, ast.NotEq)) for each in node.ops):
            continue
        sides = [node.left, *node.comparators]
        fixed = any(isinstance(each, ast.Constant) for each in sides)
        if not fixed and any(_last(each) in SECRET for each in sides):
            yield node.lineno


def no_person_in_a_log_line(tree: ast.AST) -> Iterator[int]:
    """Log lines take ids, types and counts: no f-string, no field that may hold a person (T22)."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        method, _, logger = _called(node).rpartition(".")[::-1]
        if method not in LEVELS or logger.partition("(")[0].rpartition(".")[2] not in LOGGERS:
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(each, ast.JoinedStr) for each in given):
            yield node.lineno
        if any(_last(each) in PERSONAL for each in given):
            yield node.lineno


def no_code_from_text(tree: ast.AST) -> Iterator[int]:
    """Nothing that is read is run: no eval, exec, pickle, or shell (T14, ASVS 1.3.2)."""
    for node in ast.walk(tree):
        banned = {"eval", "exec", "compile", "__import__", "os.system"}
        if isinstance(node, ast.Call) and _called(node) in banned:
            yield node.lineno
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            named = {each.name for each in node.names} | {getattr(node, "module", None)}
            if named & {"pickle", "marshal", "shelve", "subprocess"}:
                yield node.lineno


RULES: dict[str, tuple[Callable[[ast.AST], Iterator[int]], tuple[str, ...]]] = {
    "no guessable randomness": (
        no_guessable_randomness,
        ("import random", "from random import choice", "x = random.random()"),
    ),
    "no UUID": (no_uuid, ("import uuid", "from uuid import uuid4")),
    "no broken hash": (
        no_broken_hash,
        ("hashlib.md5(b'')", "hmac.digest(k, b'', 'sha1')", "hashlib.new('MD5')"),
    ),
    "secrets compared in constant time": (
        no_plain_comparison_of_secrets,
        ("given == code", "if mac != _mac(key, text): pass", "ticket.csrf == form"),
    ),
    "no person in a log line": (
        no_person_in_a_log_line,
        (
            "logger().info(f'sent to {to}')",
            "_log.info('%s', contact.email)",
            "logger().error('failed', visit=visit)",
            "logging.warning('x', extra=event)",
        ),
    ),
    "no code from text": (no_code_from_text, ("eval(x)", "import pickle", "os.system(x)")),
}


@pytest.mark.parametrize("rule", list(RULES))
def test_what_is_deployed_keeps_the_rule(rule: str):
    """ASVS 11.4.1, 11.5.1, 6.5.3, 16.2.5."""
    broken = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in DEPLOYED
        for line in RULES[rule][0](ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert broken == []


@pytest.mark.parametrize(
    ("rule", "line"), [(rule, line) for rule, (_, lines) in RULES.items() for line in lines]
)
def test_the_rule_finds_a_line_that_breaks_it(rule: str, line: str):
    assert list(RULES[rule][0](ast.parse(line)))


def test_all_that_is_deployed_was_looked_at():
    names = {path.name for path in DEPLOYED}

    assert {"keyring.py", "session.py", "check_code.py", "handler.py", "edge.py"} <= names
    assert len(DEPLOYED) > 70
