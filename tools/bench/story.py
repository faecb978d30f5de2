"""One case from the core's event to the confirmed record, every step of it counted."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.bench.browser import Browser, StuckError
from tools.bench.events import from_queue, payment_failed

if TYPE_CHECKING:
    from sandbox.providers.inbox import Message
    from tools.bench.meter import Step
    from tools.bench.world import Bench

_CODE = re.compile(r"\b\d{6,8}\b")
ACTION = "instalment_plan"


@dataclass(slots=True)
class Told:
    """What a case cost, in order: the way to the customer, their requests, and the way back.

    `requests` are those the budget is about, from opening the link by POST to the first look at
    the status; `looks` are GETs around them: the landing page before, the receipt after.
    """

    outreach: list[Step] = field(default_factory=list["Step"])
    requests: list[Step] = field(default_factory=list["Step"])
    back: list[Step] = field(default_factory=list["Step"])
    looks: list[Step] = field(default_factory=list["Step"])
    states: list[str] = field(default_factory=list[str])

    @property
    def to_confirmation(self) -> list[Step]:
        """Every step from trigger to confirmation."""
        return [*self.outreach, *self.looks, *self.requests, *self.back]

    @property
    def further_touches(self) -> list[Step]:
        """The touches after the first."""
        return self.outreach[2:]

    @property
    def with_one_touch(self) -> list[Step]:
        """The steps but for the further touches."""
        return [step for step in self.to_confirmation if step not in self.further_touches]


def play(bench: Bench, customer_id: str, touches: int) -> Told:
    """Let a payment fail, and the customer agree to a plan after `touches` messages."""
    told = Told()
    body = json.dumps(payment_failed(bench.local, customer_id))
    _, opened = bench.call("open_case", from_queue(body, "TriggersQueue"), "open_case")
    told.outreach.append(opened)
    case_id = ""
    for number in range(1, touches + 1):
        step = bench.steps.next()
        case_id = step["case_id"]
        answer, sent = bench.call("send_touch", step, f"send_touch {number}")
        if answer["outcome"] != "sent":
            raise StuckError(f"touch {number} was not sent: {answer}")
        told.outreach.append(sent)
        if number < touches:
            bench.steps.time_out(step["token"])
    _act(bench, customer_id, told)
    message = bench.queued("WritebackQueue")
    _begin_with_a_second()
    _, written = bench.call("writeback", from_queue(message["Body"], "WritebackQueue"), "writeback")
    told.back.append(written)
    told.states = bench.steps.entered(case_id)
    return told


def _begin_with_a_second() -> None:
    """Wait for the next full second: the breaker keeps what it read until then.

    A writeback that begins with a second reads its breaker once, whatever the machine does.
    """
    time.sleep(1.02 - time.time() % 1)


def _act(bench: Bench, customer_id: str, told: Told) -> None:
    """Open the newest link, prove identity by SMS, agree to the first plan offered."""
    browser = Browser(bench)
    link = _messages(bench, customer_id)[-1].links[-1]
    browser.get(link)
    browser.submit("c/")
    browser.follow()
    browser.submit("/code")
    browser.follow()
    code = _CODE.search(_messages(bench, customer_id)[-1].body)
    if code is None:
        raise StuckError("the newest message has no code in it")
    browser.submit("/verify", code=code[0])
    browser.follow()
    browser.submit(f"/act/{ACTION}")
    browser.follow()
    landing, *requests = browser.steps
    told.looks.append(landing)
    told.requests.extend(requests)


def _messages(bench: Bench, customer_id: str) -> list[Message]:
    account = bench.local.ledger.account(customer_id)
    if account is None:
        raise LookupError(customer_id)
    addresses = {account["email"], account["phone"], account["whatsapp"]}
    return [each for each in bench.local.inbox.messages() if each.to in addresses]
