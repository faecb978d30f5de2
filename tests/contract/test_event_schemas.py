"""Each event has one contract and one real sample, and code, schema and sample agree."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closeloop.adapters.trigger_schema import TriggerSchemas
from closeloop.domain.protection import ProtectionKind

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "events" / "schemas"
SAMPLES = ROOT / "events" / "samples"
DETAIL_TYPES = sorted(path.stem for path in SCHEMAS.glob("*.json"))
CHECK = TriggerSchemas(SCHEMAS)
FACTS = {"version", "customer_id", "obligation_id", "cycle"}
# What JSON Schema 2020-12 and draft 7, which the run-time compiler knows, mean alike.
COMMON_WORDS = {
    *("$schema", "$id", "title", "description", "type", "properties", "required"),
    *("additionalProperties", "const", "enum", "minimum", "maximum", "pattern", "format"),
}


def schema_of(detail_type: str) -> dict[str, Any]:
    return json.loads((SCHEMAS / f"{detail_type}.json").read_text(encoding="utf-8"))


def event_of(detail_type: str) -> dict[str, Any]:
    return json.loads((SAMPLES / f"{detail_type}.json").read_text(encoding="utf-8"))


def detail_of(detail_type: str) -> dict[str, Any]:
    return event_of(detail_type)["detail"]


def by_the_standard(detail_type: str, detail: dict[str, Any]) -> bool:
    """What a full JSON Schema 2020-12 validator says."""
    validator = jsonschema.Draft202012Validator(
        schema_of(detail_type), format_checker=jsonschema.FormatChecker()
    )
    return validator.is_valid(detail)


def test_the_contracts_are_those_of_the_four_facts():
    assert DETAIL_TYPES == [
        "CustomerProtected",
        "ObligationSettled",
        "ObligationWithdrawn",
        "PaymentFailed",
    ]


def test_every_contract_has_a_sample_and_every_sample_a_contract():
    assert sorted(path.stem for path in SAMPLES.glob("*.json")) == DETAIL_TYPES


def test_the_rule_lets_exactly_the_events_with_a_contract_through():
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    routed = re.search(r"source: \[core\.billing\]\s+detail-type: \[([^\]]*)\]", template)
    assert routed is not None
    assert sorted(name.strip() for name in routed[1].split(",")) == DETAIL_TYPES


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_a_contract_is_itself_valid_and_flat(detail_type: str):
    schema = schema_of(detail_type)
    jsonschema.Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is False
    assert sorted(schema["required"]) == sorted(schema["properties"])
    for part in (schema, *schema["properties"].values()):
        assert part.keys() <= COMMON_WORDS
    for name, part in schema["properties"].items():
        assert part.get("description"), f"{name} needs a description"
        assert not {"object", "array", "number"} & set(str(part.get("type", "")).split("'"))


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_every_field_that_may_hold_text_has_a_bounded_form(detail_type: str):
    """A pattern keeps keys free of `#`, and texts short and free of line breaks (T13, T28)."""
    for name, part in schema_of(detail_type)["properties"].items():
        if "string" in part.get("type", ""):
            pattern = part.get("pattern")
            assert pattern, f"{name} may be any text"
            assert not re.fullmatch(pattern[1:-1], "a#b")
            assert not re.fullmatch(pattern[1:-1], "a" * 1000)


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_the_sample_is_a_whole_event_and_meets_its_contract(detail_type: str):
    event = event_of(detail_type)

    assert event.keys() == {
        *("version", "id", "detail-type", "source", "account", "time", "region", "resources"),
        "detail",
    }
    assert (event["detail-type"], event["source"]) == (detail_type, "core.billing")
    assert by_the_standard(detail_type, event["detail"])
    assert CHECK.validate(detail_type, event["detail"]) == []


def test_facts_about_an_obligation_name_it_alike():
    for detail_type in ("PaymentFailed", "ObligationSettled", "ObligationWithdrawn"):
        properties = schema_of(detail_type)["properties"]
        assert properties.keys() >= FACTS
        trigger = schema_of("PaymentFailed")["properties"]
        assert all(properties[name] == trigger[name] for name in FACTS)


def test_the_kinds_of_protection_are_those_the_product_knows():
    kinds = schema_of("CustomerProtected")["properties"]["kind"]["enum"]
    assert kinds == [kind.value for kind in ProtectionKind]


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("PaymentFailed", {"amount_minor": 0}, "amount_minor", "must be at least 1"),
    ("PaymentFailed", {"amount_minor": -12_000}, "amount_minor", "must be at least 1"),
    ("PaymentFailed", {"amount_minor": 120.5}, "amount_minor", "must be of type integer"),
    ("PaymentFailed", {"amount_minor": 12_000.0}, "amount_minor", "must be written as a whole"),
    ("PaymentFailed", {"amount_minor": "12000"}, "amount_minor", "must be of type integer"),
    ("PaymentFailed", {"amount_minor": True}, "amount_minor", "must be of type integer"),
    ("PaymentFailed", {"amount_minor": 10**12}, "amount_minor", "must be at most 99999999999"),
    ("PaymentFailed", {"currency": "gbp"}, "currency", "must match"),
    ("PaymentFailed", {"currency": "GBP\n"}, "currency", "must match"),
    ("PaymentFailed", {"due_date": "2026-02-30"}, "due_date", "must be a real date"),
    ("PaymentFailed", {"due_date": "20261120"}, "due_date", "must match"),
    ("PaymentFailed", {"due_date": None}, "due_date", "must be of type string"),
    ("PaymentFailed", {"customer_id": "cus#1"}, "customer_id", "must match"),
    ("PaymentFailed", {"customer_id": ""}, "customer_id", "must match"),
    ("PaymentFailed", {"customer_id": "c" * 65}, "customer_id", "must match"),
    ("PaymentFailed", {"customer_id": "cus-\u0661"}, "customer_id", "must match"),
    ("PaymentFailed", {"obligation_id": "a\nb"}, "obligation_id", "must match"),
    ("PaymentFailed", {"cycle": 202611}, "cycle", "must be of type string"),
    ("PaymentFailed", {"locale": "english"}, "locale", "must match"),
    ("PaymentFailed", {"country": "UK1"}, "country", "must match"),
    ("PaymentFailed", {"schema_version": 2}, "schema_version", "must be 1"),
    ("PaymentFailed", {"version": 0}, "version", "must be at least 1"),
    ("PaymentFailed", {"note": "calls after six"}, "note", "is not in the contract"),
    ("ObligationSettled", {"settled_at": "2026-11-24"}, "settled_at", "must match"),
    ("ObligationSettled", {"settled_at": "2026-11-24T25:00:00Z"}, "settled_at", "must be a real"),
    ("ObligationSettled", {"settled_at": "2026-11-24T10:00:00+01:00"}, "settled_at", "must match"),
    ("ObligationWithdrawn", {"reason": "told us\r\nso"}, "reason", "must match"),
    ("CustomerProtected", {"kind": "shy"}, "kind", "must be breathing_space or attorney or"),
    ("CustomerProtected", {"active": "yes"}, "active", "must be of type boolean"),
    ("CustomerProtected", {"active": 1}, "active", "must be of type boolean"),
    ("CustomerProtected", {"until": ""}, "until", "must match"),
]


@pytest.mark.parametrize(("detail_type", "change", "field", "reason"), BAD, ids=str)
def test_a_bad_event_is_refused_with_field_and_reason(
    detail_type: str, change: dict[str, Any], field: str, reason: str
):
    (problem,) = CHECK.validate(detail_type, {**detail_of(detail_type), **change})

    assert problem.field == field
    assert problem.reason.startswith(reason)


@pytest.mark.parametrize("detail_type", DETAIL_TYPES)
def test_a_missing_field_is_named(detail_type: str):
    for name in schema_of(detail_type)["required"]:
        detail = {key: value for key, value in detail_of(detail_type).items() if key != name}
        (problem,) = CHECK.validate(detail_type, detail)
        assert (problem.field, problem.reason) == (name, "is missing")
        assert not by_the_standard(detail_type, detail)


def test_a_protection_without_a_known_end_is_good():
    assert (
        CHECK.validate("CustomerProtected", {**detail_of("CustomerProtected"), "until": None}) == []
    )


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**13),
    st.text(max_size=70),
    st.sampled_from(
        ["GBP", "en-GB", "2026-11-20", "2026-02-30", "2026-11-24T10:00:00Z", "cus-1", "deceased"]
    ),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(DETAIL_TYPES), st.data())
def test_the_compiled_check_agrees_with_the_standard(detail_type: str, data: st.DataObject):
    """Whatever is changed in a good event, both validators say the same of it."""
    detail = detail_of(detail_type)
    names = st.sampled_from([*schema_of(detail_type)["properties"], "extra"])
    detail |= data.draw(st.dictionaries(names, VALUES, max_size=3))
    for name in data.draw(st.sets(names, max_size=2)):
        detail.pop(name, None)
    # Only the standard's `$` lets a line break stand at the end; the compiled check does not.
    if any(isinstance(value, str) and value.endswith("\n") for value in detail.values()):
        assert CHECK.validate(detail_type, detail) != []
        return

    assert (CHECK.validate(detail_type, detail) == []) == by_the_standard(detail_type, detail)
