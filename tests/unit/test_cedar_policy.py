"""Policy decisions name the rule that refused, and anything that goes wrong is a refusal (T29)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from closeloop.adapters.cedar_policy import CedarPolicy
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.identity import Assurance, Channel
from closeloop.domain.policy import FACT_TYPES, Facts, PolicyDecision, refused_by_error

if TYPE_CHECKING:
    from collections.abc import Mapping

ANN = Facts(
    amount_minor=12_000,
    currency="GBP",
    days_overdue=3,
    segment="retail",
    country="GB",
    disputed=False,
    protections=(),
    assurance=Assurance.CODE_SAME_CHANNEL,
    link_channel=Channel.EMAIL,
)
PERMIT = 'permit (principal, action == Action::"act", resource);\n'
FORBID = '@id("never") @reason("outside_policy") forbid (principal, action, resource)'
REFUSED_BY_ERROR = refused_by_error()


def policy_of(source: str, rules: Mapping[str, str] | None = None) -> CedarPolicy:
    bundle = Bundle(
        hash="",
        blueprint=cast("Any", None),
        policy=source,
        messages={},
        pages={},
        document={"rules": {"never": "outside_policy"} if rules is None else rules},
    )
    return CedarPolicy(bundle)


def test_what_nothing_forbids_is_allowed():
    assert policy_of(PERMIT).decide("act", ANN) == PolicyDecision(allowed=True)


def test_a_refusal_names_every_rule_that_made_it():
    source = PERMIT + FORBID + ";\n" + FORBID.replace("never", "nor_then") + ";\n"
    decision = policy_of(source, {"never": "dispute", "nor_then": "more_proof"}).decide("act", ANN)

    assert decision.forbidden_by == ("never", "nor_then")
    assert decision.reasons == ("dispute", "more_proof")
    assert decision.handoff_reason is Reason.DISPUTE
    assert not decision.more_proof_would_do


def test_a_refusal_for_want_of_proof_alone_can_be_lifted():
    decision = policy_of(PERMIT + FORBID + ";", {"never": "more_proof"}).decide("act", ANN)

    assert decision.more_proof_would_do
    assert decision.handoff_reason is Reason.OUTSIDE_POLICY


@pytest.mark.parametrize(
    "condition",
    [
        "context.no_such_fact > 1",
        "context.amount_minor * 9223372036854775807 > 1",
        "context.segment > 1",
        'context["days overdue"] == 1',
        "ip(context.segment).isLoopback()",
    ],
)
def test_a_rule_that_errs_refuses_although_cedar_would_skip_it(condition: str):
    """Cedar leaves out a rule that errs; leaving out a forbid would allow what it forbids."""
    policy = policy_of(f"{PERMIT}{FORBID}\nwhen {{ {condition} }};")

    assert policy.decide("act", ANN) == REFUSED_BY_ERROR


def test_an_error_outweighs_every_other_rule():
    source = f"{PERMIT}{FORBID};\n{FORBID.replace('never', 'x')} when {{ context.nothing }};"
    assert policy_of(source).decide("act", ANN) == REFUSED_BY_ERROR


@pytest.mark.parametrize("source", ["permit (principal", "forbid;", "\x00", PERMIT + "permit"])
def test_a_policy_that_cannot_be_parsed_refuses(source: str):
    assert policy_of(source).decide("act", ANN) == REFUSED_BY_ERROR


@pytest.mark.parametrize("action", ["another", "", 'act" || true', "act\\", "\ud800", "a" * 10_000])
def test_an_action_that_the_policy_does_not_know_is_refused(action: str):
    assert policy_of(PERMIT).decide(action, ANN) == REFUSED_BY_ERROR


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": 120.5},
        {"amount_minor": "12000"},
        {"amount_minor": True},
        {"amount_minor": 2**63},
        {"amount_minor": None},
        {"segment": {"__entity": {"type": "Customer", "id": "boss"}}},
        {"segment": b"retail"},
        {"country": 826},
        {"country": "\ud800"},
        {"days_overdue": float("nan")},
        {"disputed": "false"},
    ],
    ids=str,
)
def test_facts_that_are_not_of_their_type_refuse_even_if_no_rule_asks(wrong: dict[str, Any]):
    """`5 == "business"` is false to Cedar, so a rule against business would not apply."""
    assert policy_of(PERMIT).decide("act", replace(ANN, **wrong)) == REFUSED_BY_ERROR


def test_a_refusal_without_a_known_rule_is_an_error():
    assert policy_of(PERMIT + FORBID + ";", rules={}).decide("act", ANN) == REFUSED_BY_ERROR
    assert (
        policy_of(PERMIT + "forbid (principal, action, resource);").decide("act", ANN)
        == REFUSED_BY_ERROR
    )


def test_a_pinned_policy_is_still_decided_when_more_facts_are_told():
    """Cases keep the policy they were opened with, and the product learns to tell more facts."""

    class MoreFacts(Facts):
        def attributes(self) -> dict[str, object]:
            return {**Facts.attributes(self), "income_minor": 1}

    told = MoreFacts(**{name: getattr(ANN, name) for name in Facts.__dataclass_fields__})
    assert policy_of(PERMIT).decide("act", told).allowed


def test_the_facts_told_are_those_that_policies_are_written_for():
    kinds = {"Long": int, "String": str, "Bool": bool, "Set<String>": list}
    told = ANN.attributes()

    assert told.keys() == FACT_TYPES.keys()
    assert all(type(told[name]) is kinds[kind] for name, kind in FACT_TYPES.items())


def test_the_policy_is_parsed_once_for_many_decisions():
    policy = policy_of(PERMIT)
    first, second = policy._policies, policy._policies
    assert first is second
