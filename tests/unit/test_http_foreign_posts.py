"""Whether another site's page made a post (T6): by what only a browser can say."""

from __future__ import annotations

from typing import Any

import pytest

from closeloop.adapters.http import parse
from tests.fakes.api_gateway import event_of

LINK = "06H0PVRT00NJMI4QV14MMMOOH012"
HOST = "pay.vale.example"
OURS = f"https://{HOST}"


def from_page(headers: dict[str, str]) -> dict[str, Any]:
    form = {"Content-Type": "application/x-www-form-urlencoded", "Host": HOST}
    return event_of("POST", "/c/verify", form | headers, "code=1")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": OURS},
        {"Sec-Fetch-Site": "none"},
        {"Origin": OURS},
        {"Origin": "null"},
        {},
    ],
)
def test_a_form_of_our_own_is_not_foreign(headers: dict[str, str]):
    """T6. Our own forms have Origin `null`, because of our Referrer-Policy."""
    assert not parse(from_page(headers)).foreign


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": OURS},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://blog.vale.example"},
        {"Sec-Fetch-Site": "Same-Origin"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "same-origin, cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": f"https://{HOST}.evil.example"},
        {"Origin": f"https://{HOST}@evil.example"},
        {"Origin": "https://blog.vale.example"},
        {"Origin": f"https://{HOST}:8443"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
        {"Origin": "https://evil.example", "Forwarded": "host=evil.example"},
    ],
)
def test_a_post_from_another_site_is_told_by_what_only_the_browser_can_say(headers: dict[str, str]):
    """T6."""
    assert parse(from_page(headers)).foreign


def test_behind_a_domain_of_its_own_api_gateway_says_which_host_was_asked():
    event = event_of("POST", "/c/renew", {"Origin": OURS, "Host": "inner.example"})
    event["requestContext"]["domainName"] = HOST

    assert not parse(event).foreign


def test_a_link_followed_from_anywhere_is_not_foreign():
    event = event_of("GET", f"/c/{LINK}", {"Sec-Fetch-Site": "cross-site"})
    assert not parse(event).foreign
