"""The phone to look at: what customers received, beside the core's books and the cases so far."""

import re
import urllib.parse
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import jinja2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.clock import LONDON, stamp
from sandbox.core.desk import happen
from sandbox.faults import Mode, Target
from sandbox.web import RefusedError, world_of
from sandbox.world import World

_LINK = re.compile(r"(https?://[^\s<>\"'\]]+[^\s<>\"'\].,;:!?)])")
_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_CHANNELS = {"email": "Email", "sms": "SMS", "whatsapp": "WhatsApp"}
# What of an event's data a reader wants to see beside its kind.
_TOLD = ("channel", "reason", "owner", "until", "rule")
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}


def _parts(text: str) -> list[tuple[bool, str]]:
    """Split a text into plain parts and links: (is a link, text)."""
    return [(bool(_LINK.fullmatch(part)), part) for part in _LINK.split(text) if part]


def _time(instant: str) -> str:
    when = datetime.fromisoformat(instant).astimezone(LONDON)
    return f"{when:%a} {when.day} {when:%b}, {when:%H:%M:%S}"


def _money(minor: int, currency: str) -> str:
    return f"{_SYMBOLS.get(currency, currency + ' ')}{minor / 100:,.2f}"


def _pages() -> jinja2.Environment:
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = cast("Any", pages).filters
    filters.update(parts=_parts, time=_time, money=_money)
    return pages


_PAGES = _pages()


def _seen(world: World, customer: str | None) -> Mapping[str, Any]:
    """Gather what the page shows, for one customer: the one asked for, else the first."""
    accounts = world.ledger.accounts()
    shown = next((a for a in accounts if a["customer_id"] == customer), None) or (
        accounts[0] if accounts else None
    )
    messages: list[dict[str, Any]] = []
    cases: list[dict[str, Any]] = []
    if shown and world.deployment:
        addresses = {shown["email"], shown["phone"], shown["whatsapp"]}
        messages = [{"subject": None, **m} for m in world.messages() if m["to"] in addresses]
        cases = world.cases.of_customer(shown["customer_id"])
    return {
        "accounts": accounts,
        "account": shown,
        "messages": messages,
        "cases": cases,
        "journal": world.ledger.journal(),
        "faults": world.faults.showing(),
        "now": stamp(world.clock.now()),
        "day_s": world.place.day_s,
        "deployed": world.deployment is not None,
        "channels": _CHANNELS,
        "told": _TOLD,
        "targets": list(Target),
        "modes": list(Mode),
    }


async def page(request: Request) -> Response:
    """`GET /`: the phone; `?live` only what changes, for the page's own refresh."""
    seen = await run_in_threadpool(_seen, world_of(request), request.query_params.get("customer"))
    template = "live.html" if "live" in request.query_params else "phone.html"
    return HTMLResponse(_PAGES.get_template(template).render(seen), headers=_HEADERS)


async def play(request: Request) -> Response:
    """`POST /play`: one of the page's buttons, then back to the page."""
    world = world_of(request)
    form = dict(urllib.parse.parse_qsl((await request.body()).decode()))
    customer = form.get("customer", "")
    match form:
        case {"do": "fact", "fact": fact}:
            await happen(world, customer, {"fact": fact})
        case {"do": "advance", "seconds": seconds} if seconds.isdigit():
            world.clock.advance(int(seconds))
        case {"do": "fault", "target": target, "mode": mode}:
            world.faults.set(Target(target), Mode(mode))
        case _:
            raise RefusedError(400, "the page has no such button")
    here = urllib.parse.urlencode({"customer": customer})
    return RedirectResponse(f"/?{here}", status_code=303)


ROUTES = [Route("/", page), Route("/play", play, methods=["POST"])]
