"""One fault at a time, for every class of connector: F09 to F14."""

from __future__ import annotations

import pytest

from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    AlreadyDone,
    Ambiguous,
    Apply,
    BreakerOpen,
    Claim,
    Confirmed,
    Found,
    HandedOff,
    HandOffCause,
    LookUp,
    Mark,
    NotFound,
    NotMine,
    Record,
    Rejected,
    RetryAt,
    RetryCause,
    State,
)
from tests.unit.ledger_desk import POLICY, SETTLED, SHOWN, Desk
from tests.unit.ledger_world import instant

A, B, C = AdapterClass
IN_DOUBT = HandedOff(HandOffCause.IN_DOUBT, "", maybe_applied=True)
every_class = pytest.mark.parametrize("adapter", AdapterClass)


@every_class
def test_an_action_that_meets_no_fault_is_confirmed_in_one_run(adapter: AdapterClass):
    desk = Desk(adapter)
    visit = desk.visit()
    assert visit.finish(Accepted("R1"), Found("R1", SHOWN)) == Confirmed("R1", SHOWN)
    assert [type(effect) for effect in visit.log] == [Claim, Mark, Apply, Record, LookUp, Record]
    assert (desk.row.state, desk.row.reference, desk.row.calls) == (State.CONFIRMED, "R1", 1)


@every_class
def test_two_runs_of_one_message_make_one_call(adapter: AdapterClass):  # F09
    desk = Desk(adapter)
    first, second = desk.visit(), desk.visit()
    first.until(Apply)
    assert second.finish() == NotMine()
    assert desk.visit().finish() == NotMine()
    assert first.finish(Accepted("R1"), Found("R1", SHOWN)) == Confirmed("R1", SHOWN)
    assert desk.visit().finish() == AlreadyDone(State.CONFIRMED)


@every_class
def test_a_crash_before_the_mark_costs_nothing(adapter: AdapterClass):  # F10
    desk = Desk(adapter)
    desk.visit().until(Mark)
    desk.now = 37
    assert desk.run(Accepted("R1"), Found("R1", SHOWN)) == Confirmed("R1", SHOWN)


def test_a_crash_between_mark_and_call_is_a_doubt_like_any_other():  # F10
    for adapter in AdapterClass:
        desk = Desk(adapter)
        desk.visit().until(Apply)
        desk.now = SETTLED
        if adapter is C:
            assert desk.run() == IN_DOUBT
        else:
            absent = [NotFound()] if adapter is B else []
            outcome = desk.run(*absent, Accepted("R1"), Found("R1", SHOWN))
            assert outcome == Confirmed("R1", SHOWN)


def test_a_crash_after_the_call_never_makes_a_second_effect():  # F11
    for adapter in AdapterClass:
        desk = Desk(adapter)
        visit = desk.visit()
        visit.until(Apply)
        visit.answer(Accepted("R1"))
        desk.now = 40
        if adapter is C:
            assert desk.run() == IN_DOUBT
        else:
            again = [Accepted("R1")] if adapter is A else []
            assert desk.run(*again, Found("R1", SHOWN)) == Confirmed("R1", SHOWN)


@every_class
def test_a_crash_before_the_read_back_only_reads_back_again(adapter: AdapterClass):  # F11
    desk = Desk(adapter)
    visit = desk.visit()
    visit.until(Apply)
    visit.answer(Accepted("R1"))
    assert visit.until(LookUp) == LookUp("action-1", "R1")
    desk.now = 40
    again = desk.visit()
    assert again.finish(Found("R1", SHOWN)) == Confirmed("R1", SHOWN)
    assert again.asked(Apply) == 0


def test_a_timeout_after_the_commit_never_makes_a_second_effect():  # F12
    for adapter in AdapterClass:
        desk = Desk(adapter)
        outcome = desk.run(Ambiguous("timeout"))
        if adapter is C:
            assert isinstance(outcome, HandedOff)
            assert outcome.maybe_applied
        else:
            desk.wait_for_retry()
            again = [Accepted("R1")] if adapter is A else []
            assert desk.run(*again, Found("R1", SHOWN)) == Confirmed("R1", SHOWN)


def test_a_call_that_leaves_at_the_last_moment_is_still_waited_for():  # F13
    desk = Desk(B)
    visit = desk.visit()
    visit.until(Apply)
    last_departure = (POLICY.lease - POLICY.call_timeout - POLICY.margin).total_seconds()
    worked_off = last_departure + (POLICY.call_timeout + POLICY.settle).total_seconds()
    desk.now = worked_off - 0.1
    late = desk.visit(ahead=POLICY.margin.total_seconds())
    assert isinstance(late.finish(NotFound()), RetryAt)
    assert late.asked(Apply) == 0


@every_class
def test_a_run_that_wakes_after_its_lease_neither_calls_nor_writes(adapter: AdapterClass):  # F14
    desk = Desk(adapter)
    zombie = desk.visit()
    zombie.until(Mark)
    desk.now = 37
    desk.visit().until(Apply)
    before = desk.row
    assert zombie.finish() == NotMine()
    assert zombie.asked(Apply) == 0
    assert desk.row == before


@every_class
def test_the_reply_to_a_run_that_lost_its_lease_is_not_recorded(adapter: AdapterClass):  # F14
    desk = Desk(adapter)
    zombie = desk.visit()
    zombie.until(Apply)
    desk.now = 37
    other = desk.visit()
    other.until(Apply, LookUp)
    before = desk.row
    zombie.answer(Accepted("R1"))
    zombie.until()
    standing = AlreadyDone(State.HANDED_OFF) if adapter is C else NotMine()
    assert zombie.outcome == standing
    assert desk.row == before


def test_a_rejection_in_doubt_may_be_of_our_own_success():  # F12
    desk = Desk(A)
    desk.run(Ambiguous("timeout"))
    desk.wait_for_retry()
    assert desk.run(Rejected("duplicate"), Found("R1", SHOWN)) == Confirmed("R1", SHOWN)


def test_a_rejection_in_doubt_is_believed_once_nothing_can_be_there():  # F13
    desk = Desk(A)
    desk.run(Ambiguous("timeout"))
    desk.wait_for_retry()
    outcome = desk.run(Rejected("closed_account"), NotFound())
    assert outcome == RetryAt(instant(3), RetryCause.IN_DOUBT)
    desk.now = SETTLED
    assert desk.run(Rejected("closed_account"), NotFound()) == Rejected("closed_account")


def test_an_older_doubt_outlives_a_call_that_was_not_made():  # F12, R8
    desk = Desk(A)
    desk.run(Ambiguous("timeout"))
    sent_at = desk.row.sent_at
    desk.wait_for_retry()
    desk.run(BreakerOpen())
    assert (desk.row.maybe_sent, desk.row.sent_at, desk.row.calls) == (True, sent_at, 1)
