"""What a customer has proved about themselves, and how little may be tried before it is proved.

The numbers are the product's choice within ASVS 5.0 (6.5.1-6.6.3), NIST SP 800-63B-4 and PSD2 RTS
art. 4: a six-digit code lives five minutes, is checked five times at most, three are sent for a
link, and ten failures a day close the number for codes, whichever link they came through.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

CODE_DIGITS = 6
CODE_DIGITS_VALUE_MOVING = 8
CODE_LIFE = timedelta(minutes=5)
CHECKS_PER_CODE = 5
CODES_PER_LINK = 3
FAILURES_PER_NUMBER_PER_DAY = 10
SESSION_IDLE = timedelta(minutes=5)
SESSION_LIFE = timedelta(minutes=30)
LINK_LIFE = timedelta(hours=72)
RENEWALS_PER_LINK = 3


class Channel(StrEnum):
    """A way to reach a customer."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"

    @property
    def address_kind(self) -> str:
        """The kind of address behind the channel: SMS and WhatsApp share one phone number."""
        return "email" if self is Channel.EMAIL else "phone"

    def independent_of(self, other: Channel) -> bool:
        """Whether a code here proves more than having received a message on `other`."""
        return self.address_kind != other.address_kind


class Assurance(StrEnum):
    """What has been proved, from least to most."""

    LINK = "link"
    KNOWN_FACT = "known_fact"
    CODE_SAME_CHANNEL = "code_same_channel"
    CODE_INDEPENDENT_CHANNEL = "code_independent_channel"
    PASSKEY = "passkey"

    @property
    def level(self) -> int:
        """The rank used by policy: higher proves more."""
        return list(Assurance).index(self)

    def meets(self, required: Assurance) -> bool:
        """Whether this much proof is enough for `required`."""
        return self.level >= required.level


def assurance_of_code(link_channel: Channel, code_channel: Channel) -> Assurance:
    """What a code proves, given the channel that carried the link.

    A code to the number that received the link is the same factor again (SECURITY 2.2).
    """
    if code_channel.independent_of(link_channel):
        return Assurance.CODE_INDEPENDENT_CHANNEL
    return Assurance.CODE_SAME_CHANNEL


def mask_address(address: str) -> str:
    """Enough of an address for its owner to recognise and too little for anybody else to use."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[:1]}…@{host[:1]}…"
    return f"…{address[-2:]}"
