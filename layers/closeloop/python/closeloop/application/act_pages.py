"""The pages on which the customer acts: what policy allows them, and nothing that it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from closeloop.application.choices import Choices
from closeloop.application.pages import Field, Form, Option, Page, Way
from closeloop.domain.blueprint import Bundle
from closeloop.domain.identity import Assurance
from closeloop.domain.policy import Facts
from closeloop.domain.session import mint_form_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from closeloop.application.choices import Choice
    from closeloop.application.ports import Clock, Policy
    from closeloop.application.step_pages import StepPages
    from closeloop.application.visits import Visit, Visitor
    from closeloop.application.wording import Wording
    from closeloop.domain.blueprint import ActionRule
    from closeloop.domain.policy import PolicyDecision

CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Situation:
    """One visitor's case with its workflow, its words and the day it is for them."""

    visitor: Visitor
    bundle: Bundle
    words: Wording
    today: date
    choices: Choices


@dataclass(frozen=True, slots=True)
class ActPages:
    """Writes the pages on which the customer chooses and acts."""

    steps: StepPages
    policies: Callable[[Bundle], Policy]
    calendar: Callable[[str], Callable[[date], bool]]
    clock: Clock

    def situation(self, visitor: Visitor) -> Situation:
        """Gather what pages and submit are both computed from."""
        case = visitor.case
        bundle = Bundle.from_document(self.steps.workflows.pinned(case.bundle))
        words = self.steps.words(case)
        today = local_day(self.clock.now(), visitor.session.zone)
        country = str(case.facts.get("country", ""))

        def closed(day: date) -> bool:
            return self.calendar(country)(day)

        choices = Choices(words, case.debt, today, closed)
        return Situation(visitor, bundle, words, today, choices)

    def decide(self, situation: Situation, action: str) -> PolicyDecision:
        """Ask the pinned policy about present facts."""
        return self.policies(situation.bundle).decide(action, facts_of(situation))

    def refusals(self, situation: Situation) -> dict[str, PolicyDecision]:
        """What policy says about each action that it does not allow, whatever were proved."""
        names = situation.bundle.blueprint.actions
        decisions = {name: self.decide(situation, name) for name in names}
        return {
            name: decision
            for name, decision in decisions.items()
            if not decision.allowed and not decision.more_proof_would_do
        }

    def choose(self, visitor: Visitor, visit: Visit) -> Page:
        """The first action that settles the matter, ready to be taken, and the way to the others.

        What a person has to take over is a way like any other: it is not what a page begins with.
        """
        situation = self.situation(visitor)
        words, case = situation.words, visitor.case
        open_to = [
            (rule, decision)
            for rule in situation.bundle.blueprint.actions.values()
            if (decision := self.decide(situation, rule.name)).allowed
            or decision.more_proof_would_do
        ]
        forms = [
            self._form(situation, rule, visit)
            for rule, decision in open_to
            if decision.allowed and rule.hands_off is None
        ]
        first = next((form for form in forms if form is not None), None)
        ways = tuple(
            Way(
                f"c/act/{rule.name}",
                words.text(f"actions.{rule.name}.choice"),
                words.text(f"actions.{rule.name}.hint"),
            )
            for rule, _ in open_to
            if first is None or first.action != f"c/act/{rule.name}"
        )
        due = case.facts.get("due_date")
        page = words.page(
            "choose",
            amount=words.money(case.debt),
            due_date=words.day(date_of(due)) if due else "",
        )
        return replace(page, forms=(first,) if first else (), ways=ways)

    def act(self, visitor: Visitor, visit: Visit, alert: str = "") -> Page | None:
        """The page of one action; None if there is no such action for this visitor.

        Nor is there for somebody who has proved nothing yet: the page that asks for a second proof
        names the amount, so the first one comes before it (T3).
        """
        situation = self.situation(visitor)
        rule = situation.bundle.blueprint.actions.get(visit.action)
        if rule is None:
            return None
        decision = self.decide(situation, rule.name)
        if decision.more_proof_would_do:
            known = visitor.session.assurance is not Assurance.LINK
            return self._prove_more(situation) if known else None
        form = self._form(situation, rule, visit) if decision.allowed else None
        if form is None:
            return None
        words = situation.words
        back = Way("c", words.text("choose.other"))
        return Page(
            name=f"act_{rule.name}",
            title=form.title,
            paragraphs=(form.intro,),
            alert=alert,
            forms=(replace(form, title="", intro=""),),
            ways=(back,),
        )

    def _form(self, situation: Situation, rule: ActionRule, visit: Visit) -> Form | None:
        choices = situation.choices.of(rule)
        if not choices:
            return None
        visitor, words = situation.visitor, situation.words
        key = self.steps.keyring.session_key()
        case = visitor.case
        prefix = f"actions.{rule.name}"
        chosen = visit.form.get(CHOICE) or visit.draft.removeprefix(f"{rule.name}.")
        label = f"{prefix}.inputs.reason.label"
        return Form(
            action=f"c/act/{rule.name}",
            button=words.text(f"{prefix}.button"),
            hidden={
                "csrf": self.steps.csrf(visitor),
                "form_id": mint_form_id(visitor.ticket, rule.name, case.version, key),
                "version": str(case.version),
            },
            fields=(
                Field(
                    CHOICE,
                    words.text(label if words.has(label) else f"{prefix}.title"),
                    options=tuple(_option(choice, chosen) for choice in choices),
                ),
            ),
            title=words.text(f"{prefix}.title"),
            intro=words.text(f"{prefix}.intro", **_limits(situation, choices)),
        )

    def _prove_more(self, situation: Situation) -> Page:
        words, visitor = situation.words, situation.visitor
        page = words.page("prove_more", amount=words.money(visitor.case.debt))
        forms = self.steps.code_forms(words, visitor, only_independent=True)
        person = Way("c/act/ask_for_person", words.text("prove.person"))
        return replace(page, forms=forms, ways=(person,))


def facts_of(situation: Situation) -> Facts:
    """The facts that policy sees.

    An open case has no protection and no dispute on it: either would have paused or handed it off,
    and a submit that was overtaken by one fails on the case's `seq`.
    """
    visitor = situation.visitor
    facts = visitor.case.facts
    due = facts.get("due_date")
    return Facts(
        amount_minor=visitor.case.debt.minor,
        currency=visitor.case.debt.currency,
        days_overdue=max(0, (situation.today - date_of(due)).days) if due else 0,
        segment=str(facts.get("segment", "")),
        country=str(facts.get("country", "")),
        disputed=False,
        protections=(),
        assurance=visitor.session.assurance,
        link_channel=visitor.session.channel,
    )


def date_of(text: object) -> date:
    """Read an ISO date of a trigger."""
    return date.fromisoformat(str(text))


def local_day(now: datetime, zone: str) -> date:
    """The calendar day of an instant where the customer lives."""
    try:
        return now.astimezone(ZoneInfo(zone)).date()
    except (ValueError, OSError):  # a name that is no zone
        return now.date()


def _option(choice: Choice, chosen: str) -> Option:
    return Option(choice.id, choice.label, choice.agreement, chosen=choice.id == chosen)


def _limits(situation: Situation, choices: tuple[Choice, ...]) -> dict[str, str]:
    words = situation.words
    amount = words.money(situation.visitor.case.debt)
    last = choices[-1].effect.get("due_date")
    return {"amount": amount, "last_date": words.day(date_of(last)) if last else ""}
