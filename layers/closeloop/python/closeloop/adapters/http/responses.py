"""Answers with the headers that every one of them carries, whatever its status (SECURITY 2.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop.adapters.http.requests import DRAFT

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Type": "text/html; charset=utf-8",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
# Said when nothing else can be: it needs no workflow, no settings and no template.
LAST_RESORT = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>Please try again</title>'
    "<main><h1>Something went wrong on our side</h1>"
    "<p>Nothing you had already sent is lost. Please try again in a few minutes.</p></main></html>"
)
_DRAFT_KEPT_S = 30 * 60


def page(status: int, html: str, policy: str, cookies: Iterable[str]) -> dict[str, Any]:
    """Answer with a page under a Content-Security-Policy of its own."""
    return _answer(status, html, {"Content-Security-Policy": policy}, cookies)


def step(location: str, cookies: Iterable[str]) -> dict[str, Any]:
    """Answer with another step to go to, by GET."""
    headers = {"Content-Security-Policy": _NOTHING_ALLOWED, "Location": location}
    return _answer(303, "", headers, cookies)


def last_resort() -> dict[str, Any]:
    """Answer when no page can be made."""
    return _answer(500, LAST_RESORT, {"Content-Security-Policy": _NOTHING_ALLOWED}, ())


def session_cookie(value: str) -> str:
    """The session, for as long as the browser stays open; its limits are in the value itself."""
    return _cookie("__Host-s", value)


def draft_cookie(value: str) -> str:
    """A choice kept over a lost session; anything but a plain choice forgets what was kept."""
    kept = value if DRAFT.fullmatch(value) else ""
    return f"{_cookie('__Host-draft', kept)}; Max-Age={_DRAFT_KEPT_S if kept else 0}"


def _cookie(name: str, value: str) -> str:
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax"


def _answer(
    status: int, body: str, headers: dict[str, str], cookies: Iterable[str]
) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {**_ALWAYS, **headers},
        "multiValueHeaders": {"Set-Cookie": list(cookies)},
        "body": body,
        "isBase64Encoded": False,
    }
