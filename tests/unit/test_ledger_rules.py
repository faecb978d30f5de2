"""Who may write to the ledger row, and when a call may be begun: R3, R4, R5, R7, R14."""

from __future__ import annotations

from dataclasses import replace

import pytest

from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    AlreadyDone,
    Ambiguous,
    Apply,
    Claim,
    Confirmed,
    Found,
    HandedOff,
    HandOffCause,
    LedgerEntry,
    LookUp,
    Mark,
    NotFound,
    NotMine,
    Record,
    Refused,
    Rejected,
    RetryAt,
    RetryCause,
    State,
    Unavailable,
    acknowledges,
)
from tests.unit.ledger_desk import SHOWN, Desk
from tests.unit.ledger_world import START, Store, instant

A, B, C = AdapterClass


@pytest.fixture
def store_type() -> type[Store]:
    return Store


def test_a_claim_takes_a_new_owner_the_next_fence_and_a_lease():  # R3
    desk = Desk(entry=LedgerEntry(START, owner="run-0", fence=7))
    desk.visit().until(Mark)
    assert (desk.row.owner, desk.row.fence) == ("run-1", 8)
    assert desk.row.lease_until == instant(30)
    assert desk.row.retry_at == instant(36)


def test_a_claim_whose_reply_was_lost_is_recognised_as_our_own(store_type: type[Store]):  # R3, e5
    desk = Desk(store_type=store_type)
    visit = desk.visit()
    claim = visit.until(Claim)
    assert isinstance(claim, Claim)
    desk.store.write(claim)
    assert isinstance(desk.store.write(claim), Refused)
    assert isinstance(visit.finish(Accepted("R1"), Found("R1", SHOWN)), Confirmed)


def test_a_confirmation_whose_reply_was_lost_is_recognised_as_our_own():  # R3
    desk = Desk()
    visit = desk.visit()
    visit.until(Apply)
    visit.answer(Accepted("R1"))
    visit.until(LookUp)
    visit.answer(Found("R1", SHOWN))
    record = visit.until(Record)
    assert isinstance(record, Record)
    desk.store.write(record)
    visit.answer(desk.store.write(record))
    assert visit.outcome == Confirmed("R1", SHOWN)


def test_an_end_that_somebody_else_wrote_is_not_ours():  # R3, R7
    desk = Desk()
    visit = desk.visit()
    mark = visit.until(Mark)
    assert isinstance(mark, Mark)
    desk.store.write(mark)
    desk.store.row = replace(desk.row, state=State.HANDED_OFF)
    visit.answer(desk.store.write(mark))
    assert visit.outcome == AlreadyDone(State.HANDED_OFF)


def test_a_lease_is_not_stolen_by_a_host_whose_clock_is_ahead(store_type: type[Store]):  # R14, e7
    desk = Desk(store_type=store_type)
    desk.visit().until(Apply)
    desk.now = 29.0
    assert desk.visit(ahead=6).outcome == NotMine()
    desk.now = 30.1
    assert isinstance(desk.visit(ahead=6).until(Claim), Claim)


def test_the_mark_is_written_before_the_call():  # R4
    desk = Desk()
    visit = desk.visit()
    assert visit.until(Apply) == Apply("action-1")
    assert (desk.row.maybe_sent, desk.row.sent_at, desk.row.calls) == (True, instant(0), 1)


@pytest.mark.parametrize("seconds", [13.9, 14.0])
def test_a_call_is_begun_only_if_the_lease_outlasts_it_with_a_margin(seconds: float):  # R4
    desk = Desk()
    visit = desk.visit()
    visit.until(Mark)
    desk.now = seconds
    assert visit.until(Apply) == Apply("action-1")


@pytest.mark.parametrize("stalled_before", [Mark, Apply])
def test_no_call_is_begun_once_the_lease_is_too_short(stalled_before: type):  # R4
    desk = Desk()
    visit = desk.visit()
    visit.until(Mark)
    if stalled_before is Apply:
        mark = visit.until(Mark)
        assert isinstance(mark, Mark)
        reply = desk.store.write(mark)
        desk.now = 14.1
        visit.answer(reply)
    else:
        desk.now = 14.1
        visit.until(Record)
    assert visit.finish() == RetryAt(instant(14.1), RetryCause.NO_TIME)
    assert visit.asked(Apply) == 0
    assert (desk.row.maybe_sent, desk.row.calls, desk.row.lease_until) == (False, 0, None)


def test_no_call_is_begun_that_the_invocation_does_not_outlast():  # R4
    assert Desk().visit(left=15.9).outcome == NotMine()
    desk = Desk()
    visit = desk.visit(left=20)
    visit.until(Mark)
    desk.now = 4.1
    assert visit.finish() == RetryAt(instant(4.1), RetryCause.NO_TIME)
    assert visit.asked(Apply) == 0


def test_every_call_and_look_up_carries_the_action_id():  # R5
    desk = Desk(A)
    desk.run(Ambiguous("timeout"))
    desk.wait_for_retry()
    visit = desk.visit()
    visit.finish(Accepted("R1"), NotFound())
    carried = [e.request_id for e in visit.log if isinstance(e, Apply | LookUp)]
    assert carried == ["action-1", "action-1"]


@pytest.mark.parametrize("state", [state for state in State if state.ended])
def test_an_ended_ledger_refuses_every_write_and_every_run(state: State):  # R7
    ended = LedgerEntry(START, state=state, owner="run-1", fence=1)
    desk = Desk(entry=ended)
    assert desk.visit().outcome == AlreadyDone(state)
    effects = [
        Claim("run-1", 1, instant(30), instant(36)),
        Mark("run-1", 1, START, 1),
        *(Record(replace(ended, state=to), None) for to in State),
    ]
    assert not any(effect.holds(ended) for effect in effects)


def test_what_was_applied_never_becomes_pending_or_rejected():  # R7
    applied = LedgerEntry(START, state=State.APPLIED, owner="run-1", fence=1)
    held = {to for to in State if Record(replace(applied, state=to), None).holds(applied)}
    assert held == {State.APPLIED, State.CONFIRMED, State.HANDED_OFF}


@pytest.mark.parametrize("other", [{"owner": "run-2"}, {"fence": 2}])
def test_only_the_owner_of_the_current_fence_writes(other: dict[str, str | int]):  # R7, F14
    ours = LedgerEntry(START, owner="run-1", fence=1)
    theirs = replace(ours, **other)
    assert not Mark("run-1", 1, START, 1).holds(theirs)
    assert not Record(ours, None).holds(theirs)


def test_only_a_run_that_knows_of_nothing_durable_keeps_its_message():  # R7
    assert not acknowledges(NotMine())
    for outcome in (
        Confirmed("R1", SHOWN),
        Rejected("closed"),
        HandedOff(HandOffCause.MISMATCH, "", maybe_applied=True),
        RetryAt(START, RetryCause.NO_ANSWER),
        AlreadyDone(State.CONFIRMED),
    ):
        assert acknowledges(outcome)


def test_a_retry_is_told_only_once_it_is_written(store_type: type[Store]):  # R7
    desk = Desk(store_type=store_type)
    outcome = desk.run(Unavailable("503"))
    assert outcome == RetryAt(instant(1), RetryCause.NO_ANSWER)
    assert (desk.row.retry_at, desk.row.lease_until) == (instant(1), None)
