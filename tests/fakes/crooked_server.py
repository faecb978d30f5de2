"""An HTTP server that answers as it is told, however badly, and remembers what it was asked."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


@dataclass
class CrookedServer:
    """`asked` holds method and path of each request, `bodies` and `headers` what came with it."""

    answer: Callable[[BaseHTTPRequestHandler], None] = lambda _: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer every request so; underscores in header names stand for hyphens."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.answer = answer

    def drips(self) -> None:
        """Promise a long body and send it letter by letter until the client has had enough."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", "1000000")
            request.end_headers()
            while not self.closing.wait(0.02):
                request.wfile.write(b" ")
                request.wfile.flush()

        self.answer = answer

    def says_nothing(self) -> None:
        """Take the request and never answer."""

        def answer(_: BaseHTTPRequestHandler) -> None:
            self.closing.wait()

        self.answer = answer

    def hangs_up(self) -> None:
        """Take the request and close the connection."""
        self.answer = lambda request: request.connection.close()


@contextmanager
def crooked_server() -> Generator[CrookedServer]:
    """Serve on a free port of this machine for the length of the block."""
    crooked = CrookedServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(crooked))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    crooked.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield crooked
    finally:
        crooked.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(crooked: CrookedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
            """Say nothing: tests read what was asked."""

        def _answer(self) -> None:
            crooked.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            crooked.asked.append((self.command, self.path))
            crooked.headers.append(dict(self.headers.items()))
            try:
                crooked.answer(self)
            except OSError:
                self.close_connection = True  # the client has gone

    return Handler
