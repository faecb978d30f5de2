"""The fault switches and the movable clock: what a test sets is what happens, no more."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import Clock, next_lawful
from sandbox.faults import Fault, Faults, Mode, Target


def test_a_fault_is_used_up_after_its_requests() -> None:
    faults = Faults()
    faults.set(Target.CORE, Mode.DOWN, requests=2)
    assert [bool(faults.take(Target.CORE, write=True)) for _ in range(3)] == [True, True, False]


def test_a_fault_touches_its_target_only() -> None:
    faults = Faults()
    faults.set(Target.SMS, Mode.DOWN)
    assert faults.take(Target.EMAIL, write=True) is None
    assert faults.take(Target.SMS, write=True) == Fault(Mode.DOWN)


@pytest.mark.parametrize("mode", [Mode.COMMIT_THEN_TIMEOUT, Mode.LATE_COMMIT, Mode.REJECT])
def test_a_fault_of_commits_neither_meets_nor_counts_questions(mode: Mode) -> None:
    faults = Faults()
    faults.set(Target.CORE, mode, requests=1)
    assert faults.take(Target.CORE, write=False) is None
    found = faults.take(Target.CORE, write=True)
    assert found is not None
    assert found.mode is mode


def test_flaky_lets_half_of_the_requests_pass_and_repeats_itself() -> None:
    def draw() -> list[Mode | None]:
        faults = Faults(seed=7)
        faults.set(Target.CORE, Mode.FLAKY)
        taken = [faults.take(Target.CORE, write=True) for _ in range(400)]
        return [fault.mode if fault else None for fault in taken]

    drawn = Counter(draw())
    assert 160 < drawn[None] < 240
    assert {Mode.DOWN, Mode.SLOW, Mode.COMMIT_THEN_TIMEOUT} < set(drawn)
    assert draw() == draw()


def test_reset_turns_everything_off() -> None:
    faults = Faults()
    faults.set(Target.WHATSAPP, Mode.SLOW)
    faults.reset()
    assert faults.showing() == {}


@pytest.mark.parametrize(
    ("real", "lawful"),
    [
        ("2026-11-23T08:00:00Z", "2026-11-23T10:00:00Z"),  # Monday morning
        ("2026-11-23T10:00:01Z", "2026-11-24T10:00:00Z"),  # a second too late
        ("2026-11-20T17:00:00Z", "2026-11-23T10:00:00Z"),  # Friday evening
        ("2026-07-14T08:00:00Z", "2026-07-14T09:00:00Z"),  # British Summer Time
    ],
)
def test_the_clock_starts_at_the_next_lawful_ten_o_clock(real: str, lawful: str) -> None:
    assert next_lawful(datetime.fromisoformat(real)) == datetime.fromisoformat(lawful)


def test_the_clock_never_starts_behind_real_time() -> None:
    """Rows are deleted by TTL on the real clock: a session must not be born expired."""
    for hour in range(24 * 7):
        real = datetime(2026, 3, 27, tzinfo=UTC) + timedelta(hours=hour)
        assert Clock(lambda real=real: real).now() >= real


def test_the_clock_runs_moves_and_remembers_what_it_showed() -> None:
    real = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    clock = Clock(lambda: real)
    early = real
    real += timedelta(seconds=5)
    assert clock.now() == datetime(2026, 11, 23, 10, 0, 5, tzinfo=UTC)
    clock.advance(3600)
    assert clock.now() == datetime(2026, 11, 23, 11, 0, 5, tzinfo=UTC)
    assert clock.at(early) == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
