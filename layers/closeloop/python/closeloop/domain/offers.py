"""The exact schedules that policy lets a customer choose from: no arithmetic is left to the page.

An offer is a pure result of debt, limits, day and calendar, and its id is made of its content. So
nothing about it is stored or trusted from the form: at submit the offers are computed again on
current facts, and an id that is no longer among them is refused (F36).

How an amount is divided: every instalment gets the whole quotient in minor units, and the first
ones one minor unit more each until the remainder is used up. Instalments therefore differ by one
minor unit at most, never grow, and sum to the debt exactly.

How dates are set: the first instalment falls on the last open day within the limit, so that it
never falls later than policy says. Each further one keeps that day of the month (or the month's
last day where there is none) and moves to the next open day when it is closed. It is counted from
the first date and not from the one before, so moves do not add up.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from closeloop.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from closeloop.domain.blueprint import OfferLimits

# No calendar closes banks longer than this; shorter than any month, so dates stay in order.
_LONGEST_CLOSURE = 14
_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """No date can be offered, because no calendar says when banks are open."""


class NoOpenDayError(CalendarError):
    """A calendar shows no open day for a fortnight, so it cannot be right."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """What is due on one day."""

    due: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Offer:
    """A schedule that may be chosen, by an id that no other schedule shares."""

    id: str
    instalments: tuple[Instalment, ...]

    @property
    def total(self) -> Money:
        """What the customer pays in all: exactly the debt."""
        first, *others = (instalment.amount for instalment in self.instalments)
        return sum(others, start=first)


def instalment_offers(
    debt: Money, limits: OfferLimits, today: date, closed_days: Callable[[date], bool]
) -> tuple[Offer, ...]:
    """One schedule for each allowed count that the smallest permitted instalment leaves room for.

    Fewest instalments first; empty if there is no debt, no count fits or no day within
    `first_within_days` after today is open. `closed_days` tells on which days nothing can be paid.
    Raises ValueError for an interval other than a month.
    """
    if limits.interval != "month":
        raise ValueError(f"instalments are monthly, not by {limits.interval!r}")
    first = _last_open_day(today, limits.first_within_days, closed_days)
    if first is None:
        return ()
    smallest = max(1, limits.min_instalment_minor)
    return tuple(
        _offer(f"{count}x", _shares(debt, count), _dates(first, count, closed_days))
        for count in sorted(set(limits.counts))
        if count > 0 and debt.minor // count >= smallest
    )


def promise_offers(
    debt: Money, limits: OfferLimits, today: date, closed_days: Callable[[date], bool]
) -> tuple[Offer, ...]:
    """The whole debt on any one open day of the next `promise_within_days`, soonest first."""
    if debt.minor <= 0:
        return ()
    days = (today + n * _DAY for n in range(1, limits.promise_within_days + 1))
    return tuple(_offer("1x", [debt], [day]) for day in days if not closed_days(day))


def offer_with_id(offer_id: str, offers: Iterable[Offer]) -> Offer | None:
    """The offer that a form names, or None if it is not (or no longer) offered."""
    return next((offer for offer in offers if offer.id == offer_id), None)


def _shares(debt: Money, count: int) -> list[Money]:
    quotient, remainder = divmod(debt.minor, count)
    return [Money(quotient + (n < remainder), debt.currency) for n in range(count)]


def _dates(first: date, count: int, closed_days: Callable[[date], bool]) -> list[date]:
    return [_next_open_day(_months_after(first, n), closed_days) for n in range(count)]


def _months_after(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, monthrange(year, month)[1]))


def _last_open_day(today: date, within: int, closed_days: Callable[[date], bool]) -> date | None:
    days = (today + n * _DAY for n in range(within, 0, -1))
    return next((day for day in days if not closed_days(day)), None)


def _next_open_day(day: date, closed_days: Callable[[date], bool]) -> date:
    for n in range(_LONGEST_CLOSURE + 1):
        if not closed_days(day + n * _DAY):
            return day + n * _DAY
    raise NoOpenDayError(f"no open day in the {_LONGEST_CLOSURE} days after {day}")


def _offer(kind: str, amounts: list[Money], days: list[date]) -> Offer:
    instalments = tuple(map(Instalment, days, amounts))
    content = ";".join(
        f"{item.due} {item.amount.minor} {item.amount.currency}" for item in instalments
    )
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return Offer(f"{kind}-{days[0]}-{digest}", instalments)
