"""On which days nothing can be paid: weekends and bank holidays of a country.

Fails closed. A country without a known calendar raises instead of counting weekends only, because
a promised date on which the bank is shut is a broken promise; the case then goes to a person.
Without a subdivision a day that is a holiday anywhere in the country is closed: the library's own
national list for the United Kingdom, for example, lacks Easter Monday and the August holidays.

The library costs about 60 ms and 150 modules (bytecode at hand), so it is imported at the first
question, once per environment, and functions that show no dates never pay for it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from closeloop.domain.offers import CalendarError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from holidays import HolidayBase


class UnknownCalendarError(CalendarError):
    """There is no calendar of bank holidays for the place or the year, so no date is safe."""


def closed_days(country: str, subdivision: str | None = None) -> Callable[[date], bool]:
    """Tell whether a day is closed in the country (ISO 3166) or its subdivision (ISO 3166-2).

    Raises UnknownCalendarError for an unknown place at once, for a year without data when asked.
    """
    calendars = _calendars(country, subdivision)

    def closed(day: date) -> bool:
        for calendar in calendars:
            if not calendar.start_year <= day.year <= calendar.end_year:
                raise UnknownCalendarError(f"no bank holidays of {country} known for {day.year}")
        return any(day.weekday() in calendar.weekend or day in calendar for calendar in calendars)

    return closed


@cache
def _calendars(country: str, subdivision: str | None) -> tuple[HolidayBase, ...]:
    from holidays import country_holidays  # noqa: PLC0415 - heavy, see above

    try:
        national = country_holidays(country, subdiv=subdivision)
        parts = () if subdivision else national.subdivisions
        return (national, *(country_holidays(country, subdiv=part) for part in parts))
    except NotImplementedError as error:
        place = f"{country}-{subdivision}" if subdivision else repr(country)
        raise UnknownCalendarError(f"no calendar of bank holidays for {place}") from error
