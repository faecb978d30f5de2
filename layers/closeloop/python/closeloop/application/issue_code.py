"""Send a one-time code, only ever to an address of the core's own record (T19).

A code is claimed before it is sent: a crash or a lost answer spends one and never sends two. A code
that did not arrive is asked for again by the customer, within the limits of link and number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.application import case_file, keys
from closeloop.application.case_file import Entry, Position, attempt
from closeloop.application.ports import (
    NEW,
    Absent,
    AbsentOr,
    Below,
    Change,
    Check,
    CodeBinding,
    ConflictError,
    Is,
    Keyring,
    Outgoing,
    Put,
    Rendering,
    Sender,
    SendInDoubtError,
    SendRefusedError,
    SystemOfRecord,
    Table,
    Update,
)
from closeloop.domain import identity
from closeloop.domain.case import CaseStatus
from closeloop.domain.challenge import Challenge, new_id
from closeloop.domain.identity import Channel, assurance_of_code, mask_address

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from closeloop.application.visits import Visitor
    from closeloop.domain.blueprint import Bundle


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a code is for: `name` and `payload` bind it, `approves` tells the customer."""

    name: str = "open"
    payload: str = ""
    approves: str = ""
    digits: int = identity.CODE_DIGITS


class CodeRefusedError(Exception):
    """No code is sent; `why`: no_address, link_spent, number_resting, not_sent or over."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class IssueCode:
    """Sends codes by the channels it has senders for. `firm` names the sender to the customer."""

    table: Table
    core: SystemOfRecord
    senders: Mapping[Channel, Sender]
    keyring: Keyring
    rendering: Rendering
    words: Mapping[str, str]

    def __call__(
        self, visitor: Visitor, bundle: Bundle, channel: Channel, purpose: Purpose, now: datetime
    ) -> None:
        """Send a code, or raise CodeRefusedError, or TemporarilyUnavailable when the core is."""
        case = visitor.case
        state = self.core.obligation(case.customer, case.obligation, case.cycle)
        address = state.contact.address(channel) if state else None
        if not address or channel not in self.senders:
            raise CodeRefusedError("no_address")
        challenge = self._challenge(visitor, channel, purpose, address, now)
        start = [case_file.position_of(case)]
        attempt(lambda: self._claim(challenge, mask_address(address), start, now))
        self._send(challenge, bundle, channel, purpose, address)

    def _challenge(
        self, visitor: Visitor, channel: Channel, purpose: Purpose, address: str, now: datetime
    ) -> Challenge:
        session = visitor.session
        return Challenge(
            id=new_id(),
            case=session.case,
            session=session.digest,
            link=session.link,
            link_channel=session.channel,
            purpose=purpose.name,
            payload=purpose.payload,
            digits=purpose.digits,
            assurance=assurance_of_code(session.channel, channel),
            number=self.keyring.alias(address),
            hints=session.hints,
            zone=session.zone,
            sent_at=now,
            seq=0,
            head="",
        )

    def _claim(self, challenge: Challenge, hint: str, start: list[Position], now: datetime) -> None:
        entry = Entry(
            "code_sent",
            "one_time_code",
            {
                "challenge": challenge.id,
                "assurance": challenge.assurance.value,
                "purpose": challenge.purpose,
            },
        )
        position, chain = case_file.note(start[0], entry, now)
        stored = challenge.item() | {"at_seq": position.seq, "at_head": position.head}
        try:
            self.table.write(
                *_limits(challenge, now),
                Put(keys.challenge(challenge.case, challenge.id), stored, when=NEW),
                Update(
                    keys.session(challenge.session),
                    set={"challenge": challenge.id, "sent_to": hint},
                    when={"case": Is(challenge.case)},
                ),
                *chain,
            )
        except ConflictError as conflict:
            _explain(conflict)
            case = case_file.load(self.table, challenge.case)
            if case is None or case.status is not CaseStatus.OPEN:
                raise CodeRefusedError("over") from conflict
            start[0] = case_file.position_of(case)
            raise

    def _send(
        self, challenge: Challenge, bundle: Bundle, channel: Channel, purpose: Purpose, to: str
    ) -> None:
        binding = binding_of(challenge)
        variables = {
            **self.words,
            "code": self.keyring.code(binding),
            "minutes": int(identity.CODE_LIFE.total_seconds() // 60),
            "approves": purpose.approves,
        }
        name = bundle.document["blueprint"]["codes"][channel.value]
        parts = self.rendering.message(bundle.document, name, variables)
        try:
            self.senders[channel].send(Outgoing(to, parts, challenge.id))
        except SendInDoubtError:
            return  # it may be on its way; the customer can ask for another (R11)
        except SendRefusedError as error:
            raise CodeRefusedError("not_sent") from error


def binding_of(challenge: Challenge) -> CodeBinding:
    """What the code of a challenge is computed over."""
    return CodeBinding(
        challenge.id, challenge.session, challenge.purpose, challenge.payload, challenge.digits
    )


def failures_key(number: str, now: datetime) -> keys.Key:
    """Where wrong codes for a number are counted on the UTC day of `now`."""
    return keys.code_failures(number, f"{now:%Y-%m-%d}")


def _limits(challenge: Challenge, now: datetime) -> tuple[Change, Change]:
    return (
        Update(
            keys.link(challenge.link),
            add={"codes": 1},
            when={
                "codes": AbsentOr(Below(identity.CODES_PER_LINK)),
                "locked": Absent(),
                "case": Is(challenge.case),
            },
        ),
        Check(
            failures_key(challenge.number, now),
            {"failures": AbsentOr(Below(identity.FAILURES_PER_NUMBER_PER_DAY))},
        ),
    )


def _explain(conflict: ConflictError) -> None:
    """Raise CodeRefusedError when it was a limit that refused, not somebody else's write."""
    for at, why in enumerate(("link_spent", "number_resting")):
        if conflict.found.get(at) is not None:
            raise CodeRefusedError(why) from conflict
