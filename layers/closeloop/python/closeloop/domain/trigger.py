"""What an arriving fact does, given what is already known: the same end whatever the order (F03).

Facts about one obligation carry a version that grows in the order in which they happened, not in
which they arrive. Known facts only ever grow (the highest version of each kind is kept), so any
order and any number of repetitions leave the same knowledge behind. An obligation stands while
its newest trigger is newer than its newest ending; with equal versions the ending counts,
because a message too few is better than a message to someone who has paid.

What the caller must do for this to hold with crashes and concurrency:
- open: store the case and `known.after(fact)` in one transaction, conditional on the `known`
  it read. `Nothing(ALREADY_OPEN)` then truly means that there is a case for this key (F02).
- end: store `known.after(fact)` first, then read the cases and end them. Any opening that was
  decided on older facts now fails its condition, and a redelivered ending says EndCase again.
- pause, resume: as for end. Both are safe to repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from closeloop.domain.protection import Protection, ProtectionKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Triggered:
    """The core asks for something to be done about the obligation, for example a failed payment."""

    version: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The obligation was met, by whatever way."""

    version: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The core no longer asks for anything about the obligation."""

    version: int


Fact = Triggered | Settled | Withdrawn | Protection


class Ending(StrEnum):
    """How a fact from the core ends a case."""

    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


class Why(StrEnum):
    """Why a fact changes nothing, in words fit for the audit event."""

    ALREADY_OPEN = "already_open"
    ALREADY_ENDED = "already_ended"
    NEVER_OPENED = "never_opened"
    OLDER_THAN_TRIGGER = "older_than_trigger"
    OLDER_THAN_KNOWN = "older_than_known"


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Open a case, paused from the start when the person is protected already."""

    pause: PauseCases | None


@dataclass(frozen=True, slots=True)
class EndCase:
    """End the open case and kill its links; a case that has ended stays as it is."""

    status: Ending


@dataclass(frozen=True, slots=True)
class PauseCases:
    """Pause every open case of the person until `until`, or until told otherwise (None)."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class ResumeCases:
    """Resume the paused cases of the person: nothing shields them any more."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """The fact changes no case. It is remembered all the same."""

    why: Why


Effect = OpenCase | EndCase | PauseCases | ResumeCases | Nothing


@dataclass(frozen=True, slots=True)
class Known:
    """The newest fact of each kind about one obligation and its customer (None = none yet).

    `triggered` is kept per workflow; endings are common to all workflows of the obligation.
    """

    triggered: int | None = None
    settled: int | None = None
    withdrawn: int | None = None
    protections: Mapping[ProtectionKind, Protection] = field(
        default_factory=dict[ProtectionKind, Protection]
    )

    @property
    def ended(self) -> tuple[int, Ending] | None:
        """The newest ending with its version; of two with one version, settled."""
        endings = (
            (version, status)
            for version, status in (
                (self.withdrawn, Ending.WITHDRAWN),
                (self.settled, Ending.SETTLED),
            )
            if version is not None
        )
        return max(
            endings, key=lambda ending: (ending[0], ending[1] is Ending.SETTLED), default=None
        )

    @property
    def stands(self) -> bool:
        """Whether the core still wants something done about the obligation."""
        if self.triggered is None:
            return False
        return self.ended is None or self.triggered > self.ended[0]

    def pause_at(self, now: datetime) -> PauseCases | None:
        """The pause that the person's protections ask for at `now`."""
        ends = [report.until for report in self.protections.values() if report.shields(now)]
        if not ends:
            return None
        return PauseCases(None if None in ends else max(end for end in ends if end is not None))

    def after(self, fact: Fact) -> Known:
        """What is known once `fact` has arrived. Never forgets, so order does not matter."""
        match fact:
            case Triggered(version):
                return replace(self, triggered=_later(self.triggered, version))
            case Settled(version):
                return replace(self, settled=_later(self.settled, version))
            case Withdrawn(version):
                return replace(self, withdrawn=_later(self.withdrawn, version))
            case Protection(kind=kind):
                report = fact.newer(self.protections.get(kind, fact))
                return replace(self, protections={**self.protections, kind: report})


def effect_of(fact: Fact, known: Known, now: datetime) -> Effect:
    """What `fact` does to the cases at `now`, given what was `known` before it arrived."""
    after = known.after(fact)
    match fact:
        case Triggered():
            return _of_trigger(known, after, now)
        case Settled() | Withdrawn():
            return _of_ending(after)
        case Protection():
            return _of_protection(fact, after, now)


def obligation_key(*parts: str) -> str:
    """The business key of an obligation: different parts never give the same key (F02).

    The separator is escaped within the parts. Raises ValueError for an empty part, because a key
    with a hole in it would let two customers share a case.
    """
    if not parts or not all(parts):
        msg = "every part of an obligation key needs a value"
        raise ValueError(msg)
    return "#".join(part.replace("%", "%25").replace("#", "%23") for part in parts)


def _of_trigger(known: Known, after: Known, now: datetime) -> Effect:
    if not after.stands:
        return Nothing(Why.ALREADY_ENDED)
    if known.stands:
        return Nothing(Why.ALREADY_OPEN)
    return OpenCase(after.pause_at(now))


def _of_ending(after: Known) -> Effect:
    if after.triggered is None or after.ended is None:
        return Nothing(Why.NEVER_OPENED)
    if after.stands:
        return Nothing(Why.OLDER_THAN_TRIGGER)
    return EndCase(after.ended[1])


def _of_protection(fact: Protection, after: Known, now: datetime) -> Effect:
    if after.protections[fact.kind] != fact:
        return Nothing(Why.OLDER_THAN_KNOWN)
    return after.pause_at(now) or ResumeCases()


def _later(known: int | None, arriving: int) -> int:
    return arriving if known is None else max(known, arriving)
