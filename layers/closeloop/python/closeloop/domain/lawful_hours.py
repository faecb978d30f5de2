"""Hours of the day on somebody's own clock, and the next moment that lies inside all of them.

A moment is judged by the wall clock of an IANA zone at that moment, so a change to or from summer
time needs no rule of its own: an hour that is skipped cannot be used, one that comes twice counts
twice. Quiet hours kept on a server's clock or on UTC are what users of other systems complain of
most (LESSONS 6); names that stand for no place are therefore refused as zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import time, tzinfo

# Zones differ by whole quarters of an hour and repeat daily, so what is not found within a week
# is not to be expected before a change of summer time: a person's matter, not a longer wait's.
HORIZON = timedelta(days=8)
_DAY = timedelta(days=1)
_PLACELESS = frozenset(
    {"UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"}
    | {"Factory", "localtime", "posixrules"}
)
_PLACELESS_AREAS = ("Etc/", "posix/", "right/")


class UnknownZoneError(ValueError):
    """A name does not say where on earth somebody is."""


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` (included) to `closes` (excluded) on the local clock.

    Hours that close before they open run past midnight; hours that close when they open are none.
    """

    opens: time
    closes: time

    def include(self, local: time) -> bool:
        """Whether the hours are open when the local clock shows `local`."""
        if self.opens <= self.closes:
            return self.opens <= local < self.closes
        return local >= self.opens or local < self.closes

    @property
    def never(self) -> bool:
        """Whether there is no moment at which the hours are open."""
        return self.opens == self.closes


@dataclass(frozen=True, slots=True)
class LocalHours:
    """Hours by the clock of one zone."""

    zone: tzinfo
    hours: Hours

    def __str__(self) -> str:
        return f"{self.hours.opens:%H:%M}-{self.hours.closes:%H:%M} {self.zone}"

    def opening(self, moment: datetime) -> datetime:
        """The first moment from `moment` (aware, UTC) on at which the hours are open."""
        while True:
            local = moment.astimezone(self.zone).time()
            if self.hours.include(local):
                return moment
            opening = moment + (_since_midnight(self.hours.opens) - _since_midnight(local)) % _DAY
            change = _clock_change(self.zone, moment, opening)
            if change is None:
                return opening
            moment = change


def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name; UnknownZoneError if it is not one or stands for no place.

    "UTC" is what systems write when they do not know, and "localtime" is the server's own zone.
    """
    if name in _PLACELESS or name.startswith(_PLACELESS_AREAS):
        raise UnknownZoneError(name)
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UnknownZoneError(name) from error


def next_common_moment(places: Sequence[LocalHours], start: datetime) -> datetime | None:
    """The first moment from `start` (aware) on at which the hours of all `places` are open.

    None if there is none within HORIZON. Exact to the microsecond: each step moves to the latest
    of the places' own openings, and no earlier moment can be open in all of them.
    """
    if not places or any(place.hours.never for place in places):
        return None
    moment = start.astimezone(UTC)
    end = moment + HORIZON
    while moment <= end:
        opening = max(place.opening(moment) for place in places)
        if opening == moment:
            return moment
        moment = opening
    return None


def _clock_change(zone: tzinfo, start: datetime, end: datetime) -> datetime | None:
    """The moment in (start, end] at which the zone's offset changes; at most one in a day."""

    def offset(second: int) -> timedelta | None:
        return datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()

    before, after = int(start.timestamp()), int(end.timestamp())
    old = offset(before)
    if offset(after) == old:
        return None
    while after - before > 1:
        middle = (before + after) // 2
        if offset(middle) == old:
            before = middle
        else:
            after = middle
    return datetime.fromtimestamp(after, UTC)


def _since_midnight(local: time) -> timedelta:
    return timedelta(
        hours=local.hour,
        minutes=local.minute,
        seconds=local.second,
        microseconds=local.microsecond,
    )
