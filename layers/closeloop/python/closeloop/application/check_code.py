"""Check a one-time code: count first, compare after, and let one correct answer through once.

The count is one conditional write, so parallel guesses share the five checks (ASVS 6.6.3, 15.4.2).
A correct code replaces the session under a new secret, in one transaction, and only if it is the
last that was sent to the session and the address's failures of the day are below the limit: after
ten wrong codes not even a right one opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from closeloop.application import case_file, keys
from closeloop.application.case_file import Entry, Position, attempt
from closeloop.application.issue_code import binding_of, failures_key
from closeloop.application.ports import (
    NEW,
    Above,
    AbsentOr,
    Below,
    Change,
    Check,
    ConflictError,
    Delete,
    Is,
    Keyring,
    Put,
    Table,
    Update,
)
from closeloop.domain import challenge as challenges
from closeloop.domain import identity
from closeloop.domain.instants import to_text
from closeloop.domain.session import Session, Ticket, new_ticket, same

if TYPE_CHECKING:
    from datetime import datetime

    from closeloop.domain.challenge import Challenge

_COUNTED_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Proved:
    """The code was right: carry on with this session."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Wrong:
    """The code was wrong; `left` more checks of this code are allowed."""

    left: int
    challenge: Challenge


@dataclass(frozen=True, slots=True)
class Void:
    """There is no such code to check for this session: too old, used, replaced, worn out."""


Checked = Proved | Wrong | Void


@dataclass(frozen=True, slots=True)
class CheckCode:
    """Checks codes."""

    table: Table
    keyring: Keyring

    def __call__(self, ticket: Ticket, challenge_id: str, given: str, now: datetime) -> Checked:
        """Count the check, then compare what the customer typed."""
        challenge = self._count(ticket, challenge_id, now)
        if challenge is None:
            return Void()
        if same(self.keyring.code(binding_of(challenge)), given):
            return self._rotate(challenge, now)
        if self._failed(challenge, now) > identity.FAILURES_PER_NUMBER_PER_DAY:
            return Void()  # as for a right one: who is locked out must not learn which it was
        return Wrong(identity.CHECKS_PER_CODE - challenge.tries, challenge)

    def _failed(self, challenge: Challenge, now: datetime) -> int:
        """Count a wrong code for its address; return how many there were today."""
        failed = Update(
            failures_key(challenge.number, now),
            set={"expires_at": int((now + _COUNTED_FOR).timestamp())},
            add={"failures": 1},
        )
        return self.table.update(failed)["failures"]

    def _count(self, ticket: Ticket, challenge_id: str, now: datetime) -> Challenge | None:
        live = {
            "state": Is("active"),
            "session": Is(ticket.digest),
            "tries": Below(identity.CHECKS_PER_CODE),
            "until": Above(to_text(now)),
        }
        if not challenges.is_id(challenge_id):
            return None
        key = keys.challenge(ticket.case, challenge_id)
        try:
            return challenges.from_item(self.table.update(Update(key, add={"tries": 1}, when=live)))
        except ConflictError:
            return None

    def _rotate(self, challenge: Challenge, now: datetime) -> Checked:
        ticket = new_ticket(challenge.case)
        start = [Position(challenge.case, challenge.seq, challenge.head)]
        try:
            return attempt(lambda: self._rotate_once(challenge, ticket, start, now))
        except _Void:
            return Void()

    def _rotate_once(
        self, challenge: Challenge, ticket: Ticket, start: list[Position], now: datetime
    ) -> Checked:
        proof = {"challenge": challenge.id, "assurance": challenge.assurance.value}
        _, chain = case_file.note(start[0], Entry("identity_proved", "customer", proof), now)
        try:
            self.table.write(*_exchange(challenge, ticket, now), *chain)
        except ConflictError as conflict:
            if any(at < _CHAIN and found is not None for at, found in conflict.found.items()):
                raise _Void from conflict
            case, session = self.table.get(
                keys.case(challenge.case), keys.session(challenge.session)
            )
            if case is None or session is None:
                raise _Void from conflict
            start[0] = case_file.position_of(case_file.read(case))
            raise
        return Proved(ticket)


class _Void(Exception):  # noqa: N818 - a step in a conversation, not a fault
    pass


_CHAIN = 4


def _exchange(challenge: Challenge, ticket: Ticket, now: datetime) -> tuple[Change, ...]:
    proved = Session(
        digest=ticket.digest,
        case=challenge.case,
        link=challenge.link,
        channel=challenge.link_channel,
        assurance=challenge.assurance,
        opened_at=now,
        hints=challenge.hints,
        zone=challenge.zone,
        proved_by=challenge.id,
    )
    oldest = to_text(now - identity.SESSION_LIFE)
    below = AbsentOr(Below(identity.FAILURES_PER_NUMBER_PER_DAY))
    return (
        Update(
            keys.challenge(challenge.case, challenge.id),
            set={"state": "used"},
            when={"state": Is("active")},
        ),
        Check(failures_key(challenge.number, now), {"failures": below}),
        Delete(
            keys.session(challenge.session),
            when={"opened_at": Above(oldest), "challenge": Is(challenge.id)},
        ),
        Put(keys.session(ticket.digest), proved.item(), when=NEW),
    )
