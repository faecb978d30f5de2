"""The audit chain of a case: append-only events, each hashed over the one before (SECURITY T23).

`hash = SHA-256(previous hash ‖ canonical JSON of the event)`. The first event follows a genesis
derived from the case id, so a chain cannot be passed off as another case's. The case row keeps the
number and hash of the last event, written in the same transaction: that is what shows a chain that
was cut short or replaced as a whole, which the chain by itself cannot show.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from closeloop.domain.instants import from_text, to_text

if TYPE_CHECKING:
    from datetime import datetime

_DOMAIN = b"closeloop audit chain v1\x00"
_TEXTS = frozenset({"at", "kind", "actor", "prev", "hash"})
_FIELDS = _TEXTS | {"seq", "data"}
_KEYS = frozenset({"pk", "sk"})


class NotCanonicalError(ValueError):
    """A value has no single JSON form: a float, a key that is not text, a type JSON lacks."""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What happened, when, and who did it. `seq` counts from 1; `prev` and `hash` are hex digests.

    `data` is plain JSON without personal data: ids, codes, counts and hashes.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any]
    prev: str
    hash: str


class Head(NamedTuple):
    """The end of a chain as the case row states it; `Head(0, genesis(case_id))` when empty."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Every event is the one that was written, none is missing. `events` counts them."""

    events: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the chain is not what was written, and in what way."""

    first_bad_seq: int
    why: str


def canonical(value: object) -> bytes:
    """Write plain JSON data in its one form: sorted keys, no spaces, UTF-8; NotCanonicalError."""
    _require_plain(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("text that is not Unicode") from error


def genesis(case_id: str) -> str:
    """The digest that the first event of a case follows."""
    return hashlib.sha256(_DOMAIN + case_id.encode()).hexdigest()


def append(
    head: str, seq: int, at: datetime, kind: str, actor: str, data: Mapping[str, Any]
) -> AuditEvent:
    """Return event number `seq`, chained to `head`; it shares nothing with `data`."""
    copied = json.loads(canonical(dict(data)))
    return AuditEvent(
        seq, at, kind, actor, copied, head, _digest(head, seq, at, kind, actor, copied)
    )


def to_item(event: AuditEvent) -> dict[str, Any]:
    """The event as stored."""
    return {
        "seq": event.seq,
        "at": to_text(event.at),
        "kind": event.kind,
        "actor": event.actor,
        "data": dict(event.data),
        "prev": event.prev,
        "hash": event.hash,
    }


def from_item(item: Mapping[str, Any]) -> AuditEvent:
    """Read what `to_item` wrote, with or without its keys; ValueError for anything else.

    An attribute nobody hashed must not travel with an event, so an unknown one is refused too.
    """
    names = frozenset(item) - _KEYS
    if names != _FIELDS:
        raise ValueError(f"missing or unknown: {', '.join(sorted(names ^ _FIELDS))}")
    if (
        type(item["seq"]) is not int
        or not isinstance(item["data"], Mapping)
        or not all(isinstance(item[name], str) for name in _TEXTS)
    ):
        raise ValueError("an attribute has the wrong type")
    at = from_text(item["at"])
    if to_text(at) != item["at"]:
        raise ValueError("an instant not in its fixed width")
    return AuditEvent(
        seq=item["seq"],
        at=at,
        kind=item["kind"],
        actor=item["actor"],
        data=cast("Mapping[str, Any]", item["data"]),
        prev=item["prev"],
        hash=item["hash"],
    )


def verify(
    case_id: str, events: Iterable[AuditEvent | Mapping[str, Any]], expected_head: Head
) -> Verified | Broken:
    """Recompute the chain of a case, events or stored items in stored order, against the case row.

    A chain rehashed from some event on is only seen to miss the row's head: the first bad number is
    then the last one.
    """
    seq, head = 0, genesis(case_id)
    for seq, found in enumerate(events, start=1):
        if seq > expected_head.seq:
            return Broken(seq, "beyond the head on the case row")
        try:
            event = found if isinstance(found, AuditEvent) else from_item(found)
            why = _fault(event, seq, head)
        except ValueError as error:
            why = f"unreadable: {error}"
        else:
            head = event.hash
        if why is not None:
            return Broken(seq, why)
    if seq < expected_head.seq:
        return Broken(seq + 1, "missing at the end")
    if not hmac.compare_digest(head, expected_head.hash):
        return Broken(seq, "does not end in the head on the case row")
    return Verified(seq)


def _fault(event: AuditEvent, seq: int, head: str) -> str | None:
    if event.seq != seq:
        return f"number {event.seq} in its place"
    if event.prev != head:
        return "does not follow the event before it"
    if event.hash != _digest(head, seq, event.at, event.kind, event.actor, event.data):
        return "does not match its hash"
    return None


def _digest(
    head: str, seq: int, at: datetime, kind: str, actor: str, data: Mapping[str, Any]
) -> str:
    event = {"seq": seq, "at": to_text(at), "kind": kind, "actor": actor, "data": dict(data)}
    return hashlib.sha256(bytes.fromhex(head) + canonical(event)).hexdigest()


def _require_plain(value: object) -> None:
    match value:
        case None | bool() | int() | str():
            return
        case dict():
            for name, inner in cast("dict[object, object]", value).items():
                if not isinstance(name, str):
                    raise NotCanonicalError(f"a key of type {type(name).__name__}")
                _require_plain(inner)
        case list() | tuple():
            for inner in cast("list[object]", value):
                _require_plain(inner)
        case _:
            raise NotCanonicalError(f"a value of type {type(value).__name__}")
