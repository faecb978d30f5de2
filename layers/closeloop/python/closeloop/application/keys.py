"""Where everything lies in the case table: one place for the shape of every key."""

from __future__ import annotations

import zlib

from closeloop.application.ports import Key

SHARDS = 4


def case(case_id: str) -> Key:
    """The case itself."""
    return Key(f"CASE#{case_id}", "CASE")


def event(case_id: str, seq: int) -> Key:
    """One audit event; `seq` counts from 1."""
    return Key(f"CASE#{case_id}", f"EVENT#{seq:06d}")


def touch(case_id: str, number: int) -> Key:
    """A claimed send; `number` counts from 1."""
    return Key(f"CASE#{case_id}", f"TOUCH#{number:03d}")


def submission(case_id: str, submission_id: str) -> Key:
    """An accepted action: outbox row and writeback ledger in one."""
    return Key(f"CASE#{case_id}", f"SUBMISSION#{submission_id}")


def challenge(case_id: str, challenge_id: str) -> Key:
    """A one-time code that was sent."""
    return Key(f"CASE#{case_id}", f"CHALLENGE#{challenge_id}")


def handoff(case_id: str, handoff_id: str) -> Key:
    """A handoff to a named owner."""
    return Key(f"CASE#{case_id}", f"HANDOFF#{handoff_id}")


def link(digest: str) -> Key:
    """A link, by the hash of its locator."""
    return Key(f"LINK#{digest}", f"LINK#{digest}")


def session(digest: str) -> Key:
    """A customer's session, by the hash of its secret."""
    return Key(f"SESSION#{digest}", f"SESSION#{digest}")


def trigger(source: str, event_id: str) -> Key:
    """A trigger as it arrived: the guard against its second delivery."""
    return Key(f"TRIGGER#{source}#{event_id}", f"TRIGGER#{source}#{event_id}")


def bundle(bundle_hash: str) -> Key:
    """A compiled workflow that cases are pinned to."""
    return Key(f"BUNDLE#{bundle_hash}", f"BUNDLE#{bundle_hash}")


def person_case(customer: str, case_id: str) -> Key:
    """The entry of a case under its person."""
    return Key(f"PERSON#{customer}", f"CASE#{case_id}")


def protection(customer: str, kind: str) -> Key:
    """A protection of a person, as the core last stated it."""
    return Key(f"PERSON#{customer}", f"PROTECTION#{kind}")


def contact(customer: str, at: str, case_id: str, number: int) -> Key:
    """One contact in the person's ledger, in order of time."""
    return Key(f"PERSON#{customer}", f"CONTACT#{at}#{case_id}#{number}")


def contact_turn(customer: str) -> Key:
    """The counter that lets one claim at a time spend a person's contact cap."""
    return Key(f"PERSON#{customer}", "CONTACTS")


def code_failures(number: str, day: str) -> Key:
    """Wrong codes typed for one address (its alias) in one UTC day, whichever link was used."""
    return Key(f"NUMBER#{number}", f"CODEFAILURES#{day}")


def due_kind(kind: str, of: str) -> str:
    """The partition of the `due` index for an item; spreads a kind over a few partitions."""
    return f"{kind}#{zlib.crc32(of.encode()) % SHARDS}"


def due_kinds(kind: str) -> list[str]:
    """All partitions of the `due` index for a kind."""
    return [f"{kind}#{shard}" for shard in range(SHARDS)]
