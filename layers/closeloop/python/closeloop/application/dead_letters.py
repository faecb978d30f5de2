"""Dead letters: whatever no function could digest becomes work for a named owner, once.

A dead letter never ends a case by itself: a submission stays due and `sweep` goes on trying, while
the platform team is told. What names no case is kept under its queue.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from closeloop.application import case_file
from closeloop.application.case_file import attempt
from closeloop.application.handoffs import Cause, hand_over
from closeloop.application.ports import NEW, ConflictError, Key, Put
from closeloop.domain.blueprint import Reason
from closeloop.domain.handoff import Handoff, path_for

if TYPE_CHECKING:
    from closeloop.application.ports import Clock, Table

_CASE_ID = re.compile("[0-9A-V]{26}")  # whatever else stands there is no key to look under
_DEPTH = 6
_PART = 90_000  # characters, of four bytes at most; an item may have 400 KB


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up: its id, the queue it was found in, and its body as text."""

    id: str
    queue: str
    body: str


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Turns dead letters into handoffs."""

    table: Table
    clock: Clock

    def __call__(self, letter: DeadLetter) -> str:
        """Make the handoff; a second delivery of the same letter makes no second one (F19)."""
        try:
            return attempt(lambda: self._once(letter))
        except _AlreadyKept:
            return "duplicate"

    def _once(self, letter: DeadLetter) -> str:
        case_id = find_case(letter.body)
        case = case_file.load(self.table, case_id) if case_id else None
        now = self.clock.now()
        kept = Key(f"DEADLETTER#{letter.queue}", f"HANDOFF#{letter.id}")
        cause = Cause(
            Reason.DEAD_LETTER, "dead_letters", {"queue": letter.queue, "message": letter.id}
        )
        if case is None:
            first, *rest = _parts(letter.body)
            item = self._ownerless(letter, cause).item() | {"body": first}
            changes = tuple(
                Put(Key(kept.pk, f"{kept.sk}#{at:03d}"), {"body": part})
                for at, part in enumerate(rest, start=2)
            )
        else:
            _, changes = hand_over(case, None, cause, now, to=case.status)
            item = {"case": case.id}
        try:
            self.table.write(Put(kept, item, when=NEW), *changes)
        except ConflictError as conflict:
            if conflict.found.get(0) is not None:
                raise _AlreadyKept from conflict
            raise
        return "handed_off"

    def _ownerless(self, letter: DeadLetter, cause: Cause) -> Handoff:
        return Handoff(
            id=letter.id,
            case="",
            reason=cause.reason,
            path=path_for(None, cause.reason),
            at=self.clock.now(),
            context=cause.context,
        )


def _parts(body: str) -> list[str]:
    """The body cut to what one item of the table holds; a queue's message may be larger."""
    return [body[at : at + _PART] for at in range(0, len(body), _PART)] or [""]


class _AlreadyKept(Exception):  # noqa: N818 - a step, not a fault
    pass


def find_case(body: str) -> str | None:
    """Return the case that a message is about, wherever in it that is named."""
    try:
        return _search(json.loads(body), _DEPTH)
    except (ValueError, RecursionError):  # no JSON, or nested beyond all measure
        return None


def _search(value: object, depth: int) -> str | None:
    if depth == 0:
        return None
    if isinstance(value, str) and value.startswith("{"):
        return find_case(value)
    if isinstance(value, list):
        found = (_search(each, depth - 1) for each in cast("list[object]", value))
        return next((each for each in found if each), None)
    if not isinstance(value, Mapping):
        return None
    names = cast("Mapping[str, Any]", value)
    for name in ("case_id", "case"):
        given = names.get(name)
        if isinstance(given, str) and _CASE_ID.fullmatch(given):
            return given
    found = (_search(each, depth - 1) for each in names.values())
    return next((each for each in found if each), None)
