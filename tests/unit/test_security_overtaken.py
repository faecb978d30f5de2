"""Somebody else acts between reading and writing: the decision is made on what is true then.

ASVS 15.4.2: what was checked is checked again by the write itself (F18, F36).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from closeloop.application.send_touch import Step
from closeloop.domain.blueprint import Reason
from closeloop.domain.identity import Channel
from tests.crashes.core_facts import protection, settlement
from tests.fakes.firm import Firm
from tests.fakes.intruder import ask, ask_for_code, calls, opened, post, rows, touched

if TYPE_CHECKING:
    from collections.abc import Callable

    from closeloop.application.ports import CodeBinding


def settle(firm: Firm, _: str) -> None:
    firm.open_case(settlement(2))


def hand_off(firm: Firm, case_id: str) -> None:
    firm.hand_off(case_id, Reason.FRAUD_SIGNAL)


def protect(firm: Firm, _: str) -> None:
    firm.open_case(protection(1, active=True))


@pytest.mark.parametrize("meanwhile", [settle, hand_off, protect])
def test_no_code_is_sent_for_a_case_that_moved_on_while_the_core_was_asked(
    meanwhile: Callable[[Firm, str], None], monkeypatch: pytest.MonkeyPatch
):
    """F36, CONC 7.9.7R: nobody who has paid or is protected gets another message."""
    firm = Firm()
    case_id = touched(firm, 1)
    customer = opened(firm)
    answer = firm.core.obligation

    def asked(*about: str) -> Any:
        meanwhile(firm, case_id)
        return answer(*about)

    monkeypatch.setattr(firm.core, "obligation", asked)
    form = customer.page.forms[0]
    view = ask(firm, post("/c/code", form.hidden, customer.cookie))

    assert view.goto == "c"
    assert firm.senders[Channel.SMS].outbox == []
    assert not [key for key in rows(firm) if key.sk.startswith("CHALLENGE#")]


def test_a_harmless_event_meanwhile_costs_the_customer_nothing(monkeypatch: pytest.MonkeyPatch):
    """F18: another touch of the case moves its history and nothing else; the code is sent."""
    firm = Firm()
    case_id = touched(firm, 1)
    customer = opened(firm)
    answer = firm.core.obligation

    def asked(*about: str) -> Any:
        monkeypatch.undo()
        firm.send_touch(Step(case_id, 1, firm.journey.wait(case_id)))
        return answer(*about)

    monkeypatch.setattr(firm.core, "obligation", asked)
    customer.submit(customer.page.forms[0])

    assert customer.page.name == "code"


def test_a_right_code_whose_session_has_just_gone_opens_nothing_and_does_not_try_again(
    monkeypatch: pytest.MonkeyPatch,
):
    """T8, T9: two right codes of one session race; the second finds the session replaced."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    code = ask_for_code(customer)
    form = customer.form("c/verify").hidden
    computed = firm.keyring.code

    def replaced(binding: CodeBinding) -> str:
        (session,) = (key for key in rows(firm) if key.pk.startswith("SESSION#"))
        del firm.table.items[session]  # pyright: ignore[reportAttributeAccessIssue]
        return computed(binding)

    monkeypatch.setattr(firm.keyring, "code", replaced)
    before = len(calls(firm))
    view = ask(firm, post("/c/verify", {**form, "code": code}, customer.cookie))

    assert view.goto == "c?said=code_void"
    assert not [key for key in rows(firm) if key.pk.startswith("SESSION#")]
    assert calls(firm)[before:] == ["update", "write", "get"]


@pytest.mark.parametrize("meanwhile", [settle, hand_off, protect])
def test_nothing_is_submitted_to_a_case_that_moved_on_after_the_policy_was_asked(
    meanwhile: Callable[[Firm, str], None], monkeypatch: pytest.MonkeyPatch
):
    """F36, T29: the transaction is conditional on the case as it was when it was decided."""
    firm = Firm()
    case_id = touched(firm, 1)
    customer = opened(firm)
    customer.prove()
    customer.get("c/act/instalment_plan")
    form = customer.form("c/act/instalment_plan")
    fields = {**form.hidden, "choice": form.fields[0].options[0].value}
    write = firm.table.write

    def overtaken(*changes: Any) -> None:
        monkeypatch.undo()
        meanwhile(firm, case_id)
        write(*changes)

    monkeypatch.setattr(firm.table, "write", overtaken)
    visit = post("/c/act/{action}", fields, customer.cookie, action="instalment_plan")
    ask(firm, visit)

    assert not [key for key in rows(firm) if key.sk.startswith("SUBMISSION#")]
    assert firm.queue.sent == []
