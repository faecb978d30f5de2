"""May this person be contacted on this channel now? One decision, with its reasons. Fails closed.

What is not known is never assumed in favour of sending: no consent on record is a no, a zone that
cannot be told holds the message, an instant without a zone raises ValueError. The decision is pure:
the caller reads the facts immediately before a send and keeps the decision with the send, so that
`decision.record()` shows later why the contact was lawful.

Every rule except the hours gives a moment from which it no longer objects; the hours then move the
latest of these to the next moment that lies inside them everywhere the person may be. With the
same facts, asking again at `next_lawful` is answered with allow, and at no earlier moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from closeloop.domain.contact_law import FIRM_POLICY, FIRST_VERSION, Basis, ContactRules
from closeloop.domain.instants import to_text
from closeloop.domain.lawful_hours import LocalHours, next_common_moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from closeloop.domain.identity import Channel
    from closeloop.domain.protection import Protection


class Verdict(StrEnum):
    """What may happen now."""

    ALLOW = "allow"
    HOLD = "hold"
    DENY = "deny"


class Rule(StrEnum):
    """The rule that decided."""

    ALL_MET = "all_met"
    CONSENT = "consent"
    PROTECTION = "protection"
    TOUCH_CAP = "touch_cap"
    QUIET_HOURS = "quiet_hours"
    UNKNOWN_ZONE = "unknown_zone"
    NO_COMMON_HOUR = "no_common_hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRequest:
    """The facts of the moment about one person and one channel. All instants are aware.

    `zones` are the IANA names of every place where the person may be, `country` an
    ISO 3166 code; either may be empty.
    `contacts` are the earlier contacts of this person over all channels and cases; at most `cap`
    fall into any period of the rules (seven days).
    """

    channel: Channel
    now: datetime
    cap: int
    country: str = ""
    zones: tuple[str, ...] = ()
    consents: Mapping[Channel, datetime]
    withdrawals: Mapping[Channel, datetime] = field(default_factory=dict["Channel", datetime])
    protections: tuple[Protection, ...] = ()
    contacts: tuple[datetime, ...] = ()

    def __post_init__(self) -> None:
        instants = (self.now, *self.consents.values(), *self.withdrawals.values(), *self.contacts)
        if any(instant.utcoffset() is None for instant in instants):
            msg = "a contact decision needs instants with a zone"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class ContactDecision:
    """The verdict and why.

    `basis` is a citation or "firm policy". `until` is set for a hold only: when to ask again.
    `next_lawful` is None when no moment can be named until the facts change.
    """

    verdict: Verdict
    rule: Rule
    basis: str
    numbers: Mapping[str, int | str]
    next_lawful: datetime | None
    until: datetime | None = None

    @property
    def needs_person(self) -> bool:
        """Whether only a person can find out what is missing; until then the case is held."""
        return self.rule in (Rule.UNKNOWN_ZONE, Rule.NO_COMMON_HOUR)

    def record(self) -> dict[str, int | str]:
        """The decision as it is kept with the send, without anything that names the person."""
        lawful = {"next_lawful": to_text(self.next_lawful)} if self.next_lawful else {}
        until = {"until": to_text(self.until)} if self.until else {}
        reasons = {"verdict": self.verdict, "rule": self.rule, "basis": self.basis}
        return {**self.numbers, **reasons, **lawful, **until}


@dataclass(frozen=True, slots=True)
class _Objection:
    """A rule that stands in the way until `end`, for good if None."""

    rule: Rule
    basis: Basis
    end: datetime | None


def decide(request: ContactRequest, rules: ContactRules = FIRST_VERSION) -> ContactDecision:
    """Allow, hold until, or deny contact now; see the module's promise."""
    places = rules.places(request.zones, request.country)
    numbers = _numbers(request, rules, places)
    objections = [*_consent(request, rules), *_protections(request, rules), *_cap(request, rules)]
    now = start = request.now.astimezone(UTC)
    last: _Objection | None = None
    for objection in objections:
        if objection.end is None:
            citation = objection.basis.citation
            return ContactDecision(Verdict.DENY, objection.rule, citation, numbers, None)
        if objection.end > start:
            last, start = objection, objection.end
    lawful = next_common_moment(places, start)
    rule, basis = (last.rule, last.basis) if last else _hours_rule(request, rules, places, lawful)
    if lawful == now:
        return ContactDecision(Verdict.ALLOW, Rule.ALL_MET, basis.citation, numbers, now)
    until = lawful or (start if last else now + rules.recheck)
    return ContactDecision(Verdict.HOLD, rule, basis.citation, numbers, lawful, until)


def _consent(request: ContactRequest, rules: ContactRules) -> Iterator[_Objection]:
    granted = request.consents.get(request.channel)
    withdrawn = request.withdrawals.get(request.channel)
    if granted is None or granted > request.now:
        yield _Objection(Rule.CONSENT, FIRM_POLICY, None)
    elif withdrawn is not None and withdrawn >= granted:
        basis = rules.withdrawal_basis.get(request.country, FIRM_POLICY)
        yield _Objection(Rule.CONSENT, basis, None)


def _protections(request: ContactRequest, rules: ContactRules) -> Iterator[_Objection]:
    for report in request.protections:
        if report.shields(request.now):
            basis = rules.protections.get(report.kind, FIRM_POLICY)
            end = report.until.astimezone(UTC) if report.until else None
            yield _Objection(Rule.PROTECTION, basis, end)


def _cap(request: ContactRequest, rules: ContactRules) -> Iterator[_Objection]:
    recent = _recent(request, rules)
    if request.cap <= 0:
        yield _Objection(Rule.TOUCH_CAP, FIRM_POLICY, None)
    elif len(recent) >= request.cap:
        # Once this one has left the period, fewer than the cap are in it.
        leaves = recent[request.cap - 1] + rules.cap_period
        yield _Objection(Rule.TOUCH_CAP, FIRM_POLICY, leaves)


def _recent(request: ContactRequest, rules: ContactRules) -> list[datetime]:
    """The contacts within the period, newest first; one recorded ahead of `now` counts too."""
    since = request.now - rules.cap_period
    return sorted((at.astimezone(UTC) for at in request.contacts if at > since), reverse=True)


def _hours_rule(
    request: ContactRequest,
    rules: ContactRules,
    places: tuple[LocalHours, ...],
    lawful: datetime | None,
) -> tuple[Rule, Basis]:
    if not places:
        return Rule.UNKNOWN_ZONE, FIRM_POLICY
    rule = Rule.NO_COMMON_HOUR if lawful is None else Rule.QUIET_HOURS
    return rule, rules.basis_of_hours(places, request.country)


def _numbers(
    request: ContactRequest, rules: ContactRules, places: tuple[LocalHours, ...]
) -> dict[str, int | str]:
    shields = sorted(item.kind for item in request.protections if item.shields(request.now))
    return {
        "channel": request.channel,
        "rules": rules.name,
        "rules_checked": rules.checked.isoformat(),
        "cap": request.cap,
        "cap_days": rules.cap_period.days,
        "contacts": len(_recent(request, rules)),
        "hours": ", ".join(map(str, places)),
        "protections": ", ".join(shields),
    }
