"""Days on which nothing can be paid, from the library's own calendars."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date

import pytest

from closeloop.adapters.calendar import UnknownCalendarError, closed_days


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2026, 12, 24), False),
        (date(2026, 12, 25), True),
        (date(2026, 12, 28), True),  # Boxing Day, kept on Monday
        (date(2026, 11, 21), True),  # Saturday
        (date(2026, 11, 22), True),  # Sunday
        (date(2026, 11, 23), False),
    ],
)
def test_weekends_and_bank_holidays_are_closed(day: date, closed: bool):  # noqa: FBT001 - a column
    assert closed_days("GB", "ENG")(day) is closed


@pytest.mark.parametrize(
    "day",
    [date(2027, 3, 29), date(2027, 8, 30), date(2026, 11, 30)],  # two English ones, St Andrew's
)
def test_without_a_subdivision_a_holiday_anywhere_in_the_country_counts(day: date):
    assert closed_days("GB")(day)


def test_a_subdivision_keeps_its_own_holidays():
    assert not closed_days("GB", "ENG")(date(2026, 11, 30))
    assert closed_days("GB", "SCT")(date(2026, 11, 30))


def test_a_country_keeps_its_own_weekend():
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    assert closed_days("EG")(friday)
    assert not closed_days("EG")(sunday)


@pytest.mark.parametrize(("country", "subdivision"), [("XX", None), ("", None), ("GB", "XX")])
def test_a_place_without_a_calendar_is_refused_and_not_taken_for_weekends_only(
    country: str, subdivision: str | None
):
    with pytest.raises(UnknownCalendarError, match="no calendar"):
        closed_days(country, subdivision)


def test_a_year_without_data_is_refused():
    with pytest.raises(UnknownCalendarError, match="2101"):
        closed_days("GB")(date(2101, 1, 3))


def test_the_library_is_not_loaded_before_it_is_needed():
    program = "import closeloop.adapters.calendar, sys; sys.exit('holidays' in sys.modules)"
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", program], check=False, env=here).returncode == 0
