"""How many segments a text takes as an SMS (3GPP TS 23.038).

GSM-7 holds 160 characters in one segment and 153 in each of several; UCS-2 holds 70 and 67. A
character of the extension table counts twice, one outside the basic plane counts twice in UCS-2,
and neither is ever split between two segments.
"""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")
_ROOM = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
_BASIC_PLANE_END = 0xFFFF


@dataclass(frozen=True, slots=True)
class Measure:
    """What a text costs; `foreign` are the characters that force UCS-2, in order of appearance."""

    encoding: str
    units: int
    segments: int
    foreign: tuple[str, ...]


def measure(text: str) -> Measure:
    """Measure a text as it would be sent."""
    foreign = tuple(dict.fromkeys(sign for sign in text if sign not in _BASIC | _EXTENSION))
    encoding = "UCS-2" if foreign else "GSM-7"
    sizes = [_size(sign, encoding) for sign in text]
    single, several = _ROOM[encoding]
    units = sum(sizes)
    segments = 1 if units <= single else _packed(sizes, several)
    return Measure(encoding, units, segments, foreign)


def _size(sign: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if sign in _EXTENSION else 1
    return 2 if ord(sign) > _BASIC_PLANE_END else 1


def _packed(sizes: list[int], room: int) -> int:
    segments, used = 1, 0
    for size in sizes:
        if used + size > room:
            segments, used = segments + 1, 0
        used += size
    return segments
