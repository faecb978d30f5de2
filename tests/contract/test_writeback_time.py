"""The writeback function has time for what it is there for, as deployed and on a laptop (R4)."""

from datetime import timedelta
from typing import Any

import pytest

from closeloop.domain.ledger import LedgerPolicy
from sandbox.deploy import samconfig
from sandbox.place import ROOT
from tests.contract.template.stack import Stack, target

STACK = Stack()
WRITEBACK = STACK.functions()["writeback"]
LOCAL = samconfig(ROOT).parameters


def seconds(value: Any, given: dict[str, str]) -> timedelta:
    """A number of the template, with the parameters that a deployment gives."""
    return timedelta(seconds=int(given.get(target(value), STACK.number(value))))


@pytest.mark.parametrize("given", [{}, LOCAL], ids=["production", "local"])
def test_a_fresh_invocation_may_claim_a_submission_and_call_the_core(given: dict[str, str]):
    """A policy that asks for more time than an invocation has would never call: all would wait."""
    told = WRITEBACK["Environment"]["Variables"]
    policy = LedgerPolicy.of(
        seconds(told["LEASE_S"], given),
        seconds(told["SETTLE_S"], given),
        STACK.number(told["MAX_CALLS"]),
    )
    common = STACK.source["Globals"]["Function"]["Timeout"]
    invocation = seconds(WRITEBACK.get("Timeout", common), given)

    call_and_read_back = 2 * policy.call_timeout
    assert call_and_read_back + policy.margin < invocation
    assert policy.call_timeout + policy.margin < policy.lease
