"""What must be true of every firm once it is quiet, whatever befell it (RELIABILITY I1-I6, I8).

Read from three witnesses: the table's rows, the log of effects, and the core's own journal.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from closeloop.application.ports import Put, Update
from closeloop.domain.case import CaseStatus
from closeloop.domain.evidence import Head, Verified, verify
from closeloop.domain.ledger import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from closeloop.application.ports import Change, Item
    from tests.fakes.effects import Done
    from tests.fakes.scene import Scene

# What a case's row may be set to without an audit event: when sweep has to look at it again.
_SILENT = frozenset({"due_kind", "due_at"})
_LINK = re.compile(r"/c/([0-9A-Za-z]{28})")
_CODE = re.compile(r"\b(\d{6})\b")


def hold(scene: Scene) -> None:
    """Raise AssertionError for the first invariant that is broken."""
    rows = scene.rows
    accepted_is_carried_through(scene, rows)
    chains_verify(rows)
    log = scene.log
    changes_are_audited(log)
    messages_stop_and_never_repeat(log)
    nothing_personal_is_kept(scene, rows)


def accepted_is_carried_through(scene: Scene, rows: list[Item]) -> None:
    """I1 accepted ⇒ ended · I2 one effect at most · I3 confirmed ⇔ the core has it."""
    journal = Counter(scene.firm.core.journal)
    cases = {row["id"]: row for row in rows if row["sk"] == "CASE"}
    submissions = [row for row in rows if row["sk"].startswith("SUBMISSION#")]
    assert set(journal) <= {row["id"] for row in submissions}, "I3: nobody asked for this"
    for row in submissions:
        state, case = State(row["state"]), CaseStatus(cases[row["case"]]["status"])
        assert state.ended, f"I1: accepted and still {state}"
        assert case.ended, f"I1: accepted, {state}, and the case is still {case}"
        assert journal[row["id"]] <= 1, f"I2: applied {journal[row['id']]} times"
        if state in {State.CONFIRMED, State.REJECTED}:
            assert journal[row["id"]] == (state is State.CONFIRMED), f"I3: {state}"
    for case in cases.values():
        confirmed = [row["id"] for row in submissions if row["state"] == State.CONFIRMED.value]
        resolved = case["status"] == CaseStatus.RESOLVED.value
        assert not resolved or case.get("submission") in confirmed, "resolved without confirmation"
        assert not CaseStatus(case["status"]).ended or "token" not in case, "an end keeps no token"


def chains_verify(rows: list[Item]) -> None:
    """I6: every case's chain is whole and ends where its row says."""
    for row in rows:
        if row["sk"] != "CASE":
            continue
        events = [e for e in rows if e["pk"] == row["pk"] and e["sk"].startswith("EVENT#")]
        events.sort(key=lambda event: event["sk"])
        found = verify(row["id"], events, Head(row["seq"], row["head"]))
        assert found == Verified(row["seq"]), f"I6: {found}"


def changes_are_audited(log: list[Done]) -> None:
    """I6: whatever changes a case or takes a submission writes an event in the same transaction."""
    for changes in _writes(log):
        events = [each for each in changes if each.key.sk.startswith("EVENT#")]
        for change in changes:
            if change.key.sk == "CASE" and not _only_silent(change):
                assert len(events) == 1, f"I6: {change} without an event"
            if change.key.sk.startswith("SUBMISSION#") and isinstance(change, Put):
                assert events, "I6: a submission without an event (F38)"


def messages_stop_and_never_repeat(log: list[Done]) -> None:
    """I4: none is claimed once its case has ended or acted · I5: each is claimed, and sent once.

    Between the claim and the provider's call nobody can be stopped any more: R10 judges the claim.
    """
    over: set[str] = set()
    claimed: set[str] = set()
    sent: Counter[str] = Counter()
    for done in log:
        for change in _changes_of(done):
            case_id, attempt = change.key.pk.removeprefix("CASE#"), _claims(change)
            if attempt:
                assert case_id not in over, f"I4: {attempt} claimed after the end"
                claimed.add(attempt)
            if (status := _status(change)) is not None:
                open_again = status in {CaseStatus.OPEN, CaseStatus.PAUSED}
                (over.discard if open_again else over.add)(case_id)
        if done.port.startswith("sender"):
            assert done.args[0].attempt in claimed, "I5: sent without a claim"
            sent[done.args[0].attempt] += 1
    assert all(count == 1 for count in sent.values()), f"I5: {sent}"


def nothing_personal_is_kept(scene: Scene, rows: list[Item]) -> None:
    """I8: no name, address, code, link or token where it does not belong."""
    firm = scene.firm
    contact = firm.core.contact
    sent = [str(done.args[0].parts) for done in scene.log if done.port.startswith("sender")]
    secrets = {found for text in sent for found in (*_LINK.findall(text), *_CODE.findall(text))}
    personal = {contact.name, contact.email, contact.phone, contact.whatsapp, *secrets} - {None}
    kept = [json.dumps(row, default=str) for row in rows]
    told = [str(done.args) for done in scene.log if done.port in {"journey", "queue"}]
    for text in (*kept, *told):
        for canary in personal:
            assert not re.search(rf"(?<!\w){re.escape(str(canary))}(?!\w)", text), f"I8: {text}"
    for row in rows:
        without = {name: row[name] for name in row if (row["sk"], name) != ("CASE", "token")}
        assert not re.search(r"\btoken-\d", json.dumps(without)), f"I8: a task token in {row['sk']}"


def _writes(log: list[Done]) -> Iterator[tuple[Change, ...]]:
    return (changes for done in log if (changes := _changes_of(done)))


def _changes_of(done: Done) -> tuple[Any, ...]:
    return done.args if done.port == "table" and done.method in {"write", "update"} else ()


def _only_silent(change: Change) -> bool:
    if not isinstance(change, Update):
        return not isinstance(change, Put)
    return _SILENT.issuperset({*change.set, *change.remove, *change.add})


def _claims(change: Change) -> str | None:
    """The id under which a message will be sent: of a touch, or of a code."""
    if not isinstance(change, Put) or not change.key.sk.startswith(("TOUCH#", "CHALLENGE#")):
        return None
    return change.item.get("attempt") or change.item["id"]


def _status(change: Change) -> CaseStatus | None:
    """The status that a change gives to a case, if it gives one."""
    if change.key.sk != "CASE" or not isinstance(change, Update) or "status" not in change.set:
        return None
    return CaseStatus(change.set["status"])
