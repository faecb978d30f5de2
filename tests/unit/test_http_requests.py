"""What is believed of a request, and what is refused before any use case sees it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.adapters.http import RefusedRequestError, parse
from closeloop.adapters.http.requests import LIMIT, up
from tests.fakes.api_gateway import event_of, posted

LINK = "06H0PVRT00NJMI4QV14MMMOOH012"


def refused(event: dict[str, Any]) -> int:
    with pytest.raises(RefusedRequestError) as refusal:
        parse(event)
    return refusal.value.status


def test_a_get_of_a_link_is_read():
    visit = parse(event_of("GET", f"/c/{LINK}"))

    assert (visit.method, visit.route, visit.link) == ("GET", "/c/{link}", LINK)
    assert (visit.form, visit.cookie, visit.draft, visit.foreign) == ({}, "", "", False)


def test_a_form_is_read():
    visit = parse(posted("/c/act/dispute", "choice=not+mine&csrf=%C3%A9&empty="))

    assert (visit.action, visit.form) == (
        "dispute",
        {"choice": "not mine", "csrf": "é", "empty": ""},
    )


def test_a_form_in_base64_is_read_alike():
    event = posted("/c/verify", "") | {
        "body": base64.b64encode(b"code=123456").decode(),
        "isBase64Encoded": True,
    }
    assert parse(event).form == {"code": "123456"}


def test_head_is_read_as_get():
    assert parse(event_of("HEAD", f"/c/{LINK}")) == parse(event_of("GET", f"/c/{LINK}"))


def test_only_our_own_cookies_are_read():
    event = event_of(
        "GET", "/c", {"Cookie": "x=1; __Host-s=a.b.1.c; s=evil;__Host-draft=promise_to_pay.1x-2"}
    )
    visit = parse(event)

    assert (visit.cookie, visit.draft) == ("a.b.1.c", "promise_to_pay.1x-2")


def test_cookies_may_come_in_several_headers_as_http_2_sends_them():
    event = event_of("GET", "/c") | {
        "headers": {"cookie": "__Host-draft=dispute.not_mine"},
        "multiValueHeaders": {"cookie": ["__Host-s=a.b.1.c", "__Host-draft=dispute.not_mine"]},
    }
    visit = parse(event)

    assert (visit.cookie, visit.draft) == ("a.b.1.c", "dispute.not_mine")


def test_headers_are_found_whatever_their_case_and_form():
    event = event_of("GET", "/c") | {
        "headers": {"COOKIE": "__Host-s=a.b.1.c"},
        "multiValueHeaders": None,
    }
    assert parse(event).cookie == "a.b.1.c"


@pytest.mark.parametrize(
    "draft", ["<script>", "dispute", "dispute.a b", "Dispute.x", "dispute." + "x" * 81, "../../c"]
)
def test_a_draft_that_we_did_not_write_is_ignored(draft: str):
    assert parse(event_of("GET", "/c", {"Cookie": f"__Host-draft={draft}"})).draft == ""


@pytest.mark.parametrize(
    ("query", "said", "left"),
    [
        ("said=code_wrong&left=4", "code_wrong", 4),
        ("said=code_wrong", "code_wrong", 0),
        ("left=0", "", 0),
        ("left=10", "", 0),
        ("left=-1", "", 0),
        ("left=%D9%A4", "", 0),
        ("said=%3Cscript%3E&left=x", "", 0),
        ("said=" + "a" * 33, "", 0),
    ],
)
def test_what_a_step_was_told_is_read_strictly(query: str, said: str, left: int):
    visit = parse(event_of("GET", f"/c?{query}"))

    assert (visit.said, visit.left) == (said, left)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/c/a/b/c"),
        ("POST", "/c"),
        ("POST", "/c/status"),
        ("GET", "/c/verify"),
        ("GET", "/c/code"),
        ("DELETE", "/c"),
        ("PUT", f"/c/{LINK}"),
        ("OPTIONS", "/c"),
    ],
)
def test_a_route_that_is_not_ours_is_not_found(method: str, path: str):
    assert refused(event_of(method, path)) == 404


def test_an_event_without_anything_is_not_found():
    assert refused({}) == 404


def test_a_body_above_the_limit_is_refused_before_it_is_parsed():
    """T28."""
    assert parse(posted("/c/verify", "a=" + "x" * (LIMIT - 2))).form["a"]
    assert refused(posted("/c/verify", "a=" + "x" * LIMIT)) == 413
    assert refused(posted("/c/verify", "a=" + "é" * (LIMIT // 2))) == 413


@pytest.mark.parametrize("size", [LIMIT + 1, LIMIT * 3])
def test_base64_does_not_hide_the_size_of_a_body(size: int):
    """T28."""
    body = base64.b64encode(b"a" * size).decode()
    assert refused(posted("/c/verify") | {"body": body, "isBase64Encoded": True}) == 413


@pytest.mark.parametrize(
    "change",
    [
        {"body": "choice=a&choice=b"},
        {"body": "a=%ff"},
        {"body": "&".join(f"f{at}=1" for at in range(33))},
        {"body": "not base64!", "isBase64Encoded": True},
        {"body": base64.b64encode(b"a=\xff\xfe").decode(), "isBase64Encoded": True},
        {"body": "a=\ud800"},
    ],
)
def test_a_form_that_can_be_read_in_two_ways_or_in_none_is_refused(change: dict[str, Any]):
    assert refused(posted("/c/act/dispute") | change) == 400


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; a=b", ""])
def test_a_body_that_no_form_of_ours_sends_is_refused(kind: str):
    """T6: another site can post text/plain without a preflight."""
    assert refused(posted("/c/act/dispute", "a=b", Content_Type=kind)) == 415


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/c", "./"),
        ("/c/", "../"),
        ("/c/status", "../"),
        (f"/c/{LINK}", "../"),
        (f"/c/{LINK}/", "../../"),
        ("/c/act/dispute", "../../"),
    ],
)
def test_the_way_to_the_root_is_relative_whatever_stands_before_our_paths(path: str, way: str):
    event = event_of("GET", path)

    assert up(event) == way
    assert up(event | {"path": f"/pay{path}"}) == way


@given(st.dictionaries(st.text(), st.text()), st.text())
@settings(deadline=None)  # the first use imports
def test_whatever_is_posted_becomes_a_visit_or_a_refusal(headers: dict[str, str], body: str):
    event = event_of("POST", "/c/verify", headers, body)
    try:
        outcome: object = parse(event).route
    except RefusedRequestError as refusal:
        outcome = refusal.status

    assert outcome in {"/c/verify", 400, 413, 415}
