"""The routes that people and tests drive the local world through: docs/sandbox.md, kept stable."""

from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.clock import stamp
from sandbox.faults import Mode, Target
from sandbox.providers.callbacks import STATUSES, NotListeningError
from sandbox.web import Json, RefusedError, json_body, text_field, world_of


async def events(request: Request) -> Response:
    """`POST /sandbox/events`: publish on the real local bus; 202 with the event's id."""
    world, body = world_of(request), await json_body(request)
    if not isinstance(body.get("detail"), dict):
        raise RefusedError(400, "detail must be an object")
    event = (text_field(body, "source"), text_field(body, "detail-type"), body["detail"])
    event_id = await run_in_threadpool(world.publish, *event)
    return JSONResponse({"event_id": event_id}, status_code=202)


async def cases(request: Request) -> Response:
    """`GET /sandbox/cases?event_id=|customer=`: a list, empty while there is no case."""
    world, asked = world_of(request), request.query_params
    if event_id := asked.get("event_id"):
        source = world.sources.get(event_id, "core.billing")
        return JSONResponse(await run_in_threadpool(world.cases.of_event, event_id, source))
    if customer := asked.get("customer"):
        return JSONResponse(await run_in_threadpool(world.cases.of_customer, customer))
    raise RefusedError(400, "ask with event_id= or customer=")


async def case(request: Request) -> Response:
    """`GET /sandbox/cases/{case_id}`: status, events, touches, submissions, handoffs."""
    found = await run_in_threadpool(world_of(request).cases.one, request.path_params["case_id"])
    if found is None:
        raise RefusedError(404, "no such case")
    return JSONResponse(found)


async def messages(request: Request) -> Response:
    """`GET /sandbox/messages?to=`: what customers received, oldest first."""
    to = request.query_params.get("to")
    # A plus sign in a query string means a blank; a phone number has none, so take it back.
    to = f"+{to.strip()}" if to and to.startswith(" ") else to
    return JSONResponse(await run_in_threadpool(world_of(request).messages, to))


async def replies(request: Request) -> Response:
    """`POST /sandbox/replies`: a customer writes back, in the provider's own shape."""
    world, body = world_of(request), await json_body(request)
    channel = text_field(body, "channel")
    if channel not in STATUSES:
        raise RefusedError(400, f"channel must be one of {', '.join(STATUSES)}")
    told = (channel, text_field(body, "from"), text_field(body, "body"), world.clock.now())
    return await _told(world.callbacks.reply, *told)


async def receipts(request: Request) -> Response:
    """`POST /sandbox/receipts`: what became of a message, in the provider's own shape."""
    world, body = world_of(request), await json_body(request)
    message_id, status = text_field(body, "message_id"), text_field(body, "status")
    found = await run_in_threadpool(world.inbox.messages)
    message = next((m for m in found if m.id == message_id), None)
    if message is None:
        raise RefusedError(404, "no such message")
    if status not in STATUSES[message.channel]:
        raise RefusedError(400, f"status must be one of {', '.join(STATUSES[message.channel])}")
    return await _told(world.callbacks.receipt, message, status, world.clock.now())


async def _told(tell: Callable[..., None], *what: object) -> Response:
    try:
        await run_in_threadpool(tell, *what)
    except NotListeningError as error:
        raise RefusedError(409, str(error)) from error
    return JSONResponse({"accepted": True}, status_code=202)


async def faults(request: Request) -> Response:
    """`POST /sandbox/faults`: turn a switch. `GET` shows those that are on."""
    world = world_of(request)
    if request.method == "POST":
        body = await json_body(request)
        try:
            target, mode = Target(body.get("target")), Mode(body.get("mode"))
        except ValueError as error:
            raise RefusedError(400, str(error)) from error
        requests = _number(body, "requests")
        left = None if requests is None else int(requests)
        world.faults.set(target, mode, left, _number(body, "seconds"))
    return JSONResponse(world.faults.showing())


def _number(body: Json, name: str) -> float | None:
    value = body.get(name)
    if value is not None and (not isinstance(value, int | float) or value < 1):
        raise RefusedError(400, f"{name} must be a positive number")
    return value


async def clock(request: Request) -> Response:
    """`GET|POST /sandbox/clock`: the world's time; `now` sets it, `advance_s` moves it."""
    world = world_of(request)
    if request.method == "POST":
        body = await json_body(request)
        if "now" in body:
            world.clock.move_to(_instant(text_field(body, "now")))
        elif isinstance(body.get("advance_s"), int | float):
            world.clock.advance(body["advance_s"])
        else:
            raise RefusedError(400, "say now (an instant) or advance_s (a number of seconds)")
    return JSONResponse({"now": stamp(world.clock.now())})


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(400, "now is not an ISO 8601 instant") from None
    if instant.utcoffset() is None:
        raise RefusedError(400, "now needs a zone, as in 2026-11-23T10:00:00Z")
    return instant


async def reset(request: Request) -> Response:
    """`POST /sandbox/reset`: back to the first moment."""
    await run_in_threadpool(world_of(request).reset)
    return JSONResponse({"reset": True})


ROUTES = [
    Route("/sandbox/events", events, methods=["POST"]),
    Route("/sandbox/cases", cases),
    Route("/sandbox/cases/{case_id}", case),
    Route("/sandbox/messages", messages),
    Route("/sandbox/replies", replies, methods=["POST"]),
    Route("/sandbox/receipts", receipts, methods=["POST"]),
    Route("/sandbox/faults", faults, methods=["GET", "POST"]),
    Route("/sandbox/clock", clock, methods=["GET", "POST"]),
    Route("/sandbox/reset", reset, methods=["POST"]),
]
