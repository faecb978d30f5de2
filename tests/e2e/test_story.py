"""The loop, closed once: from the core's event to the page that says it is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.person import kinds
from tests.e2e.stage import chain_is_whole

if TYPE_CHECKING:
    from tests.e2e.stage import Stage


def test_a_failed_payment_ends_as_one_plan_in_the_cores_books(stage: Stage):
    """Dual completion: done is what the customer did and the system of record shows."""
    amara = stage.person("amara", name="Amara Osei")
    amara.happens("payment_failed")
    link = amara.link("email")
    with amara.browser() as customer:
        choices = amara.prove(customer, link)
        assert "£120.00" in choices.content.text

        with stage.core("down"):
            received = amara.choose(customer, choices)
            assert received.content.headings == ["We have your answer"]
            assert amara.case()["status"] == "submitted"
            assert amara.journal() == []

        resolved = amara.case_when("resolved")
        recorded = amara.recorded(customer)

    (entry,) = amara.journal()
    (submission,) = resolved["submissions"]
    assert entry["request_id"] == submission["id"]
    assert sum(line["amount_minor"] for line in entry["effect"]["instalments"]) == 12_000
    assert recorded.content.headings == ["Recorded"]
    assert submission["id"][:8].upper() in recorded.content.text
    assert submission["evidence"]["agreement"]["text"] in recorded.content.text

    account = stage.driver.ask(f"/sandbox/core/accounts/{amara.id}")
    assert account["obligations"][0]["status"] == "arranged"
    assert chain_is_whole(resolved)
    assert kinds(resolved)[0] == "opened"
    assert kinds(resolved)[-1] == "recorded"


def test_a_case_closed_at_its_first_message_takes_three_states(stage: Stage):
    """States exist for waiting: at most four transitions without a hold."""
    tom = stage.person("tom")
    tom.happens("payment_failed")
    tom.agree()
    case = tom.case_when("resolved")
    stage.until("the end of the journey", lambda: _ended(stage, case["id"]))
    assert stage.states_of(case["id"]) == ["Send touch", "What happened?", "Resolved"]
    assert [touch["state"] for touch in case["touches"]] == ["accepted"]


def test_what_needs_a_person_is_recorded_and_has_an_owner(stage: Stage):
    """A dispute proves nothing and stops everything: flagged at the core, given to its owner."""
    priya = stage.person("priya")
    priya.happens("payment_failed")
    link = priya.link()
    with priya.browser() as customer:
        answer = priya.choose(customer, priya.open(customer, link), "dispute")
        assert answer.status == 200
    case = priya.case_when("handed_off")
    (handoff,) = case["handoffs"]
    assert (handoff["reason"], handoff["owner"]) == ("dispute", "disputes")
    (entry,) = priya.journal()
    assert entry["kind"] == "flags"
    assert chain_is_whole(case)


def _ended(stage: Stage, case_id: str) -> bool:
    return stage.journey_of(case_id)["status"] == "SUCCEEDED"
