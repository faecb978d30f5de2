"""Journeys whose tokens are lost, late or used twice, and journeys that die."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from closeloop.domain.case import CaseStatus
from tests.e2e.person import kinds
from tests.e2e.stage import chain_is_whole

if TYPE_CHECKING:
    from tests.e2e.begun import Begun
    from tests.e2e.person import Person
    from tests.e2e.stage import Stage

Json = dict[str, Any]
START_GRACE_S = 150


def _complete(stage: Stage, token: str, outcome: str) -> None:
    stage.client("stepfunctions").send_task_success(
        taskToken=token, output=json.dumps({"outcome": outcome})
    )


def _token(stage: Stage, person: Person) -> str:
    """The token that a case keeps once its message is out: a credential, shown nowhere else."""
    case = person.case_with("touch_accepted")
    (row,) = stage.rows(f"CASE#{case['id']}", "CASE")
    return row["token"]


def test_a_lost_token_costs_a_wait_and_no_second_message(stage: Stage, begun: Begun):
    """F24: the customer has finished; the journey learns it when its wait is over."""
    case = begun.forgotten.case()
    assert case["status"] == CaseStatus.RESOLVED
    stage.until("its end", lambda: stage.journey_of(case["id"])["status"] == "SUCCEEDED")
    assert stage.states_of(case["id"]) == [
        *("Send touch", "What happened?"),
        *("Send touch", "What happened?", "Resolved"),
    ]
    assert len(begun.forgotten.touches()) == 1
    assert len(begun.forgotten.journal()) == 1


def test_an_outcome_that_comes_too_late_changes_nothing(stage: Stage):
    """F26: nothing waits under the token any more, and the case does not depend on it."""
    lena = stage.person("lena")
    lena.happens("payment_failed")
    link = lena.link()
    _complete(stage, _token(stage, lena), "withdrawn")  # the journey is told something else
    case = lena.case()
    stage.until("its end", lambda: stage.states_of(case["id"])[-1] == "Withdrawn")
    with lena.browser() as customer:
        lena.choose(customer, lena.prove(customer, link))
        lena.recorded(customer)
    assert lena.case()["status"] == CaseStatus.RESOLVED
    assert stage.states_of(case["id"])[-1] == "Withdrawn"
    assert stage.journey_of(case["id"])["status"] == "SUCCEEDED"
    assert len(lena.journal()) == 1
    assert chain_is_whole(lena.case())


def test_what_is_over_is_not_completed_a_second_time(stage: Stage):
    """F09, F27: this emulator would take a second outcome; our own guard never offers one."""
    bram = stage.person("bram")
    bram.happens("payment_failed")
    bram.link()
    token = _token(stage, bram)
    bram.agree()
    case = bram.case_when("resolved")
    stage.until("its end", lambda: stage.journey_of(case["id"])["status"] == "SUCCEEDED")
    output = stage.journey_of(case["id"])["output"]

    stage.change_row({"pk": f"CASE#{case['id']}", "sk": "CASE"}, token=token)  # as if kept
    message = {"case": case["id"], "submission": case["submission"]}
    for _ in range(3):
        stage.client("sqs").send_message(
            QueueUrl=stage.outputs["WritebackQueueUrl"], MessageBody=json.dumps(message)
        )
    bram.happens("settled")
    bram.happens("withdrawn")
    stage.until("an empty queue", lambda: stage.waiting_in("WritebackQueue") == 0)
    stage.until("no more triggers", lambda: stage.waiting_in("TriggersQueue") == 0)

    assert stage.journey_of(case["id"])["output"] == output
    assert json.loads(output)["outcome"] == "resolved"
    assert len(bram.journal()) == 1
    assert bram.case()["status"] == CaseStatus.RESOLVED
    assert kinds(bram.case()).count("recorded") == 1


def test_a_journey_that_an_operator_stops_becomes_a_handoff(stage: Stage):
    """F28: the rule on executions that end badly gives the case to its owner, once."""
    dora = stage.person("dora")
    dora.happens("payment_failed")
    link = dora.link()
    case = dora.case_with("touch_accepted")
    stage.client("stepfunctions").stop_execution(
        executionArn=stage.journey_of(case["id"])["executionArn"]
    )
    handed = dora.case_when("handed_off")
    (handoff,) = handed["handoffs"]
    assert (handoff["reason"], handoff["owner"]) == ("journey_failed", "platform")
    assert chain_is_whole(handed)
    with dora.browser() as customer:
        page = dora.open(customer, link)
    assert page.content.headings == ["A person will help you"]
    assert dora.journal() == []


def test_a_journey_that_times_out_as_a_whole_becomes_a_handoff(stage: Stage):
    """F28: this emulator never times a machine out, and only AWS may speak as `aws.states`.

    So the rule is asked whether it hears the news, and its target is told it, twice.
    """
    emil = stage.person("emil")
    emil.happens("payment_failed")
    emil.link()
    case = emil.case_with("touch_accepted")
    news = json.dumps(_status_event(stage, case["id"], "TIMED_OUT"))
    events, rule = stage.client("events"), stage.resources["JourneyEndedRule"]
    pattern = events.describe_rule(Name=rule)["EventPattern"]
    (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
    assert events.test_event_pattern(EventPattern=pattern, Event=news)["Result"]
    for _ in range(2):
        reply = stage.client("lambda").invoke(FunctionName=target["Arn"], Payload=news.encode())
        assert "FunctionError" not in reply
    (handoff,) = emil.case_when("handed_off")["handoffs"]
    assert handoff["reason"] == "journey_failed"


def test_a_failing_message_function_gives_the_case_to_a_person(stage: Stage):
    """F28: what the journey cannot retry it hands off, and then it ends as failed."""
    faye = stage.person("faye")
    with stage.without("SendTouchRole", "dynamodb:UpdateItem"):
        faye.happens("payment_failed")
        handed = faye.case_when("handed_off")
    (handoff,) = handed["handoffs"]
    assert (handoff["reason"], handoff["owner"]) == ("journey_failed", "platform")
    stage.until("its end", lambda: stage.journey_of(handed["id"])["status"] == "FAILED")
    assert stage.states_of(handed["id"])[-2:] == ["Hand off failure", "Journey failed"]
    assert faye.messages() == []


def test_an_accepted_submission_whose_sending_failed_is_swept_up(stage: Stage):
    """F08: the fast path died after the commit; the page says received, and it is recorded."""
    gwen = stage.person("gwen")
    gwen.happens("payment_failed")
    link = gwen.link()
    with gwen.browser() as customer:
        choices = gwen.prove(customer, link)
        with stage.without("SubmitActionRole", "sqs:SendMessage"):
            page = gwen.choose(customer, choices)
        assert page.content.headings == ["We have your answer"]
        assert gwen.journal() == []
        gwen.case_when("resolved")
        gwen.recorded(customer)
    assert len(gwen.journal()) == 1


def test_a_case_that_was_stored_and_not_started_is_swept_up(later: Stage):
    """F06, F24: a crash between storing and starting; the message's own redelivery fails too."""
    hugo = later.person("hugo")
    with later.without("OpenCaseRole", "states:StartExecution"):
        hugo.happens("payment_failed")
        case = hugo.case()
        assert later.executions_of(case["id"]) == []
        later.advance(START_GRACE_S)
        later.until("a journey", lambda: later.sweep() and later.executions_of(case["id"]))
        hugo.link()
    later.until("no more triggers", lambda: later.waiting_in("TriggersQueue") == 0)
    assert len(later.executions_of(case["id"])) == 1
    assert [m["channel"] for m in hugo.messages()].count("email") == 1


def test_who_never_answers_hears_three_times_and_is_left_to_a_person(later: Stage, begun: Begun):
    """Each message on its own channel, once; then an owner, and not one message more (I4, I5)."""
    silent, _ = begun.neighbours
    case = silent.case_when("expired")
    (handoff,) = case["handoffs"]
    assert (handoff["reason"], handoff["owner"]) == ("no_response", "customer_care")
    later.until("its end", lambda: later.states_of(case["id"])[-1] == "Expired")
    assert "Close unanswered" in later.states_of(case["id"])
    channels = [message["channel"] for message in silent.messages()]
    assert channels == [touch["channel"] for touch in case["touches"]]
    assert channels == ["email", "sms", "whatsapp"]
    assert chain_is_whole(case)


def _status_event(stage: Stage, case_id: str, status: str) -> Json:
    execution = stage.journey_of(case_id)
    return {
        "version": "0",
        "id": case_id,
        "account": "000000000000",
        "region": stage.world.place.region,
        "time": "2026-11-24T16:40:12Z",
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [execution["executionArn"]],
        "detail": {
            "executionArn": execution["executionArn"],
            "stateMachineArn": stage.outputs["JourneyArn"],
            "name": execution["name"],
            "status": status,
        },
    }
