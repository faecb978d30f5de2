"""Let a fault act on one HTTP request, the same way for the core system and for every channel."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from sandbox.faults import Fault, Mode

Act = Callable[[], Awaitable[Response]]
_late: set[asyncio.Task[None]] = set()  # the loop itself holds tasks only weakly


@dataclass(frozen=True, slots=True)
class Refusals:
    """How a system says no in its own words."""

    down: Callable[[], Response]
    reject: Callable[[], Response]
    timeout: Callable[[], Response]


async def under_fault(fault: Fault | None, request: Request, act: Act, say: Refusals) -> Response:
    """Do what the request asks, as far as the fault lets it, and answer likewise."""
    if fault is None:
        return await act()
    match fault.mode:
        case Mode.DOWN:
            return say.down()
        case Mode.REJECT:
            return say.reject()
        case Mode.LATE_COMMIT:
            task = asyncio.create_task(_later(fault.seconds, act))
            _late.add(task)
            task.add_done_callback(_late.discard)
            return say.timeout()
        case Mode.COMMIT_THEN_TIMEOUT:
            await act()
            await _hang(request, fault.seconds)
            return say.timeout()
        case _:
            await asyncio.sleep(fault.seconds)
            return await act()


async def _later(seconds: float, act: Act) -> None:
    await asyncio.sleep(seconds)
    await act()


async def _hang(request: Request, seconds: float) -> None:
    """Answer nothing until the client gives up, but not for ever."""
    for _ in range(max(1, int(seconds * 10))):
        if await request.is_disconnected():
            return
        await asyncio.sleep(0.1)
