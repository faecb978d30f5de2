"""Every answer has all headers, whatever its route and status, and no cookie or page leaks."""

from __future__ import annotations

import base64
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from closeloop.adapters import http
from closeloop.adapters.html.layout import Layout
from closeloop.application.pages import Page
from closeloop.application.visits import View
from closeloop.domain.session import Ticket, read_cookie
from tests.fakes.api_gateway import edge_of, event_of, posted
from tests.fakes.firm import Firm
from tests.fakes.requests import ALWAYS, LINK, NOTHING, ROUTES

STATUSES = (200, 400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 500, 503)
TICKET = Ticket("06H0PVRT00NJMI4QV14MMMOOH0", "s" * 43)
PAGE = Page("some", "Some page")

FIRM = Firm()
EDGE = edge_of(FIRM)


def answered(event: dict[str, Any], view: View) -> dict[str, Any]:
    return http.answer(event, lambda: lambda _: view, EDGE)


def directives(answer: dict[str, Any]) -> dict[str, str]:
    policy = answer["headers"]["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def hash_of(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("route", ROUTES)
def test_every_page_of_every_route_has_every_header(route: str, status: int):
    """SECURITY 2.8."""
    answer = answered(ROUTES[route], View(PAGE, status=status))

    headers = dict(answer["headers"])
    policy = headers.pop("Content-Security-Policy")
    assert headers == ALWAYS
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert answer["statusCode"] == (404 if "elsewhere" in route else status)
    assert answer["multiValueHeaders"] == {"Set-Cookie": []}


@pytest.mark.parametrize("route", [each for each in ROUTES if "elsewhere" not in each])
def test_every_step_of_every_route_has_every_header_and_a_relative_location(route: str):
    answer = answered(ROUTES[route], View(goto="c?said=code_wrong&left=4", ticket=TICKET))

    depth = route.count("/") - 1
    assert answer["statusCode"] == 303
    assert answer["body"] == ""
    assert answer["headers"] == {
        **ALWAYS,
        "Content-Security-Policy": NOTHING,
        "Location": ("../" * depth or "./") + "c?said=code_wrong&left=4",
    }


def test_a_page_may_run_its_own_style_and_nothing_else():
    """T12: no inline code but ours, nothing from elsewhere, no frame, no base, no plug-in."""
    answer = answered(ROUTES["GET /c"], View(PAGE))
    style = re.search(r"<style>(.*?)</style>", answer["body"], re.DOTALL)

    assert style
    assert directives(answer) == {
        "default-src": "'none'",
        "style-src": hash_of(style[1]),
        "img-src": "data:",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    }
    assert "<script" not in answer["body"]


def test_only_a_page_that_waits_may_run_the_script_that_looks_again():
    answer = answered(ROUTES["GET /c/status"], View(replace(PAGE, waiting=True)))
    script = re.search(r"<script>(.*?)</script>", answer["body"], re.DOTALL)

    assert script
    assert directives(answer)["script-src"] == hash_of(script[1])
    assert directives(answer)["connect-src"] == "'self'"
    assert "refresh" not in answer["body"]


def test_head_is_get_without_the_body():
    """T7."""
    get, head = (answered(ROUTES[f"{method} /c/{LINK}"], View(PAGE)) for method in ("GET", "HEAD"))

    assert get["body"]
    assert head == get | {"body": ""}


def test_the_session_cookie_is_stamped_anew_with_each_page():
    answer = answered(ROUTES["GET /c"], View(PAGE, ticket=TICKET))

    (cookie,) = answer["multiValueHeaders"]["Set-Cookie"]
    value, attributes = cookie.split("; ", 1)
    assert attributes == "Path=/; Secure; HttpOnly; SameSite=Lax"
    name, _, text = value.partition("=")
    assert name == "__Host-s"
    assert read_cookie(text, FIRM.keyring.session_key(), FIRM.clock.now()) == TICKET


@pytest.mark.parametrize(
    ("draft", "cookie"),
    [
        ("promise_to_pay.1x-2026-12-04-abc", "__Host-draft=promise_to_pay.1x-2026-12-04-abc"),
        ("", "__Host-draft="),
        ("dispute.not_mine; Domain=evil.example", "__Host-draft="),
        ("dispute.not_mine\r\nSet-Cookie: a=b", "__Host-draft="),
        ("<script>.x", "__Host-draft="),
    ],
)
def test_a_draft_is_a_plain_choice_or_forgotten(draft: str, cookie: str):
    answer = answered(ROUTES["GET /c"], View(name="session_ended", status=401, draft=draft))

    (line,) = answer["multiValueHeaders"]["Set-Cookie"]
    age = 0 if cookie.endswith("=") else 1800
    assert line == f"{cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}"


@pytest.mark.parametrize(
    "name", ["session_ended", "not_available", "too_many", "used_up", "problem"]
)
def test_a_named_page_is_found_among_the_common_ones(name: str):
    answer = answered(ROUTES["GET /c"], View(name=name, status=404))

    assert f'data-page="{name}"' in answer["body"]


def test_no_page_can_be_told_from_another_by_why_it_is_not_available():
    """ASVS 6.3.8: an unknown route, a bad form and a foreign link look the same."""
    bodies = {
        http.answer(event, lambda: FIRM.mini_app, EDGE)["body"]
        for event in (
            ROUTES["GET /c/" + LINK],
            ROUTES["POST /c/" + LINK],
            posted("/c/renew", "a=1&a=2"),
            posted("/c/renew", "link=" + "x" * 70_000),
            event_of("GET", f"/c/{'0' * 28}"),
        )
    }
    assert len(bodies) == 1


def test_interleaved_visitors_never_see_each_others_page():
    """T30: one environment, many visitors, one after the other and at once."""
    edge = http.Edge(Layout("Vale Bank"), EDGE.common, EDGE.session_key, EDGE.clock)

    def visit(number: int) -> bool:
        page = Page("some", f"visitor-{number}-", waiting=number % 2 == 0)
        ticket = Ticket(f"case{number}", f"secret{number}")
        answer = http.answer(ROUTES["GET /c"], lambda: lambda _: View(page, ticket=ticket), edge)
        (cookie,) = answer["multiValueHeaders"]["Set-Cookie"]
        seen = set(re.findall(r"visitor-(\d+)-", answer["body"]))
        return seen == {str(number)} and cookie.startswith(f"__Host-s=case{number}.secret{number}.")

    with ThreadPoolExecutor(8) as visitors:
        assert all(visitors.map(visit, range(200)))
