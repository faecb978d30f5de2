"""The states of a case and the ways between them; ids that sort by time and cannot be guessed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.case import Case, CaseStatus, IllegalTransitionError, new_case_id
from closeloop.domain.money import Money
from closeloop.domain.trigger import Ending

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
INSTANTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - the strategy attaches the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
ANN = Case(
    id="case-1",
    workflow="failed_payment",
    bundle="b1",
    customer="ann",
    obligation="INV-7",
    cycle="2026-11",
    status=CaseStatus.OPEN,
    version=1,
    seq=0,
    head="",
    opened_at=NOW,
    deadline_at=NOW + timedelta(days=14),
    facts={"amount_minor": 12_000, "currency": "GBP"},
)


def ways_to(goal: CaseStatus) -> set[CaseStatus]:
    return {status for status in CaseStatus if status.can_become(goal)}


def reachable_from(start: CaseStatus) -> set[CaseStatus]:
    found = {start}
    while more := {goal for goal in CaseStatus if found & ways_to(goal)} - found:
        found |= more
    return found


def test_only_a_submission_or_a_person_can_resolve_a_case_dual_completion():
    assert ways_to(CaseStatus.RESOLVED) == {CaseStatus.SUBMITTED, CaseStatus.HANDED_OFF}


def test_a_case_with_an_accepted_submission_never_expires_pauses_or_reopens():
    for goal in (CaseStatus.EXPIRED, CaseStatus.PAUSED, CaseStatus.OPEN, CaseStatus.SUBMITTED):
        assert not CaseStatus.SUBMITTED.can_become(goal)


def test_only_an_open_case_takes_a_submission():
    assert ways_to(CaseStatus.SUBMITTED) == {CaseStatus.OPEN}


@pytest.mark.parametrize("status", [CaseStatus.RESOLVED, CaseStatus.SETTLED, CaseStatus.WITHDRAWN])
def test_what_the_system_of_record_has_shown_is_final_r7(status: CaseStatus):
    assert reachable_from(status) == {status}


def test_an_ended_case_comes_back_only_from_a_person():
    ended = {status for status in CaseStatus if status.ended}
    back = {
        (status, goal)
        for status, goal in itertools.product(ended, set(CaseStatus) - ended)
        if status.can_become(goal)
    }
    assert back == {(CaseStatus.HANDED_OFF, CaseStatus.OPEN)}


def test_the_core_can_end_whatever_is_not_final_f03():
    final = {CaseStatus.RESOLVED, CaseStatus.SETTLED, CaseStatus.WITHDRAWN}
    for ending in Ending:
        assert ways_to(CaseStatus(ending.value)) == set(CaseStatus) - final


def test_every_state_can_be_reached_and_every_living_case_can_end():
    assert reachable_from(CaseStatus.OPEN) == set(CaseStatus)
    for status in CaseStatus:
        assert any(goal.ended for goal in reachable_from(status))


def test_the_journey_has_something_to_do_for_open_paused_and_submitted_cases_only():
    living = {status for status in CaseStatus if not status.ended}
    assert living == {CaseStatus.OPEN, CaseStatus.PAUSED, CaseStatus.SUBMITTED}


@pytest.mark.parametrize(("start", "goal"), list(itertools.product(CaseStatus, repeat=2)))
def test_a_case_moves_only_along_the_table(start: CaseStatus, goal: CaseStatus):
    case = replace(ANN, status=start)
    if start.can_become(goal):
        assert case.require(goal) is goal
    else:
        with pytest.raises(IllegalTransitionError, match=f"{start} cannot become {goal}"):
            case.require(goal)


def test_the_debt_is_what_the_trigger_stated():
    assert ANN.debt == Money(12_000, "GBP")


@given(INSTANTS, st.integers(1, 10**9))
def test_ids_sort_by_the_time_at_which_they_were_minted(now: datetime, milliseconds: int):
    later = now + timedelta(milliseconds=milliseconds)
    assert new_case_id(now)[:9] <= new_case_id(later)[:9]
    if milliseconds > 1:
        assert new_case_id(now) < new_case_id(later)


def test_ids_of_one_moment_share_nothing_that_could_be_counted_up_t2():
    ids = {new_case_id(NOW) for _ in range(1_000)}
    assert len(ids) == 1_000
    assert {len(each) for each in ids} == {26}
    assert len({each[10:] for each in ids}) == 1_000  # 80 random bits in the last 16 letters
    assert all(each.isalnum() for each in ids)
