"""What every route of the sandbox shares: reading JSON, refusing clearly, finding the world."""

import json
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from sandbox.world import World

Json = dict[str, Any]


class RefusedError(Exception):
    """A request that cannot be served: the status and a sentence for whoever sent it."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


def refused(_: Request, error: Exception) -> Response:
    """Answer a RefusedError."""
    known = cast("RefusedError", error)
    return JSONResponse({"error": known.error}, status_code=known.status)


def world_of(request: Request) -> "World":
    """Return the world that this process serves."""
    return cast("World", request.app.state.world)


async def json_body(request: Request) -> Json:
    """Return the request's JSON object; RefusedError 400 for anything else."""
    raw = await request.body()
    try:
        body: object = json.loads(raw or b"{}")
    except ValueError:
        raise RefusedError(400, "the body is not JSON") from None
    if not isinstance(body, dict):
        raise RefusedError(400, "the body must be a JSON object")
    return cast("Json", body)


def text_field(body: Json, name: str) -> str:
    """Return a required text field; RefusedError 400 where it is missing or no text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError(400, f"{name} must be a text")
    return value
