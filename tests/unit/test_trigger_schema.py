"""A bad event is told by field and reason, all at once, and never by what it said (T22)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.adapters.trigger_schema import Problem, TriggerSchemas

SCHEMAS = Path(__file__).parents[2] / "events" / "schemas"
CHECK = TriggerSchemas(SCHEMAS)
GOOD: dict[str, Any] = {
    "schema_version": 1,
    "version": 1,
    "customer_id": "cus-2041",
    "obligation_id": "inv-77310",
    "cycle": "2026-11",
    "reason": "raised_in_error",
}
CANARY = "Ann Quinn, 4929 1234 5678 9012"


def test_every_problem_is_told_at_once():
    detail = {**GOOD, "version": "1", "reason": CANARY, "colour": "red"}
    del detail["cycle"]

    assert CHECK.validate("ObligationWithdrawn", detail) == [
        Problem("cycle", "is missing"),
        Problem("version", "must be of type integer"),
        Problem("reason", "must match ^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"),
        Problem("colour", "is not in the contract"),
    ]


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "name", "phone"]),
        st.sampled_from([CANARY, [CANARY], {CANARY: CANARY}, {"a": [CANARY]}]),
        min_size=1,
    )
)
def test_what_an_event_said_is_never_repeated(wrong: dict[str, Any]):
    problems = CHECK.validate("ObligationWithdrawn", {**GOOD, **wrong})

    assert problems
    assert "Quinn" not in str(problems)
    assert "4929" not in str(problems)


@pytest.mark.parametrize("name", [CANARY, "a\r\nb", "", "a" * 65, "naïve", "a.b"])
def test_a_field_with_an_odd_name_is_told_without_its_name(name: str):
    assert CHECK.validate("ObligationWithdrawn", {**GOOD, name: 1}) == [
        Problem("?", "is not in the contract")
    ]


def test_a_flood_of_unknown_fields_is_told_in_part():
    flood = {f"field_{at}": at for at in range(1_000)}
    assert len(CHECK.validate("ObligationWithdrawn", {**GOOD, **flood})) == 20


@pytest.mark.parametrize("detail", [None, [], "text", 1, [GOOD]])
def test_a_detail_that_is_no_object_is_a_problem(detail: Any):
    assert CHECK.validate("ObligationWithdrawn", detail) == [Problem("detail", "must be an object")]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e3, 1.0])
def test_a_number_with_a_point_is_no_version_and_no_money(number: float):
    (problem,) = CHECK.validate("ObligationWithdrawn", {**GOOD, "version": number})
    assert problem.field == "version"


@pytest.mark.parametrize("detail_type", ["SomethingElse", "", "../samples/PaymentFailed", "a" * 99])
def test_an_event_without_a_contract_has_no_problems(detail_type: str):
    assert CHECK.validate(detail_type, {"anything": "at all"}) == []


def test_a_contract_is_read_once_for_many_events(tmp_path: Path):
    copy = tmp_path / "ObligationWithdrawn.json"
    copy.write_text((SCHEMAS / copy.name).read_text("utf-8"), "utf-8")
    check = TriggerSchemas(tmp_path)
    assert check.validate("ObligationWithdrawn", GOOD) == []

    copy.write_text(json.dumps(False), "utf-8")
    assert check.validate("ObligationWithdrawn", GOOD) == []


def test_the_detail_is_left_as_it_came():
    detail = {**GOOD, "version": "1"}
    before = json.dumps(detail)
    CHECK.validate("ObligationWithdrawn", detail)
    assert json.dumps(detail) == before
