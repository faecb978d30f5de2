"""Serve the application in a thread of this process, and stop it without a trace."""

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from sandbox.place import HOST, CannotStartError

_START_WITHIN_S = 10


@contextmanager
def serving(app: Starlette, port: int) -> Generator[None]:
    """Serve on the loopback port for the length of the block."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,  # a hanging request is often one we were asked to let hang
        ws="none",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="sandbox-http", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_WITHIN_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise CannotStartError(f"the sandbox could not listen on port {port}")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
