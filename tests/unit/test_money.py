"""Money is whole minor units with a currency, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.money import CurrencyMismatchError, Money

if TYPE_CHECKING:
    from collections.abc import Callable

PENCE = st.integers(-(10**15), 10**15)


@given(PENCE, PENCE)
def test_sums_and_differences_are_exact(one: int, other: int):
    assert Money(one, "GBP") + Money(other, "GBP") == Money(one + other, "GBP")
    assert Money(one, "GBP") - Money(other, "GBP") == Money(one - other, "GBP")


@given(PENCE, PENCE)
def test_amounts_of_one_currency_are_ordered_as_their_minor_units(one: int, other: int):
    assert (Money(one, "GBP") < Money(other, "GBP")) == (one < other)
    assert (Money(one, "GBP") <= Money(other, "GBP")) == (one <= other)
    assert (Money(one, "GBP") > Money(other, "GBP")) == (one > other)
    assert (Money(one, "GBP") >= Money(other, "GBP")) == (one >= other)


@pytest.mark.parametrize("minor", [1.0, 0.1 + 0.2, "100", None, True])
def test_anything_but_a_whole_number_is_refused(minor: object):
    with pytest.raises(ValueError, match="whole number"):
        Money(cast("int", minor), "GBP")


@pytest.mark.parametrize("currency", ["", "GB", "gbp", "£", "GBPX", "ÄÖÜ", "12A"])
def test_a_currency_is_three_capital_letters(currency: str):
    with pytest.raises(ValueError, match="three capital letters"):
        Money(100, currency)


@pytest.mark.parametrize(
    "combine",
    [
        lambda one, other: one + other,
        lambda one, other: one - other,
        lambda one, other: one < other,
        lambda one, other: one <= other,
    ],
)
def test_two_currencies_do_not_mix(combine: Callable[[Money, Money], object]):
    with pytest.raises(CurrencyMismatchError, match="GBP and EUR"):
        combine(Money(100, "GBP"), Money(100, "EUR"))


def test_equal_numbers_of_different_currencies_are_not_equal():
    assert Money(100, "GBP") != Money(100, "EUR")
