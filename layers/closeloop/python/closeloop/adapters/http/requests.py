"""From an API Gateway event to a visit: read strictly, believing nothing a client could invent.

The address of a client and X-Forwarded-* are not read at all (ASVS 4.1.3): nothing here depends on
them. What cannot be read is refused before any use case sees it (T28).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from closeloop.application.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 64 * 1024
_MOST_FIELDS = 32
_FORM = "application/x-www-form-urlencoded"
_ROUTES = {
    "/c/{link}": ("GET", "HEAD", "POST"),
    "/c": ("GET",),
    "/c/status": ("GET",),
    "/c/act/{action}": ("GET", "POST"),
    "/c/code": ("POST",),
    "/c/verify": ("POST",),
    "/c/renew": ("POST",),
}
_OWN_SITE = frozenset({"same-origin", "none"})
_SAID = re.compile(r"[a-z_]{1,32}")
_LEFT = re.compile(r"[1-9]")
DRAFT = re.compile(r"[a-z_]{1,40}\.[A-Za-z0-9_.-]{0,80}")


class RefusedRequestError(Exception):
    """The request is none that our pages make; `status` says what is wrong with it."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def parse(event: Mapping[str, Any]) -> Visit:
    """Read a REST proxy event; HEAD is read as GET. Raises RefusedRequestError.

    404 for a route that is not ours, 413 above 64 KB, 415 for another kind of body than a form's,
    400 for a form that cannot be read in one way only.
    """
    method, route = method_of(event), str(event.get("resource"))
    if event.get("httpMethod") not in _ROUTES.get(route, ()):
        raise RefusedRequestError(404)
    headers = _headers(event)
    path: Mapping[str, str] = event.get("pathParameters") or {}
    query: Mapping[str, str] = event.get("queryStringParameters") or {}
    cookies = _cookies(headers.get("cookie", ""))
    return Visit(
        method=method,
        route=route,
        link=path.get("link", ""),
        action=path.get("action", ""),
        form=_form(event, headers) if method == "POST" else {},
        cookie=cookies.get("__Host-s", ""),
        draft=_if_like(DRAFT, cookies.get("__Host-draft", "")),
        said=_if_like(_SAID, query.get("said", "")),
        left=int(_if_like(_LEFT, query.get("left", "")) or 0),
        foreign=method == "POST" and _foreign(event, headers),
    )


def method_of(event: Mapping[str, Any]) -> str:
    """The method to act on: HEAD asks for what GET would show."""
    method = str(event.get("httpMethod"))
    return "GET" if method == "HEAD" else method


def up(event: Mapping[str, Any]) -> str:
    """The way from the requested address to the mini-app's root, relative.

    Relative, because a stage, a custom domain or a base path may stand before our paths, and only
    the browser knows which. It starts with a dot, so that nothing after it can be a scheme.
    """
    below = str(event.get("resource", "")).count("/") - 1
    if str(event.get("path", "")).endswith("/"):
        below += 1
    return "../" * below or "./"


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    """Headers by name in lower case; one that came several times is joined as HTTP joins it.

    HTTP/2 lets a browser send its cookies in several headers, and `headers` has only the last.
    """
    several: Mapping[str, list[str]] = event.get("multiValueHeaders") or {}
    if not several:
        single: Mapping[str, str] = event.get("headers") or {}
        return {name.lower(): value for name, value in single.items()}
    joints = {"cookie": "; "}
    return {
        name.lower(): joints.get(name.lower(), ", ").join(values)
        for name, values in several.items()
    }


def _cookies(header: str) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return {name: value for name, _, value in pairs}


def _form(event: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, str]:
    body = _body(event)
    if not body:
        return {}
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise RefusedRequestError(415)
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(
            text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise RefusedRequestError(400) from error
    form = dict(pairs)
    if len(form) != len(pairs):  # whoever reads the other one would read another wish
        raise RefusedRequestError(400)
    return form


def _body(event: Mapping[str, Any]) -> bytes:
    text = str(event.get("body") or "")
    encoded = bool(event.get("isBase64Encoded"))
    if len(text) > (LIMIT * 4 // 3 + 4 if encoded else LIMIT):
        raise RefusedRequestError(413)
    try:
        body = base64.b64decode(text, validate=True) if encoded else text.encode()
    except (binascii.Error, ValueError) as error:
        raise RefusedRequestError(400) from error
    if len(body) > LIMIT:
        raise RefusedRequestError(413)
    return body


def _foreign(event: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    """Whether another site's page made this post (T6).

    The browser says so itself in Sec-Fetch-Site, which no page can set. Browsers without it may say
    in Origin where the page is from: it must be the host that was asked, by API Gateway's word or
    by the browser's own Host header, which a page cannot set either. Because of our Referrer-Policy
    browsers say `null` for our own forms: that tells nothing, and the CSRF token decides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OWN_SITE
    origin = headers.get("origin", "null")
    if origin == "null":
        return False
    context: Mapping[str, Any] = event.get("requestContext") or {}
    asked = {context.get("domainName"), headers.get("host")}
    return urlsplit(origin).netloc not in asked


def _if_like(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""
