"""What shields a person from being contacted, and which of two reports about it is the newer.

A protection belongs to a person, never to one case: it stops every workflow at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class ProtectionKind(StrEnum):
    """Why a person is shielded."""

    BREATHING_SPACE = "breathing_space"
    ATTORNEY = "attorney"
    BANKRUPTCY = "bankruptcy"
    DECEASED = "deceased"
    CEASE = "cease"
    VULNERABLE = "vulnerable"
    MENTAL_HEALTH_CRISIS = "mental_health_crisis"
    HARDSHIP = "hardship"


@dataclass(frozen=True, slots=True)
class Protection:
    """The core's report, numbered `version`, that a protection of `kind` is on or off.

    It holds from `starts` (included) to `until` (excluded); None means that no end is known.
    Raises ValueError for a naive instant, because a shield must not move with a server's zone.
    """

    kind: ProtectionKind
    version: int
    active: bool
    starts: datetime
    until: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.starts, self.until):
            if instant is not None and instant.utcoffset() is None:
                msg = f"protection {self.kind} needs instants with a zone"
                raise ValueError(msg)

    def shields(self, now: datetime) -> bool:
        """Whether the person may not be contacted at `now`.

        A protection counts from the moment it is known, also before it starts: nobody is chased
        on the eve of a breathing space.
        """
        return self.active and (self.until is None or now < self.until)

    def newer(self, other: Protection) -> Protection:
        """The report that counts of two about the same kind, whichever arrived first.

        Of two with one version the more protective counts: on before off, then the later end,
        then the earlier start. So any order of arrival leaves the same report standing (F03).
        """
        return max(self, other, key=_weight)


def _weight(report: Protection) -> tuple[int, bool, bool, float, float]:
    end = report.until.timestamp() if report.until else 0.0
    return report.version, report.active, report.until is None, end, -report.starts.timestamp()
