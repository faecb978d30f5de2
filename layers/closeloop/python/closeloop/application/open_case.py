"""Open case: turn the core's events into cases, once each, whatever their order and number.

A trigger is stored in the same transaction as its case, so that a second delivery finds it (F01)
and a second event about the same obligation finds the case (F02). A crash between storing and
starting is healed by the redelivery, or by `sweep`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.application import keys, known_facts
from closeloop.application.case_file import Entry, attempt, load, open_file, started
from closeloop.application.core_facts import CoreFacts
from closeloop.application.known_facts import Memory, Subject
from closeloop.application.ports import (
    NEW,
    Change,
    Clock,
    ConflictError,
    EventCheck,
    Journey,
    Put,
    Queue,
    Table,
    Workflows,
)
from closeloop.domain import trigger
from closeloop.domain.blueprint import Blueprint, Bundle
from closeloop.domain.case import Case, CaseStatus, new_case_id
from closeloop.domain.protection import Protection, ProtectionKind

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRIGGER_KEPT = timedelta(days=30)
_NOT_FACTS = frozenset({"schema_version", "version"})


@dataclass(frozen=True, slots=True)
class CoreEvent:
    """An event as the bus delivered it."""

    id: str
    source: str
    detail_type: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Stores triggers and cases, starts journeys, ends or pauses cases. Safe to repeat."""

    table: Table
    workflows: Workflows
    journey: Journey
    rejects: Queue
    check: EventCheck
    clock: Clock
    time_scale: int

    def __call__(self, event: CoreEvent) -> str:
        """Do what the event asks for and return what was done, in one word for the log.

        An event that breaks its contract goes to the reject queue with field and reason.
        Raises TemporarilyUnavailable when it should be delivered again.
        """
        problems = self.check.validate(event.detail_type, event.detail)
        if problems:
            return self._reject(event, [(each.field, each.reason) for each in problems])
        facts = CoreFacts(self.table, self.journey, self.clock)
        detail = event.detail
        match event.detail_type:
            case "ObligationSettled":
                return facts.ended(_subject(detail), trigger.Settled(detail["version"]))
            case "ObligationWithdrawn":
                return facts.ended(_subject(detail), trigger.Withdrawn(detail["version"]))
            case "CustomerProtected":
                return facts.protected(detail["customer_id"], _report(detail))
            case _:
                return self._triggered(event)

    def _reject(self, event: CoreEvent, problems: list[tuple[str, str]]) -> str:
        self.rejects.send(
            {
                "event_id": event.id,
                "source": event.source,
                "detail_type": event.detail_type,
                "problems": [{"field": field, "reason": reason} for field, reason in problems],
                "detail": event.detail,
            }
        )
        return "rejected"

    def _triggered(self, event: CoreEvent) -> str:
        document = self.workflows.deployed(event.detail_type)
        if document is None:
            return self._reject(event, [("detail-type", "no deployed workflow has this trigger")])
        (seen,) = self.table.get(keys.trigger(event.source, event.id))
        if seen is not None:
            self._start(seen["case"])
            return "duplicate"
        bundle = Bundle.from_document(document)
        self.workflows.pin(bundle.hash)
        return attempt(lambda: self._once(event, bundle))

    def _once(self, event: CoreEvent, bundle: Bundle) -> str:
        now, blueprint = self.clock.now(), bundle.blueprint
        customer, obligation, cycle = (event.detail[name] for name in blueprint.obligation_key)
        memory = known_facts.recall(self.table, Subject(customer, obligation, cycle))
        version = event.detail["version"]
        effect = trigger.effect_of(
            trigger.Triggered(version), memory.known(blueprint.workflow), now
        )
        if isinstance(effect, trigger.Nothing):
            return self._nothing(event, effect, memory, blueprint)
        paused = isinstance(effect, trigger.OpenCase) and effect.pause is not None
        case = self._new_case(event.detail, bundle, memory.subject, now)
        case = replace(case, status=CaseStatus.PAUSED) if paused else case
        entry = Entry("opened", "core", {"event": event.id, "version": version, "paused": paused})
        case, changes = open_file(case, entry)
        self.table.write(
            *changes,
            *memory.still_true(blueprint.workflow, case.id, version),
            self._stored(event, case.id, now),
            Put(keys.person_case(customer, case.id), {"case": case.id}),
        )
        self._start(case.id)
        return "opened"

    def _nothing(
        self, event: CoreEvent, effect: trigger.Nothing, memory: Memory, blueprint: Blueprint
    ) -> str:
        """Remember the fact although it opens nothing: its version decides about later facts."""
        row = memory.cases.get(blueprint.workflow)
        case_id = row["case"] if row else None
        changes = [self._stored(event, case_id, self.clock.now())]
        if row and row["triggered"] < event.detail["version"]:
            changes.append(memory.triggered_again(blueprint.workflow, event.detail["version"]))
        try:
            self.table.write(*changes)
        except ConflictError as conflict:
            if conflict.found.get(0) is None:
                raise
        self._start(case_id)
        return effect.why.value

    def _new_case(
        self, detail: Mapping[str, Any], bundle: Bundle, subject: Subject, now: datetime
    ) -> Case:
        blueprint = bundle.blueprint
        named = _NOT_FACTS.union(blueprint.obligation_key)
        return Case(
            id=new_case_id(now),
            workflow=blueprint.workflow,
            bundle=bundle.hash,
            customer=subject.customer,
            obligation=subject.obligation,
            cycle=subject.cycle,
            status=CaseStatus.OPEN,
            version=1,
            seq=0,
            head="",
            opened_at=now,
            deadline_at=now + timedelta(seconds=blueprint.deadline_s / self.time_scale),
            facts={name: value for name, value in detail.items() if name not in named},
            waits_s=tuple(max(1, wait // self.time_scale) for wait in blueprint.waits_s),
        )

    def _stored(self, event: CoreEvent, case_id: str | None, now: datetime) -> Change:
        row = {
            "event": event.id,
            "detail_type": event.detail_type,
            "detail": event.detail,
            "case": case_id,
            "expires_at": int((now + _TRIGGER_KEPT).timestamp()),
        }
        return Put(keys.trigger(event.source, event.id), row, when=NEW)

    def _start(self, case_id: str | None) -> None:
        case = load(self.table, case_id) if case_id else None
        if case is not None:
            start_journey(self.table, self.journey, case)


def start_journey(table: Table, journey: Journey, case: Case) -> None:
    """Start the journey of a case unless it is known to have started or to be over."""
    if case.status.ended:
        return
    journey.start(case.id, case.run, case.waits_s)
    try:
        table.write(started(case))
    except ConflictError:
        return  # it was recorded before, or the case has ended since


def _subject(detail: Mapping[str, Any]) -> Subject:
    return Subject(detail["customer_id"], detail["obligation_id"], detail["cycle"])


def _report(detail: Mapping[str, Any]) -> Protection:
    until = detail["until"]
    return Protection(
        kind=ProtectionKind(detail["kind"]),
        version=detail["version"],
        active=detail["active"],
        starts=datetime.fromisoformat(detail["from"]),
        until=datetime.fromisoformat(until) if until else None,
    )
