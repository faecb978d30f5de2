"""Directed ledger scenarios: one row, one clock to move by hand, replies given one by one."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from random import Random

from closeloop.domain.ledger import (
    AdapterClass,
    Apply,
    Effect,
    Host,
    LedgerEntry,
    LedgerPolicy,
    LookUp,
    Outcome,
    Reply,
    Steps,
    Writeback,
    write_back,
)
from tests.unit.ledger_world import AGREED, START, Store, instant

POLICY = LedgerPolicy()
SETTLED = (POLICY.lease + POLICY.settle).total_seconds()
SHOWN = {"id": "R1", **AGREED}


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


class Visit:
    """One run of the protocol, stopped wherever the scenario wants something to happen."""

    def __init__(self, store: Store, steps: Steps) -> None:
        self.store = store
        self.steps = steps
        self.log: list[Effect] = []
        self.outcome: Outcome | None = None
        self._send(None)

    @property
    def waiting_for(self) -> Effect | None:
        return None if self.outcome is not None else self.log[-1]

    def until(self, *kinds: type[Effect]) -> Effect | None:
        """Make the row's writes until an effect of one of these kinds is asked for."""
        while (effect := self.waiting_for) is not None and not isinstance(effect, kinds):
            assert not isinstance(effect, Apply | LookUp), f"no reply was planned for {effect}"
            self.answer(self.store.write(effect))
        return effect

    def answer(self, reply: Reply) -> None:
        self._send(reply)

    def finish(self, *replies: Reply) -> Outcome:
        """Run to the end, answering calls and look-ups in this order and leaving none over."""
        for reply in replies:
            assert self.until(Apply, LookUp) is not None, f"ended before {reply} was asked for"
            self.answer(reply)
        self.until()
        assert self.outcome is not None
        return self.outcome

    def asked(self, kind: type[Effect]) -> int:
        return sum(isinstance(effect, kind) for effect in self.log)

    def _send(self, reply: Reply | None) -> None:
        try:
            self.log.append(self.steps.send(reply))  # type: ignore[arg-type] - None starts it
        except StopIteration as stop:
            self.outcome = stop.value


class Desk:
    """One submission and the true clock, `now` seconds after it was accepted."""

    def __init__(
        self,
        adapter: AdapterClass = AdapterClass.B,
        entry: LedgerEntry | None = None,
        store_type: type[Store] = Store,
    ) -> None:
        self.adapter = adapter
        self.now = 0.0
        self.store = store_type(Random(0), 0.0, set())  # noqa: S311 - no faults are drawn from it
        self.store.row = entry or LedgerEntry(START)
        self._owners = count(1)

    @property
    def row(self) -> LedgerEntry:
        return self.store.row

    def host(self, ahead: float = 0.0, left: float = 60.0) -> Host:
        """A host whose clock is `ahead` seconds of the true one, with `left` seconds to live."""
        begun = self.now
        return Host(
            owner=f"run-{next(self._owners)}",
            now=lambda: instant(self.now + ahead),
            remaining=lambda: timedelta(seconds=left - (self.now - begun)),
            random=lambda: 0.5,
        )

    def visit(self, ahead: float = 0.0, left: float = 60.0) -> Visit:
        writeback = Writeback("action-1", self.adapter, AGREED)
        steps = write_back(self.row, writeback, POLICY, self.host(ahead, left))
        return Visit(self.store, steps)

    def run(self, *replies: Reply) -> Outcome:
        return self.visit().finish(*replies)

    def wait_for_retry(self) -> None:
        assert self.row.retry_at is not None
        self.now = max(self.now, (self.row.retry_at - START).total_seconds())
