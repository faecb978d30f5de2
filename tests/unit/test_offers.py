"""Schedules sum to the debt to the penny, on real and open days, and are told apart (F36)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from closeloop.domain.blueprint import OfferLimits
from closeloop.domain.money import Money
from closeloop.domain.offers import (
    NoOpenDayError,
    Offer,
    instalment_offers,
    offer_with_id,
    promise_offers,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MONDAY = date(2026, 11, 23)
DEBT = Money(10_000, "GBP")
LIMITS = OfferLimits(
    counts=(2, 3, 6), min_instalment_minor=1_000, first_within_days=8, promise_within_days=14
)

DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
DEBTS = st.integers(1, 5_000_000).map(lambda minor: Money(minor, "GBP"))
CLOSED = st.sets(st.integers(0, 6), max_size=3).flatmap(
    lambda weekdays: st.sets(st.integers(1, 366), max_size=40).map(
        lambda holidays: (
            lambda day: day.weekday() in weekdays or day.timetuple().tm_yday in holidays
        )
    )
)


def always_open(_: date) -> bool:
    return False


def weekends(day: date) -> bool:
    return day.weekday() > 4


def within(days: int, *counts: int, smallest: int = 0) -> OfferLimits:
    return OfferLimits(counts=counts, min_instalment_minor=smallest, first_within_days=days)


def dues(offer: Offer) -> list[date]:
    return [instalment.due for instalment in offer.instalments]


def amounts(offer: Offer) -> list[int]:
    return [instalment.amount.minor for instalment in offer.instalments]


@given(
    debt=DEBTS,
    counts=st.lists(st.integers(1, 24), max_size=4).map(tuple),
    smallest=st.integers(0, 10_000),
    days=st.integers(0, 45),
    today=DAYS,
    closed=CLOSED,
)
def test_every_schedule_is_exact_ordered_open_and_within_policy(
    debt: Money,
    counts: tuple[int, ...],
    smallest: int,
    days: int,
    today: date,
    closed: Callable[[date], bool],
):
    try:
        offers = instalment_offers(debt, within(days, *counts, smallest=smallest), today, closed)
    except NoOpenDayError:
        assume(False)
        return
    for offer in offers:
        assert offer.total == debt
        assert min(amounts(offer)) >= max(1, smallest)
        assert max(amounts(offer)) - min(amounts(offer)) <= 1
        assert amounts(offer) == sorted(amounts(offer), reverse=True)
        assert today < dues(offer)[0] <= today + timedelta(days)
        assert all(earlier < later for earlier, later in pairwise(dues(offer)))
        assert not any(map(closed, dues(offer)))
    assert [len(offer.instalments) for offer in offers] == sorted(
        {count for count in counts if offers and debt.minor // count >= max(1, smallest)}
    )


@given(first=DAYS, count=st.integers(1, 48))
def test_each_month_keeps_the_day_or_takes_its_last(first: date, count: int):
    (offer,) = instalment_offers(
        Money(100, "GBP"), within(1, count), first - timedelta(1), always_open
    )
    for number, due in enumerate(dues(offer)):
        years, month = divmod(first.month - 1 + number, 12)
        assert (due.year, due.month) == (first.year + years, month + 1)
        assert due.day == min(first.day, monthrange(due.year, due.month)[1])


@given(today=DAYS, count=st.integers(2, 24), closed=CLOSED)
def test_a_move_to_an_open_day_never_carries_over_to_the_next_month(
    today: date, count: int, closed: Callable[[date], bool]
):
    try:
        offers = instalment_offers(Money(2_400, "GBP"), within(7, count), today, closed)
    except NoOpenDayError:
        offers = ()
    for offer in offers:
        first = dues(offer)[0]
        for due in dues(offer)[1:]:
            last = monthrange(due.year, due.month)[1]
            planned = due.replace(day=min(first.day, last))
            if due < planned:  # moved over the end of the month before
                before = due.replace(day=1) - timedelta(1)
                planned = before.replace(day=min(first.day, before.day))
            between = [planned + timedelta(n) for n in range((due - planned).days)]
            assert all(map(closed, between))


def test_the_first_instalments_carry_the_remainder():
    (offer,) = instalment_offers(Money(1_001, "GBP"), within(1, 3), MONDAY, always_open)
    assert amounts(offer) == [334, 334, 333]


def test_one_penny_that_cannot_be_divided_is_not_offered_in_two():
    assert instalment_offers(Money(1, "GBP"), within(1, 2), MONDAY, always_open) == ()
    (offer,) = instalment_offers(Money(1, "GBP"), within(1, 1, 2), MONDAY, always_open)
    assert amounts(offer) == [1]


def test_a_count_whose_smallest_share_is_too_small_is_not_offered():
    counts = [len(offer.instalments) for offer in instalment_offers(DEBT, LIMITS, MONDAY, weekends)]
    assert counts == [2, 3, 6]
    low = instalment_offers(Money(2_999, "GBP"), LIMITS, MONDAY, weekends)
    assert [len(offer.instalments) for offer in low] == [2]


def test_a_schedule_from_the_31st_survives_short_months_and_a_leap_year():
    today = date(2027, 12, 30)
    (offer,) = instalment_offers(Money(400, "GBP"), within(1, 4), today, always_open)
    assert dues(offer) == [
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
    ]


def test_the_first_instalment_never_falls_later_than_policy_says():
    friday = date(2026, 11, 20)
    (offer,) = instalment_offers(DEBT, within(2, 2), friday - timedelta(1), weekends)
    assert dues(offer)[0] == friday
    assert instalment_offers(DEBT, within(2, 2), friday, weekends) == ()


def test_a_closed_day_moves_to_the_next_open_one():
    (offer,) = instalment_offers(DEBT, within(1, 3), date(2026, 10, 21), weekends)
    assert dues(offer) == [date(2026, 10, 22), MONDAY, date(2026, 12, 22)]  # 22 November: Sunday


@pytest.mark.parametrize("debt", [Money(0, "GBP"), Money(-100, "GBP")])
def test_nothing_owed_is_nothing_offered(debt: Money):
    assert instalment_offers(debt, LIMITS, MONDAY, weekends) == ()
    assert promise_offers(debt, LIMITS, MONDAY, weekends) == ()


def test_limits_that_name_no_days_offer_nothing():
    assert instalment_offers(DEBT, OfferLimits(counts=(2,)), MONDAY, always_open) == ()
    assert promise_offers(DEBT, OfferLimits(), MONDAY, always_open) == ()


def test_an_interval_that_is_not_understood_is_refused():
    with pytest.raises(ValueError, match="fortnight"):
        instalment_offers(DEBT, OfferLimits(counts=(2,), interval="fortnight"), MONDAY, weekends)


def test_a_calendar_that_is_never_open_is_refused():
    with pytest.raises(NoOpenDayError):
        instalment_offers(DEBT, within(1, 2), MONDAY, lambda day: day > MONDAY + timedelta(1))


# Promises


@given(debt=DEBTS, days=st.integers(0, 60), today=DAYS, closed=CLOSED)
def test_a_promise_is_the_whole_debt_on_any_open_day_in_time(
    debt: Money, days: int, today: date, closed: Callable[[date], bool]
):
    offers = promise_offers(debt, OfferLimits(promise_within_days=days), today, closed)
    assert all(offer.total == debt for offer in offers)
    expected = [today + timedelta(n) for n in range(1, days + 1)]
    assert [dues(offer) for offer in offers] == [[day] for day in expected if not closed(day)]


# Submit


def test_the_same_facts_give_the_same_offers_at_submit_f36():
    assert instalment_offers(DEBT, LIMITS, MONDAY, weekends) == instalment_offers(
        DEBT, LIMITS, MONDAY, weekends
    )


@pytest.mark.parametrize(
    ("debt", "limits", "today"),
    [
        (Money(9_999, "GBP"), LIMITS, MONDAY),
        (Money(10_000, "EUR"), LIMITS, MONDAY),
        (DEBT, within(8, 4), MONDAY),
        (DEBT, LIMITS, MONDAY + timedelta(1)),
    ],
)
def test_an_offer_made_on_other_facts_is_not_found_again_f36(
    debt: Money, limits: OfferLimits, today: date
):
    now = instalment_offers(debt, limits, today, weekends)
    for shown in instalment_offers(DEBT, LIMITS, MONDAY, weekends):
        assert offer_with_id(shown.id, now) is None


def test_a_holiday_that_moves_a_later_instalment_makes_another_offer_f36():
    (shown,) = instalment_offers(DEBT, within(8, 2), MONDAY, always_open)
    (moved,) = instalment_offers(DEBT, within(8, 2), MONDAY, lambda day: day == dues(shown)[1])
    assert dues(moved)[0] == dues(shown)[0]
    assert moved.id != shown.id


@given(debts=st.lists(DEBTS, min_size=1, max_size=3, unique=True), today=DAYS)
def test_no_two_schedules_share_an_id(debts: list[Money], today: date):
    offers = {
        offer
        for debt in debts
        for day in (today, today + timedelta(1))
        for offer in (
            *instalment_offers(debt, within(5, 1, 2, 3), day, weekends),
            *promise_offers(debt, LIMITS, day, weekends),
        )
    }
    assert len({offer.id for offer in offers}) == len(offers)
    assert all(offer_with_id(offer.id, offers) == offer for offer in offers)


def test_an_id_says_what_it_is_about():
    two = instalment_offers(DEBT, LIMITS, MONDAY, weekends)[0]
    assert two.id.startswith("2x-2026-12-01-")
    assert offer_with_id("2x-2026-12-01", [two]) is None
