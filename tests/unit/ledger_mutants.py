"""The ledger with one safeguard taken out: a decision replaced, or an effect carried out wrongly.

The protocol itself is never copied. `broken` names the invariant that gives a mutant away.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from closeloop.domain.ledger import (
    Claim,
    Found,
    Host,
    LedgerEntry,
    LedgerPolicy,
    LookUp,
    Mark,
    Outcome,
    Record,
    Refused,
    Reply,
    RetryAt,
    RowEffect,
    State,
    Written,
    row,
    rules,
)
from tests.unit.ledger_simulator import Simulation
from tests.unit.ledger_world import AGREED, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.ledger_stage import Run


class NoMark(Store):
    def write(self, effect: RowEffect) -> Written | Refused:
        if isinstance(effect, Mark):
            return Written(replace(self.row, **effect.changes()))
        return super().write(effect)


class NoOwnerCheck(Store):
    def holds(self, effect: RowEffect) -> bool:
        if isinstance(effect, Record):
            return self.row.state in effect.allowed_from
        return effect.holds(self.row) if isinstance(effect, Claim) else not self.row.state.ended


class NoFenceAtClaim(Store):
    def holds(self, effect: RowEffect) -> bool:
        return not self.row.state.ended if isinstance(effect, Claim) else effect.holds(self.row)


class TerminalsMove(Store):
    def holds(self, effect: RowEffect) -> bool:
        if isinstance(effect, Claim):
            return self.row.fence == effect.expected_fence
        return (self.row.owner, self.row.fence) == (effect.owner, effect.fence)


class AnyoneWritesAnything(Store):
    def holds(self, effect: RowEffect) -> bool:
        return not isinstance(effect, Claim) or effect.holds(self.row)


class RetryNotWritten(Store):
    def write(self, effect: RowEffect) -> Written | Refused:
        if isinstance(effect, Record) and isinstance(effect.outcome, RetryAt):
            return Written(effect.entry)
        return super().write(effect)


class NoWakeUp(Store):
    def write(self, effect: RowEffect) -> Written | Refused:
        reply = super().write(effect)
        if isinstance(effect, Claim) and self.row.owner == effect.owner:
            self.row = replace(self.row, retry_at=None)
        return reply


class NoMargin(Simulation):
    usual = replace(Simulation.usual, margin=timedelta())


class NoReadBack(Simulation):
    def look_up(self, run: Run, effect: LookUp) -> Reply:
        return Found("R1", AGREED) if effect.reference else super().look_up(run, effect)


def believing(store: type[Store]) -> type[Simulation]:
    return type(store.__name__, (Simulation,), {"store_type": store})


def older_doubt_forgotten(before: LedgerEntry, marked: LedgerEntry) -> LedgerEntry:
    return replace(marked, maybe_sent=False, sent_at=None, calls=before.calls)


def never_asks(entry: LedgerEntry, *_: object) -> rules.Step:
    applied = entry.state is State.APPLIED
    return rules.Step.ASK if applied else rules.Step.CALL


not_now = rules.not_now


def claims_over_a_lease(seen: LedgerEntry, policy: LedgerPolicy, host: Host) -> Outcome | None:
    if seen.lease_until is None:
        return not_now(seen, policy, host)
    return not_now(replace(seen, lease_until=None, retry_at=None), policy, host)


@dataclass(frozen=True)
class Mutant:
    """A safeguard taken out, and what must then come to light."""

    name: str
    broken: str
    simulation: type[Simulation] = Simulation
    rule: str | None = None
    instead: Callable[..., Any] | None = None
    where: Any = rules

    @contextmanager
    def at_work(self) -> Iterator[type[Simulation]]:
        if self.rule is None:
            yield self.simulation
        else:
            with patch.object(self.where, self.rule, self.instead):
                yield self.simulation


# What the simulation cannot see: another safeguard covers for each. A directed test does see it.
REDUNDANT = (
    # A call ends within the lease with a margin (R4), so taking over early overlaps with no call.
    Mutant(
        "no skew margin on the lease",
        "",
        rule="lease_is_live",
        instead=lambda entry, _, now: entry.lease_until is not None and now <= entry.lease_until,
    ),
    # The run gives up although it owns the row: work is delayed until the lease ends, never wrong.
    Mutant("own writes are not recognised", "", rule="landed", instead=lambda *_: False, where=row),
    # The claim has already written when to wake up.
    Mutant("acknowledged before it is written", "", believing(RetryNotWritten)),
)
KILLED = (
    Mutant("no write-ahead mark", "DOUBLE", believing(NoMark)),
    Mutant(
        "no settle delay",
        "DOUBLE",
        rule="decisive_from",
        instead=lambda entry, _: entry.sent_at or entry.accepted_at,
    ),
    Mutant(
        "no settle delay, as the person sees it",
        "FALSE_ALL_CLEAR",
        rule="decisive_from",
        instead=lambda entry, _: entry.sent_at or entry.accepted_at,
    ),
    Mutant("no write-ahead count", "OVERSPENT", believing(NoMark)),
    Mutant(
        "no deadline check before the call",
        "OVERLAP",
        rule="time_for_call",
        instead=lambda *_: True,
    ),
    Mutant("no owner check", "DOUBLE", believing(NoOwnerCheck)),
    Mutant("no owner check, no state check", "MONOTONE", believing(AnyoneWritesAnything)),
    Mutant("no fence at claim", "OVERLAP", believing(NoFenceAtClaim)),
    Mutant("no lease at claim", "NEEDLESS_HANDOFF", rule="not_now", instead=claims_over_a_lease),
    Mutant("no skew margin anywhere", "OVERLAP", NoMargin),
    Mutant("terminal facts may move", "MONOTONE", believing(TerminalsMove)),
    Mutant("a non-owner acknowledges", "LOST", rule="acknowledges", instead=lambda _: True),
    Mutant("a claim without a wake-up", "LOST", believing(NoWakeUp)),
    Mutant("no read-back", "CONFIRMED_WITHOUT_READ_BACK", NoReadBack),
    Mutant("a lie confirms", "PHANTOM", NoReadBack),
    Mutant(
        "other values confirm",
        "CONFIRMED_WITHOUT_READ_BACK",
        rule="differing",
        instead=lambda *_: [],
    ),
    Mutant(
        "budget spent while the breaker is open",
        "SPENT",
        rule="call_not_made",
        instead=lambda _, marked: marked,
    ),
    Mutant(
        "an older doubt is forgotten",
        "REJECTED_BUT_COMMITTED",
        rule="call_not_made",
        instead=older_doubt_forgotten,
    ),
    Mutant(
        "a rejection is believed in doubt",
        "REJECTED_BUT_COMMITTED",
        rule="believes_rejection",
        instead=lambda _: True,
    ),
    Mutant("a call in doubt is repeated", "DOUBLE", rule="next_step", instead=never_asks),
    Mutant(
        "any refused write passes for ours",
        "CALL_BY_NON_OWNER",
        rule="landed",
        instead=lambda *_: True,
        where=row,
    ),
)
