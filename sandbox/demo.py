"""The whole product for a person at a terminal: one command, one URL, a customer who missed one."""

import threading

import httpx2

from sandbox.driver import Driver
from sandbox.place import Place
from sandbox.progress import Progress
from sandbox.run import running

DAY_S = 30

_INVITATION = """
  {url}

  {name} missed a payment. On the phone at that address, the email arrives in a moment, the SMS
  {day} seconds after it, the WhatsApp {day} seconds later. What to try:

    - Open the link of a message, ask for the code (it arrives on the phone too), agree a plan.
      The page says "received", then "recorded" once the core has shown it; see its books change.
    - Press "The payment fails (again)" while the case is open: one case, no second message.
    - Make the core fail (commit_then_timeout) before you agree a plan, and watch it end well.
    - Press "It is paid elsewhere" and open a link that was sent before: it is dead.
    - Move the clock half a day on, to an unlawful hour: the next message is held.

  Ctrl-C ends it and leaves nothing running.
"""


def demo(place: Place, progress: Progress) -> int:
    """Bring a world up with one customer, say where to look, and stay until interrupted."""
    if _already_there(place):
        progress.say(f"It is running already: {place.url}")
        return 0
    progress.say(
        "closeloop, the whole product on this machine. The first time takes a minute or two."
    )
    with running(place, progress), Driver(place.url) as driver:
        account = driver.seed(customer_id="amara", name="Amara Osei")
        driver.happen(account["customer_id"], "payment_failed")
        progress.say(_INVITATION.format(url=place.url, name=account["name"], day=place.day_s))
        _stay(progress)
    return 0


def serve(place: Place, progress: Progress) -> int:
    """Bring an empty world up for whoever drives it over HTTP, and stay until interrupted."""
    with running(place, progress):
        progress.say(f"\n  {place.url}  (its contract: docs/sandbox.md)\n")
        _stay(progress)
    return 0


def _stay(progress: Progress) -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        progress.say("\nEnding everything that was started …")


def _already_there(place: Place) -> bool:
    try:
        reply = httpx2.get(f"{place.url}/sandbox/clock", timeout=2, trust_env=False)
        return "now" in reply.json()
    except (httpx2.HTTPError, ValueError):
        return False
