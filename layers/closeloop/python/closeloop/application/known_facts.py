"""What is already known about an obligation and its person, read and remembered in the table.

The rows of an obligation share a partition: one for each workflow (its case and the trigger's
version) and one, FACTS, for what the core said that concerns them all, because a settlement names
no workflow. The row PROTECTIONS of a person counts their protection reports, so that opening a case
can be conditional on the protections it was decided on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from closeloop.application import keys
from closeloop.application.ports import (
    Absent,
    AbsentOr,
    Below,
    Change,
    Check,
    ConflictError,
    Is,
    Item,
    Key,
    Put,
    Table,
    Test,
    Update,
)
from closeloop.domain.instants import from_text, to_text
from closeloop.domain.protection import Protection, ProtectionKind
from closeloop.domain.trigger import Known, Settled, Withdrawn, obligation_key

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Subject:
    """Who and what a fact is about."""

    customer: str
    obligation: str
    cycle: str

    @property
    def pk(self) -> str:
        """The partition of all that is known about the obligation."""
        return "OBLIGATION#" + obligation_key(self.customer, self.obligation, self.cycle)

    def row(self, name: str) -> Key:
        """One row of the partition: a workflow's name, or FACTS."""
        return Key(self.pk, name)


@dataclass(frozen=True, slots=True)
class Memory:
    """What was read: facts common to all workflows, the cases, and the protection counter."""

    subject: Subject
    facts: Known
    cases: Mapping[str, Mapping[str, Any]]
    reports: int | None

    def known(self, workflow: str) -> Known:
        """What is known from one workflow's point of view."""
        row = self.cases.get(workflow)
        return replace(self.facts, triggered=row["triggered"] if row else None)

    def still_true(self, workflow: str, case_id: str, triggered: int) -> tuple[Change, ...]:
        """The changes that remember a new case if nothing was learnt since this was read."""
        before = self.cases.get(workflow)
        facts = {"settled": _same(self.facts.settled), "withdrawn": _same(self.facts.withdrawn)}
        return (
            Put(
                self.subject.row(workflow),
                {"case": case_id, "triggered": triggered},
                when={"triggered": Is(before["triggered"]) if before else Absent()},
            ),
            Check(self.subject.row("FACTS"), facts),
            Check(_counter(self.subject.customer), {"reports": _same(self.reports)}),
        )

    def triggered_again(self, workflow: str, version: int) -> Change:
        """The change that remembers a newer trigger of an obligation whose case is open."""
        before = self.cases[workflow]["triggered"]
        return Update(
            self.subject.row(workflow), set={"triggered": version}, when={"triggered": Is(before)}
        )


def recall(table: Table, subject: Subject) -> Memory:
    """Read all that is known about an obligation and its person."""
    rows = {item["sk"]: item for item in table.query(subject.pk)}
    facts = rows.pop("FACTS", {})
    protections, reports = protections_of(table, subject.customer)
    known = Known(
        settled=facts.get("settled"), withdrawn=facts.get("withdrawn"), protections=protections
    )
    return Memory(subject, known, rows, reports)


def protections_of(
    table: Table, customer: str
) -> tuple[dict[ProtectionKind, Protection], int | None]:
    """Read a person's protections, and how many reports of them have arrived."""
    rows = table.query(f"PERSON#{customer}", "PROTECTION")
    reports = next((row["reports"] for row in rows if row["sk"] == "PROTECTIONS"), None)
    found = (_protection(row) for row in rows if row["sk"] != "PROTECTIONS")
    return {each.kind: each for each in found}, reports


def remember_ending(table: Table, subject: Subject, fact: Settled | Withdrawn) -> None:
    """Keep the newest version of an ending."""
    name = "settled" if isinstance(fact, Settled) else "withdrawn"
    older = {name: AbsentOr(Below(fact.version))}
    try:
        table.write(Update(subject.row("FACTS"), set={name: fact.version}, when=older))
    except ConflictError:
        return


def remember_protection(table: Table, customer: str, report: Protection) -> None:
    """Keep a protection report in place of the older one; ConflictError if overtaken."""
    known, reports = protections_of(table, customer)
    if report.newer(known.get(report.kind, report)) != report:
        return
    table.write(
        Put(keys.protection(customer, report.kind), _protection_item(report)),
        Update(_counter(customer), add={"reports": 1}, when={"reports": _same(reports)}),
    )


def _counter(customer: str) -> Key:
    return Key(f"PERSON#{customer}", "PROTECTIONS")


def _same(value: int | None) -> Test:
    return Absent() if value is None else Is(value)


def _protection(row: Item) -> Protection:
    return Protection(
        kind=ProtectionKind(row["kind"]),
        version=row["version"],
        active=row["active"],
        starts=from_text(row["starts"]),
        until=from_text(row["until"]) if row["until"] else None,
    )


def _protection_item(report: Protection) -> dict[str, Any]:
    return {
        "kind": report.kind.value,
        "version": report.version,
        "active": report.active,
        "starts": to_text(report.starts),
        "until": to_text(report.until) if report.until else None,
    }
