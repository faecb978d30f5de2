"""The template keeps every house rule, and every rule rejects a template that breaks it."""

import pytest

from tests.contract.template import mutants
from tests.contract.template.stack import RULES, Rule, Stack

STACK = Stack()


@pytest.mark.parametrize("check", RULES, ids=lambda check: check.__name__)
def test_the_template_keeps_the_rule(check: Rule):
    assert list(check(STACK)) == []


@pytest.mark.parametrize(
    "mutant", mutants.MUTANTS, ids=lambda mutant: f"{mutant.rule.__name__}: {mutant.what}"
)
def test_a_broken_template_is_rejected_by_its_rule(mutant: mutants.Mutant):
    broken = mutant.apply()
    assert broken.source != STACK.source or broken.text != STACK.text
    assert list(mutant.rule(broken)) != []


def test_every_rule_has_a_mutant():
    tried = {mutant.rule.__name__ for mutant in mutants.MUTANTS}
    assert {check.__name__ for check in RULES} == tried
