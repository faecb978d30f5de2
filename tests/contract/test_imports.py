"""Dependencies point inward (house rule 2): what import-linter does not say."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.template.expansion import ROOT

PACKAGE = ROOT / "layers" / "closeloop" / "python" / "closeloop"
DOMAIN = sorted((PACKAGE / "domain").rglob("*.py"))
HANDLERS = sorted((ROOT / "functions").glob("*/handler.py"))
# The AWS runtime's own, and the types Powertools gives its context.
HANDLERS_MAY = {"closeloop", "aws_lambda_powertools"}
OUTSIDE = {"functions", "sandbox", "tests", "tools"}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say where it comes from"
            yield str(node.module)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOMAIN, ids=named)
def test_the_domain_is_the_standard_library_and_itself(path: Path):
    for name in imports(path):
        assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("closeloop.domain")


@pytest.mark.parametrize("path", HANDLERS, ids=named)
def test_a_handler_reaches_the_world_through_the_package_only(path: Path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots - HANDLERS_MAY <= sys.stdlib_module_names
    assert "closeloop" in roots


def test_the_package_knows_nothing_of_what_is_around_it():
    for path in PACKAGE.rglob("*.py"):
        assert not {name.split(".")[0] for name in imports(path)} & OUTSIDE, path


def test_nothing_that_is_deployed_imports_what_only_builds_or_traces():
    unwanted = {"closeloop.authoring", "closeloop.cli", "pydantic", "yaml", "aws_xray_sdk"}
    left_out = (PACKAGE / "authoring", PACKAGE / "cli.py")
    deployed = [p for p in PACKAGE.rglob("*.py") if not any(p.is_relative_to(x) for x in left_out)]
    for path in [*deployed, *HANDLERS]:
        for name in imports(path):
            assert not any(name == each or name.startswith(f"{each}.") for each in unwanted), path


@pytest.mark.parametrize("path", HANDLERS, ids=named)
def test_a_handler_parses_calls_one_use_case_and_presents(path: Path):
    functions = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    ]
    steps = [
        node
        for each in functions
        for body in each.body
        for node in ast.walk(body)
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef)
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    assert "handler" in {each.name for each in functions}
    assert len(steps) <= 15
    # One branch may say what becomes of the message; what becomes of the case is decided elsewhere.
    assert sum(isinstance(node, ast.If | ast.Try | ast.Match) for node in steps) <= 1
