"""What each role may do, and that it is refused what the others may (least privilege, T18).

The rights are written down here once more, by hand and in words: whoever widens a role in the
template has to say so twice. IAM is enforced by the emulator, leading keys included.
"""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.e2e.rights import QUEUES, Ask, Prey, allowed, asks, clients_of

if TYPE_CHECKING:
    from tests.e2e.stage import Stage


def _each(verbs: str, partitions: str) -> set[str]:
    return {f"{verb} {words}" for verb in verbs.split() for words in partitions.split()}


def _consumes(*queues: str) -> set[str]:
    return {each for queue in queues for each in (f"take from {queue}", f"let {queue} forget")}


MAY: dict[str, set[str]] = {
    "OpenCaseRole": {
        *_each("get put update check", "BUNDLE CASE OBLIGATION PERSON TRIGGER"),
        *_each("query", "OBLIGATION PERSON"),
        *_consumes("TriggersQueue"),
        "send to RejectsQueue",
        "start a journey",
        "complete a token",
    },
    "SendTouchRole": {
        *_each("get", "BUNDLE CASE"),
        *_each("query", "PERSON"),
        *_each("put update", "CASE LINK PERSON"),
        "read LinkKeysSecret",
        "read CoreSecret",
        "send an email as the firm",
        "send an SMS",
        "complete a token",
    },
    "HandOffRole": {
        *_each("get", "BUNDLE CASE"),
        *_each("put update", "CASE"),
        "send to AsyncFailures",
        "complete a token",
    },
    "MiniAppRole": {
        *_each("get batch", "BUNDLE CASE LINK SESSION"),
        "put SESSION",
        "update LINK",
        "read LinkKeysSecret",
    },
    "OneTimeCodeRole": {
        *_each("get batch", "BUNDLE CASE SESSION"),
        *_each("put update", "CASE SESSION"),
        *_each("check update", "LINK NUMBER"),
        "delete SESSION",
        "read LinkKeysSecret",
        "read CoreSecret",
        "send an email as the firm",
        "send an SMS",
    },
    "SubmitActionRole": {
        *_each("get batch", "BUNDLE CASE SESSION"),
        *_each("put update", "CASE"),
        "send to WritebackQueue",
        "read LinkKeysSecret",
    },
    "WritebackRole": {
        *_each("get", "BUNDLE CASE SYSTEM"),
        *_each("put update", "CASE SYSTEM"),
        *_consumes("WritebackQueue"),
        "send to WritebackQueue",
        "read CoreSecret",
        "complete a token",
    },
    "DeadLettersRole": {
        *_each("get", "CASE"),
        *_each("put update", "CASE DEADLETTER"),
        *_consumes(*(queue for queue in QUEUES if "Dead" in queue), "AsyncFailures"),
    },
    "SweepRole": {
        "look for overdue",
        "look for start",
        "look for submission",
        *_each("get", "BUNDLE CASE"),
        *_each("put update", "CASE"),
        "send to WritebackQueue",
        "send to AsyncFailures",
        "start a journey",
    },
}


@pytest.fixture(scope="module")
def everything(stage: Stage) -> dict[str, Ask]:
    """Every request that some role might make, about a case whose journey waits."""
    person = stage.person("prey")
    person.happens("payment_failed")
    person.link()
    case = person.case_with("touch_accepted")
    (row,) = stage.rows(f"CASE#{case['id']}", "CASE")
    return asks(stage, Prey(case["id"], row["token"]))


@pytest.mark.parametrize("role", MAY)
def test_a_role_may_do_its_own_work_and_none_of_the_others(
    stage: Stage, everything: dict[str, Ask], role: str
):
    clients = clients_of(stage, role)
    assert {words for words, ask in everything.items() if allowed(clients, ask)} == MAY[role]


def test_every_function_has_a_role_that_is_tried_here(stage: Stage):
    functions = {name for name in stage.resources if name.endswith("Function")}
    assert {name.replace("Role", "Function") for name in MAY} == functions


def test_no_role_has_all_the_rights_of_another(everything: dict[str, Ask]):
    """A function that could do another's work would be one function too many."""
    assert set().union(*MAY.values()) <= everything.keys()
    for one, other in permutations(MAY, 2):
        assert not MAY[one] <= MAY[other], f"{other} may do all that {one} may"


def test_the_account_itself_may_do_all_of_it(stage: Stage, everything: dict[str, Ask]):
    """So that a refusal is for want of a right, and not because a request was malformed."""
    harmless = {w: a for w, a in everything.items() if not w.startswith(("stop", "fail", "change"))}
    refused = {words for words, ask in harmless.items() if not allowed(stage.client, ask)}
    # The topic takes alarms only, and a role is for the function that it was made for.
    assert refused <= {"publish to a topic", "take on a role"}
