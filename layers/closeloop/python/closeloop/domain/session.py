"""A customer's session: short, bound to one case, replaced when more has been proved.

The cookie is `<case>.<secret>.<last seen>.<mac>`. The secret is stored only as a hash. The case id
is a hint that lets session and case be read in one call; it counts only if the stored session names
the same case. The signed last-seen second enforces the idle limit without a write on every page;
the absolute limit is on the stored session.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from closeloop.domain import link
from closeloop.domain.identity import SESSION_IDLE, SESSION_LIFE, Assurance, Channel
from closeloop.domain.instants import from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = 4


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the cookie carries."""

    case: str
    secret: str

    @property
    def digest(self) -> str:
        """The hash that keys the stored session."""
        return link.digest(self.secret)

    def cookie(self, key: bytes, now: datetime) -> str:
        """Write the cookie with a fresh last-seen stamp."""
        stamped = f"{self.case}.{self.secret}.{int(now.timestamp())}"
        return f"{stamped}.{_mac(key, stamped)}"

    def csrf(self, key: bytes) -> str:
        """The synchroniser token of this session's forms."""
        return _mac(key, f"csrf.{self.secret}")


def new_ticket(case: str) -> Ticket:
    """Mint a ticket with 256 random bits."""
    return Ticket(case, secrets.token_urlsafe(32))


def read_cookie(cookie: str, key: bytes, now: datetime) -> Ticket | None:
    """Return the ticket of a genuine cookie that was seen within the idle limit, else None."""
    parts = cookie.split(".")
    if len(parts) != _PARTS or not cookie.isascii():
        return None
    case, secret, seen, mac = parts
    if not hmac.compare_digest(mac, _mac(key, f"{case}.{secret}.{seen}")):
        return None
    idle = now - datetime.fromtimestamp(int(seen), UTC)
    return Ticket(case, secret) if idle <= SESSION_IDLE else None


def _mac(key: bytes, text: str) -> str:
    return hmac.digest(key, b"closeloop session v1:" + text.encode(), "sha256").hex()[:32]


@dataclass(frozen=True, slots=True)
class Session:
    """What one visitor has proved about one case.

    `hints` are the masked addresses of record a code can go to, by channel; `challenge` is the
    code they were last sent and `sent_to` the hint of where it went; `zone` is the IANA name by
    which their days are counted.
    """

    digest: str
    case: str
    link: str
    channel: Channel
    assurance: Assurance
    opened_at: datetime
    hints: Mapping[str, str]
    zone: str
    challenge: str | None = None
    sent_to: str | None = None
    proved_by: str | None = None

    def alive(self, now: datetime) -> bool:
        """Whether the absolute limit has not been reached.

        A session may seem to begin in the future: two hosts' clocks differ by more than the instant
        between the answer that opens it and the request that follows.
        """
        return now < self.opened_at + SESSION_LIFE

    def item(self) -> dict[str, Any]:
        """The stored form; TTL removes it some time after the limit that `alive` judges by."""
        return {
            "case": self.case,
            "link": self.link,
            "channel": self.channel.value,
            "assurance": self.assurance.value,
            "opened_at": to_text(self.opened_at),
            "hints": dict(self.hints),
            "zone": self.zone,
            "challenge": self.challenge,
            "sent_to": self.sent_to,
            "proved_by": self.proved_by,
            "expires_at": int((self.opened_at + SESSION_LIFE).timestamp()),
        }


def from_item(digest: str, item: Mapping[str, Any]) -> Session:
    """Read what `Session.item` wrote."""
    return Session(
        digest=digest,
        case=item["case"],
        link=item["link"],
        channel=Channel(item["channel"]),
        assurance=Assurance(item["assurance"]),
        opened_at=from_text(item["opened_at"]),
        hints=item["hints"],
        zone=item["zone"],
        challenge=item["challenge"],
        sent_to=item["sent_to"],
        proved_by=item["proved_by"],
    )


def same(secret: str, given: str) -> bool:
    """Compare in constant time; text that is not ASCII is never the same."""
    return given.isascii() and hmac.compare_digest(secret, given)


def mint_form_id(ticket: Ticket, action: str, version: int, key: bytes) -> str:
    """Mint the id of one form: the id that its submission will bear (R2).

    Signed for session, action and case version, so that it needs no storing before it is used.
    """
    nonce = secrets.token_hex(16)
    return f"{nonce}.{_form_mac(ticket, action, version, nonce, key)}"


def read_form_id(form_id: str, ticket: Ticket, action: str, version: int, key: bytes) -> str | None:
    """Return the submission id within a genuine form id, else None."""
    nonce, dot, mac = form_id.partition(".")
    genuine = dot and same(_form_mac(ticket, action, version, nonce, key), mac)
    return nonce if genuine else None


def _form_mac(ticket: Ticket, action: str, version: int, nonce: str, key: bytes) -> str:
    return _mac(key, f"form.{ticket.digest}.{action}.{version}.{nonce}")
