"""After a whole case, nothing personal and no secret is left where operators look (T22, I8)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.rights import QUEUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.stage import Stage

NAME, SURNAME = "Zephyrine", "Quackenbush"
PHONE, WHATSAPP = "+447700900811", "+447700900822"
EMAIL = "zephyrine.quackenbush@customers.example"


@pytest.fixture(scope="module")
def secrets(stage: Stage) -> dict[str, str]:
    """Everything that only the customer, the core and the message providers may know of a case.

    One customer who acts on an email and needs a code, typed wrong once, and one journey that dies.
    """
    account = {"name": f"{NAME} {SURNAME}", "email": EMAIL, "phone": PHONE, "whatsapp": WHATSAPP}
    person = stage.person("canary", **account)
    person.happens("payment_failed")
    link = person.link()
    (row,) = stage.rows(f"CASE#{person.case_with('touch_accepted')['id']}", "CASE")
    with person.browser() as customer:
        typing, code = person.ask_code(customer, person.open(customer, link))
        before = customer.cookies["__Host-s"].split(".")[1]
        wrong = person.type_code(customer, typing, "000000" if code != "000000" else "111111")
        choices = person.type_code(customer, wrong, code)
        session = customer.cookies["__Host-s"].split(".")[1]
        person.choose(customer, choices)
        person.recorded(customer)
    dying = stage.person("dying", **account)
    with stage.without("SendTouchRole", "dynamodb:UpdateItem"):
        dying.happens("payment_failed")
        dying.case_when("handed_off")
    return {
        "name": NAME,
        "surname": SURNAME,
        "email": EMAIL,
        "phone": PHONE.removeprefix("+"),
        "whatsapp": WHATSAPP.removeprefix("+"),
        "code": code,
        "link": link.rpartition("/")[2],
        "first session": before,
        "session": session,
        "task token": row["token"],
        "core key": stage.world.core_key,
    }


def _logs(stage: Stage) -> Iterator[tuple[str, str]]:
    """What the functions, the journey and the API have said, and the emulator's own words."""
    logs = stage.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        found = logs.filter_log_events(logGroupName=group["logGroupName"], limit=10_000)
        for event in found["events"]:
            yield group["logGroupName"], event["message"]
    for line in (stage.world.place.state / "emulator.log").read_text().splitlines():
        # The providers' side: whom they deliver to is theirs to know and theirs to log.
        if "[ses-v2]" not in line and "[sns]" not in line:
            yield "emulator.log", line


def _histories(stage: Stage) -> Iterator[tuple[str, str]]:
    states = stage.client("stepfunctions")
    machine = stage.outputs["JourneyArn"]
    executions = states.list_executions(stateMachineArn=machine, maxResults=1000)["executions"]
    for execution in executions:
        arn = execution["executionArn"]
        for each in (
            states.describe_execution(executionArn=arn),
            states.get_execution_history(executionArn=arn, maxResults=1000),
        ):
            yield execution["name"], json.dumps(each, default=str)


def _queues(stage: Stage) -> Iterator[tuple[str, str]]:
    """What lies in the queues. Dead letters and rejects may be personal: the one exception."""
    for queue in QUEUES:
        if "Dead" in queue or queue == "RejectsQueue":
            continue
        reply = stage.client("sqs").receive_message(
            QueueUrl=stage.resources[queue], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        for message in reply.get("Messages", []):
            yield queue, json.dumps(message)


@pytest.mark.parametrize("place", [_logs, _histories, _queues], ids=["logs", "journeys", "queues"])
def test_nothing_personal_and_no_secret_is_left_behind(
    stage: Stage, secrets: dict[str, str], place: Any
):
    """T18, T22: name, addresses, code, link, session; the journey's token and the core's key."""
    looked = 0
    for where, text in place(stage):
        looked += 1
        found = [what for what, secret in secrets.items() if secret in text]
        assert not found, f"{found} in {where}: {text[:300]}"
    assert looked or place is _queues


def test_the_case_itself_names_nobody(stage: Stage, secrets: dict[str, str]):
    """What agents and auditors see of a case: ids, codes, times and what was agreed."""
    shown = json.dumps([stage.driver.ask("/sandbox/cases", customer=c) for c in _people(stage)])
    assert [what for what, secret in secrets.items() if secret in shown] == []


def test_the_table_holds_no_code_link_session_or_key(stage: Stage, secrets: dict[str, str]):
    """SECURITY 2.4: hashes only; whoever reads the whole table can act for nobody."""
    table = stage.outputs["TableName"]
    stored = json.dumps(list(stage.world.cloud._pages("scan", {"TableName": table})), default=str)
    held = {what: secret for what, secret in secrets.items() if what not in ("task token", "code")}
    assert [what for what, secret in held.items() if secret in stored] == []


def _people(stage: Stage) -> list[str]:
    accounts = stage.world.ledger.accounts()
    return [a["customer_id"] for a in accounts if a["name"] == f"{NAME} {SURNAME}"]
