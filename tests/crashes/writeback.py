"""`writeback` dies; its message comes back, and sweep sends what is due.

The core is of class A, B or C. It may also have lost its reply, and the process may stall instead
of dying while another one takes the row over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from closeloop.application import case_file
from closeloop.application.ports import TemporarilyUnavailable
from closeloop.domain.case import CaseStatus
from closeloop.domain.ledger import AdapterClass, Ambiguous, CallResult, acknowledges
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import submitted
from tests.fakes.clockwork import lambda_time

if TYPE_CHECKING:
    from closeloop.application.submissions import Submission
    from closeloop.domain.ledger import Outcome
    from tests.fakes.firm import Firm
    from tests.fakes.outside import FakeCore
    from tests.fakes.scene import Scene

EVERY_CLASS = pytest.mark.parametrize("adapter", list(AdapterClass), ids=lambda each: each.name)
A, B, C = AdapterClass


@dataclass(frozen=True)
class CommitThenTimeout:
    """What the core does to one request."""

    core: FakeCore

    def __call__(self, submission: Submission) -> CallResult:
        self.core.commit(submission)
        return Ambiguous("ReadTimeoutError")


def delivered_to(adapter: AdapterClass) -> Scene:
    """The message has left the queue and is in the writeback's hands."""
    scene = submitted().copy()
    scene.firm.core.adapter = adapter
    scene.firm.queue.sent.clear()
    return scene


def losing_its_reply(adapter: AdapterClass) -> Scene:
    """The core will do the first thing it is asked, and its reply will never arrive (F12)."""
    scene = delivered_to(adapter)
    scene.firm.core.fails.append(CommitThenTimeout(scene.firm.core))
    return scene


def carry(scene: Scene, firm: Firm) -> Outcome:
    body = next(done.args[0] for done in scene.log if str(done) == "queue.send")
    outcome = firm.writeback(body["case"], body["submission"], lambda_time)
    if not acknowledges(outcome):
        raise TemporarilyUnavailable
    return outcome


def resolved_by_one_effect(scene: Scene) -> None:
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    assert case.status is CaseStatus.RESOLVED
    assert scene.firm.core.journal == [case.submission]


def one_effect_or_a_person_asks(scene: Scene) -> None:
    """A system that can neither repeat nor be asked: when in doubt a person looks, once."""
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    if case.status is CaseStatus.RESOLVED:
        assert scene.firm.core.journal == [case.submission]
        return
    assert case.status is CaseStatus.HANDED_OFF
    (handoff,) = [row for row in scene.rows if row["sk"].startswith("HANDOFF#")]
    assert handoff["reason"] == "writeback_failed"
    assert handoff["context"]["maybe_applied"] is True
    assert len(scene.firm.core.journal) <= 1


def as_promised_by(adapter: AdapterClass):
    return one_effect_or_a_person_asks if adapter is C else resolved_by_one_effect


class WritebackCrashes:
    @EVERY_CLASS
    def test_a_writeback_that_dies_anywhere_has_one_effect_f09_f10_f11(
        self, place: Place, adapter: AdapterClass
    ):
        every_death(delivered_to(adapter), carry, as_promised_by(adapter), place)


class WritebackDies:
    @EVERY_CLASS
    def test_a_reply_lost_after_the_commit_and_a_death_anywhere_make_one_effect_f11_f12(
        self, place: Place, adapter: AdapterClass
    ):
        every_death(losing_its_reply(adapter), carry, as_promised_by(adapter), place)

    @EVERY_CLASS
    def test_a_writeback_that_was_throttled_or_lost_a_reply_has_one_effect_f17(
        self, place: Place, adapter: AdapterClass
    ):
        every_lost_answer(delivered_to(adapter), carry, as_promised_by(adapter), place)

    @EVERY_CLASS
    def test_a_writeback_that_dies_twice_has_one_effect_f10_f11(
        self, place: Place, adapter: AdapterClass
    ):
        two_deaths(delivered_to(adapter), carry, as_promised_by(adapter), place, lives=80)
