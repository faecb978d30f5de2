"""What an author puts first, customers are offered first: in tests and as deployed."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

from closeloop.authoring.__main__ import main
from closeloop.authoring.compiler import compile_folder, content_hash

ROOT = Path(__file__).parents[2]
WORKFLOWS = ROOT / "layers" / "workflows"


def test_the_built_workflow_offers_its_actions_in_the_author_s_order(tmp_path: Path):
    assert main(["build", str(WORKFLOWS), str(tmp_path)]) == 0

    built = json.loads((tmp_path / "failed_payment.json").read_text(encoding="utf-8"))

    compiled = compile_folder(WORKFLOWS / "failed_payment", ROOT)
    offered = list(built["blueprint"]["actions"])
    assert offered == list(compiled["blueprint"]["actions"])
    assert offered[0] == "instalment_plan"


def test_another_order_of_actions_is_another_workflow():
    """A case is pinned to what its customer was offered, the order included."""
    document = compile_folder(WORKFLOWS / "failed_payment", ROOT)
    other = deepcopy(document)
    actions = other["blueprint"]["actions"]
    other["blueprint"]["actions"] = dict(reversed(actions.items()))

    assert content_hash(other) != content_hash(document)
