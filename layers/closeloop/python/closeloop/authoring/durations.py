"""Durations as people write them (`30m`, `24h`, `7d`), in seconds as machines count them."""

from __future__ import annotations

import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_FORM = re.compile(r"([1-9][0-9]*)([smhd])")


def seconds(text: str) -> int:
    """Return the length of a duration such as `24h` in seconds.

    Raises ValueError, in words for the author, when the text is anything else.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError("write a duration as a whole number and s, m, h or d: 30m, 24h, 7d")
    return int(found[1]) * _SECONDS[found[2]]
