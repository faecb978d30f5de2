"""What customers read: the words of their case's workflow, and nothing that data can do to them."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from closeloop.adapters.rendering import JinjaRendering, UnknownTextError
from closeloop.domain.money import Money
from tests.fakes.firm import failed_payment

RENDERING = JinjaRendering()
TOUCH = {
    "firm_name": "Vale Bank",
    "support_contact": "0800 123 456",
    "name": "Ada Vale",
    "link": "https://pay.vale.example/c/06H0PVRT00NJMI4QV14MMMOOH012",
}


def page(text: str, **variables: Any) -> str:
    return RENDERING.text({"pages": {"a.text": text}}, "a.text", variables)


def message(**parts: Any) -> dict[str, Any]:
    document = {"messages": {"email/hello": parts}}
    return RENDERING.message(document, "email/hello", {"name": "<b>Ada</b>\r\nBcc: eve"})


@pytest.mark.parametrize("name", failed_payment()["messages"])
def test_every_message_of_the_real_workflow_can_be_written(name: str):
    variables = TOUCH | {"code": "123456", "minutes": 5, "host": "pay.vale.example", "approves": ""}

    parts = RENDERING.message(failed_payment(), name, variables)

    texts = [part if isinstance(part, str) else " ".join(part) for part in parts.values()]
    assert all("{{" not in text for text in texts)
    assert any("Vale Bank" in text for text in texts)


def test_a_whatsapp_message_is_its_template_its_language_and_its_parameters():
    parts = RENDERING.message(failed_payment(), "whatsapp/last_notice", TOUCH)

    assert parts == {
        "template": "account_question",
        "language": "en_GB",
        "parameters": ["Vale Bank", TOUCH["link"]],
    }


def test_only_html_is_escaped():
    """T12."""
    parts = message(html="<p>{{ name }}</p>", text="{{ name }}")

    assert parts["html"] == "<p>&lt;b&gt;Ada&lt;/b&gt; Bcc: eve</p>"
    assert parts["text"] == "<b>Ada</b> Bcc: eve"


def test_a_subject_stays_on_one_line():
    """T13: a line break in a subject could begin another header."""
    assert message(subject="Hello\n  {{ name }}")["subject"] == "Hello <b>Ada</b> Bcc: eve"


@given(st.text())
@settings(deadline=None)  # the first use imports
def test_no_variable_can_break_a_line_or_turn_its_direction(value: str):
    """T13."""
    shown = page("[{{ value }}]", value=value)

    assert not {unicodedata.category(sign) for sign in shown} & {"Cc", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")


@given(st.text(alphabet="abc éß😀\u00a0\u200d-'"))
@settings(deadline=None)  # the first use imports
def test_ordinary_words_pass_unchanged(value: str):
    assert page("[{{ value }}]", value=value) == f"[{value}]"


def test_values_within_values_are_tamed_too():
    schedule = [{"amount": "£1\n£2", "date": "today"}]
    assert page("{% for s in schedule %}{{ s.amount }}{% endfor %}", schedule=schedule) == "£1 £2"


def test_a_variable_that_is_not_given_is_an_error_and_no_blank():
    with pytest.raises(UndefinedError):
        page("You owe {{ amount }}")


def test_a_text_that_the_workflow_lacks_is_an_error_with_its_name():
    with pytest.raises(UnknownTextError, match=r"nothing\.title"):
        RENDERING.text({"pages": {}}, "nothing.title", {})


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.__init__.__globals__ }}",
        "{{ schedule.append(1) }}",
        "{% for x in range(10000000) %}x{% endfor %}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(source: str):
    with pytest.raises((SecurityError, UndefinedError, OverflowError)):
        page(source, name="Ada", schedule=[])


def test_what_one_case_fills_in_is_not_in_the_next_ones_text():
    """T30."""
    assert page("Hello {{ name }}", name="Ada") == "Hello Ada"
    assert page("Hello {{ name }}", name="Ben") == "Hello Ben"
    with pytest.raises(UndefinedError):
        page("Hello {{ name }}")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "shown"),
    [
        (12000, "GBP", "en_GB", "£120.00"),
        (1, "GBP", "en_GB", "£0.01"),
        (123456789, "GBP", "en_GB", "£1,234,567.89"),
        (1200, "JPY", "en_GB", "JP¥1,200"),
        (1200, "JPY", "ja_JP", "\uffe51,200"),
        (123456, "KWD", "en_GB", "KWD123.456"),
        (123450, "RSD", "en_GB", "RSD1,234.50"),
        (123456, "IQD", "en_GB", "IQD123.456"),
        (12000, "EUR", "de_DE", "120,00\u00a0€"),
        (12000, "EUR", "fr_FR", "120,00\u00a0€"),
    ],
)
def test_an_amount_has_its_currencys_own_decimals(
    minor: int, currency: str, locale: str, shown: str
):
    assert RENDERING.money(Money(minor, currency), locale) == shown


@given(st.integers(0, 10**12), st.sampled_from(["GBP", "JPY", "KWD", "RSD", "LBP", "CLF"]))
@settings(deadline=None)  # the first use imports
def test_an_amount_is_never_rounded(minor: int, currency: str):
    digits = [sign for sign in RENDERING.money(Money(minor, currency), "en_GB") if sign.isdigit()]

    assert int("".join(digits)) == minor


@pytest.mark.parametrize(
    ("locale", "shown"),
    [
        ("en_GB", "1 December 2026"),
        ("en_US", "December 1, 2026"),
        ("de_DE", "1. Dezember 2026"),
        ("en_XX", "December 1, 2026"),
        ("xx_YY", "1 December 2026"),
        ("", "1 December 2026"),
    ],
)
def test_a_day_has_its_month_in_words_in_every_locale(locale: str, shown: str):
    assert RENDERING.day(date(2026, 12, 1), locale) == shown
