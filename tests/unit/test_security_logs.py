"""Logs hold ids, types and counts; nobody learns a person, a code or a key from them (T18, T22)."""

from __future__ import annotations

import json
import logging
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.adapters import telemetry
from closeloop.application.ports import SendInDoubtError, SendRefusedError, TemporarilyUnavailable
from closeloop.domain.identity import Channel
from tests.fakes.api_gateway import event_of, posted
from tests.fakes.firm import ROOT_KEY, Firm, payment_failed
from tests.fakes.handlers import FUNCTIONS, Handlers
from tests.fakes.intruder import alone_in, links, rows
from tests.fakes.outside import FakeCore, person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


CANARY = person(
    name="Cassandra Canary",
    email="cassandra.canary@example.org",
    phone="+447700900555",
    whatsapp="+447700900555",
)
FORGED = 'X\r\nERROR forged by Mallory\n{"level":"FORGED"}'


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handlers]:
    """The real handlers, with logger and metrics made anew so that they write to this test."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"logs-{secrets.token_hex(4)}")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "closeloop")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    telemetry.logger.cache_clear()
    telemetry.metrics.cache_clear()
    firm = Firm()
    firm.core = FakeCore(firm.clock, contact=CANARY)
    firm.journey._number = 700_100_199
    yield Handlers(firm).install(monkeypatch)
    telemetry.logger.cache_clear()
    telemetry.metrics.cache_clear()


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that was said so far, by any logger at any level and on both streams."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []

    def everything() -> str:
        out = capsys.readouterr()
        told.extend((out.out, out.err))
        return "\n".join((*told, caplog.text))

    return everything


def trigger(**changes: Any) -> dict[str, Any]:
    event = payment_failed(**changes)
    return {
        "id": event.id,
        "source": event.source,
        "detail-type": event.detail_type,
        "detail": event.detail,
    }


def send_touch(handlers: Handlers, case_id: str, touch: int) -> Any:
    token = handlers.firm.journey.token(case_id)
    return handlers.invoke("send_touch", {"case_id": case_id, "touch": touch, "token": token})


def whole_case(handlers: Handlers) -> tuple[str, set[str]]:
    """Play one case through every handler; return its id and what must never be said."""
    firm = handlers.firm
    handlers.batch("open_case", trigger())
    case_id = firm.journey.started[-1].case_id
    send_touch(handlers, case_id, 1)
    browser = handlers.browser()
    browser.open(links(firm)[-1])
    never = {browser.cookie, browser.page.forms[0].hidden["csrf"]}
    browser.submit(browser.page.forms[0])
    code = browser.code(Channel.SMS)
    browser.submit(browser.form("c/verify"), code="000000" if code != "000000" else "111111")
    browser.submit(browser.form("c/verify"), code=code)
    plan = browser.form("c/act/instalment_plan")
    browser.submit(plan, choice=plan.fields[0].options[0].value)
    handlers.batch("writeback", firm.queue.take(), queue="writeback")
    browser.get("c/status")
    assert browser.page.name == "recorded"
    never |= {browser.cookie, plan.hidden["csrf"], plan.hidden["form_id"], code, *links(firm)}
    handlers.invoke("sweep", {})
    return case_id, never


def secrets_of(firm: Firm, never: set[str]) -> set[str]:
    """The canaries of person and debt, and every credential that was in use."""
    personal = {CANARY.name, "Cassandra", "cassandra", "447700900555", "120.00", "12000"}
    tokens = {f"token-{number}" for number in range(700_100_200, 700_100_260)}
    cookies = [each.split(".") for each in never if each.count(".") == 3]
    parts = {part for _, secret, _, mac in cookies for part in (secret, mac)}
    sessions = {key.pk.partition("#")[2] for key in rows(firm) if key.pk.startswith("SESSION")}
    return {*personal, *tokens, *never, *parts, *sessions, ROOT_KEY.decode()}


def test_a_whole_case_through_the_real_handlers_leaves_no_person_and_no_credential_in_the_log(
    deployed: Handlers, said: Callable[[], str]
):
    """T22, T18, ASVS 16.2.5, 14.2.1: name, addresses, amount, code, link, cookie, CSRF, tokens."""
    case_id, never = whole_case(deployed)

    log = said()

    assert case_id in log  # so that the log is the real one, and of use
    assert '"outcome":"opened"' in log.replace(" ", "")
    assert [secret for secret in secrets_of(deployed.firm, never) if alone_in(log, secret)] == []


def test_what_goes_wrong_is_told_by_its_kind_and_never_by_its_text(
    deployed: Handlers, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
):
    """T22, ASVS 16.3: refused and doubtful sends, a broken core, a broken table, dead letters."""
    firm = deployed.firm
    loud = f"{CANARY.name} <{CANARY.email}> {CANARY.phone}"
    for fault in (SendInDoubtError("Throttled"), SendRefusedError("InvalidParameter")):
        firm.senders[Channel.EMAIL].fails.append(fault)
        deployed.batch("open_case", trigger(obligation_id=f"INV-{fault}"))
        send_touch(deployed, firm.journey.started[-1].case_id, 1)
    case_id, never = whole_case(deployed)
    deployed.batch("open_case", "{not json", trigger(amount_minor=loud), {"id": loud})
    deployed.batch("dead_letters", json.dumps({"detail": {"name": loud}}), loud, queue="dlq")
    deployed.invoke("hand_off", {"case_id": case_id, "reason": "no_response", "token": "token-9"})
    for port, method, function in (
        ("table", "get", "send_touch"),
        ("table", "get", "hand_off"),
        ("table", "due", "sweep"),
    ):
        event = {"case_id": case_id, "touch": 1, "token": "token-8", "reason": "no_response"}
        with monkeypatch.context() as patch:
            patch.setattr(getattr(firm, port), method, _unavailable(loud))
            with pytest.raises(TemporarilyUnavailable) as raised:
                deployed.invoke(function, event)
        assert loud not in str(raised.value)  # what Lambda and the journey's history would keep

    log = said()

    assert '"error":"KeyError"' in log.replace(" ", "")
    never |= {loud, CANARY.email or "", "token-8", "token-9"}
    assert [secret for secret in secrets_of(firm, never) if alone_in(log, secret)] == []


def _unavailable(text: str) -> Callable[..., object]:
    def fail(*_: object, **__: object) -> object:
        raise TemporarilyUnavailable from RuntimeError(text)

    return fail


def test_a_break_in_an_id_starts_no_line_of_the_log(deployed: Handlers, said: Callable[[], str]):
    """ASVS 16.4.1: every line on standard output is JSON of ours, whatever an id contains."""
    for function, event in (
        ("hand_off", {"case_id": FORGED, "reason": "no_response", "token": FORGED}),
        ("send_touch", {"case_id": FORGED, "touch": 1, "token": FORGED}),
    ):
        with pytest.raises(LookupError):
            deployed.invoke(function, event)
    died = {"source": "aws.states", "detail": {"name": f"{FORGED}-1"}}
    with pytest.raises(LookupError):
        deployed.invoke("hand_off", died)
    record = {
        "messageId": FORGED,
        "eventSourceARN": f"arn:aws:sqs:::{FORGED}",
        "body": json.dumps({"case": FORGED, "submission": FORGED, "case_id": FORGED}),
    }
    for function in ("open_case", "writeback", "dead_letters"):
        deployed.invoke(function, {"Records": [record]})
    for event in (
        event_of("GET", "/c", {"Cookie": f"__Host-s={FORGED}", "User-Agent": FORGED}),
        event_of("GET", f"/c/act/{FORGED}".replace("\r\n", "%0d%0a")),
        posted("/c/renew", f"link={FORGED}"),
    ):
        deployed.invoke("mini_app", event)

    lines = said().splitlines()

    assert [line for line in lines if line.startswith(("ERROR forged", '{"level":"FORGED"'))] == []
    printed = [line for line in lines if line.startswith("{")]
    assert printed
    assert all(json.loads(line).get("level") != "FORGED" for line in printed)


def test_every_handler_was_played(deployed: Handlers):
    """A handler that is added must be added here, before its first log line is written."""
    assert deployed
    assert set(FUNCTIONS) == {
        "dead_letters",
        "hand_off",
        "mini_app",
        "one_time_code",
        "open_case",
        "send_touch",
        "submit_action",
        "sweep",
        "writeback",
    }


def test_refusals_are_told_with_route_and_page(deployed: Handlers, said: Callable[[], str]):
    """ASVS 16.3.1, 16.3.2: authentication and authorisation that failed leave a line."""
    deployed.batch("open_case", trigger())
    case_id = deployed.firm.journey.started[-1].case_id
    send_touch(deployed, case_id, 1)
    browser = deployed.browser()
    browser.open(links(deployed.firm)[-1])
    form = browser.page.forms[0]
    browser.post("c/code", {**form.hidden, "csrf": "0" * 32})
    browser.submit(form)
    browser.submit(browser.form("c/verify"), code="wrong")
    browser.cookie = "nobody"
    browser.get("c")

    log = said()

    assert "POST /c/code: 403" in log
    assert "POST /c/verify: 303 code_wrong" in log
    assert "GET /c: 401" in log
