"""The core system's desk: put customers on its books and let things happen there."""

import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.core.accounts import filled_in
from sandbox.core.effects import RejectedError
from sandbox.core.ledger import UnknownError
from sandbox.web import Json, RefusedError, json_body, text_field, world_of
from sandbox.world import World


async def seed(request: Request) -> Response:
    """`POST /sandbox/core/accounts`: a customer with obligations; what is left out is made up."""
    world, asked = world_of(request), await json_body(request)
    asked.setdefault("customer_id", f"cust-{secrets.token_hex(4)}")
    known = world.ledger.account(asked["customer_id"])
    number = int(known["phone"][-3:]) if known else len(world.ledger.accounts()) + 1
    account = world.ledger.seed(*filled_in(asked, world.clock.now(), number))
    return JSONResponse(account, status_code=201)


async def account(request: Request) -> Response:
    """`GET /sandbox/core/accounts/{customer_id}`: the system of record's own view."""
    found = world_of(request).ledger.account(request.path_params["customer_id"])
    if found is None:
        raise RefusedError(404, "the core knows no such customer")
    return JSONResponse(found)


async def fact(request: Request) -> Response:
    """`POST /sandbox/core/accounts/{customer_id}/facts`: something happens at the core itself."""
    body = await json_body(request)
    return JSONResponse(
        await happen(world_of(request), request.path_params["customer_id"], body), status_code=202
    )


async def happen(world: World, customer_id: str, body: Json) -> Json:
    """Let the core change its books and announce it on the bus, as a real one would.

    Without an obligation the customer's first one is meant. Raises RefusedError.
    """
    world.deployed  # noqa: B018 - refuse before the books change
    account = world.ledger.account(customer_id)
    first: Json = account["obligations"][0] if account and account["obligations"] else {}
    meant = {n: first[n] for n in ("obligation_id", "cycle") if n in first}
    try:
        told = world.ledger.change(
            text_field(body, "fact"), {**meant, **body, "customer_id": customer_id}
        )
    except UnknownError as error:
        raise RefusedError(404, f"the core does not know {error}") from error
    except RejectedError as error:
        raise RefusedError(422, str(error)) from error
    event = ("core.billing", told.detail_type, told.detail)
    event_id = await run_in_threadpool(world.publish, *event)
    return {"event_id": event_id, "detail-type": told.detail_type, "detail": told.detail}


async def journal(request: Request) -> Response:
    """`GET /sandbox/core/journal`: every write ever applied, in order."""
    return JSONResponse(world_of(request).ledger.journal())


ROUTES = [
    Route("/sandbox/core/accounts", seed, methods=["POST"]),
    Route("/sandbox/core/accounts/{customer_id}", account),
    Route("/sandbox/core/accounts/{customer_id}/facts", fact, methods=["POST"]),
    Route("/sandbox/core/journal", journal),
]
