"""The writeback ledger under every fault at once (F09-F14, I1-I3), and without each safeguard."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest

from closeloop.domain.ledger import AdapterClass
from tests.unit import test_ledger_rules
from tests.unit.ledger_mutants import KILLED, REDUNDANT, Mutant
from tests.unit.ledger_simulator import Simulation
from tests.unit.ledger_stage import Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.ledger_world import Store

SEEDS = 500
# Beyond the first 500: seeds that give a mutant away which few others notice.
REGRESSION_SEEDS = (506, 524, 561, 567, 569, 608, 634, 714, 857, 1051, 1077, 1194, 1406)
BEFORE_A_MUTANT_SURVIVES = 6_000
DIRECTED = (
    test_ledger_rules.test_a_lease_is_not_stolen_by_a_host_whose_clock_is_ahead,
    test_ledger_rules.test_a_claim_whose_reply_was_lost_is_recognised_as_our_own,
    test_ledger_rules.test_a_retry_is_told_only_once_it_is_written,
)


@pytest.mark.parametrize("adapter", AdapterClass)
@pytest.mark.parametrize("first", range(0, SEEDS, 250))
def test_no_seed_loses_doubles_invents_or_misreports_an_action(adapter: AdapterClass, first: int):
    for seed in range(first, first + 250):
        play(seed, adapter)


@pytest.mark.parametrize("adapter", AdapterClass)
def test_the_seeds_that_once_found_a_fault_stay_clean(adapter: AdapterClass):
    for seed in REGRESSION_SEEDS:
        play(seed, adapter)


@pytest.mark.parametrize("mutant", KILLED, ids=lambda mutant: mutant.name)
def test_the_simulation_notices_each_safeguard_that_is_taken_out(mutant: Mutant):
    with mutant.at_work() as simulation:
        for seed, adapter in product(range(BEFORE_A_MUTANT_SURVIVES), AdapterClass):
            if mutant.broken in broken_by(simulation, seed, adapter):
                return
    pytest.fail(f"survived {BEFORE_A_MUTANT_SURVIVES} seeds: {mutant.name}")


@pytest.mark.parametrize(
    ("mutant", "directed"),
    list(zip(REDUNDANT, DIRECTED, strict=True)),
    ids=[mutant.name for mutant in REDUNDANT],
)
def test_a_safeguard_that_another_one_covers_for_has_a_test_of_its_own(
    mutant: Mutant, directed: Callable[[type[Store]], None]
):
    with mutant.at_work() as simulation:
        for seed, adapter in product(range(100), AdapterClass):
            assert not broken_by(simulation, seed, adapter)
        with pytest.raises(AssertionError):
            directed(simulation.store_type)


def play(seed: int, adapter: AdapterClass) -> None:
    try:
        Simulation(seed, adapter).play()
    except Violation as violation:
        pytest.fail(f"seed {seed}, class {adapter.name}: {violation}")


def broken_by(simulation: type[Simulation], seed: int, adapter: AdapterClass) -> set[str]:
    life = simulation(seed, adapter)
    try:
        life.play()
    except Violation:
        return life.broken
    return set()
