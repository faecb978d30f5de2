"""The core system's REST API, as the product's connector calls it.

Writes carry `Idempotency-Key`: 201 the first time, 200 with the same reply for the same body, 409
for another body, 422 by a business rule. Every request carries `X-Api-Key`.
"""

import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.effects import KINDS, RejectedError
from sandbox.core.ledger import KeyReusedError, UnknownError
from sandbox.faults import Target
from sandbox.faulty import Act, Refusals, under_fault
from sandbox.web import Json, RefusedError, json_body, world_of

_RETRY_AFTER = {"Retry-After": "1"}


def _no(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)


_REFUSALS = Refusals(
    down=lambda: _no(503, "unavailable", "the core system is down", _RETRY_AFTER),
    reject=lambda: _no(422, "refused", "the core system does not accept this change"),
    timeout=lambda: _no(504, "gateway_timeout", "the core system did not answer in time"),
)


async def obligation(request: Request) -> Response:
    """`GET /v1/customers/{customer_id}/obligations/{obligation_id}?cycle=`."""

    async def act() -> Response:
        keys = (request.path_params["customer_id"], request.path_params["obligation_id"])
        found = world_of(request).ledger.question(*keys, request.query_params.get("cycle", ""))
        return JSONResponse(found) if found else _no(404, "unknown", "no such obligation")

    return await _served(request, act)


async def read_back(request: Request) -> Response:
    """`GET /v1/{kind}/{request_id}`: the record as the core stores it."""

    async def act() -> Response:
        kind, key = request.path_params["kind"], request.path_params["request_id"]
        found = world_of(request).ledger.record(kind, key) if kind in KINDS else None
        return JSONResponse(found) if found else _no(404, "unknown", "nothing under that id")

    return await _served(request, act)


async def write(request: Request) -> Response:
    """`POST /v1/{kind}`: apply an effect under its idempotency key."""
    kind, key = request.path_params["kind"], request.headers.get("idempotency-key", "")
    body = await json_body(request)
    if kind not in KINDS:
        return _no(404, "unknown", f"writes go to one of {', '.join(KINDS)}")
    if not key or body.get("request_id") != key:
        return _no(400, "malformed", "Idempotency-Key and request_id must be there and be equal")

    async def act() -> Response:
        return _apply(request, kind, key, body)

    return await _served(request, act)


def _apply(request: Request, kind: str, key: str, body: Json) -> Response:
    try:
        new, record = world_of(request).ledger.apply(kind, key, body)
    except KeyReusedError:
        return _no(409, "key_reused", "this Idempotency-Key came with another body before")
    except UnknownError:
        return _no(422, "unknown_obligation", "no such obligation")
    except RejectedError as error:
        return _no(422, error.code, str(error))
    return JSONResponse(record, status_code=201 if new else 200)


async def _served(request: Request, act: Act) -> Response:
    world = world_of(request)
    if not secrets.compare_digest(request.headers.get("x-api-key", ""), world.core_key):
        raise RefusedError(401, "X-Api-Key is missing or wrong")
    fault = world.faults.take(Target.CORE, write=request.method == "POST")
    return await under_fault(fault, request, act, _REFUSALS)


ROUTES = [
    Route("/v1/customers/{customer_id}/obligations/{obligation_id}", obligation),
    Route("/v1/{kind}", write, methods=["POST"]),
    Route("/v1/{kind}/{request_id}", read_back),
]
