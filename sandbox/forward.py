"""Pass a request on to the emulator and its answer back, byte for byte.

Method, headers, cookies and body go through untouched, and so do redirects and every Set-Cookie of
the answer: what a browser sees here is what it would see in front of the deployed API. The Host
header stays the sender's too, because requests to AWS services are signed over it.
"""

import httpx2
from starlette.requests import Request
from starlette.responses import Response

from sandbox.web import RefusedError

# About one connection, not about the message (RFC 9110, 7.6.1); length is set anew.
_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"te", b"upgrade"})
TIMEOUT_S = 120  # a cold function on a busy laptop


class Forwarder:
    """One pool of connections to the emulator."""

    def __init__(
        self, emulator_url: str, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self._base = emulator_url
        self._client = httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False, transport=transport)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def forward(self, request: Request, path: str) -> Response:
        """Send the request to `path` at the emulator; RefusedError 502 if it is out of reach."""
        url = httpx2.URL(self._base + path, query=request.url.query.encode() or None)
        headers = [(k, v) for k, v in request.headers.raw if k.lower() not in _HOP]
        body = await request.body()
        # Built by hand: the client's own request would gain headers of the client's.
        onward = httpx2.Request(request.method, url, headers=headers, content=body)
        try:
            answer = await self._client.send(onward, stream=True, follow_redirects=False)
            try:
                content = b"".join([chunk async for chunk in answer.aiter_raw()])
            finally:
                await answer.aclose()
        except httpx2.HTTPError as error:
            raise RefusedError(502, f"the emulator did not answer: {error!r}") from error
        response = Response(content, answer.status_code)
        response.raw_headers = [
            (k.lower(), v)
            for k, v in answer.headers.raw
            if k.lower() not in _HOP and (k.lower() != b"content-length" or _is_head(request))
        ]
        if not _is_head(request):
            response.raw_headers.append((b"content-length", str(len(content)).encode()))
        return response


def _is_head(request: Request) -> bool:
    return request.method == "HEAD"
