"""What follows a call that came to nothing, or may have: R6, R8, F13, F16."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    Ambiguous,
    Apply,
    BreakerOpen,
    Confirmed,
    Found,
    HandedOff,
    HandOffCause,
    LedgerEntry,
    LookUp,
    NotFound,
    RetryAt,
    RetryCause,
    Unavailable,
    rules,
)
from tests.unit.ledger_desk import POLICY, SETTLED, SHOWN, Desk, after
from tests.unit.ledger_world import START, instant

A, B, C = AdapterClass


def test_in_doubt_class_a_calls_again():  # R6
    desk = Desk(A)
    assert desk.run(Ambiguous("timeout")) == RetryAt(instant(1), RetryCause.IN_DOUBT)
    desk.wait_for_retry()
    assert desk.run(Accepted("R1"), Found("R1", SHOWN)) == Confirmed("R1", SHOWN)


def test_in_doubt_class_b_believes_what_it_is_shown_at_once():  # R6
    desk = Desk(B)
    desk.run(Ambiguous("timeout"))
    desk.wait_for_retry()
    visit = desk.visit()
    assert visit.finish(Found("R1", SHOWN)) == Confirmed("R1", SHOWN)
    assert visit.asked(Apply) == 0


def test_in_doubt_class_b_calls_again_only_after_a_decisive_absence():  # R6, F13
    desk = Desk(B)
    desk.run(Ambiguous("timeout"))
    desk.wait_for_retry()
    while desk.now < SETTLED:
        visit = desk.visit()
        assert isinstance(visit.finish(NotFound()), RetryAt)
        assert visit.asked(Apply) == 0
        desk.wait_for_retry()
    assert desk.now == SETTLED
    assert desk.run(NotFound(), Accepted("R2"), Found("R2", SHOWN)) == Confirmed("R2", SHOWN)


def test_an_absence_is_judged_by_when_it_was_asked_for():  # R6, F13
    desk = Desk(B)
    desk.run(Ambiguous("timeout"))
    desk.now = SETTLED - 1
    visit = desk.visit()
    visit.until(LookUp)
    desk.now = SETTLED + 1
    assert isinstance(visit.finish(NotFound()), RetryAt)
    assert visit.asked(Apply) == 0


def test_in_doubt_class_c_goes_to_a_person_at_once():  # R6
    desk = Desk(C)
    assert desk.run(Ambiguous("timeout")) == HandedOff(
        HandOffCause.IN_DOUBT, "timeout", maybe_applied=True
    )
    crashed = Desk(C, LedgerEntry(START, fence=1, maybe_sent=True, sent_at=START, calls=1))
    assert crashed.run() == HandedOff(HandOffCause.IN_DOUBT, "", maybe_applied=True)


@pytest.mark.parametrize("reply", [BreakerOpen(), Unavailable("503")])
def test_a_call_that_was_not_made_uses_up_no_attempt(reply: BreakerOpen | Unavailable):  # R8
    desk = Desk()
    for _ in range(POLICY.max_calls * 3):
        assert isinstance(desk.run(reply), RetryAt)
        assert (desk.row.calls, desk.row.maybe_sent, desk.row.sent_at) == (0, False, None)
        desk.wait_for_retry()


def test_an_open_breaker_says_so_that_the_sweep_may_pace_it():  # R8
    outcome = Desk().run(BreakerOpen())
    assert isinstance(outcome, RetryAt)
    assert outcome.cause is RetryCause.BREAKER_OPEN


def test_a_system_that_says_when_to_come_back_is_obeyed():  # R8
    outcome = Desk().run(Unavailable("429", retry_after=after(90)))
    assert outcome == RetryAt(instant(90), RetryCause.NO_ANSWER)


def test_a_retry_that_is_due_later_is_left_alone():  # R8
    desk = Desk()
    desk.run(Unavailable("503"))
    assert desk.visit().outcome == RetryAt(instant(1), RetryCause.DUE_LATER)
    assert desk.row.fence == 1


def test_a_spent_budget_hands_off_and_says_what_is_certain():  # R8
    desk = Desk(A)
    for _ in range(POLICY.max_calls):
        assert isinstance(desk.run(Ambiguous("timeout")), RetryAt)
        desk.wait_for_retry()
    assert isinstance(desk.run(NotFound()), RetryAt)
    desk.now += SETTLED
    outcome = desk.run(NotFound())
    assert outcome == HandedOff(HandOffCause.CALLS_SPENT, "timeout", maybe_applied=False)
    assert desk.row.calls == POLICY.max_calls


def test_a_crash_between_mark_and_call_counts_as_a_call():  # R8
    desk = Desk(A)
    for number in range(1, POLICY.max_calls + 1):
        desk.visit().until(Apply)
        assert desk.row.calls == number
        desk.now += 40
    assert desk.visit().until(LookUp) == LookUp("action-1", None)


def test_waiting_ends_with_a_person_after_a_day():  # R8, I1
    desk = Desk(A)
    desk.run(Ambiguous("timeout"))
    desk.now = POLICY.give_up_after.total_seconds() - 1
    assert isinstance(desk.run(Unavailable("503")), RetryAt)
    desk.now += 3_600
    outcome = desk.run(BreakerOpen())
    assert outcome == HandedOff(HandOffCause.UNREACHABLE, "breaker_open", maybe_applied=True)


def test_retries_spread_evenly_and_never_pass_their_bound():  # R8, F16
    random = Random(7)  # noqa: S311 - a histogram, not a secret
    for tries in (0, 3, 9, 40, 4_000):
        bound = min(POLICY.backoff_cap, POLICY.backoff_base * 2 ** min(tries, 20))
        waits = [rules.backoff(tries, POLICY, random.random()) for _ in range(10_000)]
        tenths = Counter(int(10 * (wait / bound)) for wait in waits)
        assert set(tenths) == set(range(10))
        assert max(tenths.values()) < 1_200
