"""The whole product without a person: one customer per channel, from the event to the record.

Three customers miss a payment at once. The first acts on the email, the second lets it pass and
acts on the SMS, the third on the WhatsApp. Each proves who they are with a code, agrees an
instalment plan and must find it recorded; the core's journal must hold exactly one entry for each.
"""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sandbox.customer import Customer, StuckError, agree
from sandbox.driver import Driver, Json, until
from sandbox.place import Place, taken
from sandbox.progress import Progress
from sandbox.run import running

CHANNELS = ("email", "sms", "whatsapp")
ACTION = "instalment_plan"
DAY_S = 20  # long enough to act on one channel before the next message, on a slow machine too
_TOUCH_WITHIN_S = 120
_RECORDED_WITHIN_S = 60
_ENTRY = "arrangements"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one customer."""

    channel: str
    customer_id: str
    seconds: float
    status: str = "-"
    entries: int = 0
    problem: str = ""

    @property
    def good(self) -> bool:
        """Whether the loop was closed, once."""
        return not self.problem and self.status == "resolved" and self.entries == 1


def smoke(place: Place, progress: Progress) -> int:
    """Bring a world up, play it through, print a summary; 0 if everything closed, else 1."""
    with running(place, progress), Driver(place.url) as driver:
        accounts = [driver.seed(customer_id=f"smoke-{channel}") for channel in CHANNELS]
        with progress.step("Three customers, one on each channel"):
            for account in accounts:
                driver.happen(account["customer_id"], "payment_failed")
            with ThreadPoolExecutor(len(CHANNELS)) as together:
                played = [
                    together.submit(_play, driver, channel, account)
                    for channel, account in zip(CHANNELS, accounts, strict=True)
                ]
            outcomes = [one.result() for one in played]
        journal: list[Json] = driver.ask("/sandbox/core/journal")
    left = [port for port in (place.port, place.emulator_port) if taken(port)]
    _report(progress, outcomes, journal, left)
    good = all(o.good for o in outcomes) and len(journal) == len(outcomes) and not left
    if good:
        shutil.rmtree(place.state)
    progress.say("SMOKE PASSED" if good else f"SMOKE FAILED (logs: {place.state})")
    return 0 if good else 1


def _play(driver: Driver, channel: str, account: Json) -> Outcome:
    begun = time.monotonic()
    problem = ""
    try:
        _close_the_loop(driver, channel, account)
    except (StuckError, TimeoutError) as error:
        problem = str(error)
    case = driver.case_of(account) or {"status": "no case"}
    entries = [
        line
        for line in driver.ask("/sandbox/core/journal")
        if line["customer_id"] == account["customer_id"] and line["kind"] == _ENTRY
    ]
    seconds = time.monotonic() - begun
    return Outcome(channel, account["customer_id"], seconds, case["status"], len(entries), problem)


def _close_the_loop(driver: Driver, channel: str, account: Json) -> None:
    messages = driver.messages_of(account)

    def touch() -> Json | None:
        return next((m for m in messages() if m["channel"] == channel and m["links"]), None)

    link = until(f"the {channel} to {account['name']}", touch, _TOUCH_WITHIN_S)["links"][0]
    with Customer(driver.url) as customer:
        agree(customer, link, ACTION, messages)

        def recorded() -> bool:
            # The page of a submission that waits also has the word, but not as its heading.
            return "Recorded" in customer.get("/c/status").content.headings

        until("the page that says recorded", recorded, _RECORDED_WITHIN_S, every_s=1)

    def resolved() -> bool:
        case = driver.case_of(account)
        return case is not None and case["status"] == "resolved"

    until("the resolved case", resolved, _RECORDED_WITHIN_S)


def _report(
    progress: Progress, outcomes: list[Outcome], journal: list[Json], left: list[int]
) -> None:
    row = "  {:<10} {:<16} {:<12} {:>7} {:>9}  {}"
    progress.say()
    progress.say(row.format("channel", "customer", "case", "entries", "seconds", ""))
    for o in outcomes:
        seconds, mark = f"{o.seconds:.1f}", "ok" if o.good else f"NOT CLOSED {o.problem}"
        progress.say(row.format(o.channel, o.customer_id, o.status, o.entries, seconds, mark))
    progress.say(
        f"  The core's journal holds {len(journal)} entries for {len(outcomes)} customers."
    )
    if left:
        progress.say(f"  Still listening: {', '.join(map(str, left))}")
