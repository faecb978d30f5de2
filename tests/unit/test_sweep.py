"""Sweep moves on what stands still: each once, at the agreed rate, and no one holds up another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from closeloop.application import case_file
from closeloop.application.ports import Item, Key
from closeloop.domain.case import CaseStatus
from closeloop.domain.ledger import Confirmed, RetryAt, Unavailable
from tests.crashes.moments import quiet, submitted
from tests.fakes.clockwork import lambda_time, until_quiet
from tests.fakes.effects import Effects, Killed, seen
from tests.fakes.firm import Firm, payment_failed
from tests.fakes.table import FakeTable


def items(firm: Firm) -> dict[Key, Item]:
    assert isinstance(firm.table, FakeTable)
    return firm.table.items


def started(firm: Firm, obligation: str) -> str:
    firm.open_case(payment_failed(obligation_id=obligation))
    return firm.journey.started[-1].case_id


def never_started(firm: Firm, number: int) -> str:
    """A case that was stored by an invocation that died before it started the journey."""
    before = set(items(firm))
    with pytest.raises(Killed):
        seen(firm, Effects(at=5)).open_case(payment_failed(obligation_id=f"INV-{number}"))
    (key,) = [key for key in items(firm) if key.sk == "CASE" and key not in before]
    return key.pk.removeprefix("CASE#")


def test_a_case_that_cannot_be_moved_on_holds_up_no_other_f28_f08():
    """One that cannot be started, one whose bundle is nowhere; behind them others stand still."""
    scene = submitted().copy()
    firm = scene.firm
    firm.queue.sent.clear()
    now = firm.clock.at
    firm.clock.advance(days=-9)
    homeless, dead = started(firm, "INV-OLD-1"), started(firm, "INV-OLD-2")
    items(firm)[Key(f"CASE#{homeless}", "CASE")]["bundle"] = "nowhere"
    firm.clock.at = now
    timeless, stored = never_started(firm, 8), never_started(firm, 9)
    items(firm)[Key(f"CASE#{timeless}", "CASE")]["waits_s"] = []
    firm.clock.advance(minutes=3)

    with pytest.raises((ValueError, LookupError)):
        firm.sweep()

    assert firm.journey.started[-1].case_id == stored
    assert [body["case"] for body, _ in firm.queue.sent] == [scene.case_id]
    handed = case_file.load(firm.table, dead)
    assert handed is not None
    assert handed.status is CaseStatus.HANDED_OFF


def test_what_was_just_sent_is_not_sent_again_until_its_message_must_be_lost_f08_f16():
    firm = submitted().copy().firm
    firm.queue.sent.clear()
    firm.clock.advance(minutes=2)
    assert firm.sweep().sent == 1
    assert firm.sweep().sent == 0
    firm.clock.advance(seconds=119)
    assert firm.sweep().sent == 0
    firm.clock.advance(seconds=1)
    assert firm.sweep().sent == 1


def test_a_row_that_sweep_has_sent_is_taken_though_its_retry_was_due_before_r8():
    """Sweep moves `due_at` on and leaves `retry_at`: the ledger judges by that one."""
    scene = submitted().copy()
    firm = scene.firm
    body = firm.queue.take()
    firm.core.fails += [Unavailable("status_503", timedelta(minutes=10))]
    waiting = firm.writeback(body["case"], body["submission"], lambda_time)
    assert isinstance(waiting, RetryAt)
    assert firm.queue.sent == []  # ten minutes are sweep's to wait

    firm.clock.at = waiting.when - timedelta(seconds=1)
    assert firm.sweep().sent == 0
    firm.clock.advance(seconds=1)
    assert firm.sweep().sent == 1
    body = firm.queue.take()
    assert isinstance(firm.writeback(body["case"], body["submission"], lambda_time), Confirmed)


def test_a_message_that_sweep_sent_and_that_was_lost_is_sent_again_f08():
    scene = submitted().copy()
    scene.firm.queue.sent.clear()
    scene.firm.clock.advance(minutes=2)
    scene.recorded.sweep()
    scene.firm.queue.sent.clear()
    until_quiet(scene)
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    assert case.status is CaseStatus.RESOLVED


def test_a_case_stored_and_never_started_is_started_once_f01_f06():
    firm = quiet().copy().firm
    case_id = never_started(firm, 1)
    assert firm.sweep().started == 0  # its trigger may still be delivered again
    firm.clock.advance(minutes=2)
    assert firm.sweep().started == 1
    assert firm.sweep().started == 0
    assert [each.case_id for each in firm.journey.started] == [case_id]


def test_a_journey_that_was_stopped_and_whose_event_was_lost_is_handed_off_after_its_deadline_f28():
    firm = quiet().copy().firm
    firm.open_case(payment_failed())
    case_id = firm.journey.started[0].case_id
    firm.journey.time_out(firm.journey.token(case_id) or "")  # stopped by an operator
    firm.clock.advance(days=7, hours=23)
    assert firm.sweep().stuck == 0
    firm.clock.advance(hours=1)
    assert firm.sweep().stuck == 1
    assert firm.sweep().stuck == 0
    (work,) = firm.table.work("platform")
    assert (work["case"], work["reason"]) == (case_id, "stuck")
