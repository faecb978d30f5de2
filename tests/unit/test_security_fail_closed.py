"""Whatever breaks, nothing is allowed: no action, no code, no session, and a calm page (T29)."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from closeloop.application.ports import (
    ConflictError,
    SendRefusedError,
    TemporarilyUnavailable,
)
from closeloop.domain.identity import Channel
from closeloop.domain.offers import CalendarError
from tests.fakes.api_gateway import answers_of, event_of, posted
from tests.fakes.firm import Firm
from tests.fakes.intruder import DEBT, PERSONAL, ask_for_code, links, opened, rows, touched

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Break = Callable[[Firm, pytest.MonkeyPatch, Exception], None]

LOUD = "Ada Vale +447700900141 said 120.00"  # what an exception's text might carry


def _of(port: str, method: str) -> Break:
    def broken(firm: Firm, patch: pytest.MonkeyPatch, error: Exception) -> None:
        patch.setattr(getattr(firm, port), method, _raising(error))

    return broken


def _named(path: str) -> Break:
    def broken(firm: Firm, patch: pytest.MonkeyPatch, error: Exception) -> None:
        del firm
        patch.setattr(path, _raising(error))

    return broken


def _raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> object:
        raise error

    return fail


DEPENDENCIES: dict[str, Break] = {
    "table.get": _of("table", "get"),
    "table.write": _of("table", "write"),
    "table.update": _of("table", "update"),
    "link keys": _of("keyring", "link_keys"),
    "session key": _of("keyring", "session_key"),
    "pepper": _of("keyring", "code"),
    "address alias": _of("keyring", "alias"),
    "core": _of("core", "obligation"),
    "workflows": _of("workflows", "pinned"),
    "texts": _of("rendering", "text"),
    "messages": _of("rendering", "message"),
    "clock": _of("clock", "now"),
    "policy": _named("closeloop.adapters.cedar_policy.CedarPolicy.decide"),
    "Cedar": _named("closeloop.adapters.cedar_policy.cedarpy.is_authorized"),
    "calendar": _named("tests.fakes.firm.closed_days"),
    "offers": _named("closeloop.application.choices.instalment_offers"),
}
ERRORS = [
    TemporarilyUnavailable(),
    ConflictError({}),
    RuntimeError(LOUD),
    KeyError(LOUD),
    ValueError(LOUD),
    CalendarError(LOUD),
]


class Steps:
    """A customer just before each step that needs a decision: the request, and what it needs."""

    def __init__(self) -> None:
        self.firm = Firm()
        touched(self.firm, 1)
        self.customer = opened(self.firm)

    def cookie(self) -> str:
        return f"__Host-s={self.customer.cookie}"

    def open(self) -> dict[str, Any]:
        return posted(f"/c/{links(self.firm)[-1]}")

    def code(self) -> dict[str, Any]:
        form = self.customer.page.forms[0].hidden
        return posted("/c/code", urlencode(dict(form)), Cookie=self.cookie())

    def verify(self) -> dict[str, Any]:
        code = ask_for_code(self.customer)
        form = {**self.customer.form("c/verify").hidden, "code": code}
        return posted("/c/verify", urlencode(form), Cookie=self.cookie())

    def submit(self) -> dict[str, Any]:
        self.customer.prove()
        self.customer.get("c/act/instalment_plan")
        form = self.customer.form("c/act/instalment_plan")
        fields = {**form.hidden, "choice": form.fields[0].options[0].value}
        return posted("/c/act/instalment_plan", urlencode(fields), Cookie=self.cookie())

    def look(self) -> dict[str, Any]:
        self.customer.prove()
        return event_of("GET", "/c", {"Cookie": self.cookie()})


# What each step is decided by: with any of these broken, it must not take place.
NEEDS = {
    "open": ("table.get", "table.write", "link keys", "clock"),
    "code": (
        "table.get", "table.write", "session key", "pepper", "address alias", "core", "workflows",
        "messages", "clock",
    ),
    "verify": ("table.write", "table.update", "session key", "pepper", "clock"),
    "submit": (
        "table.get", "table.write", "session key", "workflows", "texts", "clock", "policy", "Cedar",
        "calendar", "offers",
    ),
    "look": ("table.get", "session key", "workflows", "texts", "clock", "policy"),
}  # fmt: skip
PAIRS = [(step, needed) for step, all_needed in NEEDS.items() for needed in all_needed]


def granted(firm: Firm) -> dict[str, Any]:
    """What a step gives: sessions, what they have proved, submissions, messages with a code."""
    sessions = [row["assurance"] for key, row in rows(firm).items() if key.pk.startswith("SESSION")]
    submitted = [key.sk for key in rows(firm) if key.sk.startswith("SUBMISSION#")]
    return {
        "sessions": sorted(sessions),
        "submissions": submitted,
        "messages": {channel: len(firm.senders[channel].outbox) for channel in Channel},
    }


@pytest.mark.parametrize(("step", "needed"), PAIRS)
def test_with_any_dependency_broken_the_step_is_not_taken_and_a_page_says_so(
    step: str, needed: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """T29, ASVS 16.5.3: each dependency of each decision, with each kind of error."""
    for error in ERRORS:
        steps = Steps()
        event = getattr(steps, step)()
        before = granted(steps.firm)
        with monkeypatch.context() as patch:
            DEPENDENCIES[needed](steps.firm, patch, error)
            answer = answers_of(steps.firm)(event)

        assert granted(steps.firm) == before, (needed, error)
        told = (answer["body"], caplog.text, str(answer["headers"]))
        assert answer["statusCode"] >= 400 or step != "look" or "<form" not in answer["body"]
        for secret in (LOUD, "Traceback", 'File "', type(error).__name__):
            assert secret not in answer["body"]
        assert not [text for text in told if LOUD in text]
        if answer["statusCode"] >= 400:
            assert "<html" in answer["body"]
            assert "Strict-Transport-Security" in answer["headers"]


def test_a_session_that_cannot_be_signed_is_given_to_nobody(monkeypatch: pytest.MonkeyPatch):
    """T29: the row is made before the cookie; without its key no cookie goes out."""
    steps = Steps()
    event = steps.open()
    DEPENDENCIES["session key"](steps.firm, monkeypatch, TemporarilyUnavailable())

    answer = answers_of(steps.firm)(event)

    assert answer["statusCode"] == 500
    assert answer["multiValueHeaders"]["Set-Cookie"] == []


@pytest.mark.parametrize("step", list(NEEDS))
def test_with_nothing_broken_each_step_is_taken(step: str):
    """The other half: what the tests above hold back does happen otherwise."""
    steps = Steps()
    event = getattr(steps, step)()
    before = granted(steps.firm)

    answer = answers_of(steps.firm)(event)

    assert answer["statusCode"] in {200, 303}
    assert (granted(steps.firm) != before) == (step != "look")


@pytest.mark.parametrize(
    ("step", "needed"), list(itertools.product(["open", "code", "verify"], ["core", "table.get"]))
)
def test_the_page_of_a_failure_tells_nothing(
    step: str, needed: str, monkeypatch: pytest.MonkeyPatch
):
    """T3: not even then."""
    steps = Steps()
    event = getattr(steps, step)()
    DEPENDENCIES[needed](steps.firm, monkeypatch, RuntimeError(LOUD))

    answer = answers_of(steps.firm)(event)

    assert not [word for word in (*PERSONAL, *DEBT) if word in answer["body"]]


def test_a_policy_that_cannot_be_read_allows_nothing():
    """T29: neither a syntax error, nor nothing at all, nor only permissions without their rules."""
    for source in ("permit (principal, action, resource", "", "permit (principal);"):
        steps = Steps()
        event = steps.submit()
        (document,) = steps.firm.workflows.kept.values()
        steps.firm.workflows.kept[document["hash"]] = {**document, "policy": source}

        answer = answers_of(steps.firm)(event)

        assert answer["statusCode"] >= 400
        assert granted(steps.firm)["submissions"] == []


def test_a_country_without_a_calendar_offers_no_date():
    """T29: a date that may be a bank holiday is not offered, so nothing can be agreed."""
    firm = Firm()
    firm.core.contact = firm.core.contact
    touched(firm, 1, country="ZZ")
    customer = opened(firm)
    customer.prove()

    customer.get("c/act/promise_to_pay")

    assert not [form for form in customer.page.forms if "promise" in form.action]


def test_a_code_that_the_provider_refuses_opens_nothing_and_says_so():
    """R11: refused for certain, so the customer may try another way; the attempt is spent."""
    firm = Firm()
    touched(firm, 1)
    customer = opened(firm)
    firm.senders[Channel.SMS].fails = [SendRefusedError("InvalidParameter")]

    customer.submit(customer.page.forms[0])

    assert "could not be sent" in customer.page.alert
    assert customer.page.name == "prove"
