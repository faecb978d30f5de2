"""Claiming a touch: case, touch, link, contact ledger and audit event in one transaction.

A person's cap is shared by all their cases. Their `CONTACTS` row counts the claims, and a claim is
conditional on the count it was decided on, so two cases cannot both take the last permitted touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from closeloop.application import case_file, keys, known_facts
from closeloop.application.case_file import Entry, advance, attempt, note
from closeloop.application.ports import NEW, Absent, Is, Put, Update
from closeloop.domain import identity, link
from closeloop.domain.contact import ContactRequest
from closeloop.domain.identity import Channel, mask_address
from closeloop.domain.instants import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from closeloop.application.ports import Clock, ContactPoints, Keyring, Table
    from closeloop.domain.blueprint import PlannedTouch
    from closeloop.domain.case import Case
    from closeloop.domain.contact import ContactDecision
    from closeloop.domain.protection import Protection

_LINK_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Turn:
    """A case and its person's contacts as they were read for one decision."""

    case: Case
    now: datetime
    contacts: tuple[datetime, ...]
    count: int | None
    protections: tuple[Protection, ...]

    def request(self, channel: Channel, contact: ContactPoints, cap: int) -> ContactRequest:
        """The question whether this person may be contacted on the channel now."""
        return ContactRequest(
            channel=channel,
            now=self.now,
            cap=cap,
            country=contact.country,
            zones=contact.time_zones,
            consents=contact.consents,
            protections=self.protections,
            contacts=self.contacts,
        )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A touch that is ours to send. Personal: lives only as long as the call."""

    case_id: str
    number: int
    attempt: str
    address: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class TouchClaim:
    """Claims touches, and records what became of them. `base_url` is where links lead."""

    table: Table
    keyring: Keyring
    clock: Clock
    base_url: str

    def turn(self, case: Case, now: datetime) -> Turn:
        """Read the person's contacts and protections."""
        rows = self.table.query(f"PERSON#{case.customer}", "CONTACT", newest_first=True)
        count = next((row["count"] for row in rows if row["sk"] == "CONTACTS"), None)
        contacts = tuple(from_text(row["at"]) for row in rows if row["sk"] != "CONTACTS")
        protections, _ = known_facts.protections_of(self.table, case.customer)
        return Turn(case, now, contacts, count, tuple(protections.values()))

    def __call__(
        self,
        turn: Turn,
        number: int,
        token: str,
        touch: PlannedTouch,
        contact: ContactPoints,
        decision: ContactDecision,
    ) -> Claimed:
        """Claim touch `number`; ConflictError when case or contacts have moved."""
        case, now = turn.case, turn.now
        text = link.mint(self.keyring.link_keys()[0])
        attempt_id = f"{case.id}-{case.run}-{number}"
        data = {"touch": number, "channel": touch.channel.value, **decision.record()}
        _, changes = advance(
            case,
            Entry("touch_claimed", "send_touch", data),
            now,
            changed={"token": token, "touch": number},
        )
        row = {
            "state": "claimed",
            "channel": touch.channel.value,
            "at": to_text(now),
            "message": touch.message,
            "attempt": attempt_id,
            "decision": decision.record(),
        }
        contacted = {"at": to_text(now), "case": case.id, "channel": touch.channel.value}
        self.table.write(
            *changes,
            Put(keys.touch(case.id, number), row, when=NEW),
            Put(keys.contact(case.customer, to_text(now), case.id, number), contacted, when=NEW),
            Update(
                keys.contact_turn(case.customer),
                set={"count": (turn.count or 0) + 1},
                when={"count": Absent() if turn.count is None else Is(turn.count)},
            ),
            Put(keys.link(link.digest(text)), _link_row(turn, number, touch, contact), when=NEW),
        )
        address = contact.address(touch.channel) or ""
        url = f"{self.base_url}/c/{text}"
        return Claimed(case.id, number, attempt_id, address, contact.name, url)

    def settle(self, claimed: Claimed, state: str, data: Mapping[str, str]) -> None:
        """Record what the provider said: accepted, failed or in_doubt."""
        attempt(lambda: self._settle_once(claimed, state, data))

    def _settle_once(self, claimed: Claimed, state: str, data: Mapping[str, str]) -> None:
        case = case_file.load(self.table, claimed.case_id)
        if case is None:
            return
        entry = Entry(f"touch_{state}", "send_touch", {"touch": claimed.number, **data})
        _, chain = note(case_file.position_of(case), entry, self.clock.now())
        update = Update(
            keys.touch(claimed.case_id, claimed.number),
            set={"state": state, **data},
            when={"state": Is("claimed")},
        )
        self.table.write(update, *chain)


def _link_row(
    turn: Turn, number: int, touch: PlannedTouch, contact: ContactPoints
) -> dict[str, Any]:
    """What a link locates, and the masked addresses of record to which a code can be sent."""
    case = turn.case
    codes = {each: contact.address(each) for each in (Channel.SMS, Channel.EMAIL)}
    until = min(turn.now + identity.LINK_LIFE, case.deadline_at + case_file.STUCK_GRACE)
    return {
        "case": case.id,
        "touch": number,
        "channel": touch.channel.value,
        "hints": {each.value: mask_address(to) for each, to in codes.items() if to},
        "zone": next(iter(contact.time_zones), "UTC"),
        "until": to_text(until),
        "expires_at": int((case.deadline_at + _LINK_KEPT).timestamp()),
    }
