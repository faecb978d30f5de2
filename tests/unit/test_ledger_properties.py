"""What holds whatever is answered, in whatever order: the ledger against replies without sense."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    Ambiguous,
    Apply,
    BreakerOpen,
    Confirmed,
    Found,
    LedgerEntry,
    LedgerPolicy,
    LookUp,
    NotFound,
    Rejected,
    Reply,
    State,
    Unavailable,
)
from closeloop.domain.ledger.rules import decisive_from
from tests.unit.ledger_desk import POLICY, SHOWN, Desk
from tests.unit.ledger_world import AGREED, START

adapters = st.sampled_from(list(AdapterClass))
nowhere = st.sampled_from([BreakerOpen(), Unavailable("503")])
calls = nowhere | st.sampled_from([Accepted("R1"), Rejected("closed"), Ambiguous("timeout")])
records = st.sampled_from([SHOWN, {**SHOWN, "total_minor": 1}, {}])
look_ups = nowhere | st.just(NotFound()) | st.builds(Found, st.just("R1"), records)
waits = st.sampled_from([0.0, 1.0, 15.0, 37.0, 200.0, 100_000.0])
visits = st.tuples(waits, calls, look_ups, look_ups, st.integers(0, 12))


@given(adapters, st.lists(visits, min_size=1, max_size=25))
def test_whatever_is_answered_the_ledger_keeps_its_promises(
    adapter: AdapterClass, script: list[tuple[float, Reply, Reply, Reply, int]]
):
    desk = Desk(adapter)
    for wait, call, *seen, crash_after in script:
        desk.now += wait
        before = desk.row
        visit = desk.visit()
        while (effect := visit.waiting_for) is not None and len(visit.log) <= crash_after:
            if isinstance(effect, Apply):
                assert desk.row.maybe_sent
                visit.answer(call)
            elif isinstance(effect, LookUp):
                visit.answer(seen.pop(0))
            else:
                visit.answer(desk.store.write(effect))
        assert visit.asked(Apply) <= 1
        assert not desk.store.broken
        if isinstance(visit.outcome, Confirmed):
            assert visit.asked(LookUp)
            assert AGREED.items() <= visit.outcome.record.items()
        check(before, desk.row)


def check(before: LedgerEntry, row: LedgerEntry) -> None:
    assert row.fence in (before.fence, before.fence + 1)
    assert row.calls <= min(before.calls + 1, POLICY.max_calls)
    assert row.state.ended or row.fence == 0 or row.retry_at is not None
    assert not row.state.ended or (row.retry_at, row.lease_until) == (None, None)
    assert row.state is not State.APPLIED or row.reference is not None
    if before.state.ended:
        assert row == before


seconds = st.floats(0.001, 3_600).map(lambda value: timedelta(seconds=value))


@given(seconds, seconds, seconds, seconds, st.floats(-1, 1))
def test_an_absence_is_decisive_only_when_the_last_call_must_be_worked_off(
    call_timeout: timedelta, margin: timedelta, spare: timedelta, settle: timedelta, skew: float
):
    """The worst case: the call leaves at the last moment, another clock is ahead by the margin."""
    lease = call_timeout + margin + spare
    policy = LedgerPolicy(lease=lease, call_timeout=call_timeout, margin=margin, settle=settle)
    sent_at = START + skew * margin / 2
    leaves_by = sent_at + lease - call_timeout - margin
    worked_off = leaves_by + call_timeout + settle
    on_the_fastest_clock = worked_off + margin
    entry = LedgerEntry(START, maybe_sent=True, sent_at=sent_at)
    slack = timedelta(microseconds=10)  # durations are rounded to microseconds
    assert decisive_from(entry, policy) + slack >= on_the_fastest_clock
