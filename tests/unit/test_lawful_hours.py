"""Hours on a local clock: past midnight, never, and where the clock itself jumps (LESSONS 6)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.lawful_hours import Hours, LocalHours, next_common_moment

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)
MINUTES_OF_DAY = st.integers(0, 24 * 60 - 1).map(lambda minute: time(*divmod(minute, 60)))


def london(opens: time, closes: time) -> tuple[LocalHours, ...]:
    return (LocalHours(LONDON, Hours(opens, closes)),)


@given(
    MINUTES_OF_DAY,
    MINUTES_OF_DAY,
    st.integers(-48 * 60, 48 * 60),
    st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]),
)
def test_any_hours_round_a_clock_change_open_at_the_first_minute_they_should(
    opens: time, closes: time, minutes: int, change: datetime
):
    start = change + minutes * MINUTE
    moment = next_common_moment(london(opens, closes), start)
    if opens == closes:
        assert moment is None
        return
    expected = start
    while not open_by_the_wall_clock(expected, opens, closes):
        expected += MINUTE
    assert moment == expected


def open_by_the_wall_clock(moment: datetime, opens: time, closes: time) -> bool:
    """Walk the hours minute by minute from their opening, wherever midnight lies."""
    shown = moment.astimezone(LONDON)
    since_opening = (shown.hour * 60 + shown.minute - opens.hour * 60 - opens.minute) % 1440
    length = (closes.hour * 60 + closes.minute - opens.hour * 60 - opens.minute) % 1440
    return since_opening < length


def test_hours_that_close_when_they_open_are_never():
    assert Hours(time(8), time(8)).never
    assert not Hours(time(8), time(8)).include(time(8))
    assert next_common_moment(london(time(8), time(8)), datetime(2026, 1, 1, tzinfo=UTC)) is None


def test_hours_that_open_in_a_skipped_hour_open_when_the_clock_has_jumped():
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    moment = next_common_moment(london(time(1, 30), time(3)), start)
    assert moment == datetime(2026, 3, 29, 1, tzinfo=UTC)  # the wall shows 02:00


def test_hours_that_closed_open_again_when_the_clock_goes_back_into_them():
    start = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # the wall shows 01:45
    moment = next_common_moment(london(time(1), time(1, 30)), start)
    assert moment == datetime(2026, 10, 25, 1, tzinfo=UTC)  # the wall shows 01:00 again


def test_no_place_at_all_is_no_moment():
    assert next_common_moment((), datetime(2026, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(("clock", "inside"), [(time(23), True), (time(1), True), (time(2), False)])
def test_hours_may_run_past_midnight(clock: time, inside: bool):  # noqa: FBT001 - the table's column
    assert Hours(time(22), time(2)).include(clock) is inside
