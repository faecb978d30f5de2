"""Instants as fixed-width UTC text, so that they compare as strings wherever they are stored."""

from __future__ import annotations

from datetime import UTC, datetime

_FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def to_text(instant: datetime) -> str:
    """Write an aware instant as 27 characters of UTC; ValueError for a naive one."""
    if instant.tzinfo is None:
        msg = "an instant needs a time zone"
        raise ValueError(msg)
    return instant.astimezone(UTC).strftime(_FORM)


def from_text(text: str) -> datetime:
    """Read what `to_text` wrote."""
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
