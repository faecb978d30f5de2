"""Links: 128 random bits that locate a case, and a keyed tag that lets forgeries die unread.

The locator is a credential only for finding a case; it proves receipt of a message and nothing
else. It is stored as its SHA-256. The 32-bit tag is checked before anything is read, so that
guessing costs no database read (SECURITY 2.3). Base62 because SMS apps drop trailing punctuation.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LOCATOR_CHARACTERS = 22
_TAG_CHARACTERS = 6
LINK_CHARACTERS = _LOCATOR_CHARACTERS + _TAG_CHARACTERS
_PURPOSE = b"closeloop link v1:"


def mint(key: bytes) -> str:
    """Return a new link text of 28 base62 characters."""
    locator = _base62(secrets.token_bytes(16), _LOCATOR_CHARACTERS)
    return locator + _tag(key, locator)


def genuine(text: str, keys: Sequence[bytes]) -> bool:
    """Whether the tag fits under one of the keys (the present one, and the one before it)."""
    if len(text) != LINK_CHARACTERS or not (text.isascii() and text.isalnum()):
        return False
    locator, tag = text[:_LOCATOR_CHARACTERS], text[_LOCATOR_CHARACTERS:]
    return any(hmac.compare_digest(tag, _tag(key, locator)) for key in keys)


def digest(secret: str) -> str:
    """The hash under which a link or session secret of at least 128 bits is stored (ASVS 6.5.2)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _tag(key: bytes, locator: str) -> str:
    mac = hmac.digest(key, _PURPOSE + locator.encode(), "sha256")
    return _base62(mac[:4], _TAG_CHARACTERS)


def _base62(raw: bytes, width: int) -> str:
    number, text = int.from_bytes(raw, "big"), ""
    while number:
        number, rest = divmod(number, len(_ALPHABET))
        text = _ALPHABET[rest] + text
    return text.rjust(width, _ALPHABET[0])
