"""What may be written to the core, and what makes it refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.core.store import Record


class RejectedError(Exception):
    """The core's business rules refuse a write for good: a code and a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of write: how its ids begin, what it keeps of a body, where it leaves the debt."""

    prefix: str
    check: Callable[[Record, Record], Record]
    status_after: Callable[[Record], str | None]


def _need(body: Record, name: str, kind: type) -> Any:  # noqa: ANN401 - JSON is what it is
    value = body.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RejectedError("malformed", f"{name} must be {kind.__name__}")
    return value


def _due(body: Record) -> str:
    text = _need(body, "due_date", str)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise RejectedError("malformed", f"due_date is not a date: {text}") from None


def _money(body: Record, name: str, obligation: Record) -> int:
    amount = _need(body, name, int)
    if amount <= 0:
        raise RejectedError("malformed", f"{name} must be positive")
    if _need(body, "currency", str) != obligation["currency"]:
        raise RejectedError("wrong_currency", f"the debt is in {obligation['currency']}")
    if amount > obligation["amount_minor"]:
        raise RejectedError("more_than_owed", f"{obligation['amount_minor']} is owed, not {amount}")
    return amount


def _arrangement(body: Record, obligation: Record) -> Record:
    total = _money(body, "total_minor", obligation)
    lines: list[Record] = _need(body, "instalments", list)
    amounts: list[int] = [_need(line, "amount_minor", int) for line in lines]
    instalments = [
        {"due_date": _due(line), "amount_minor": amount}
        for line, amount in zip(lines, amounts, strict=True)
    ]
    if sum(amounts) != total:
        raise RejectedError("does_not_add_up", "the instalments do not sum to the total")
    if total != obligation["amount_minor"]:
        raise RejectedError("wrong_total", f"{obligation['amount_minor']} is owed, not {total}")
    return {"currency": body["currency"], "total_minor": total, "instalments": instalments}


def _promise(body: Record, obligation: Record) -> Record:
    amount = _money(body, "amount_minor", obligation)
    return {"currency": body["currency"], "amount_minor": amount, "due_date": _due(body)}


def _flag(body: Record, _: Record) -> Record:
    return {"flag": _need(body, "flag", str), "reason": _need(body, "reason", str)}


def _note(body: Record, _: Record) -> Record:
    return {"text": _need(body, "text", str)}


KINDS = {
    "arrangements": Kind("arr", _arrangement, lambda _: "arranged"),
    "promises": Kind("pro", _promise, lambda _: None),
    "flags": Kind(
        "flg", _flag, lambda effect: effect["flag"] if effect["flag"] == "disputed" else None
    ),
    "notes": Kind("not", _note, lambda _: None),
}
