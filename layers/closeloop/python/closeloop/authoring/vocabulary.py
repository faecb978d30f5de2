"""What messages and pages may say: every text, and its variables at their longest and oddest.

The renderers supply exactly these variables, and the pages show exactly these texts. The linter
fills texts in, and measures them, with the values given here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Variables = Mapping[str, Any]
Texts = Mapping[str, Variables]

# The template takes a FirmName of at most 20 characters and a link's host of at most 24.
_FIRM: Variables = {"firm_name": "Wigglesworth Mutual."}
_HELP: Variables = {**_FIRM, "support_contact": "+44 20 7946 0000 (Mon-Fri 8-18)"}
_HOST = "messages.wigglesworth.uk"
_AMOUNT = "£999,999,999.99"
_PART = "£166,666,666.67"
_DAY = "Wednesday 30 September 2026"

TOUCH: Variables = {
    **_FIRM,
    "name": "Zażółć Gęślą-Jaźń",
    "link": f"https://{_HOST}/c/{'m' * 28}",  # a locator is 28 characters long
}
CODE: Variables = {
    **_HELP,
    "code": "88888888",
    "minutes": 5,
    "host": _HOST,
    "approves": f"12 payments, {_AMOUNT}",
}


def _page(name: str, variables: Variables, *more: str) -> Texts:
    """A page with title and intro, and more texts that know the same variables."""
    return {f"{name}.{text}": {**_HELP, **variables} for text in ("title", "intro", *more)}


def _lines(name: str, variables: Variables, *texts: str) -> Texts:
    """Single texts of a page, with variables of their own."""
    return {f"{name}.{text}": {**_HELP, **variables} for text in texts}


# Pages that are shown before a case is known, or without one: the same for all workflows.
COMMON: Texts = {
    **_page("landing", {}, "button", "help"),
    **_page("expired", {}, "button", "help"),
    **_page("renewed", {}),
    **_page("session_ended", {}),
    **_page("not_available", {}),
    **_page("too_many", {}, "help"),
    **_page("used_up", {}, "help"),
    **_page("problem", {}, "help"),
}

# Pages about a case, in the words of its workflow.
PAGES: Texts = {
    **_page("prove", {}, "person", "no_address", "not_sent", "help"),
    **_lines("prove", {"address": "m…@w…"}, "send_sms", "send_email"),
    **_page("code", {"address": "m…@w…", "minutes": 5}, "help"),
    **_lines("code", {"address": "m…@w…"}, "resend_sms", "resend_email"),
    **_lines("code", {}, "label", "button", "last_try", "too_late"),
    **_lines("code", {"tries_left": 4}, "wrong"),
    **_page("prove_more", {"amount": _AMOUNT}, "help"),
    **_page("choose", {"amount": _AMOUNT, "due_date": _DAY}, "help"),
    **_lines("choose", {}, "other", "not_possible", "changed", "choose_one"),
    **_page("received", {}),
    **_lines("received", {"reference": "K7QF2MWD"}, "reference"),
    **_lines("received", {}, "wait", "again"),
    **_page("recorded", {}, "help"),
    **_lines("receipt", {}, "title", "when", "agreed"),
    **_lines("receipt", {"reference": "K7QF2MWD"}, "reference"),
    **_lines("receipt", {"recorded_at": _DAY}, "recorded_at"),
    **_page("handed_off", {"owner": "Specialist support", "due_date": _DAY}, "help"),
    **_lines("handed_off", {}, "owner"),
    **_page("closed", {}),
    **_page("paused", {}),
}

# Pages that only somebody who has proved who they are can see.
PROVED = frozenset({"prove_more", "choose"})

_ACTION: Texts = {
    **_lines("", {}, "choice", "hint", "title", "button"),
    **_lines("", {"amount": _AMOUNT, "last_date": _DAY}, "intro"),
}
_PLAN: Variables = {
    "amount": _AMOUNT,
    "total": _AMOUNT,
    "count": 12,
    "first_amount": _PART,
    "first_date": _DAY,
    "schedule": [{"amount": _PART, "date": _DAY}] * 12,
}
_PROMISE: Variables = {"amount": _AMOUNT, "date": _DAY}

# What the customer may do in a workflow, and the texts of each.
ACTIONS: Mapping[str, Texts] = {
    "instalment_plan": {**_ACTION, **_lines("", _PLAN, "option", "agreement")},
    "promise_to_pay": {**_ACTION, **_lines("", _PROMISE, "option", "agreement")},
    "dispute": _ACTION,
    "ask_for_person": _ACTION,
}
AGREED = frozenset({"instalment_plan", "promise_to_pay"})


def texts_of_action(name: str, inputs: Mapping[str, list[str]]) -> Texts:
    """The texts of an action: its own, and a label and a text for each answer of its inputs."""
    answers = (
        f".inputs.{field}.{answer}"
        for field, known in inputs.items()
        for answer in ("label", *known)
    )
    own = {**ACTIONS.get(name, _ACTION), **dict.fromkeys(answers, _HELP)}
    return {f"actions.{name}{text}": variables for text, variables in own.items()}


# Words that tell a stranger who sees the message or the page what it is about (CONC 7.9.7R).
DEBT_WORDS = (
    *("arrears", "bailiff", "balance", "bankruptcy", "bill", "bills", "borrow", "borrowed"),
    *("charge", "charges", "collect", "collection", "collections", "collector", "court"),
    *("credit", "creditor", "debit", "debt", "debts", "declined", "default", "defaulted", "due"),
    *("enforcement", "fee", "fees", "fine", "fines", "hardship", "instalment", "instalments"),
    *("installment", "installments", "interest", "invoice", "invoices", "late", "legal", "loan"),
    *("loans", "missed", "money", "mortgage", "outstanding", "overdue", "owe", "owed", "owes"),
    *("owing", "paid", "pay", "payable", "payment", "payments", "plan", "promise", "recover"),
    *("recovery", "rent", "repay", "repayment", "repayments", "unpaid", "£", "€", "$"),
)
