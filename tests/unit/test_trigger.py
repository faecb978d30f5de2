"""Facts arrive in any order, twice, or with one version: the end is the same (F01-F03)."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closeloop.domain.protection import Protection, ProtectionKind
from closeloop.domain.trigger import (
    EndCase,
    Ending,
    Fact,
    Known,
    Nothing,
    OpenCase,
    PauseCases,
    ResumeCases,
    Settled,
    Triggered,
    Why,
    Withdrawn,
    effect_of,
    obligation_key,
)

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
DAY = timedelta(days=1)
SIXTY_DAYS = NOW + 60 * DAY


def breathing_space(version: int, *, active: bool = True, until: datetime | None = SIXTY_DAYS):
    return Protection(ProtectionKind.BREATHING_SPACE, version, active, NOW, until)


def attorney(version: int, *, active: bool = True):
    return Protection(ProtectionKind.ATTORNEY, version, active, NOW)


@dataclass(frozen=True)
class World:
    """A caller as the module's docstring asks for: one case, and a message whenever it may."""

    known: Known = field(default_factory=Known)
    open: bool = False
    pause: PauseCases | None = None
    opened: int = 0

    def receive(self, fact: Fact) -> World:
        effect = effect_of(fact, self.known, NOW)
        world = replace(self, known=self.known.after(fact))
        match effect:
            case OpenCase(pause):
                return replace(world, open=True, pause=pause, opened=self.opened + 1)
            case EndCase():
                return replace(world, open=False, pause=None)
            case PauseCases() if world.open:
                return replace(world, pause=effect)
            case ResumeCases():
                return replace(world, pause=None)
            case _:
                return world

    @property
    def may_message(self) -> bool:
        return self.open and self.pause is None


def after(*facts: Fact) -> World:
    world = World()
    for fact in facts:
        world = world.receive(fact)
    return world


VERSIONS = st.integers(1, 4)
FACTS = st.one_of(
    VERSIONS.map(Triggered),
    VERSIONS.map(Settled),
    VERSIONS.map(Withdrawn),
    st.builds(
        breathing_space,
        VERSIONS,
        active=st.booleans(),
        until=st.sampled_from([None, SIXTY_DAYS, NOW - DAY]),
    ),
    st.builds(attorney, VERSIONS, active=st.booleans()),
)


@given(st.lists(FACTS, min_size=1, max_size=4))
def test_every_order_of_arrival_ends_in_the_same_state_f03(facts: list[Fact]):
    ends = {
        (world.open, world.pause, world.known.ended, tuple(sorted(world.known.protections.items())))
        for order in itertools.permutations(facts)
        for world in [after(*order)]
    }
    assert len(ends) == 1


@given(st.lists(FACTS, max_size=4), VERSIONS, VERSIONS)
def test_nobody_is_messaged_once_a_settlement_as_new_as_the_trigger_is_in_f03(
    others: list[Fact], version: int, age: int
):
    unrelated = [fact for fact in others if not isinstance(fact, Triggered)]
    settlement = Settled(version + age - 1)
    for order in itertools.permutations([Triggered(version), settlement, *unrelated[:2]]):
        world = World()
        for position, fact in enumerate(order):
            world = world.receive(fact)
            assert not (settlement in order[: position + 1] and world.may_message)


@given(st.lists(FACTS, max_size=4), st.data())
def test_a_repeated_fact_changes_nothing_f01(facts: list[Fact], data: st.DataObject):
    once = after(*facts)
    if facts:
        twice = once.receive(data.draw(st.sampled_from(facts)))
        assert twice == once


@given(st.lists(FACTS, max_size=4))
def test_protection_stops_messages_in_every_order_lesson_15(facts: list[Fact]):
    for order in itertools.permutations([*facts[:3], attorney(9)]):
        assert not after(*order).may_message


def test_a_settlement_that_overtakes_its_trigger_leaves_no_case_f03():
    world = after(Settled(2), Triggered(1))
    assert (world.open, world.opened) == (False, 0)
    assert effect_of(Settled(2), Known(), NOW) == Nothing(Why.NEVER_OPENED)
    assert effect_of(Triggered(1), Known(settled=2), NOW) == Nothing(Why.ALREADY_ENDED)


