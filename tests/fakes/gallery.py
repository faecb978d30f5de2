"""Every kind of page, built with the real texts and with people and amounts to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from closeloop.adapters.rendering import JinjaRendering
from closeloop.application.pages import Field, Form, Option, Page, Way
from closeloop.application.wording import Wording
from closeloop.domain.money import Money
from tests.fakes.firm import WORDS, failed_payment

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK = "06H0PVRT00NJMI4QV14MMMOOH012"
_DEBT = Money(12000, "GBP")
_FIRST = date(2026, 12, 4)
_HIDDEN = {"csrf": "ae54731a3552484cc502abf05fef990d", "version": "7"}
_WAYS = ("instalment_plan", "promise_to_pay", "dispute", "ask_for_person")


def words() -> Wording:
    """The texts of the real workflow, for one firm."""
    return Wording(failed_payment(), JinjaRendering(), WORDS, "en_GB")


def gallery() -> dict[str, Page]:
    """Every kind of page by the name of its screenshot."""
    return dict((*_entrance(), *_identity(), *_acting(), *_endings()))


def _entrance() -> Iterator[tuple[str, Page]]:
    say = words()
    opens = Form(f"c/{LINK}", say.text("landing.button"))
    again = Form("c/renew", say.text("expired.button"), hidden={"link": LINK})
    yield "landing", replace(say.page("landing"), forms=(opens,))
    yield "expired", replace(say.page("expired"), forms=(again,))
    yield "renewed", replace(say.page("renewed"), forms=(opens,))
    for name in ("session_ended", "not_available", "too_many", "used_up", "problem"):
        yield name, say.page(name)


def _identity() -> Iterator[tuple[str, Page]]:
    say = words()
    person = (Way("c/act/ask_for_person", say.text("prove.person")),)
    sms = Form("c/code", say.text("prove.send_sms", address="…41"), hidden=_HIDDEN)
    email = Form("c/code", say.text("prove.send_email", address="a…@e…"), _HIDDEN, secondary=True)
    code = Field("code", say.text("code.label"))
    verify = Form("c/verify", say.text("code.button"), hidden=_HIDDEN, fields=(code,))
    again = (
        Form("c/code", say.text("code.resend_sms", address="…41"), _HIDDEN, secondary=True),
        Form("c/code", say.text("code.resend_email", address="a…@e…"), _HIDDEN, secondary=True),
    )
    asked = say.page("code", address="…41", minutes=5)
    asked = replace(asked, forms=(verify, *again), ways=person)
    yield "prove", replace(say.page("prove"), forms=(sms, email), ways=person)
    yield "code", asked
    yield "code_wrong", replace(asked, alert=say.text("code.wrong", tries_left=4))
    once_more = say.page("prove_more", amount=say.money(Money(60000, "GBP")))
    yield "prove_more", replace(once_more, forms=(sms,), ways=person)


def _acting() -> Iterator[tuple[str, Page]]:
    say = words()
    due = say.day(date(2026, 11, 20))
    ways = tuple(
        Way(f"c/act/{name}", say.text(f"actions.{name}.choice"), say.text(f"actions.{name}.hint"))
        for name in _WAYS
    )
    start = say.page("choose", amount=say.money(_DEBT), due_date=due)
    plan = _form("instalment_plan", _plans())
    yield "choose", replace(start, forms=(plan,), ways=ways[1:])
    yield "choose_ways_only", replace(start, ways=ways)
    changed = say.text("choose.changed")
    yield "choose_changed", replace(start, forms=(plan,), ways=ways[1:], alert=changed)
    chosen = replace(_plans()[1], chosen=True)
    yield "act_instalment_plan", _act("instalment_plan", (_plans()[0], chosen, *_plans()[2:]))
    yield "act_promise_to_pay", _act("promise_to_pay", _days())
    yield "act_dispute", _act("dispute", _answers("dispute"))
    person = _act("ask_for_person", _answers("ask_for_person"))
    yield "act_ask_for_person", person
    yield "act_choose_one", replace(person, alert=say.text("choose.choose_one"))


def _endings() -> Iterator[tuple[str, Page]]:
    say = words()
    received = say.page("received")
    lines = (say.text("received.reference", reference="9F31C0DE"), say.text("received.wait"))
    look = (Way("c/status", say.text("received.again")),)
    lines = (*received.paragraphs, *lines)
    yield "received", replace(received, waiting=True, paragraphs=lines, ways=look)
    on = say.text("receipt.recorded_at", recorded_at=say.day(date(2026, 11, 24)))
    facts = (
        (say.text("receipt.title"), say.text("receipt.reference", reference="9F31C0DE")),
        (say.text("receipt.when"), on),
        (say.text("receipt.agreed"), _plans()[1].text),
    )
    yield "recorded", replace(say.page("recorded"), facts=facts)
    due = say.day(date(2026, 11, 25))
    yield "handed_off", say.page("handed_off", owner="Customer care", due_date=due)
    for name in ("closed", "paused"):
        yield name, say.page(name)


def _act(name: str, options: tuple[Option, ...]) -> Page:
    form = _form(name, options)
    back = Way("c", words().text("choose.other"))
    return Page(
        f"act_{name}",
        form.title,
        paragraphs=(form.intro,),
        forms=(replace(form, title="", intro=""),),
        ways=(back,),
    )


def _form(name: str, options: tuple[Option, ...]) -> Form:
    say, text = words(), f"actions.{name}"
    label = f"{text}.inputs.reason.label"
    limits = {"amount": say.money(_DEBT), "last_date": say.day(_FIRST)}
    return Form(
        f"c/act/{name}",
        say.text(f"{text}.button"),
        hidden=_HIDDEN,
        fields=(Field("choice", say.text(label if say.has(label) else f"{text}.title"), options),),
        title=say.text(f"{text}.title"),
        intro=say.text(f"{text}.intro", **limits),
    )


def _plans() -> tuple[Option, ...]:
    return tuple(_plan(count) for count in (2, 3, 4, 6))


def _plan(count: int) -> Option:
    say = words()
    part = say.money(Money(_DEBT.minor // count, "GBP"))
    months = (date(2026 + at // 12, 1 + at % 12, _FIRST.day) for at in range(11, 11 + count))
    schedule = [{"amount": part, "date": say.day(day)} for day in months]
    known = {
        "count": count,
        "first_amount": part,
        "first_date": schedule[0]["date"],
        "total": say.money(_DEBT),
        "amount": say.money(_DEBT),
        "schedule": schedule,
    }
    label = say.text("actions.instalment_plan.option", **known)
    return Option(f"{count}x", label, say.text("actions.instalment_plan.agreement", **known))


def _days() -> tuple[Option, ...]:
    return tuple(_day(_FIRST - timedelta(days=each)) for each in (9, 8, 7, 4, 3, 2, 1, 0))


def _day(day: date) -> Option:
    say = words()
    known = {"amount": say.money(_DEBT), "date": say.day(day)}
    label = say.text("actions.promise_to_pay.option", **known)
    return Option(str(day), label, say.text("actions.promise_to_pay.agreement", **known))


def _answers(name: str) -> tuple[Option, ...]:
    reasons = failed_payment()["blueprint"]["actions"][name]["inputs"]["reason"]
    text = words().text
    return tuple(Option(each, text(f"actions.{name}.inputs.reason.{each}")) for each in reasons)
