"""The movable clock that every function of the local world reads.

It starts at a lawful hour, 10:00 in London on the next weekday, and then runs at the speed of real
time. It never starts behind real time: the emulator deletes rows by TTL on the real clock, and a
session that expires "this morning" would be gone at once.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
LAWFUL = time(10, 0)
_SATURDAY = 5


def real_now() -> datetime:
    """Return the real instant, aware and in UTC."""
    return datetime.now(UTC)


def next_lawful(after: datetime) -> datetime:
    """Return the first 10:00 in London, Monday to Friday, that is not before the instant."""
    day = after.astimezone(LONDON).date()
    while True:
        candidate = datetime.combine(day, LAWFUL, LONDON)
        if candidate.weekday() < _SATURDAY and candidate >= after:
            return candidate.astimezone(UTC)
        day += timedelta(days=1)


class Clock:
    """Real time plus a shift that people and tests may change; safe to share between threads."""

    def __init__(self, real: Callable[[], datetime] = real_now) -> None:
        self.real = real
        self._lock = threading.Lock()
        self._shifts: list[tuple[datetime, timedelta]] = []
        self.restart()

    def restart(self) -> None:
        """Go (back) to the next lawful hour after real time and forget every earlier shift."""
        real = self.real()
        with self._lock:
            self._shifts = [(real, next_lawful(real) - real)]

    def now(self) -> datetime:
        """Return the world's present instant, aware and in UTC."""
        return self.at(self.real())

    def at(self, real: datetime) -> datetime:
        """Return what this clock showed at a real instant, for things stamped by the emulator."""
        with self._lock:
            shift = self._shifts[0][1]
            for since, later in self._shifts:
                if since <= real:
                    shift = later
        return real + shift

    def move_to(self, instant: datetime) -> None:
        """Make `instant` (aware) the present."""
        real = self.real()
        with self._lock:
            self._shifts.append((real, instant - real))

    def advance(self, seconds: float) -> None:
        """Move the present by `seconds`."""
        self.move_to(self.now() + timedelta(seconds=seconds))


def stamp(instant: datetime) -> str:
    """Write an instant as the product does: fixed width, UTC, so that texts compare as times."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
