"""The one HTTP process in front of the emulator: it looks and behaves like production.

Links point here, and what is under /c, /p, /hooks and /console goes on to the deployed API.
"""

import contextlib
from collections.abc import AsyncGenerator

import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox import control, phone
from sandbox.core import api as core_api
from sandbox.core import desk
from sandbox.providers import gateway
from sandbox.web import RefusedError, refused, world_of
from sandbox.world import World

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_DEPLOYED = ("/c", "/c/{rest:path}", "/p/{rest:path}", "/hooks/{rest:path}", "/console/{rest:path}")
# Names this process answers to; a page elsewhere cannot reach it under a name of its own.
_HOSTS = ["localhost", "127.0.0.1"]


async def deployed(request: Request) -> Response:
    """Forward to the deployed API, method, headers, cookies, body and answer untouched."""
    world = world_of(request)
    path = world.deployed.api_path + request.scope["raw_path"].decode("latin-1")
    return await world.forwarder.forward(request, path)


def unreachable(_: Request, __: Exception) -> Response:
    """Answer while the emulator is away: it ends first, and a page left open goes on asking."""
    return JSONResponse({"error": "the emulator does not answer"}, status_code=503)


def make(world: World) -> Starlette:
    """Return the application that serves a world."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        await world.close()

    app = Starlette(
        routes=[
            *phone.ROUTES,
            *gateway.ROUTES,  # before the core: both have paths under /v1
            *core_api.ROUTES,
            *desk.ROUTES,
            *control.ROUTES,
            *[Route(path, deployed, methods=_METHODS) for path in _DEPLOYED],
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS)],
        exception_handlers={RefusedError: refused, httpx2.TransportError: unreachable},
        lifespan=lifespan,
    )
    app.state.world = world
    return app
