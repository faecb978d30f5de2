"""What a customer can choose within an action, computed anew for page and submit alike (F36).

A choice carries the effect that the system of record is asked for and the exact text agreed to, so
that what was shown, what is kept as evidence and what is written back cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from closeloop.domain.offers import CalendarError, instalment_offers, promise_offers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from closeloop.application.wording import Wording
    from closeloop.domain.blueprint import ActionRule
    from closeloop.domain.money import Money
    from closeloop.domain.offers import Offer


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen. `agreement` is empty where nothing is agreed to."""

    id: str
    label: str
    agreement: str
    effect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choices:
    """Computes choices on the facts of one case. `closed` tells the days nothing can be paid."""

    words: Wording
    debt: Money
    today: date
    closed: Callable[[date], bool]

    def of(self, rule: ActionRule) -> tuple[Choice, ...]:
        """Return what the action offers now.

        Empty if policy's limits leave nothing, or if no calendar tells on which days banks are
        open: a date that may be a holiday is not offered.
        """
        try:
            return self._computed(rule)
        except CalendarError:
            return ()

    def _computed(self, rule: ActionRule) -> tuple[Choice, ...]:
        match rule.writeback.operation:
            case "post_arrangement":
                offers = instalment_offers(self.debt, rule.offers, self.today, self.closed)
                return tuple(self._plan(rule, offer) for offer in offers)
            case "record_promise":
                offers = promise_offers(self.debt, rule.offers, self.today, self.closed)
                return tuple(self._promise(rule, offer) for offer in offers)
            case operation:
                answers = rule.inputs.get("reason", ())
                return tuple(self._answer(rule, operation, answer) for answer in answers)

    def _plan(self, rule: ActionRule, offer: Offer) -> Choice:
        first = offer.instalments[0]
        schedule = [
            {"amount": self.words.money(each.amount), "date": self.words.day(each.due)}
            for each in offer.instalments
        ]
        variables = {
            "count": len(schedule),
            "first_amount": schedule[0]["amount"],
            "first_date": schedule[0]["date"],
            "total": self.words.money(offer.total),
            "amount": self.words.money(self.debt),
            "schedule": schedule,
        }
        effect = {
            "currency": first.amount.currency,
            "total_minor": offer.total.minor,
            "instalments": [
                {"due_date": each.due.isoformat(), "amount_minor": each.amount.minor}
                for each in offer.instalments
            ],
        }
        return self._agreed(rule, offer.id, variables, effect)

    def _promise(self, rule: ActionRule, offer: Offer) -> Choice:
        (only,) = offer.instalments
        variables = {"amount": self.words.money(only.amount), "date": self.words.day(only.due)}
        effect = {
            "currency": only.amount.currency,
            "amount_minor": only.amount.minor,
            "due_date": only.due.isoformat(),
        }
        return self._agreed(rule, offer.id, variables, effect)

    def _agreed(
        self, rule: ActionRule, offer_id: str, variables: Mapping[str, Any], effect: dict[str, Any]
    ) -> Choice:
        label = self.words.text(f"actions.{rule.name}.option", **variables)
        agreement = self.words.text(f"actions.{rule.name}.agreement", **variables)
        return Choice(offer_id, label, " ".join(agreement.split()), effect)

    def _answer(self, rule: ActionRule, operation: str, answer: str) -> Choice:
        label = self.words.text(f"actions.{rule.name}.inputs.reason.{answer}")
        effects = {
            "set_flag": {"flag": "disputed", "reason": answer},
            "append_note": {"text": f"{rule.name}: {answer}"},
        }
        return Choice(answer, label, "", effects[operation])
