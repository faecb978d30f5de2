"""What the core says afterwards, in any order of arrival: nobody is chased who need not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.person import PLAN, kinds
from tests.e2e.stage import chain_is_whole

if TYPE_CHECKING:
    from tests.e2e.begun import Begun
    from tests.e2e.person import Person
    from tests.e2e.stage import Stage

SETTLED_AT = "2026-11-24T16:40:12Z"


def _known(stage: Stage, person: Person, name: str) -> None:
    """Wait until the product has taken note of something about the obligation."""
    key = "#".join(str(value) for value in person.about.values())
    stage.until(f"{name} of {person.id}", lambda: stage.rows(f"OBLIGATION#{key}", name))


def test_a_failure_older_than_its_settlement_opens_nothing(stage: Stage):
    """F03: settled before failed, by their versions; a newer failure is another matter."""
    rosa = stage.person("rosa")
    settled = {"schema_version": 1, "version": 3, **rosa.about, "settled_at": SETTLED_AT}
    stage.publish("ObligationSettled", settled)
    _known(stage, rosa, "FACTS")
    late = stage.publish("PaymentFailed", rosa.failed(version=2))
    stage.until("the late event", lambda: stage.rows(f"TRIGGER#core.billing#{late}"))
    assert (rosa.cases(), rosa.messages()) == ([], [])

    stage.publish("PaymentFailed", rosa.failed(version=4))
    rosa.link()
    assert len(rosa.cases()) == 1


def test_a_withdrawal_ends_the_case_under_the_customers_hands(stage: Stage):
    """F03: the form that was open before is worth nothing, and its link leads nowhere."""
    ines = stage.person("ines")
    ines.happens("payment_failed")
    link = ines.link()
    with ines.browser() as customer:
        choices = ines.prove(customer, link)
        ines.happens("withdrawn")
        case = ines.case_when("withdrawn")
        assert ines.choose(customer, choices).content.headings == ["Nothing left to do"]
        assert customer.get(f"/c/act/{PLAN}").content.headings == ["Nothing left to do"]
    with ines.browser() as another:
        assert ines.open(another, link).content.headings == ["Nothing left to do"]
    stage.until("its end", lambda: stage.states_of(case["id"])[-1] == "Withdrawn")
    assert ines.journal() == []
    assert chain_is_whole(ines.case())


def test_a_settlement_elsewhere_ends_the_case_and_its_link(stage: Stage):
    """F03, I4: paid at the branch meanwhile; no further message."""
    otto = stage.person("otto")
    otto.happens("payment_failed")
    link = otto.link()
    otto.happens("settled")
    case = otto.case_when("settled")
    with otto.browser() as customer:
        assert otto.open(customer, link).content.headings == ["Nothing left to do"]
    stage.until("its end", lambda: stage.states_of(case["id"])[-1] == "Settled elsewhere")
    assert len(otto.messages()) == len(otto.case()["touches"])


def test_nobody_who_has_paid_is_chased(stage: Stage):
    """R10: the core is asked before every message; no event ever said that this was paid."""
    paid = stage.person("paid", obligations=[{"status": "paid"}])
    stage.publish("PaymentFailed", paid.failed())
    case = paid.case_when("settled")
    stage.until("its end", lambda: stage.states_of(case["id"])[-1] == "Settled elsewhere")
    assert paid.messages() == []
    assert case["touches"] == []


def test_a_protection_pauses_what_is_open_until_it_ends(stage: Stage):
    """F03: breathing space: nothing is asked and nothing agreed until it is over."""
    ewa = stage.person("ewa")
    ewa.happens("payment_failed")
    link = ewa.link()
    with ewa.browser() as customer:
        choices = ewa.prove(customer, link)
        ewa.happens("protected", kind="breathing_space")
        ewa.case_when("paused")
        assert ewa.choose(customer, choices).content.headings == ["Nothing to do for now"]
        ewa.happens("protected", kind="breathing_space", active=False)
        ewa.case_when("open")
        ewa.choose(customer, customer.get(f"/c/act/{PLAN}"))
        ewa.recorded(customer)
    case = ewa.case_when("resolved")
    assert [kind for kind in kinds(case) if kind in ("paused", "resumed")] == ["paused", "resumed"]
    assert len(ewa.journal()) == 1


def test_a_protection_that_came_first_holds_every_message(stage: Stage, begun: Begun):
    """F03: protected, then failed: the case waits, and its first message comes when it may."""
    person = begun.protected
    person.link("email")
    case = person.case()
    assert case["events"][0]["data"]["paused"] is True
    resumed = next(e["at"] for e in case["events"] if e["kind"] == "resumed")
    assert all(touch["at"] > resumed for touch in case["touches"])
    assert len(person.messages()) == len(person.case()["touches"])
    assert stage.states_of(case["id"])[:3] == ["Send touch", "What happened?", "Hold until lawful"]
