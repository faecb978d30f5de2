"""After a whole case, nothing personal and no secret is left where operators look (T22, I8)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.e2e.stage import Stage

NAME, SURNAME = "Zephyrine", "Quackenbush"
PHONE, WHATSAPP = "+447700900811", "+447700900822"
EMAIL = "zephyrine.quackenbush@customers.example"
# Who says something of every case. The pages' functions log through the runtime's own handler,
# which the emulator lacks: only their faults show here.
SPOKE = {"open_case", "send_touch", "hand_off", "writeback"}
# The providers' side: whom they deliver to, and what, is theirs to know and theirs to log.
_PROVIDERS = ("[ses-v2]", "[sns]")
_RECORDS = re.compile(r"\n(?=\d{4}-\d\d-\d\d |\{)")


@dataclass(frozen=True)
class Traces:
    """What must not be told, and the messages that lay in the queues meanwhile."""

    secrets: dict[str, str]
    messages: list[str]


@pytest.fixture(scope="module")
def traces(stage: Stage) -> Traces:
    """A whole case of one customer, who types a code wrong once, and a journey of theirs that dies.

    Both queues are stopped for a moment, so that their messages can be read.
    """
    account = {"name": f"{NAME} {SURNAME}", "email": EMAIL, "phone": PHONE, "whatsapp": WHATSAPP}
    person = stage.person("canary", **account)
    messages: list[str] = []
    with stage.stopped("OpenCaseFunctionTriggers"):
        person.happens("payment_failed")
        messages.append(stage.peek("TriggersQueue"))
    link = person.link()
    (row,) = stage.rows(f"CASE#{person.case_with('touch_accepted')['id']}", "CASE")
    with person.browser() as customer:
        typing, code = person.ask_code(customer, person.open(customer, link))
        first = customer.cookies["__Host-s"]
        wrong = person.type_code(customer, typing, "000000" if code != "000000" else "111111")
        choices = person.type_code(customer, wrong, code)
        session = customer.cookies["__Host-s"]
        with stage.stopped("WritebackFunctionSubmissions"):
            person.choose(customer, choices)
            messages.append(stage.peek("WritebackQueue"))
        person.recorded(customer)
    dying = stage.person("dying", **account)
    with stage.without("SendTouchRole", "dynamodb:UpdateItem"):
        dying.happens("payment_failed")
        dying.case_when("handed_off")
    secrets = {
        "name": NAME,
        "surname": SURNAME,
        "email": EMAIL,
        "phone": PHONE.removeprefix("+"),
        "whatsapp": WHATSAPP.removeprefix("+"),
        "code": code,
        "link": link.rpartition("/")[2],
        "first session": first.split(".")[1],
        "session": session.split(".")[1],
        "task token": row["token"],
        "core key": stage.world.core_key,
    }
    return Traces(secrets, messages)


def test_no_log_tells_anything_personal_or_secret(stage: Stage, traces: Traces):
    """T22: the functions' logs, the journey's, the API's, and the emulator's own words."""
    logs, said = stage.client("logs"), [*_emulators_words(stage)]
    for group in logs.describe_log_groups()["logGroups"]:
        found = logs.filter_log_events(logGroupName=group["logGroupName"], limit=10_000)["events"]
        said += [event["message"] for event in found]
    assert {name for name in SPOKE if any(f'"service":"{name}"' in each for each in said)} == SPOKE
    assert _telling(said, traces) == []


def _emulators_words(stage: Stage) -> Iterator[str]:
    """Its log, record by record, but not what it says as a provider of messages."""
    log = (stage.world.place.state / "emulator.log").read_text(errors="replace")
    for record in _RECORDS.split(log):
        if not any(provider in record for provider in _PROVIDERS):
            yield record


def test_no_journey_remembers_anything_personal_or_secret(stage: Stage, traces: Traces):
    """T18, T22, R13: ids and durations only, for as long as AWS keeps a history."""
    states, machine = stage.client("stepfunctions"), stage.outputs["JourneyArn"]
    executions = states.list_executions(stateMachineArn=machine, maxResults=1000)["executions"]
    assert executions
    for each in executions:
        arn = {"executionArn": each["executionArn"]}
        kept = (
            states.describe_execution(**arn),
            states.get_execution_history(**arn, maxResults=1000),
        )
        assert _telling((json.dumps(part, default=str) for part in kept), traces) == []


def test_no_message_in_a_queue_carries_anything_personal_or_secret(traces: Traces):
    """T22: what waits for open_case and for writeback names ids, an amount and a date."""
    assert len(traces.messages) == 2
    assert _telling(traces.messages, traces) == []


def test_what_is_shown_of_the_case_names_nobody(stage: Stage, traces: Traces):
    """T22: what agents and auditors see: ids, codes, times and what was agreed."""
    people = [a for a in stage.world.ledger.accounts() if a["name"] == f"{NAME} {SURNAME}"]
    shown = [stage.driver.ask("/sandbox/cases", customer=a["customer_id"]) for a in people]
    assert [len(cases) for cases in shown] == [1, 1]
    assert _telling([json.dumps(shown)], traces) == []


def test_the_table_holds_no_code_link_session_or_key(stage: Stage, traces: Traces):
    """SECURITY 2.4: hashes only; whoever reads the whole table can act for no customer.

    A task token is kept while its journey waits; it is worth nothing to a customer.
    """
    rows = stage.world.cloud._pages("scan", {"TableName": stage.outputs["TableName"]})
    told = {each for row in rows for each in _telling([json.dumps(row, default=str)], traces)}
    assert told <= {"task token"}


def _telling(texts: Iterable[str], traces: Traces) -> list[str]:
    """What these texts tell of it. Six digits count as a word of their own, for ids have some."""
    told: set[str] = set()
    for text in texts:
        for what, secret in traces.secrets.items():
            alone = rf"(?<![\w.-]){secret}(?!\w)" if what == "code" else re.escape(secret)
            if re.search(alone, text):
                told.add(what)
    return sorted(told)