def test_with_equal_versions_the_ending_counts_f03():
    assert not after(Triggered(2), Settled(2)).open
    assert not after(Withdrawn(2), Triggered(2)).open


def test_a_second_trigger_for_an_open_obligation_opens_no_second_case_f02():
    assert effect_of(Triggered(3), Known(triggered=1), NOW) == Nothing(Why.ALREADY_OPEN)
    assert after(Triggered(1), Triggered(3), Triggered(1)).opened == 1


def test_a_payment_returned_after_settlement_opens_a_case_again():
    assert effect_of(Triggered(3), Known(triggered=1, settled=2), NOW) == OpenCase(None)


def test_a_settlement_older_than_the_newest_trigger_does_not_end_the_case():
    effect = effect_of(Settled(2), Known(triggered=3), NOW)
    assert effect == Nothing(Why.OLDER_THAN_TRIGGER)


def test_a_redelivered_ending_is_told_again_so_that_a_crash_in_between_heals():
    known = Known(triggered=1, settled=2)
    assert effect_of(Settled(2), known, NOW) == EndCase(Ending.SETTLED)
    assert effect_of(Withdrawn(2), known, NOW) == EndCase(Ending.SETTLED)
    assert effect_of(Withdrawn(3), known, NOW) == EndCase(Ending.WITHDRAWN)


def test_a_case_for_a_protected_person_opens_paused():
    known = Known().after(breathing_space(1))
    assert effect_of(Triggered(1), known, NOW) == OpenCase(PauseCases(SIXTY_DAYS))


def test_the_pause_lasts_as_long_as_the_longest_protection():
    known = Known().after(breathing_space(1))
    assert effect_of(attorney(2), known, NOW) == PauseCases(None)
    lifted = known.after(attorney(2))
    assert effect_of(attorney(3, active=False), lifted, NOW) == PauseCases(SIXTY_DAYS)


def test_cases_resume_when_the_last_protection_is_lifted_or_over():
    known = Known().after(breathing_space(1))
    assert effect_of(breathing_space(2, active=False), known, NOW) == ResumeCases()
    over = breathing_space(2, until=NOW)
    assert effect_of(over, known, NOW) == ResumeCases()


def test_an_older_report_about_a_protection_is_only_remembered_as_old():
    known = Known().after(attorney(3, active=False))
    assert effect_of(attorney(2), known, NOW) == Nothing(Why.OLDER_THAN_KNOWN)
    assert known.after(attorney(2)) == known


def test_with_equal_versions_the_more_protective_report_counts():
    on, off = attorney(2), attorney(2, active=False)
    assert on.newer(off) == off.newer(on) == on
    short, long, endless = (
        breathing_space(2, until=until) for until in (SIXTY_DAYS, SIXTY_DAYS + DAY, None)
    )
    assert short.newer(long) == long.newer(short) == long
    assert endless.newer(long) == long.newer(endless) == endless
    early = replace(short, starts=NOW - DAY)
    assert short.newer(early) == early.newer(short) == early


def test_a_protection_counts_from_the_moment_it_is_known():
    announced = Protection(ProtectionKind.BREATHING_SPACE, 1, True, NOW + DAY)
    assert announced.shields(NOW)


def test_a_protection_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        Protection(ProtectionKind.CEASE, 1, True, datetime(2026, 11, 22))  # noqa: DTZ001 - the fault under test


PARTS = st.lists(st.text(alphabet="ab#%235", min_size=1, max_size=6), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_different_obligations_never_share_a_key_f02(one: list[str], other: list[str]):
    assert (obligation_key(*one) == obligation_key(*other)) == (one == other)


def test_a_separator_inside_an_id_does_not_move_the_border_f02():
    assert obligation_key("ann#1", "2", "c") != obligation_key("ann", "1#2", "c")
    assert obligation_key("ann#1") != obligation_key("ann%231")
    assert obligation_key("cust-1", "INV-7", "2026-11") == "cust-1#INV-7#2026-11"


@pytest.mark.parametrize("parts", [(), ("cust-1", "", "2026-11")])
def test_a_key_with_a_hole_in_it_is_refused_f02(parts: tuple[str, ...]):
    with pytest.raises(ValueError, match="needs a value"):
        obligation_key(*parts)
