"""Whatever fails inside, the visitor sees a calm page and the log tells nothing personal (T22)."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from closeloop.adapters import http
from closeloop.adapters.http.responses import LAST_RESORT
from closeloop.application.ports import ConflictError, TemporarilyUnavailable
from closeloop.application.visits import View, Visit
from tests.fakes.api_gateway import edge_of
from tests.fakes.firm import Firm
from tests.fakes.requests import ALWAYS, NOTHING, ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

EDGE = edge_of(Firm())


def fails_with(error: Exception) -> Callable[[], Callable[[Visit], View]]:
    def use_case(_: Visit) -> NoReturn:
        raise error

    return lambda: use_case


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConflictError({}), 503),
        (TemporarilyUnavailable(), 503),
        (KeyError("x"), 500),
        (RuntimeError("Ada Vale, +447700900141"), 500),
    ],
)
def test_every_failure_of_every_route_has_every_header(route: str, error: Exception, status: int):
    answer = http.answer(ROUTES[route], fails_with(error), EDGE)

    assert {name: answer["headers"][name] for name in ALWAYS} == ALWAYS
    assert "'none'" in answer["headers"]["Content-Security-Policy"]
    assert answer["statusCode"] == (404 if "elsewhere" in route else status)


def test_an_unexpected_error_is_logged_by_kind_and_place_and_shown_to_nobody(
    caplog: pytest.LogCaptureFixture,
):
    """T22."""
    caplog.set_level(logging.DEBUG)
    secret = "Ada +447700900141 __Host-s=abc"

    answer = http.answer(ROUTES["POST /c/verify"], fails_with(ValueError(secret)), EDGE)

    assert re.search(r"ValueError at test_http_failures\.py:\d+", caplog.text)
    for canary in (*secret.split(), "123456", "Traceback"):
        assert canary not in caplog.text
        assert canary not in answer["body"]


def test_a_use_case_that_cannot_even_be_made_ends_in_a_page():
    def no_settings() -> NoReturn:
        raise LookupError("TABLE_NAME")

    assert http.answer(ROUTES["GET /c"], no_settings, EDGE)["statusCode"] == 500


def test_when_no_page_can_be_made_a_plain_one_is_sent_with_every_header():
    def no_texts(_: str) -> NoReturn:
        raise LookupError("no workflow")

    edge = replace(EDGE, common=no_texts)
    answer = http.answer(ROUTES["GET /c"], fails_with(KeyError("x")), edge)

    assert (answer["statusCode"], answer["body"]) == (500, LAST_RESORT)
    assert answer["headers"] == {**ALWAYS, "Content-Security-Policy": NOTHING}


def test_a_refusal_is_logged_without_what_was_sent(caplog: pytest.LogCaptureFixture):
    """ASVS 16.3."""
    caplog.set_level(logging.INFO)
    refused = View(name="not_available", status=403)
    http.answer(ROUTES["POST /c/verify"], lambda: lambda _: refused, EDGE)

    assert "POST /c/verify: 403 not_available" in caplog.text
    assert "123456" not in caplog.text
