"""Where the simulation's runs take place: hosts, effects carried out, invariants checked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

from closeloop.domain.ledger import (
    AdapterClass,
    Apply,
    BreakerOpen,
    Claim,
    Effect,
    Found,
    Host,
    LedgerPolicy,
    LookUp,
    Mark,
    Outcome,
    Record,
    Reply,
    RowEffect,
    State,
    Steps,
    Unavailable,
    Writeback,
    rules,
    write_back,
)
from tests.unit.ledger_world import AGREED, Core, Message, Queue, Store, StoreFailedError, instant

INVOCATION = 30.0
SKEW = 3.0


class Violation(AssertionError):  # noqa: N818 - a broken invariant, not a programming error
    """Invariants that did not hold; the text begins with their names."""


@dataclass(eq=False)
class Run:
    """One invocation: the protocol over the row as it was read, on a host with its own clock."""

    steps: Steps
    owner: str
    message: Message
    started: float
    frozen_until: float = 0.0
    effect: Effect | None = None
    reply: Reply | None = None
    call_reply: Reply | None = None
    called_at: float = float("-inf")
    calls_before: int = 0
    shown: bool = False


class Stage:
    """One submission, the hosts that carry it out, and the world they do it in."""

    store_type = Store
    usual = LedgerPolicy()

    def __init__(self, seed: int, adapter: AdapterClass) -> None:
        self.random = random = Random(f"{seed}/{adapter}")  # noqa: S311 - must be repeatable
        self.policy = policy = replace(self.usual, max_calls=random.choice((1, 2, 8)))
        self.broken: set[str] = set()
        self.calm = seed % 5 == 0
        self.sweeps_all = random.random() < 0.5
        harm = 0.0 if self.calm else random.choice([0.15, 0.4, 0.8])
        self.core = Core(adapter, policy, random, harm)
        self.store = self.store_type(random, 0.0 if self.calm else 0.12, self.broken)
        self.queue = Queue()
        self.skews = [-SKEW, random.uniform(-SKEW, SKEW), SKEW]
        self.writeback = Writeback("action-1", adapter, AGREED)
        self.runs: list[Run] = []
        self.now = 0.0

    def start(self, message: Message) -> None:
        self.queue.receive(message, self.now)
        host = self.host()
        steps = write_back(self.store.row, self.writeback, self.policy, host)
        self.runs.append(Run(steps, host.owner, message, self.now))

    def host(self) -> Host:
        skew, started = self.random.choice(self.skews), self.now
        return Host(
            owner=f"{self.random.getrandbits(64):x}",
            now=lambda: instant(self.now + skew),
            remaining=lambda: timedelta(seconds=INVOCATION - (self.now - started)),
            random=self.random.random,
        )

    def advance(self, run: Run) -> None:
        """Let one reply arrive and the next request leave, at this very moment."""
        try:
            run.effect = run.steps.send(self.answer(run))  # type: ignore[arg-type] - None starts it
        except StopIteration as stop:
            self.end(run, stop.value)
        except StoreFailedError:
            self.kill(run)
        else:
            if isinstance(run.effect, Apply):
                if self.store.row.owner != run.owner:
                    self.broken.add("CALL_BY_NON_OWNER")
                run.called_at = self.now
                run.reply = run.call_reply = self.core.call(self.now)
            elif isinstance(run.effect, LookUp):
                run.reply = self.look_up(run, run.effect)

    def look_up(self, run: Run, effect: LookUp) -> Reply:
        reply = self.core.look_up(self.now, effect.reference)
        run.shown = isinstance(reply, Found) and AGREED.items() <= reply.record.items()
        return reply

    def answer(self, run: Run) -> Reply | None:
        effect = run.effect
        if effect is None or isinstance(effect, Apply | LookUp):
            return run.reply
        self.check_write(run, effect)
        return self.store.write(effect)

    def end(self, run: Run, outcome: Outcome) -> None:
        self.runs.remove(run)
        if rules.acknowledges(outcome):
            self.queue.delete(run.message)

    def kill(self, run: Run) -> None:
        """A crash, a timeout, a table that does not answer: nothing is tidied up."""
        self.runs.remove(run)
        run.steps.close()

    def check_write(self, run: Run, effect: RowEffect) -> None:
        match effect:
            case Claim() if self.store.holds(effect):
                since = self.now - self.policy.call_timeout.total_seconds()
                if any(other.called_at > since for other in self.runs if other is not run):
                    self.broken.add("OVERLAP")
            case Mark():
                run.calls_before = self.store.row.calls
            case Record(entry) if entry.state is State.CONFIRMED and not run.shown:
                self.broken.add("CONFIRMED_WITHOUT_READ_BACK")
            case Record(entry) if isinstance(run.call_reply, BreakerOpen | Unavailable):
                if entry.calls > run.calls_before:
                    self.broken.add("SPENT")
            case _:
                pass

    def check_rest(self) -> None:
        row, commits = self.store.row, len(self.core.commits)
        at_rest = {
            "LOST": not row.state.ended,
            "DOUBLE": commits > 1,
            "PHANTOM": row.state is State.CONFIRMED and commits == 0,
            "REJECTED_BUT_COMMITTED": row.state is State.REJECTED and commits > 0,
            "FALSE_ALL_CLEAR": row.state is State.HANDED_OFF and not row.maybe_sent and commits > 0,
            "OVERSPENT": self.core.reached > self.policy.max_calls,
            "NEEDLESS_HANDOFF": self.calm and row.state is not State.CONFIRMED,
        }
        self.broken |= {name for name, is_broken in at_rest.items() if is_broken}
        if self.broken:
            raise Violation(f"{' '.join(sorted(self.broken))}: {commits} commits, {row}")
