"""API Gateway as the public functions see it: requests become events, answers become responses.

Tests call it directly, or put it on a port for a browser. A stage stands before every path, as it
does where there is no custom domain.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from closeloop.adapters import http
from closeloop.adapters.html.layout import Layout
from tests.fakes.firm import WORDS, Firm

STAGE = "/live"
_RESOURCES = (
    "/c", "/c/status", "/c/code", "/c/verify", "/c/renew", "/c/act/{action}", "/c/{link}",
)  # fmt: skip
Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def event_of(
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
) -> dict[str, Any]:
    """A REST proxy event (payload 1.0); bytes arrive in base64, as binary media types do."""
    address = urlsplit(path)
    resource, parameters = _matched(address.path)
    given = dict(headers or {})
    encoded = isinstance(body, bytes)
    return {
        "resource": resource,
        "path": address.path,
        "httpMethod": method,
        "headers": given,
        "multiValueHeaders": {name: [value] for name, value in given.items()},
        "queryStringParameters": dict(parse_qsl(address.query)) or None,
        "pathParameters": parameters or None,
        "requestContext": {"stage": STAGE.strip("/"), "identity": {"sourceIp": "192.0.2.1"}},
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": encoded,
    }


def posted(path: str, form: str = "", **headers: str) -> dict[str, Any]:
    """The event of a form that our own page sent, unless the headers say otherwise."""
    usual = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Host": "pay.vale.example",
        "Sec-Fetch-Site": "same-origin",
        "Origin": "null",
    }
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return event_of("POST", path, usual | named, form)


def edge_of(firm: Firm) -> http.Edge:
    """The production edge over a firm in memory."""
    layout = Layout(WORDS["firm_name"])
    return http.Edge(layout, firm.steps.common, firm.keyring.session_key, firm.clock)


def function_of(firm: Firm, event: Mapping[str, Any]) -> Any:
    """The use case behind a route, as the template wires them."""
    if event["resource"] in {"/c/code", "/c/verify"}:
        return firm.one_time_code
    if event["resource"] == "/c/act/{action}" and event["httpMethod"] == "POST":
        return firm.submit_action
    return firm.mini_app


def answers_of(firm: Firm) -> Answer:
    """Answer events with the firm's functions."""
    edge = edge_of(firm)
    return lambda event: http.answer(event, lambda: function_of(firm, event), edge)


@contextmanager
def on_a_port(answer: Answer) -> Generator[str]:
    """Serve on a free port of this machine; yields the address with the stage."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}{STAGE}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _matched(path: str) -> tuple[str | None, dict[str, str]]:
    for resource in _RESOURCES:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource)
        if found := re.fullmatch(f"{pattern}/?", path):
            return resource, found.groupdict()
    return None, {}


def _handler(answer: Answer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing: tests read answers."""

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode() if length else None
            path = self.path.removeprefix(STAGE)
            event = event_of(self.command, path, dict(self.headers.items()), body)
            reply = answer(event)
            content = reply["body"].encode()
            self.send_response(reply["statusCode"])
            for name, value in reply["headers"].items():
                self.send_header(name, value)
            for name, values in reply["multiValueHeaders"].items():
                for value in values:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
