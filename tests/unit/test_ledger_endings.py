"""How a writeback ends: dual completion, rejection, a person; and what wakes it until then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    Ambiguous,
    Apply,
    BreakerOpen,
    Claim,
    Confirmed,
    Found,
    HandedOff,
    HandOffCause,
    LedgerEntry,
    LedgerPolicy,
    LookUp,
    NotFound,
    Rejected,
    RetryAt,
    RetryCause,
    State,
    Unavailable,
    wake_at,
)
from tests.unit.ledger_desk import SETTLED, SHOWN, Desk
from tests.unit.ledger_world import START, instant

B = AdapterClass.B


def test_a_rejection_is_an_end():
    desk = Desk()
    assert desk.run(Rejected("closed_account")) == Rejected("closed_account")
    assert (desk.row.state, desk.row.last_error) == (State.REJECTED, "closed_account")


def test_what_is_accepted_but_not_yet_shown_waits_and_is_not_called_again():
    desk = Desk()
    outcome = desk.run(Accepted("R1"), NotFound())
    assert outcome == RetryAt(instant(1), RetryCause.NOT_YET_SHOWN)
    assert desk.row.state is State.APPLIED
    desk.wait_for_retry()
    visit = desk.visit()
    assert visit.finish(Found("R1", SHOWN)) == Confirmed("R1", SHOWN)
    assert visit.asked(Apply) == 0


def test_what_is_accepted_but_never_shown_goes_to_a_person():
    desk = Desk()
    desk.run(Accepted("R1"), NotFound())
    desk.now = SETTLED
    assert desk.run(NotFound()) == HandedOff(HandOffCause.NOT_SHOWN, "R1", maybe_applied=True)


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({**SHOWN, "total_minor": 11_999}, "total_minor"),
        ({"id": "R1"}, "currency, total_minor"),
        ({**SHOWN, "currency": None}, "currency"),
    ],
)
def test_a_record_with_other_values_goes_to_a_person_who_is_told_which(
    record: dict[str, object], fields: str
):
    desk = Desk()
    outcome = desk.run(Accepted("R1"), Found("R1", record))
    assert outcome == HandedOff(HandOffCause.MISMATCH, fields, maybe_applied=True)


@pytest.mark.parametrize("reply", [BreakerOpen(), Unavailable("503")])
def test_a_read_back_that_gets_no_answer_is_tried_again(reply: BreakerOpen | Unavailable):
    desk = Desk()
    assert isinstance(desk.run(Accepted("R1"), reply), RetryAt)
    desk.wait_for_retry()
    assert desk.run(Found("R1", SHOWN)) == Confirmed("R1", SHOWN)


def test_a_row_wakes_the_sweep_until_it_has_ended():  # F08, R1
    age = timedelta(minutes=2)
    desk = Desk()
    assert wake_at(desk.row, age) == instant(120)
    visit = desk.visit()
    visit.until(Apply)
    assert wake_at(desk.row, age) == instant(36)
    visit.finish(Unavailable("503"))
    assert wake_at(desk.row, age) == instant(1)
    desk.now = 2
    desk.run(Rejected("closed"))
    assert wake_at(desk.row, age) is None


def test_a_reply_to_another_question_is_a_programming_error():
    for kinds, reply in ((Claim, NotFound()), (Apply, NotFound()), (LookUp, Ambiguous("x"))):
        visit = Desk(B, LedgerEntry(START, maybe_sent=kinds is LookUp)).visit()
        visit.until(kinds)
        with pytest.raises(TypeError):
            visit.answer(reply)


def test_a_policy_under_which_no_call_could_be_made_is_refused():
    with pytest.raises(ValueError, match="outlast"):
        LedgerPolicy(lease=timedelta(seconds=16))
    with pytest.raises(ValueError, match="outlast"):
        LedgerPolicy(max_calls=0)


def test_a_short_lease_keeps_the_proportions_of_the_usual_one():
    short = LedgerPolicy.of(timedelta(seconds=3), timedelta(seconds=2), max_calls=4)
    assert short.call_timeout == timedelta(seconds=1)
    assert short.margin == timedelta(seconds=0.6)
    usual = LedgerPolicy()
    assert LedgerPolicy.of(usual.lease, usual.settle, usual.max_calls) == usual
