"""Batches from SQS: what failed is delivered again, and nothing else is (F19, F20)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters import queue_events
from closeloop.adapters.telemetry import logger, metrics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECRET = "ada@example.org"


@pytest.fixture(autouse=True)
def told_by_environment(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[None]:
    # A service's logger keeps the stream it was made with, so each test is a service of its own.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "closeloop")
    for made in (logger, metrics):
        made.cache_clear()
    yield
    for made in (logger, metrics):
        made.cache_clear()


def batch(*bodies: str) -> dict[str, Any]:
    """A batch whose messages are numbered from one."""
    arn = "arn:aws:sqs:eu-west-2:000000000000:closeloop-WritebackQueue-1A2B"
    return {
        "Records": [
            {"messageId": f"m-{number}", "eventSourceARN": arn, "body": body}
            for number, body in enumerate(bodies, 1)
        ]
    }


def again(response: Mapping[str, Any]) -> list[str]:
    assert response.keys() == {"batchItemFailures"}
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def refuse_two(body: Mapping[str, Any]) -> str:
    if body["n"] == 2:
        raise queue_events.DeliverAgain
    return "opened"


def test_one_failed_message_leaves_the_others_done_f20():
    seen: list[int] = []

    def one(body: Mapping[str, Any]) -> str:
        seen.append(body["n"])
        return refuse_two(body)

    response = queue_events.process(batch('{"n": 1}', '{"n": 2}', '{"n": 3}'), one)

    assert again(response) == ["m-2"]
    assert seen == [1, 2, 3]


def test_a_batch_that_went_well_names_nothing():
    assert again(queue_events.process(batch('{"n": 1}'), refuse_two)) == []


def test_a_message_that_cannot_be_read_is_delivered_again_until_it_is_a_dead_letter_f19():
    assert again(queue_events.process(batch("no json", '{"n": 1}'), refuse_two)) == ["m-1"]


def test_all_failed_are_all_named_and_nothing_is_raised():
    """Raising would count as a failed invocation of every message, the good ones too."""

    def broken(_: Mapping[str, Any]) -> str:
        raise ZeroDivisionError

    assert again(queue_events.process(batch("{}", "{}"), broken)) == ["m-1", "m-2"]


def test_a_raw_message_comes_with_its_id_and_the_name_of_its_queue():
    taken: list[tuple[str, str, str]] = []

    def one(message_id: str, queue: str, body: str) -> str:
        taken.append((message_id, queue, body))
        return "noted"

    queue_events.process_raw(batch("anything"), one)

    assert taken == [("m-1", "closeloop-WritebackQueue-1A2B", "anything")]


def test_the_log_tells_ids_and_kinds_never_a_body_t22(capsys: pytest.CaptureFixture[str]):
    def one(_: Mapping[str, Any]) -> str:
        raise ValueError(SECRET)

    queue_events.process(batch(json.dumps({"email": SECRET})), one)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (failed,) = [line for line in lines if line.get("message") == "failed"]
    assert failed["message_id"] == "m-1"
    assert failed["error"] == "ValueError"
    assert SECRET not in json.dumps(lines)
    assert any(line.get("message_failed") == [1.0] for line in lines)
