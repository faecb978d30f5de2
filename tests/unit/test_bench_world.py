"""What the bench runs the product on: the real template and definition, without its functions."""

import json
from collections import defaultdict

import pytest

from closeloop import settings
from sandbox.place import ROOT, Place
from tools.bench import environment, stack
from tools.template.expansion import source

PLACE = Place(port=1, emulator_port=2, day_s=86_400)


def test_only_what_holds_data_is_created():
    part = stack.data_part(source())

    kinds = {each["Type"] for each in part["Resources"].values()}
    assert kinds == {
        "AWS::DynamoDB::Table",
        "AWS::KMS::Key",
        "AWS::SQS::Queue",
        "AWS::SecretsManager::Secret",
    }
    assert part["Resources"]["CaseTable"] == source()["Resources"]["CaseTable"]


def test_the_journey_is_the_real_one_but_for_who_is_called():
    real = json.loads((ROOT / "statemachines" / "case_journey.asl.json").read_text())

    changed = stack.played(json.loads(json.dumps(real)), "a-queue")

    for name, state in real["States"].items():
        played = changed["States"][name]
        if not state.get("Resource", "").endswith(".waitForTaskToken"):
            assert played == state
            continue
        assert played["Arguments"]["MessageBody"] == state["Arguments"]["Payload"]
        for part in ("Resource", "Arguments"):
            del played[part], state[part]
        assert played == state


@pytest.mark.parametrize("name", settings.FUNCTIONS)
def test_every_function_is_told_what_it_asks_for(name: str):
    told = environment.variables(PLACE, defaultdict(lambda: "x"), "journey")

    assert settings.FUNCTIONS[name].load(told)
