"""A one-time code that was sent: what it is bound to and what it proves, never the code itself."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.domain.identity import CODE_LIFE, Assurance, Channel
from closeloop.domain.instants import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT = timedelta(days=30)
_ID = re.compile(r"[0-9a-f]{32}")


def new_id() -> str:
    """Mint the id of a challenge: 128 random bits."""
    return secrets.token_hex(16)


def is_id(text: str) -> bool:
    """Whether a text can be the id of a challenge; anything else is not worth looking up."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Challenge:
    """One code, for one session, by one channel, for one purpose.

    `number` is the keyring's alias of the address it went to; `seq` and `head` say where the case's
    audit chain ended when it was sent, so that a check rarely needs to read the case again.
    """

    id: str
    case: str
    session: str
    link: str
    link_channel: Channel
    purpose: str
    payload: str
    digits: int
    assurance: Assurance
    number: str
    hints: Mapping[str, str]
    zone: str
    sent_at: datetime
    seq: int
    head: str
    tries: int = 0

    @property
    def until(self) -> datetime:
        """The instant from which the code is too old."""
        return self.sent_at + CODE_LIFE

    def item(self) -> dict[str, Any]:
        """The stored form."""
        return {
            "id": self.id,
            "case": self.case,
            "session": self.session,
            "link": self.link,
            "link_channel": self.link_channel.value,
            "purpose": self.purpose,
            "payload": self.payload,
            "digits": self.digits,
            "assurance": self.assurance.value,
            "number": self.number,
            "hints": dict(self.hints),
            "zone": self.zone,
            "sent_at": to_text(self.sent_at),
            "until": to_text(self.until),
            "at_seq": self.seq,
            "at_head": self.head,
            "tries": self.tries,
            "state": "active",
            "expires_at": int((self.sent_at + _KEPT).timestamp()),
        }


def from_item(item: Mapping[str, Any]) -> Challenge:
    """Read what `Challenge.item` wrote."""
    return Challenge(
        id=item["id"],
        case=item["case"],
        session=item["session"],
        link=item["link"],
        link_channel=Channel(item["link_channel"]),
        purpose=item["purpose"],
        payload=item["payload"],
        digits=item["digits"],
        assurance=Assurance(item["assurance"]),
        number=item["number"],
        hints=item["hints"],
        zone=item["zone"],
        sent_at=from_text(item["sent_at"]),
        seq=item["at_seq"],
        head=item["at_head"],
        tries=item["tries"],
    )
