"""Every text is filled in with exactly the variables that its author is told it may name.

The linter checks a text against `vocabulary`; the pages fill it in from the use cases. Were the two
to differ, a text that passes the linter could fail in front of a customer. So all real pages are
shown here, and what each text was given is held against what the linter believes.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from closeloop.adapters.rendering import JinjaRendering
from closeloop.application.open_case import CoreEvent
from closeloop.authoring.vocabulary import COMMON, PAGES, Texts, texts_of_action
from closeloop.domain.blueprint import Reason
from closeloop.domain.identity import LINK_LIFE, Channel
from closeloop.domain.ledger import Confirmed
from tests.fakes.customer import contacted, identified
from tests.fakes.firm import Firm, failed_payment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NINETY_DAYS_AGO = "2026-08-26"  # policy offers a plan for 90 days and no longer
A_LARGE_DEBT = 60000


class Recorder(JinjaRendering):
    """Renders, and writes down which text was given which variables."""

    def __init__(self) -> None:
        self.given: dict[str, set[frozenset[str]]] = {}

    def text(self, document: Mapping[str, Any], name: str, variables: Mapping[str, Any]) -> str:
        self.given.setdefault(name, set()).add(frozenset(variables))
        return super().text(document, name, variables)


def declared() -> Texts:
    """The texts that the linter knows of, with their variables."""
    actions = failed_payment()["blueprint"]["actions"]
    texts = {**COMMON, **PAGES}
    for name, action in actions.items():
        texts |= texts_of_action(name, action["inputs"])
    return texts


def pages_without_a_case(firm: Firm) -> None:
    for name in ("session_ended", "not_available", "too_many", "used_up", "problem"):
        firm.steps.common(name)


def a_link_from_landing_to_renewal(firm: Firm) -> None:
    _, customer = contacted(firm)
    link = customer.link(Channel.EMAIL)
    customer.get(f"c/{link}")
    firm.clock.advance(seconds=LINK_LIFE.total_seconds() + 1)
    customer.open(link)
    assert customer.page.name == "expired"
    customer.submit(customer.form("c/renew"))
    assert customer.page.name == "renewed"


def every_way_a_code_can_fail(firm: Firm) -> None:
    _, customer = contacted(firm)
    customer.open(customer.link(Channel.EMAIL))
    customer.get("c?said=no_address")
    customer.get("c?said=not_sent")
    customer.submit(customer.page.forms[0])
    assert customer.page.name == "code"
    for said in ("code_wrong&left=4", "code_wrong&left=1", "code_void"):
        customer.get(f"c?said={said}")
        assert customer.page.alert


def a_large_debt_that_needs_a_second_proof(firm: Firm) -> None:
    _, customer = contacted(firm, amount_minor=A_LARGE_DEBT)
    customer.open(customer.link(Channel.EMAIL))
    customer.prove(Channel.EMAIL)
    customer.get("c/act/instalment_plan")
    assert customer.page.name == "prove_more"


def every_action_and_what_can_be_wrong_with_it(firm: Firm) -> None:
    _, customer = identified(firm)
    for name in failed_payment()["blueprint"]["actions"]:
        customer.get("c")
        customer.get(f"c/act/{name}")
        form = customer.form(f"c/act/{name}")
        customer.submit(form)
        assert customer.status == 422
        customer.submit(form, version="99", choice="x")
        assert customer.status == 409


def an_offer_that_ends_at_midnight(firm: Firm) -> None:
    _, customer = contacted(firm, due_date=NINETY_DAYS_AGO)
    firm.clock.advance(hours=13, minutes=57)
    customer.open(customer.link(Channel.EMAIL))
    customer.prove()
    form = customer.form("c/act/instalment_plan")
    firm.clock.advance(minutes=4)
    customer.submit(form, choice=form.fields[0].options[0].value)
    assert (customer.status, customer.page.name) == (403, "choose")


def a_plan_from_received_to_recorded(firm: Firm) -> None:
    _, customer = identified(firm)
    form = customer.form("c/act/instalment_plan")
    customer.submit(form, choice=form.fields[0].options[0].value)
    assert customer.page.name == "received"
    message = firm.queue.take()
    outcome = firm.writeback(message["case"], message["submission"], lambda: timedelta(minutes=5))
    assert isinstance(outcome, Confirmed)
    customer.get("c/status")
    assert customer.page.name == "recorded"


def a_case_in_a_persons_hands(firm: Firm) -> None:
    case_id, customer = identified(firm)
    firm.hand_off(case_id, Reason.ASKED_FOR_PERSON)
    customer.get("c/status")
    assert customer.page.name == "handed_off"


def a_protected_customer(firm: Firm) -> None:
    _, customer = identified(firm)
    space = {"kind": "breathing_space", "active": True, "from": "2026-11-24T00:00:00Z"}
    firm.open_case(said("CustomerProtected", **space, until=None))
    customer.get("c/status")
    assert customer.page.name == "paused"


def a_debt_settled_elsewhere(firm: Firm) -> None:
    _, customer = identified(firm)
    settled = {"obligation_id": "INV-1", "cycle": "2026-11", "settled_at": "2026-11-24T10:00:00Z"}
    firm.open_case(said("ObligationSettled", **settled))
    customer.get("c/status")
    assert customer.page.name == "closed"


def said(detail_type: str, **detail: Any) -> CoreEvent:
    known = {"schema_version": 1, "version": 2, "customer_id": "C-1"}
    return CoreEvent(detail_type, "core.billing", detail_type, known | detail)


SCENES: tuple[Callable[[Firm], None], ...] = (
    pages_without_a_case,
    a_link_from_landing_to_renewal,
    every_way_a_code_can_fail,
    a_large_debt_that_needs_a_second_proof,
    every_action_and_what_can_be_wrong_with_it,
    an_offer_that_ends_at_midnight,
    a_plan_from_received_to_recorded,
    a_case_in_a_persons_hands,
    a_protected_customer,
    a_debt_settled_elsewhere,
)


def test_every_text_is_shown_with_exactly_the_variables_that_its_author_is_told_of():
    recorder = Recorder()
    for scene in SCENES:
        firm = Firm()
        firm.rendering = recorder
        scene(firm)

    told = {name: {frozenset(variables)} for name, variables in declared().items()}
    assert recorder.given == told
