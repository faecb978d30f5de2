"""What is left out of the dependencies layer changes how it starts, and nothing else."""

import gzip
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import botocore
import holidays
import pytest

from tools.template.expansion import ROOT

DATA = Path(botocore.__file__).parent / "data"
ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
from closeloop.adapters.calendar import closed_days
from datetime import date, timedelta
days = [date(2026, 1, 1) + timedelta(days=n) for n in range(900)]
told = {place: [d.isoformat() for d in days if closed_days(place)(d)] for place in sys.argv[2:]}
loaded = sorted(name for name in sys.modules if name.startswith("holidays.countries."))
print(json.dumps([told, loaded]))
"""


@pytest.fixture(scope="module")
def prune() -> ModuleType:
    path = ROOT / "layers" / "dependencies" / "prune.py"
    spec = importlib.util.spec_from_file_location("prune", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_prose_leaves_a_model(prune: ModuleType):
    model = {
        "documentation": "<p>All of it.</p>",
        "shapes": {
            "Page": {"members": {"documentation": {"shape": "Text", "documentation": "why"}}},
            "Text": {"type": "string", "enum": ["documentation"]},
        },
    }

    assert prune.without_documentation(model) == {
        "shapes": {
            "Page": {"members": {"documentation": {"shape": "Text"}}},
            "Text": {"type": "string", "enum": ["documentation"]},
        }
    }


def test_a_pruned_model_lacks_documentation_and_nothing_else(prune: ModuleType, tmp_path: Path):
    services = prune.kept_services()
    for name in services:
        shutil.copytree(DATA / name, tmp_path / name)
    prune.prune_models(tmp_path)

    models = sorted(path.relative_to(tmp_path) for path in tmp_path.glob("*/*/service-2.json.gz"))
    assert {path.parts[0] for path in models} == set(services)
    for path in models:
        gone = list(missing(_read(DATA / path), _read(tmp_path / path)))
        assert gone
        assert {name for name, _ in gone} <= {"documentation", "documentationUrl"}
        assert all(isinstance(value, str) for _, value in gone)


def missing(whole: Any, lean: Any) -> Iterator[tuple[str, Any]]:
    """What the second document lacks of the first; anything else that differs is an error."""
    if isinstance(whole, dict):
        assert lean.keys() <= whole.keys()
        for name, value in cast("dict[str, Any]", whole).items():
            if name in lean:
                yield from missing(value, lean[name])
            else:
                yield name, value
    elif isinstance(whole, list):
        for mine, theirs in zip(cast("list[Any]", whole), lean, strict=True):
            yield from missing(mine, theirs)
    else:
        assert whole == lean


def _read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def test_pruning_twice_makes_the_same_layer(prune: ModuleType, tmp_path: Path):
    shutil.copytree(DATA / "sqs", tmp_path / "sqs")
    prune.prune_models(tmp_path)
    (path,) = tmp_path.glob("sqs/*/service-2.json.gz")
    once = path.read_bytes()
    prune.prune_models(tmp_path)

    assert path.read_bytes() == once
    assert b"documentation" not in gzip.decompress(once)


def test_pruning_changes_no_file_that_is_linked_from_elsewhere(prune: ModuleType, tmp_path: Path):
    """Installers link files from their cache: writing into one changes every environment."""
    layer, cache = tmp_path / "layer", tmp_path / "cache"
    for name in ("sqs", "iam"):
        shutil.copytree(DATA / name, cache / "data" / name)
    shutil.copyfile(DATA / "endpoints.json", cache / "data" / "endpoints.json")
    for name in ("sqs", "iam"):
        shutil.copytree(cache / "data" / name, layer / "data" / name, copy_function=os.link)
    os.link(cache / "data" / "endpoints.json", layer / "data" / "endpoints.json")
    (layer / "countries").mkdir()
    (cache / "__init__.py").write_text("from holidays.countries.france import France\n")
    os.link(cache / "__init__.py", layer / "countries" / "__init__.py")
    before = _contents(cache)

    prune.prune_botocore(layer / "data", ["sqs"])
    prune.prune_models(layer / "data")
    prune.prune_holidays(layer)

    assert _contents(cache) == before
    assert _contents(layer) != {}


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_pruned_calendar_closes_on_the_same_days_and_knows_one_country(
    prune: ModuleType, tmp_path: Path
):
    shutil.copytree(Path(holidays.__file__).parent, tmp_path / "holidays")
    prune.prune_holidays(tmp_path / "holidays")
    places = ("GB", "US", "DE", "FR")

    pruned, loaded = _asked(tmp_path, *places)
    whole, all_of_them = _asked(tmp_path / "nothing", *places)

    assert pruned == whole
    assert len(whole["GB"]) > 200
    assert len(loaded) <= len(places) + 2  # one country may build upon another
    assert len(all_of_them) > 200


def _asked(first_on_path: Path, *places: str) -> tuple[dict[str, list[str]], list[str]]:
    command = [sys.executable, "-c", ASK, str(first_on_path), *places]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told, loaded = json.loads(done.stdout)
    return told, loaded
