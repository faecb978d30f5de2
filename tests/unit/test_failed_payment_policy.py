"""The policy for failed payments, over every kind of case: each refusal has a name, and is meant.

The rules are written a second time here, in Python, from the words of the people who set them. The
two must agree on every combination of facts, so neither can change by accident.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from closeloop.adapters.cedar_policy import CedarPolicy
from closeloop.authoring.compiler import compile_folder
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.identity import Assurance, Channel
from closeloop.domain.policy import MORE_PROOF, POLICY_ERROR, Facts
from closeloop.domain.protection import ProtectionKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parents[2] / "layers" / "workflows" / "failed_payment"
AGREE = ("instalment_plan", "promise_to_pay")
PLAN, PROMISE = (AGREE[:1], AGREE[1:])
LEAVE_ALONE = {"breathing_space", "mental_health_crisis", "bankruptcy", "attorney", "cease"}

Rule = tuple[tuple[str, ...], "Callable[[Facts], bool]"]
RULES: dict[str, Rule] = {
    "agreement_needs_code": (AGREE, lambda f: f.assurance.level < 2),
    "large_agreement_needs_independent_code": (
        AGREE,
        lambda f: f.amount_minor > 50_000 and f.assurance.level < 3,
    ),
    "large_dispute_needs_code": (
        ("dispute",),
        lambda f: f.amount_minor > 50_000 and f.assurance.level < 2,
    ),
    "protected_from_demands": (AGREE, lambda f: bool(LEAVE_ALONE & set(f.protections))),
    "customer_has_died": ((*AGREE, "dispute"), lambda f: "deceased" in f.protections),
    "needs_a_trained_person": (
        AGREE,
        lambda f: bool({"vulnerable", "hardship"} & set(f.protections)),
    ),
    "disputed_amount": (AGREE, lambda f: f.disputed),
    "currency_not_covered": (AGREE, lambda f: f.currency != "GBP"),
    "country_not_covered": (AGREE, lambda f: f.country != "GB"),
    "too_small_for_plan": (PLAN, lambda f: f.amount_minor < 3_000),
    "too_large_for_plan": (PLAN, lambda f: f.amount_minor > 250_000),
    "too_late_for_plan": (PLAN, lambda f: f.days_overdue > 90),
    "business_has_account_manager": (PLAN, lambda f: f.segment == "business"),
    "too_large_for_promise": (PROMISE, lambda f: f.amount_minor > 100_000),
    "too_late_for_promise": (PROMISE, lambda f: f.days_overdue > 60),
}
ACTIONS = (*AGREE, "dispute", "ask_for_person")
NUMBERS = {"amount_minor": (3_000, 50_000, 100_000, 250_000), "days_overdue": (60, 90)}

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


@cache
def bundle() -> Bundle:
    return Bundle.from_document(compile_folder(FOLDER))


@pytest.fixture(scope="module")
def policy() -> CedarPolicy:
    return CedarPolicy(bundle())


def every_kind_of_case() -> Iterator[Facts]:
    """One case for each combination of facts that the rules can tell apart."""
    kinds = [kind.value for kind in ProtectionKind]
    axes = {
        "amount_minor": (2_999, 3_000, 50_001, 100_001, 250_001),
        "currency": ("GBP", "EUR"),
        "days_overdue": (60, 61, 91),
        "segment": ("retail", "business"),
        "country": ("GB", "IE"),
        "disputed": (False, True),
        "protections": ((), *((kind,) for kind in kinds), tuple(kinds)),
        "assurance": (
            Assurance.KNOWN_FACT,
            Assurance.CODE_SAME_CHANNEL,
            Assurance.CODE_INDEPENDENT_CHANNEL,
        ),
    }
    for values in itertools.product(*axes.values()):
        yield replace(ANN, **dict(zip(axes, values, strict=True)))


def refusing(action: str, facts: Facts) -> tuple[str, ...]:
    return tuple(
        sorted(name for name, (acts, applies) in RULES.items() if action in acts and applies(facts))
    )


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
def test_every_refusal_has_a_name_and_is_the_one_that_was_meant(action: str, policy: CedarPolicy):
    for facts in every_kind_of_case():
        decision = policy.decide(action, facts)
        assert decision.forbidden_by == refusing(action, facts), (action, facts)
        assert decision.allowed == (not decision.forbidden_by)
        assert POLICY_ERROR not in decision.forbidden_by


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("fact", "limit"), [(fact, limit) for fact, limits in NUMBERS.items() for limit in limits]
)
def test_limits_hold_to_the_penny_and_to_the_day(
    action: str, fact: str, limit: int, policy: CedarPolicy
):
    for value, assurance in itertools.product((limit - 1, limit, limit + 1), Assurance):
        facts = replace(ANN, assurance=assurance, **{fact: value})
        assert policy.decide(action, facts).forbidden_by == refusing(action, facts)


@pytest.mark.parametrize("channel", Channel)
def test_the_channel_of_the_link_opens_and_closes_nothing_by_itself(
    channel: Channel, policy: CedarPolicy
):
    for action, assurance in itertools.product(ACTIONS, Assurance):
        facts = replace(ANN, link_channel=channel, assurance=assurance)
        assert policy.decide(action, facts).forbidden_by == refusing(action, facts)


def test_anybody_may_always_ask_for_a_person(policy: CedarPolicy):
    everything_against = replace(
        ANN,
        amount_minor=99_999_999,
        currency="EUR",
        country="IE",
        disputed=True,
        protections=tuple(kind.value for kind in ProtectionKind),
        assurance=Assurance.LINK,
    )
    assert policy.decide("ask_for_person", everything_against).allowed


def test_a_stronger_proof_never_closes_what_a_weaker_one_opened(policy: CedarPolicy):
    for action, amount in itertools.product(ACTIONS, (12_000, 60_000)):
        opened = [
            policy.decide(action, replace(ANN, amount_minor=amount, assurance=level)).allowed
            for level in Assurance
        ]
        assert opened == sorted(opened)


def test_the_rules_here_and_there_are_the_same_rules():
    assert set(bundle().document["rules"]) == set(RULES)


def test_rules_about_proof_say_so_and_no_others():
    rules = bundle().document["rules"]
    about_proof = {name for name, reason in rules.items() if reason == MORE_PROOF}

    assert about_proof == {name for name in RULES if name.endswith("_code")}
    assert set(rules.values()) - {MORE_PROOF} <= {reason.value for reason in Reason}
