"""The core system's rules: what a test may rely on when it counts writes (F11, F12, R5)."""

from datetime import UTC, datetime

import pytest

from sandbox.core.accounts import filled_in
from sandbox.core.effects import RejectedError
from sandbox.core.ledger import KeyReusedError, Ledger, UnknownError
from sandbox.core.store import Record, Store

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
WHOSE = {"customer_id": "amara", "obligation_id": "inv-0001", "cycle": "2026-11"}
PLAN = {
    **WHOSE,
    "request_id": "act-1",
    "currency": "GBP",
    "total_minor": 12_000,
    "instalments": [
        {"due_date": "2026-12-01", "amount_minor": 6_000},
        {"due_date": "2027-01-04", "amount_minor": 6_000},
    ],
}


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(Store(":memory:"), lambda: NOW)
    made.seed(*filled_in({"customer_id": "amara"}, NOW, 1))
    return made


def plan(**changed: object) -> Record:
    return {**PLAN, **changed}


def status(ledger: Ledger) -> str:
    account = ledger.account("amara")
    assert account is not None
    return account["obligations"][0]["status"]


def test_an_arrangement_is_applied_once_and_read_back(ledger: Ledger) -> None:
    new, record = ledger.apply("arrangements", "act-1", PLAN)
    assert new
    assert ledger.record("arrangements", "act-1") == record
    assert record["request_id"] == "act-1"
    assert record["instalments"] == PLAN["instalments"]
    assert status(ledger) == "arranged"


def test_the_same_key_and_body_change_nothing_and_say_the_same(ledger: Ledger) -> None:
    _, first = ledger.apply("arrangements", "act-1", PLAN)
    new, second = ledger.apply("arrangements", "act-1", dict(reversed(PLAN.items())))
    assert not new
    assert second == first
    assert len(ledger.journal()) == 1


def test_a_key_with_another_body_is_refused(ledger: Ledger) -> None:
    ledger.apply("arrangements", "act-1", PLAN)
    with pytest.raises(KeyReusedError):
        ledger.apply("arrangements", "act-1", plan(instalments=PLAN["instalments"][::-1]))
    assert len(ledger.journal()) == 1


def test_a_second_arrangement_under_another_key_shows_in_the_journal(ledger: Ledger) -> None:
    """F11: the core must not hide a product that applies twice."""
    ledger.apply("arrangements", "act-1", PLAN)
    ledger.apply("arrangements", "act-2", plan(request_id="act-2"))
    assert [line["request_id"] for line in ledger.journal()] == ["act-1", "act-2"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"total_minor": 11_999}, "does_not_add_up"),
        ({"total_minor": 6_000, "instalments": PLAN["instalments"][:1]}, "wrong_total"),
        ({"total_minor": 99_000}, "more_than_owed"),
        ({"total_minor": 0}, "malformed"),
        ({"total_minor": True}, "malformed"),
        ({"currency": "EUR"}, "wrong_currency"),
        ({"instalments": [{"due_date": "soon", "amount_minor": 12_000}]}, "malformed"),
    ],
)
def test_what_breaks_a_rule_is_rejected_and_leaves_no_trace(
    ledger: Ledger, changed: Record, code: str
) -> None:
    with pytest.raises(RejectedError) as refusal:
        ledger.apply("arrangements", "act-1", plan(**changed))
    assert refusal.value.code == code
    assert ledger.journal() == []
    assert ledger.record("arrangements", "act-1") is None
    assert status(ledger) == "overdue"


def test_a_write_about_an_unknown_obligation_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UnknownError):
        ledger.apply("arrangements", "act-1", plan(cycle="1999-01"))


@pytest.mark.parametrize(
    ("kind", "effect", "after"),
    [
        ("promises", {"currency": "GBP", "amount_minor": 500, "due_date": "2026-12-01"}, "overdue"),
        ("flags", {"flag": "disputed", "reason": "already_paid"}, "disputed"),
        ("notes", {"text": "asked for a person"}, "overdue"),
    ],
)
def test_every_other_kind_is_kept_as_it_was_asked(
    ledger: Ledger, kind: str, effect: Record, after: str
) -> None:
    _, record = ledger.apply(kind, "act-9", {**WHOSE, "request_id": "act-9", **effect})
    assert effect.items() <= record.items()
    assert status(ledger) == after


def test_the_journal_is_numbered_in_order_and_says_who_and_why(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        note = {**WHOSE, "request_id": f"act-{number}", "text": "called"}
        ledger.apply("notes", f"act-{number}", note)
    lines = ledger.journal()
    assert [line["seq"] for line in lines] == [1, 2, 3]
    assert {(line["customer_id"], line["kind"], line["at"]) for line in lines} == {
        ("amara", "notes", "2026-11-23T10:00:00.000000Z")
    }


def test_facts_about_one_obligation_are_numbered_upwards(ledger: Ledger) -> None:
    failed = ledger.change("payment_failed", WHOSE)
    settled = ledger.change("settled", WHOSE)
    assert failed.detail_type == "PaymentFailed"
    assert settled.detail_type == "ObligationSettled"
    assert settled.detail["version"] == failed.detail["version"] + 1
    assert status(ledger) == "paid"


def test_a_protection_is_announced_about_the_person(ledger: Ledger) -> None:
    told = ledger.change("protected", {"customer_id": "amara", "kind": "vulnerable"})
    assert told.detail_type == "CustomerProtected"
    assert told.detail["kind"] == "vulnerable"
    assert told.detail["active"] is True


def test_an_unknown_fact_is_refused(ledger: Ledger) -> None:
    with pytest.raises(RejectedError):
        ledger.change("forgotten", WHOSE)


def test_the_question_names_only_channels_with_consent() -> None:
    ledger = Ledger(Store(":memory:"), lambda: NOW)
    asked = {"customer_id": "tom", "consents": {"sms": "2026-01-02T00:00:00Z"}}
    ledger.seed(*filled_in(asked, NOW, 2))
    answer = ledger.question("tom", "inv-0001", "2026-11")
    assert answer is not None
    assert answer["consents"] == {"sms": "2026-01-02T00:00:00Z"}
    assert answer["customer"]["time_zones"] == ["Europe/London"]
    assert "protections" not in answer["customer"]
    assert ledger.question("tom", "inv-0002", "2026-11") is None


def test_fifty_people_have_fifty_telephones() -> None:
    people = [filled_in({"customer_id": f"c{n}"}, NOW, n) for n in range(50)]
    assert len({customer["phone"] for _, customer, _ in people}) == 50
