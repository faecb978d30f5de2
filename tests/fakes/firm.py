"""A whole firm in memory: the production use cases over fakes that pass the adapters' contracts.

Only the outside is fake. Workflow, policy, calendar, texts and keys are the real ones.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from closeloop.adapters.calendar import closed_days
from closeloop.adapters.cedar_policy import CedarPolicy
from closeloop.adapters.keyring import SecretKeyring
from closeloop.adapters.rendering import JinjaRendering
from closeloop.adapters.trigger_schema import TriggerSchemas
from closeloop.application.act_pages import ActPages
from closeloop.application.check_code import CheckCode
from closeloop.application.core_facts import CoreFacts
from closeloop.application.dead_letters import DeadLetters
from closeloop.application.hand_off import HandOff
from closeloop.application.issue_code import IssueCode
from closeloop.application.link_lock import LinkLock
from closeloop.application.mini_app import MiniApp
from closeloop.application.one_time_code import OneTimeCode
from closeloop.application.open_case import CoreEvent, OpenCase
from closeloop.application.send_touch import SendTouch
from closeloop.application.step_pages import StepPages
from closeloop.application.submit_action import SubmitAction
from closeloop.application.sweep import Sweep
from closeloop.application.touch_claim import TouchClaim
from closeloop.application.visits import Doorkeeper
from closeloop.application.writeback import WriteBack
from closeloop.authoring.compiler import compile_folder
from closeloop.domain.identity import Channel
from closeloop.domain.ledger import LedgerPolicy
from tests.fakes.journey import FakeJourney
from tests.fakes.outside import FakeClock, FakeCore, FakeQueue, FakeSender
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.application.ports import Table

ROOT = Path(__file__).parents[2]
WORDS = {"firm_name": "Vale Bank", "support_contact": "0800 123 456"}
ROOT_KEY = b"r" * 64


@cache
def failed_payment() -> dict[str, Any]:
    """The real workflow, compiled once per test run."""
    return compile_folder(ROOT / "layers" / "workflows" / "failed_payment", ROOT)


@cache
def contracts() -> TriggerSchemas:
    """The real contracts of events, compiled once per test run."""
    return TriggerSchemas(ROOT / "events" / "schemas")


class FakeWorkflows:
    """Deployed documents, and the earlier ones that old cases keep."""

    def __init__(self, *documents: Mapping[str, Any]) -> None:
        self.documents = list(documents) or [failed_payment()]
        self.kept = {each["hash"]: each for each in self.documents}

    def deployed(self, detail_type: str) -> Mapping[str, Any] | None:
        found = (
            each
            for each in self.documents
            if each["blueprint"]["trigger"]["detail_type"] == detail_type
        )
        return next(found, None)

    def pinned(self, bundle_hash: str) -> Mapping[str, Any]:
        return self.kept[bundle_hash]

    def common(self) -> Mapping[str, Any]:
        return self.documents[0]

    def pin(self, bundle_hash: str) -> None:
        self.kept.setdefault(bundle_hash, self.pinned(bundle_hash))


@dataclass
class Firm:
    """Every use case of the product over one table. `hooks` may wrap the table for a test."""

    table: Table = field(default_factory=FakeTable)
    clock: FakeClock = field(default_factory=FakeClock)
    journey: FakeJourney = field(default_factory=FakeJourney)
    queue: FakeQueue = field(default_factory=FakeQueue)
    rejects: FakeQueue = field(default_factory=FakeQueue)
    senders: dict[Channel, FakeSender] = field(
        default_factory=lambda: {channel: FakeSender() for channel in Channel}
    )
    core: FakeCore = field(default_factory=lambda: FakeCore(FakeClock()))
    workflows: FakeWorkflows = field(default_factory=FakeWorkflows)
    policy: LedgerPolicy = field(default_factory=LedgerPolicy)
    time_scale: int = 1

    def __post_init__(self) -> None:
        self.core.clock = self.clock
        self.keyring = SecretKeyring(lambda: (ROOT_KEY,))  # pyright: ignore[reportArgumentType]
        self.rendering = JinjaRendering()

    def over(self, table: Table) -> Firm:
        """The same firm with its table seen through another one."""
        return replace(self, table=table)

    @property
    def open_case(self) -> OpenCase:
        return OpenCase(
            self.table,
            self.workflows,
            self.journey,
            self.rejects,
            contracts(),
            self.clock,
            self.time_scale,
        )

    @property
    def facts(self) -> CoreFacts:
        return CoreFacts(self.table, self.journey, self.clock)

    @property
    def send_touch(self) -> SendTouch:
        claim = TouchClaim(self.table, self.keyring, self.clock, "https://pay.vale.example")
        return SendTouch(
            self.table,
            self.core,
            self.facts,
            claim,
            self.senders,
            self.workflows,
            self.rendering,
            self.journey,
            self.clock,
            WORDS,
            self.time_scale,
        )

    @property
    def hand_off(self) -> HandOff:
        return HandOff(self.table, self.workflows, self.journey, self.clock)

    @property
    def door(self) -> Doorkeeper:
        return Doorkeeper(self.table, self.keyring, self.clock)

    @property
    def steps(self) -> StepPages:
        return StepPages(self.table, self.workflows, self.rendering, self.keyring, WORDS)

    @property
    def acts(self) -> ActPages:
        return ActPages(self.steps, CedarPolicy, closed_days, self.clock)

    @property
    def mini_app(self) -> MiniApp:
        return MiniApp(self.door, self.table, self.keyring, self.steps, self.acts)

    @property
    def one_time_code(self) -> OneTimeCode:
        codes = {each: self.senders[each] for each in (Channel.SMS, Channel.EMAIL)}
        words = {**WORDS, "host": "pay.vale.example"}
        issue = IssueCode(self.table, self.core, codes, self.keyring, self.rendering, words)
        check = CheckCode(self.table, self.keyring)
        lock = LinkLock(self.table, self.workflows)
        return OneTimeCode(self.door, issue, check, lock, self.workflows)

    @property
    def submit_action(self) -> SubmitAction:
        return SubmitAction(self.door, self.table, self.keyring, self.acts, self.queue)

    @property
    def writeback(self) -> WriteBack:
        return WriteBack(
            self.table,
            {"core_banking": self.core},
            self.workflows,
            self.journey,
            self.queue,
            self.clock,
            self.policy,
            random=lambda: 0.5,
        )

    @property
    def sweep(self) -> Sweep:
        return Sweep(
            self.table,
            self.workflows,
            self.journey,
            self.queue,
            self.clock,
            rate=60,
            resend_after=timedelta(minutes=2),
        )

    @property
    def dead_letters(self) -> DeadLetters:
        return DeadLetters(self.table, self.clock)


def payment_failed(**changes: Any) -> CoreEvent:
    """A payment of 120 pounds of customer C-1 that failed."""
    detail: dict[str, Any] = {
        "schema_version": 1,
        "version": 1,
        "customer_id": "C-1",
        "obligation_id": "INV-1",
        "cycle": "2026-11",
        "amount_minor": 12000,
        "currency": "GBP",
        "due_date": "2026-11-20",
        "failure_code": "insufficient_funds",
        "product": "loan",
        "segment": "retail",
        "locale": "en-GB",
        "country": "GB",
    }
    event_id = changes.pop("event_id", None) or secrets.token_hex(8)
    return CoreEvent(event_id, "core.billing", "PaymentFailed", detail | changes)
