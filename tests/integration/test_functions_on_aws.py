"""Real handlers at the real composition root, told by their environment, on AWS played by moto."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from closeloop import bootstrap
from closeloop.authoring.__main__ import main as author
from tests.fakes.firm import ROOT
from tests.fakes.functions import Context, batch, handler_of, telemetry_on, to_be_delivered_again
from tests.fakes.moto_table import aws_client, moto_table
from tests.fakes.poison import LETTERS, REFUSED, UNREADABLE, good
from tests.fakes.scene import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from closeloop.adapters.dynamodb import DynamoTable

pytestmark = pytest.mark.integration

ROLE = "arn:aws:iam::123456789012:role/journey"
MACHINE = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workflows layer, as the build makes it."""
    folder = tmp_path_factory.mktemp("layer")
    package = folder / "closeloop_workflows"
    assert author(["build", str(ROOT / "layers" / "workflows"), str(package)]) == 0
    (package / "__init__.py").touch()
    return folder


@pytest.fixture
def table(aws: None, layer: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoTable]:
    """The table of a deployment whose functions start cold."""
    del aws
    sqs, states = aws_client("sqs"), aws_client("stepfunctions")
    rejects = sqs.create_queue(QueueName="rejects")["QueueUrl"]
    machine = states.create_state_machine(
        name="journey", definition=json.dumps(MACHINE), roleArn=ROLE
    )["stateMachineArn"]
    environment = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "eu-west-2",
        "AWS_DEFAULT_REGION": "eu-west-2",
        "CLOCK_URL": "",
        "TIME_SCALE": "1",
        "JOURNEY_ARN": machine,
        "REJECT_QUEUE_URL": rejects,
    }
    monkeypatch.syspath_prepend(str(layer))
    telemetry_on(monkeypatch)
    with moto_table(aws_client("dynamodb")) as table:
        for name, value in {**environment, "TABLE_NAME": table._name}.items():
            monkeypatch.setenv(name, value)
        cold()
        yield table
    cold()
    sys.modules.pop("closeloop_workflows", None)
    sqs.delete_queue(QueueUrl=rejects)
    states.delete_state_machine(stateMachineArn=machine)


def cold() -> None:
    """Forget what an environment keeps."""
    for made in vars(bootstrap).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


def cases(table: DynamoTable) -> int:
    return sum(row["sk"] == "CASE" for row in rows_of(table))


def executions() -> int:
    states = aws_client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    found = states.list_executions(stateMachineArn=machine["stateMachineArn"])
    return len(found["executions"])


def rejected() -> list[dict[str, Any]]:
    sqs = aws_client("sqs")
    found = sqs.receive_message(
        QueueUrl=sqs.get_queue_url(QueueName="rejects")["QueueUrl"], MaxNumberOfMessages=10
    )
    return [json.loads(each["Body"]) for each in found.get("Messages", [])]


def test_a_batch_with_one_poisoned_trigger_opens_the_nine_others_f19(table: DynamoTable):
    bodies: list[object] = [good(n) for n in range(9)]
    bodies.insert(4, UNREADABLE["no JSON"])
    response = handler_of("open_case")(batch(bodies), Context())
    assert to_be_delivered_again(response) == ["m4"]
    assert cases(table) == executions() == 9


def test_a_batch_delivered_twice_opens_each_case_and_starts_each_journey_once_f01_f06(
    table: DynamoTable,
):
    event = batch([good(n) for n in range(3)])
    for _ in range(2):
        assert to_be_delivered_again(handler_of("open_case")(event, Context())) == []
        cold()
    assert cases(table) == executions() == 3


@pytest.mark.usefixtures("table")
def test_every_trigger_that_breaks_its_contract_lands_in_the_reject_queue_f19():
    response = handler_of("open_case")(batch(list(REFUSED.values())), Context())
    too_large = [
        f"m{at}" for at, body in enumerate(REFUSED.values()) if len(json.dumps(body)) > 262_144
    ]
    # What no queue takes comes back until its dead-letter queue has it.
    assert to_be_delivered_again(response) in ([], too_large)
    assert len(rejected()) == len(REFUSED) - len(to_be_delivered_again(response))


def test_every_dead_letter_is_kept_whole_on_the_real_table_and_once_f19(table: DynamoTable):
    event = batch(list(LETTERS.values()), "triggers-dlq")
    for _ in range(2):
        assert to_be_delivered_again(handler_of("dead_letters")(event, Context())) == []
    for at, letter in enumerate(LETTERS.values()):
        kept = table.query("DEADLETTER#triggers-dlq", f"HANDOFF#m{at}")
        assert "".join(row["body"] for row in kept if row["sk"].split("#")[1] == f"m{at}") == letter
    assert len(table.work("platform")) == len(LETTERS)
