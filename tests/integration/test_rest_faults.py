"""Cores that answer badly: what is certain, what is in doubt, and what leads nobody astray."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters.connectors.rest_api import RestApi, path_of
from closeloop.adapters.connectors.rest_connector import RestConnector
from closeloop.adapters.connectors.rest_core import RestCore
from closeloop.application.ports import TemporarilyUnavailable
from closeloop.domain.ledger import (
    Accepted,
    Ambiguous,
    Found,
    NotFound,
    Rejected,
    Unavailable,
)
from tests.fakes.crooked_server import CrookedServer, crooked_server
from tests.integration.connector_cases import CONNECTOR, Key, submission_about

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ABOUT = {"customer_id": "C-1", "obligation_id": "INV-1", "cycle": "2026-11"}
SUBMISSION = submission_about(ABOUT)


@pytest.fixture
def server() -> Iterator[CrookedServer]:
    with crooked_server() as server:
        yield server


def api(url: str) -> RestApi:
    return RestApi(url, Key(), connect_s=0.2, read_s=0.2)  # pyright: ignore[reportArgumentType]


def apply(url: str) -> Any:
    return RestConnector(api(url), CONNECTOR).apply(SUBMISSION)


def look_up(url: str) -> Any:
    return RestConnector(api(url), CONNECTOR).look_up(SUBMISSION, None)


def ask(url: str, customer: str = "C-1") -> Any:
    return RestCore(api(url), CONNECTOR).obligation(customer, "INV-1", "2026-11")


def js(**body: Any) -> bytes:
    return json.dumps(body).encode()


GOOD = js(id="R-1")
REPLIES: dict[str, tuple[int, bytes, dict[str, str], object]] = {
    "done": (201, GOOD, {}, Accepted("R-1")),
    "done before": (200, GOOD, {}, Accepted("R-1")),
    "refused by a rule": (422, js(code="too_late", message="Ada"), {}, Rejected("too_late")),
    "key reused": (409, js(code="key_reused"), {}, Rejected("key_reused")),
    "a sentence for a code": (422, js(code="Ada Vale owes"), {}, Rejected("status_422")),
    "down": (503, b"{}", {}, Unavailable("status_503")),
    "down until": (
        503, b"{}", {"Retry_After": "30"}, Unavailable("status_503", timedelta(seconds=30))
    ),
    "too many requests": (
        429, b"{}", {"Retry_After": "7"}, Unavailable("status_429", timedelta(seconds=7))
    ),
    "a date to come again": (
        503, b"{}", {"Retry_After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Unavailable("status_503")
    ),
    "a wrong key": (401, b"{}", {}, Unavailable("status_401")),
    "its own fault": (500, b"{}", {}, Ambiguous("status_500")),
    "a gateway that waited": (504, b"{}", {}, Ambiguous("status_504")),
    "done without a reference": (201, b"{}", {}, Ambiguous("status_201")),
    "no answer yet": (202, GOOD, {}, Ambiguous("status_202")),
    "no JSON": (201, b"<html>", {}, Ambiguous("reply_not_json")),
    "half a reply": (201, b'{"id": "R', {}, Ambiguous("reply_not_json")),
    "no object": (201, b'["R-1"]', {}, Ambiguous("reply_not_an_object")),
    "nested without end": (201, b"[" * 100_000, {}, Ambiguous("reply_not_json")),
    "two megabytes": (201, b" " * (2 << 20), {}, Ambiguous("reply_too_large_or_slow")),
}  # fmt: skip


@pytest.mark.parametrize("case", REPLIES.values(), ids=REPLIES.keys())
def test_every_answer_to_a_write_is_done_refused_not_done_or_in_doubt_r6(
    server: CrookedServer, case: tuple[int, bytes, dict[str, str], object]
):
    status, body, headers, meaning = case
    server.says(status, body, **headers)
    assert apply(server.url) == meaning
    assert len(server.asked) == 1  # the ledger is the one retry layer (R15)


def test_a_small_reply_that_unfolds_to_a_huge_one_is_in_doubt_t28(server: CrookedServer):
    server.says(201, gzip.compress(b" " * (64 << 20)), Content_Encoding="gzip")
    assert apply(server.url) == Ambiguous("reply_too_large_or_slow")


def test_a_core_out_of_reach_has_certainly_done_nothing_r6():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        assert isinstance(apply(url), Unavailable)
        assert isinstance(look_up(url), Unavailable)
        with pytest.raises(TemporarilyUnavailable):
            ask(url)


FAINT: dict[str, Callable[[CrookedServer], None]] = {
    "silence": CrookedServer.says_nothing,
    "a closed connection": CrookedServer.hangs_up,
    "a drip": CrookedServer.drips,
}


@pytest.mark.parametrize("faint", FAINT.values(), ids=FAINT.keys())
def test_an_answer_that_does_not_come_in_time_is_in_doubt_for_a_write_f12(
    server: CrookedServer, faint: Callable[[CrookedServer], None]
):
    """A drip would go on for ever: no call may outlast the lease it was made under (R4)."""
    faint(server)
    assert isinstance(apply(server.url), Ambiguous)
    assert isinstance(look_up(server.url), Unavailable)
    with pytest.raises(TemporarilyUnavailable):
        ask(server.url)
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_to_another_place_t15(server: CrookedServer, status: int):
    """Neither body nor key may go where a reply points."""
    with crooked_server() as elsewhere:
        elsewhere.says(201, GOOD)
        server.says(status, GOOD, Location=f"{elsewhere.url}/v1/promises")
        assert apply(server.url) == Ambiguous(f"status_{status}")
        assert look_up(server.url) == Unavailable(f"status_{status}")
        with pytest.raises(TemporarilyUnavailable):
            ask(server.url)
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "customer",
    [
        "a/b",
        "a/../../v1/notes",
        "a?cycle=1",
        "a#b",
        "a%2Fb",
        "a b",
        "ü",
        "a;b",
        "a\r\nX-Evil: 1",
        "…",
    ],
    ids=repr,
)
def test_a_value_never_adds_a_segment_a_query_or_a_header_to_a_path_t14(
    server: CrookedServer, customer: str
):
    server.says(404, js(code="unknown"))
    assert ask(server.url, customer) is None
    ((_, path),) = server.asked
    assert path.startswith("/v1/customers/")
    assert path.endswith("/obligations/INV-1?cycle=2026-11")
    assert path.count("/") == 5
    assert path.count("?") == 1
    assert "X-Evil" not in server.headers[0]


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_would_climb_out_of_its_place_is_refused_t14(
    server: CrookedServer, value: str
):
    with pytest.raises(ValueError, match="path"):
        path_of("/v1/customers/{customer_id}", customer_id=value)
    with pytest.raises(ValueError, match="path"):
        ask(server.url, value)
    assert server.asked == []


def test_only_the_core_s_own_word_says_that_something_is_not_there_r6(server: CrookedServer):
    """A path that leads nowhere answers 404 as well: it must end no case and prove no absence."""
    server.says(404, js(message="Not Found"))
    assert look_up(server.url) == Unavailable("status_404")
    with pytest.raises(TemporarilyUnavailable):
        ask(server.url)
    server.says(404)
    with pytest.raises(TemporarilyUnavailable):
        ask(server.url)

    server.says(404, js(code="unknown"))
    assert look_up(server.url) == NotFound()
    assert ask(server.url) is None


@pytest.mark.parametrize(
    "body",
    [b"{}", js(id=None), js(customer={}), js(status="overdue", version=1), b"null"],
    ids=repr,
)
def test_an_obligation_with_holes_in_it_is_no_answer(server: CrookedServer, body: bytes):
    server.says(200, body)
    with pytest.raises(TemporarilyUnavailable):
        ask(server.url)


def test_a_record_is_looked_up_under_our_id_with_our_key(server: CrookedServer):
    server.says(200, js(id="R-1", amount_minor=12000))
    assert look_up(server.url) == Found("R-1", {"id": "R-1", "amount_minor": 12000})
    assert server.asked == [("GET", f"/v1/promises/{SUBMISSION.id}")]
    assert server.headers[0]["X-Api-Key"] == "core-key"


def test_a_write_carries_its_id_as_key_and_in_its_body_and_nothing_that_is_not_asked_for_r5(
    server: CrookedServer,
):
    server.says(201, GOOD)
    apply(server.url)
    assert server.asked == [("POST", "/v1/promises")]
    assert server.headers[0]["Idempotency-Key"] == SUBMISSION.id
    assert json.loads(server.bodies[0]) == {
        **ABOUT,
        "request_id": SUBMISSION.id,
        "currency": "GBP",
        "amount_minor": 12000,
        "due_date": "2026-12-01",
    }
