"""One REST API of a system of record: one request, its time limits, and what its failure means.

No redirect is followed (T15) and nothing is retried here: the ledger is the one retry layer (R15).
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.adapters.connectors.credentials import ApiKey

_NEVER_LEFT = (NewConnectionError, ConnectTimeoutError)
_LARGEST_REPLY = 1 << 20
_CHUNK = 1 << 16
_ABSENT = 404
_NO_SEGMENTS = frozenset({"", ".", ".."})


class NotConnectedError(Exception):
    """The request certainly did not reach the system."""


class NoAnswerError(Exception):
    """The request may have reached the system, whose answer did not come or makes no sense."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, JSON body, and how long the system asked us to stay away."""

    status: int
    body: Mapping[str, Any]
    retry_after: timedelta | None


class RestApi:
    """Calls paths below one base URL with one credential."""

    def __init__(self, base_url: str, api_key: ApiKey, connect_s: float, read_s: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._limit_s = connect_s + read_s
        timeout = urllib3.Timeout(connect=connect_s, read=read_s, total=self._limit_s)
        self._pool = urllib3.PoolManager(retries=False, timeout=timeout)

    def prepare(self) -> None:
        """Fetch the credential now, so that no later call spends its time on that."""
        self._api_key.headers()

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one request. Raises NotConnectedError or NoAnswerError; never logs what it sent."""
        sent = {"Accept": "application/json", **self._api_key.headers(), **(headers or {})}
        try:
            reply = self._pool.request(
                method,
                self._base_url + path,
                json=body,
                headers=sent,
                redirect=False,
                preload_content=False,
            )
            content = self._content(reply, time.monotonic() + self._limit_s)
        except _NEVER_LEFT as error:
            raise NotConnectedError(type(error).__name__) from None
        except HTTPError as error:
            raise NoAnswerError(type(error).__name__) from None
        return Reply(reply.status, _decoded(content), _retry_after(reply.headers))

    def _content(self, reply: urllib3.BaseHTTPResponse, until: float) -> bytes:
        """Read the body within limits of size and time: a slow drip is no answer.

        Each read takes what is there; to wait for a full chunk would be to wait for the drip.
        """
        content = b""
        while chunk := reply.read1(_CHUNK):
            content += chunk
            if len(content) > _LARGEST_REPLY or time.monotonic() > until:
                reply.close()
                raise NoAnswerError("reply_too_large_or_slow")
        reply.release_conn()
        return content


def says_absent(reply: Reply) -> bool:
    """Whether the system itself says that it knows no such thing.

    A path that leads nowhere is answered with 404 as well, by whatever stands in between. That must
    end nobody's case and prove no absence, so the system's own 404 names a code.
    """
    return reply.status == _ABSENT and isinstance(reply.body.get("code"), str)


def path_of(template: str, **parts: str) -> str:
    """Fill a path's placeholders; a value can never add a segment or a query of its own (T14).

    ValueError for a value that would take its segment away: quoting does not keep dots in place.
    """
    if any(value in _NO_SEGMENTS for value in parts.values()):
        raise ValueError("a value would climb out of its place in the path")
    return template.format_map({name: quote(value, safe="") for name, value in parts.items()})


def _decoded(content: bytes) -> Mapping[str, Any]:
    if not content:
        return {}
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise NoAnswerError("reply_not_json") from None
    if not isinstance(body, dict):
        raise NoAnswerError("reply_not_an_object")
    return body  # pyright: ignore[reportUnknownVariableType]


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    seconds = headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isascii() and seconds.isdigit() else None
