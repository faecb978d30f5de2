"""What is built is what was locked, for the Python it runs on, and nothing that is not needed."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest
from botocore.regions import EndpointResolver

from tests.contract.template.stack import Stack
from tools.template.expansion import ROOT

LAYERS = ROOT / "layers"
DATA = Path(botocore.__file__).parent / "data"
PATH = f"{ROOT / '.uv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
_UNCHECKED_HASH = 1  # PEP 552: hash-based, and the source is not looked at


def prune() -> ModuleType:
    """The script that the dependencies layer runs."""
    spec = importlib.util.spec_from_file_location("prune", LAYERS / "dependencies" / "prune.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_layers_requirements_are_those_of_the_lock_t26():
    uv = shutil.which("uv", path=PATH)
    assert uv, "uv is installed by `make setup`"
    command = [uv, "export", "-q", "--frozen", "--no-default-groups", "--no-emit-project"]
    exported = subprocess.run(
        [*command, "--no-header"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    committed = (LAYERS / "dependencies" / "requirements.txt").read_text()
    assert committed == exported, "uv.lock has changed: run `make export`"


def test_every_requirement_is_pinned_with_hashes_t26():
    text = (LAYERS / "dependencies" / "requirements.txt").read_text()
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    packages = [line for line in lines if not line.startswith(" ")]
    assert packages
    assert all(re.match(r"[a-z0-9-]+==[^ ]+( ; .+)? \\$", line) for line in packages)
    assert all(line.strip().startswith("--hash=sha256:") for line in lines if line[0] == " ")


def test_no_tracing_sdk_and_no_build_time_library_is_deployed():
    text = (LAYERS / "dependencies" / "requirements.txt").read_text()
    for unwanted in ("aws-xray-sdk", "pydantic", "pyyaml", "moto"):
        assert not re.search(rf"^{unwanted}==", text, re.MULTILINE)


def test_whatever_the_deployed_code_imports_is_in_a_layer():
    text = (LAYERS / "dependencies" / "requirements.txt").read_text()
    layered = set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))
    owners = packages_distributions()
    ours = {"closeloop", "closeloop_workflows"}
    for name in imported() - ours - sys.stdlib_module_names:
        distributions = {each.lower().replace("_", "-") for each in owners[name]}
        assert distributions & layered, f"{name} is imported, but no layer has it"


def imported() -> set[str]:
    """The top-level modules that handlers and the deployed part of the package import."""
    package = LAYERS / "closeloop" / "python" / "closeloop"
    left_out = (package / "authoring", package / "cli.py")
    paths = [*package.rglob("*.py"), *(ROOT / "functions").glob("*/handler.py")]
    names = set[str]()
    for path in paths:
        if any(path.is_relative_to(each) for each in left_out):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(str(node.module))
    return {name.partition(".")[0] for name in names}


def test_every_service_that_a_function_calls_is_kept():
    source = (LAYERS / "closeloop/python/closeloop/bootstrap.py").read_text()
    called = set(re.findall(r'client\(\s*"([a-z0-9-]+)"', source))
    assert called
    assert called <= set(prune().kept_services())


def test_the_pruned_rules_lead_to_the_same_endpoints_everywhere():
    full: dict[str, Any] = json.loads((DATA / "endpoints.json").read_text())
    pruner = prune()
    prefixes = {pruner.endpoint_prefix(DATA, name) for name in pruner.kept_services()}
    slim = EndpointResolver(pruner.pruned_endpoints(full, prefixes))
    whole = EndpointResolver(full)
    compared = 0
    for partition in full["partitions"]:
        for region in partition["regions"]:
            for prefix in prefixes:
                wanted = whole.construct_endpoint(prefix, region)
                assert slim.construct_endpoint(prefix, region) == wanted
                compared += 1
    assert compared > 100


@pytest.mark.parametrize("layer", ["closeloop", "dependencies", "workflows"])
def test_every_layer_has_a_makefile_with_its_target(layer: str):
    target = f"build-{layer.capitalize()}Layer:"
    assert target in (LAYERS / layer / "Makefile").read_text()
    assert target[6:-1] in Stack().source["Resources"]


def built(tmp_path: Path, **environment: str) -> tuple[Path, str]:
    """Build one function as SAM does: in a copy of its folder."""
    copy, artifact = tmp_path / "copy", tmp_path / "artifact"
    shutil.copytree(ROOT / "functions" / "sweep", copy)
    command = ["make", "--makefile", str(ROOT / "functions" / "Makefile"), "build-SweepFunction"]
    done = subprocess.run(
        command,
        cwd=copy,
        env={"PATH": PATH, "HOME": str(tmp_path), "ARTIFACTS_DIR": str(artifact), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return artifact, done.stdout


def test_bytecode_is_trusted_without_looking_at_the_source(tmp_path: Path):
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    artifact, _ = built(tmp_path, PYTHON_VERSION=version, BYTECODE_PYTHON=sys.executable)
    (compiled,) = artifact.rglob("*.pyc")
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == _UNCHECKED_HASH
    assert (artifact / "handler.py").is_file()


def test_a_build_without_the_runtimes_python_says_so(tmp_path: Path):
    artifact, said = built(tmp_path, PYTHON_VERSION="3.99")
    assert "ships without bytecode" in said
    assert not list(artifact.rglob("*.pyc"))


def test_what_is_only_needed_to_build_is_left_out_of_the_layer(tmp_path: Path):
    copy, artifact = tmp_path / "copy", tmp_path / "artifact"
    shutil.copytree(LAYERS / "closeloop", copy)
    makefile = str(LAYERS / "closeloop" / "Makefile")
    subprocess.run(
        ["make", "--makefile", makefile, "build-CloseloopLayer"],
        cwd=copy,
        env={"PATH": PATH, "HOME": str(tmp_path), "ARTIFACTS_DIR": str(artifact)}
        | {"BYTECODE_PYTHON": sys.executable},
        capture_output=True,
        check=True,
    )
    package = artifact / "python" / "closeloop"
    assert (package / "bootstrap.py").is_file()
    assert not (package / "authoring").exists()
    assert not (package / "cli.py").exists()
