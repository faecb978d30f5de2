"""The audit chain shows every later change, wherever it is made (T23, SECURITY §2.10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.evidence import (
    AuditEvent,
    Broken,
    Head,
    NotCanonicalError,
    Verified,
    append,
    canonical,
    from_item,
    genesis,
    to_item,
    verify,
)

CASE = "0CASE7"
START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
KINDS = ("case_opened", "touch_sent", "code_checked", "submission_accepted", "case_resolved")

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def chain(length: int = 5, case: str = CASE) -> list[AuditEvent]:
    events: list[AuditEvent] = []
    head = genesis(case)
    for number in range(1, length + 1):
        data = {"version": number, "channel": "sms", "lawful": True, "rule": None, "of": ["a", 1]}
        at = START + timedelta(seconds=number)
        events.append(append(head, number, at, KINDS[(number - 1) % 5], "customer", data))
        head = events[-1].hash
    return events


def end(events: list[AuditEvent]) -> Head:
    return Head(events[-1].seq, events[-1].hash)


def relink(events: list[AuditEvent], first: int) -> list[AuditEvent]:
    """What an insider who knows the algorithm would do: hash again from event `first` on."""
    for at in range(first - 1, len(events)):
        head = events[at - 1].hash if at else genesis(CASE)
        old = events[at]
        events[at] = append(head, old.seq, old.at, old.kind, old.actor, old.data)
    return events


def test_an_untouched_chain_is_verified():
    events = chain()
    assert verify(CASE, events, end(events)) == Verified(5)
    assert verify(CASE, [to_item(event) for event in events], end(events)) == Verified(5)


def test_an_empty_chain_is_verified_against_its_genesis_only():
    assert verify(CASE, [], Head(0, genesis(CASE))) == Verified(0)
    assert verify(CASE, [], Head(0, genesis("0CASE8"))) == Broken(
        0, "does not end in the head on the case row"
    )


def test_a_stored_event_reads_back_as_it_was():
    for event in chain():
        stored: dict[str, Any] = {"pk": f"CASE#{CASE}", "sk": f"EVENT#{event.seq:06d}"}
        assert from_item(stored | to_item(event)) == event


@pytest.mark.parametrize("number", range(1, 6))
@pytest.mark.parametrize("name", ["at", "kind", "actor", "prev", "hash"])
def test_every_flipped_byte_of_every_field_is_found_where_it_was_made(number: int, name: str):
    events = chain()
    for position in range(len(to_item(events[number - 1])[name])):
        for bit in range(7):
            items = [to_item(event) for event in events]
            text = items[number - 1][name]
            flipped = chr(ord(text[position]) ^ (1 << bit))
            items[number - 1][name] = text[:position] + flipped + text[position + 1 :]
            found = verify(CASE, items, end(events))
            assert isinstance(found, Broken), (position, bit)
            assert found.first_bad_seq == number


@pytest.mark.parametrize(
    ("name", "value"),
    [("version", 4), ("version", "3"), ("lawful", 1), ("lawful", False), ("rule", ""), ("of", [1])],
)
def test_every_changed_value_in_the_data_is_found(name: str, value: object):
    events = chain()
    events[2] = replace(events[2], data={**events[2].data, name: value})
    assert verify(CASE, events, end(events)) == Broken(3, "does not match its hash")


def test_a_value_added_or_taken_away_is_found():
    events = chain()
    for data in ({**events[0].data, "note": "x"}, {}):
        changed = [replace(events[0], data=data), *events[1:]]
        assert verify(CASE, changed, end(events)) == Broken(1, "does not match its hash")


def test_an_attribute_that_nobody_hashed_is_found():
    events = chain()
    items = [to_item(event) for event in events]
    items[3]["approved_by"] = "agent-7"
    found = verify(CASE, items, end(events))
    assert found == Broken(4, "unreadable: missing or unknown: approved_by")
    del items[3]["approved_by"], items[3]["actor"]
    found = verify(CASE, items, end(events))
    assert found == Broken(4, "unreadable: missing or unknown: actor")


def test_the_same_instant_written_differently_is_found():
    events = chain()
    items = [to_item(event) for event in events]
    items[0]["at"] = items[0]["at"].replace(".000000Z", ".0Z")
    assert verify(CASE, items, end(events)) == Broken(
        1, "unreadable: an instant not in its fixed width"
    )


@pytest.mark.parametrize("gone", range(1, 5))
def test_a_deleted_event_is_found_even_when_the_rest_is_numbered_anew(gone: int):
    events = chain()
    left = events[: gone - 1] + events[gone:]
    assert verify(CASE, left, end(events)) == Broken(gone, f"number {gone + 1} in its place")
    renumbered = [replace(event, seq=at) for at, event in enumerate(left, start=1)]
    assert verify(CASE, renumbered, end(events)) == Broken(
        gone, "does not follow the event before it"
    )


@pytest.mark.parametrize("first", range(1, 5))
def test_two_swapped_events_are_found(first: int):
    events = chain()
    good = end(events)
    events[first - 1], events[first] = events[first], events[first - 1]
    assert verify(CASE, events, good) == Broken(first, f"number {first + 1} in its place")


@pytest.mark.parametrize("kept", range(5))
def test_a_truncated_chain_is_found_by_the_head_on_the_case_row(kept: int):
    events = chain()
    assert verify(CASE, events[:kept], end(events)) == Broken(kept + 1, "missing at the end")


@pytest.mark.parametrize("first", range(1, 6))
def test_a_chain_hashed_again_after_a_change_misses_the_head_on_the_case_row(first: int):
    events = chain()
    good = end(events)
    events[first - 1] = replace(events[first - 1], actor="nobody")
    relink(events, first)
    assert verify(CASE, events, good) == Broken(5, "does not end in the head on the case row")


def test_a_fork_cannot_stand_beside_the_chain():
    events = chain(3)
    left = append(events[-1].hash, 4, START, "touch_sent", "send_touch", {"touch": 2})
    right = append(events[-1].hash, 4, START, "case_settled", "core", {})
    good = Head(4, left.hash)
    assert verify(CASE, [*events, left], good) == Verified(4)
    assert verify(CASE, [*events, right], good) == Broken(
        4, "does not end in the head on the case row"
    )
    assert verify(CASE, [*events, left, right], good) == Broken(
        5, "beyond the head on the case row"
    )


def test_a_whole_chain_of_another_case_is_found():
    events = chain(case="0OTHER")
    assert verify(CASE, events, end(events)) == Broken(1, "does not follow the event before it")


def test_the_event_keeps_nothing_of_the_callers_data():
    data: dict[str, Any] = {"dates": ["2026-12-01"]}
    event = append(genesis(CASE), 1, START, "k", "a", data)
    data["dates"].append("2026-12-02")
    assert event.data == {"dates": ["2026-12-01"]}


def test_one_instant_has_one_hash_in_every_zone():
    east = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert append(genesis(CASE), 1, east, "k", "a", {}).hash == (
        append(genesis(CASE), 1, START, "k", "a", {}).hash
    )


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), {"a": [0.5]}, {1: "a"}, b"x", {"a": {1}}, START, "\ud800"]
)
def test_what_has_no_single_form_is_refused(value: object):
    with pytest.raises(NotCanonicalError):
        canonical(value)


@given(plain, plain)
def test_two_values_share_a_form_only_if_they_are_the_same(left: object, right: object):
    same = repr(sorted_deep(left)) == repr(sorted_deep(right))
    assert (canonical(left) == canonical(right)) is same


def sorted_deep(value: object) -> object:
    match value:
        case dict():
            return {name: sorted_deep(value[name]) for name in sorted(value)}
        case list():
            return [sorted_deep(inner) for inner in value]
        case _:
            return value


@given(st.dictionaries(st.text(max_size=8), plain, max_size=4))
def test_any_plain_data_survives_storage_and_verifies(data: dict[str, Any]):
    event = append(genesis(CASE), 1, START, "kind", "actor", data)
    assert from_item(to_item(event)) == event
    assert verify(CASE, [to_item(event)], Head(1, event.hash)) == Verified(1)
