"""Plays the writeback ledger against every fault at once and checks what must never happen.

One seed is one submission's life. Runs are generators of the production protocol on hosts whose
clocks differ; one `Random(seed)` decides who moves next: deliver, deliver twice, step, freeze,
crash, let time pass, sweep, lose a store's reply, take the core away. After that the faults stop
and everything must come to rest. A faultless seed in five checks that nothing is handed off for
nothing; in half of the others `sweep` only knows rows that say when they are due, so that the queue
must bring back a fresh one.

    python -m tests.unit.ledger_simulator --seeds 10000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from datetime import timedelta

from closeloop.domain.ledger import (
    AdapterClass,
    LedgerEntry,
    State,
    wake_at,
)
from tests.unit.ledger_stage import INVOCATION, Stage, Violation
from tests.unit.ledger_world import START, Message, instant

STEPS = 400
ROUNDS = 400
FAST_PATH_AGE = timedelta(minutes=2)


class Simulation(Stage):
    """One life of one submission: what may happen, in the order that the seed decides."""

    def play(self) -> LedgerEntry:
        """Live through one seed and return the row at rest; raises Violation."""
        moves, weights = zip(*(CALM if self.calm else STORMY), strict=True)
        for move in self.random.choices(moves, weights, k=STEPS):
            move(self)
        self.drain()
        self.check_rest()
        return self.store.row

    def deliver(self) -> None:
        if waiting := self.queue.visible(self.now):
            self.start(self.random.choice(waiting))

    def deliver_twice(self) -> None:
        if self.queue.messages:
            self.start(self.random.choice(self.queue.messages))

    def step(self) -> None:
        awake = [run for run in self.runs if run.frozen_until <= self.now]
        if awake:
            self.advance(self.random.choice(awake))

    def crash(self) -> None:
        if self.runs:
            self.kill(self.random.choice(self.runs))

    def time_out(self) -> None:
        """Lambda ends what is over its time; now and then it is late to."""
        for run in list(self.runs):
            if self.now - run.started > INVOCATION and self.random.random() < 0.5:
                self.kill(run)

    def freeze(self) -> None:
        if self.runs:
            self.random.choice(self.runs).frozen_until = self.now + self.random.uniform(0, 240)

    def overtake(self) -> None:
        """A run freezes until about the end of its lease; its message is delivered again."""
        if self.runs:
            run = self.random.choice(self.runs)
            self.wait_for_edge(timedelta())
            run.frozen_until = self.now + self.random.uniform(0, 20)
            self.deliver_twice()

    def sweep(self) -> None:
        row, now = self.store.row, instant(self.now + self.random.choice(self.skews))
        due = wake_at(row, FAST_PATH_AGE) if self.sweeps_all else row.retry_at
        if not row.state.ended and due is not None and due <= now:
            self.queue.messages.append(Message(self.now))

    def take_core_down(self) -> None:
        self.core.down_until = self.now + self.random.uniform(0, 120)

    def pass_moment(self) -> None:
        self.now += self.random.uniform(0, 0.2)

    def pass_seconds(self) -> None:
        self.now += self.random.uniform(0, 5)

    def pass_minutes(self) -> None:
        self.now += self.random.uniform(0, 240)

    def pass_to_last_call(self) -> None:
        self.wait_for_edge(self.policy.call_timeout + self.policy.margin)

    def wait_for_edge(self, before: timedelta) -> None:
        """Let time pass until just about `before` the lease ends, on one clock or another."""
        if self.store.row.lease_until is not None:
            edge = (self.store.row.lease_until - before - START).total_seconds()
            self.now = max(self.now, edge + self.random.uniform(-4, 12))

    def drain(self) -> None:
        """The faults stop; what is under way ends, what is due is done, until nothing moves."""
        self.core.harm = self.store.harm = self.core.down_until = 0.0
        for _ in range(ROUNDS):
            while self.runs:
                self.advance(self.random.choice(self.runs))
            if self.store.row.state.ended:
                return
            self.sweep()
            for message in self.queue.visible(self.now):
                self.start(message)
            self.now += 0.1 if self.runs else 20


Sim = Simulation
CALM = (
    (Sim.step, 70),
    (Sim.deliver, 8),
    (Sim.deliver_twice, 5),
    (Sim.pass_moment, 12),
    (Sim.sweep, 5),
)
STORMY = (
    (Sim.step, 55),
    (Sim.deliver, 12),
    (Sim.deliver_twice, 4),
    (Sim.sweep, 5),
    (Sim.pass_moment, 6),
    (Sim.pass_seconds, 7),
    (Sim.pass_minutes, 1.5),
    (Sim.pass_to_last_call, 2),
    (Sim.time_out, 3),
    (Sim.freeze, 3),
    (Sim.overtake, 3),
    (Sim.crash, 2),
    (Sim.take_core_down, 0.7),
)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> int:
    """Play many seeds of every class; print how they ended, and the seed of each violation."""
    parser = argparse.ArgumentParser(description="Play the writeback ledger.")
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    violations = 0
    for adapter in AdapterClass:
        ends: Counter[str] = Counter()
        began = time.perf_counter()
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            try:
                row = Simulation(seed, adapter).play()
            except Violation as violation:
                violations += 1
                say(f"seed {seed} class {adapter.name}: {violation}")
            else:
                why = f" ({row.last_error})" if row.state is State.HANDED_OFF else ""
                ends[f"{row.state}{why}"] += 1
        rate = chosen.seeds / (time.perf_counter() - began)
        shares = ", ".join(f"{end} {count}" for end, count in ends.most_common())
        say(f"class {adapter.name}: {chosen.seeds} seeds, {rate:,.0f}/s: {shares}")
    say(f"{violations} violations")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
