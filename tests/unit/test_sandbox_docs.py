"""Every example in docs/sandbox.md is executed, in the order in which it stands there."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from sandbox.app import make
from tests.fakes.local_world import KEY, LocalWorld, local_world

DOCUMENT = Path(__file__).parents[2] / "docs" / "sandbox.md"
SECTION = re.compile(r"^### (GET|POST) (\S+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
CONCRETE = re.compile(r"^`(?:GET|POST) (\S+)`$", re.MULTILINE)
BLOCK = re.compile(r"(?:^(\d{3}):\n\n)?^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
AT = "2026-11-23T10:00:00.000000Z"


@dataclass(frozen=True)
class Example:
    method: str
    route: str
    path: str
    asked: Any
    status: int
    answer: Any


def examples() -> Iterator[Example]:
    for method, route, text in SECTION.findall(DOCUMENT.read_text(encoding="utf-8")):
        concrete = CONCRETE.search(text)
        blocks = [(status, json.loads(body)) for status, body in BLOCK.findall(text)]
        asked = blocks.pop(0)[1] if method == "POST" else None
        (status, answer), *rest = blocks
        assert not rest, f"{route} has more than one answer"
        path = concrete[1] if concrete else route
        yield Example(method, route, path, asked, int(status), answer)


def same(answer: object, example: object) -> bool:
    if isinstance(example, str) and "…" in example:
        return fnmatchcase(str(answer), example.replace("…", "*"))
    if isinstance(example, dict) and isinstance(answer, dict):
        return answer.keys() == example.keys() and all(same(answer[k], example[k]) for k in example)
    if isinstance(example, list) and isinstance(answer, list):
        return len(answer) == len(example) and all(map(same, answer, example))
    return bool(answer == example)


def has_a_case(local: LocalWorld) -> None:
    """What the product would have done by then: a case for the event, a touch for the case."""
    case = {
        "id": "0C1",
        "workflow": "failed_payment",
        "customer": "amara",
        "status": "open",
        "opened_at": AT,
        "token": "secret",
    }
    event = {"seq": 1, "at": AT, "kind": "opened", "actor": "core"}
    local.cloud.items += [
        {"pk": "TRIGGER#core.billing#event-1", "sk": "TRIGGER#core.billing#event-1", "case": "0C1"},
        {"pk": "PERSON#amara", "sk": "CASE#0C1", "case": "0C1"},
        {"pk": "CASE#0C1", "sk": "CASE", **case},
        {"pk": "CASE#0C1", "sk": "EVENT#000001", **event},
        {"pk": "CASE#0C1", "sk": "TOUCH#001", "channel": "sms", "provider_id": "sms-1"},
    ]
    body = "Example Bank: we need a quick answer. http://localhost:8080/c/abc"
    sms = {"MessageId": "sms-1", "to": "+447700900001", "Message": body}
    local.cloud.sent_texts.append(sms)


def test_every_example_answers_as_documented() -> None:
    with local_world() as local:
        has_a_case(local)
        for example in examples():
            headers = {**KEY, "Idempotency-Key": (example.asked or {}).get("request_id", "")}
            reply = local.client.request(
                example.method, example.path, json=example.asked, headers=headers
            )
            told = f"{example.method} {example.path}: {reply.status_code} {reply.text}"
            assert reply.status_code == example.status, told
            assert same(reply.json(), example.answer), told


def test_every_route_of_the_contract_has_an_example() -> None:
    with local_world() as local:
        served = {
            (method, route.path)
            for route in make(local.world).routes
            if isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}
            if route.path.startswith(("/sandbox", "/v1")) and "whatsapp" not in route.path
        }
    shown = {(example.method, example.route) for example in examples()}
    # Shown in words beside the POST that turns them.
    assert served - shown == {("GET", "/sandbox/faults"), ("GET", "/sandbox/clock")}


@pytest.mark.parametrize(
    ("answer", "example"),
    [({"a": 1}, {"a": 1, "b": 2}), ({"a": 1}, {"a": 2}), ([1], [1, 1]), ("arr-1", "pro-…")],
)
def test_an_example_that_differs_is_found(answer: object, example: object) -> None:
    assert not same(answer, example)
