"""What a message and a page may say: their variables with worst-case values, and their texts.

The renderers supply exactly these variables. The values here are the longest and oddest that may
occur; the linter measures and renders with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Variables = Mapping[str, Any]

# 20 characters is what the template allows for FirmName; the same goes for a 24-character host.
_FIRM: Variables = {"firm_name": "Wigglesworth Mutual."}
_HELP: Variables = {**_FIRM, "support_contact": "+44 20 7946 0000 (Mon-Fri 8-18)"}
_HOST = "messages.wigglesworth.uk"
# https://, a host of 24 characters, /c/ and a locator of 28.
LINK = f"https://{_HOST}/c/{'m' * 28}"
_AMOUNT = "£999,999,999.99"
_DATE = "Wednesday 30 September 2026"

TOUCH: Variables = {**_FIRM, "name": "Zażółć Gęślą-Jaźń", "link": LINK}
CODE: Variables = {
    **_HELP,
    "code": "88888888",
    "minutes": 5,
    "host": _HOST,
    "approves": f"12 payments, {_AMOUNT}",
}

_REFERENCE: Variables = {**_HELP, "reference": "K7QF-2MWD-9XTR"}
_ADDRESS: Variables = {**_HELP, "address": "m…@w…", "minutes": 5, "tries_left": 4}
_OFFER: Variables = {**_HELP, "amount": _AMOUNT, "due_date": _DATE}

PAGES: Mapping[str, Variables] = {
    "landing": _HELP,
    "prove": _ADDRESS,
    "code": _ADDRESS,
    "prove_more": _OFFER,
    "choose": {**_OFFER, "name": "Zażółć Gęślą-Jaźń"},
    "received": _REFERENCE,
    "recorded": _REFERENCE,
    "receipt": {**_REFERENCE, "recorded_at": f"{_DATE}, 23:59"},
    "expired": _HELP,
    "renewed": _HELP,
    "session_ended": _HELP,
    "closed": _HELP,
    "paused": _HELP,
    "not_available": _HELP,
    "too_many": _HELP,
    "handed_off": {**_HELP, "owner": "Specialist support", "due_date": _DATE},
    "problem": _HELP,
}

REQUIRED_TEXTS: Mapping[str, tuple[str, ...]] = {
    "landing": ("title", "intro", "button", "help"),
    "prove": ("title", "intro", "send_sms", "send_email", "help"),
    "code": (
        *("title", "intro", "label", "button", "resend"),
        *("wrong", "last_try", "too_late", "used_up", "help"),
    ),
    "prove_more": ("title", "intro", "button"),
    "choose": ("title", "intro", "nothing"),
    "received": ("title", "intro", "reference", "wait"),
    "recorded": ("title", "intro"),
    "receipt": ("title", "reference", "recorded_at", "agreed", "keep"),
    "expired": ("title", "intro", "button"),
    "renewed": ("title", "intro"),
    "session_ended": ("title", "intro"),
    "closed": ("title", "intro"),
    "paused": ("title", "intro"),
    "not_available": ("title", "intro"),
    "too_many": ("title", "intro"),
    "handed_off": ("title", "intro", "help"),
    "problem": ("title", "intro"),
}
ACTION_TEXTS = ("choice", "hint", "title", "intro", "button")
AGREEMENT_TEXTS = ("option", "agreement")

# Pages that are shown only to someone who has proved who they are.
PROVED = frozenset({"prove_more", "choose"})

_PAYMENT: Variables = {"amount": "£166,666,666.67", "date": _DATE}
ACTIONS: Mapping[str, Variables] = {
    "instalment_plan": {
        **_OFFER,
        "count": 12,
        "total": _AMOUNT,
        "first_amount": "£166,666,666.67",
        "first_date": _DATE,
        "schedule": [_PAYMENT] * 12,
    },
    "promise_to_pay": {**_OFFER, "date": _DATE, "last_date": _DATE},
    "dispute": _HELP,
    "ask_for_person": _HELP,
}
AGREED = frozenset({"instalment_plan", "promise_to_pay"})

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
