"""`open_case` dies over what the core says beside triggers; the queue delivers it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from closeloop.application.open_case import CoreEvent
from closeloop.domain.case import CaseStatus
from tests.crashes.hand_off import status
from tests.crashes.matrix import Place, every_death, every_lost_answer, two_deaths
from tests.crashes.moments import contacted, quiet, submitted
from tests.fakes.clockwork import play_journey
from tests.fakes.firm import payment_failed

if TYPE_CHECKING:
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene

ABOUT = {"schema_version": 1, "customer_id": "C-1"}
DUE = {**ABOUT, "obligation_id": "INV-1", "cycle": "2026-11"}


def settlement(version: int) -> CoreEvent:
    detail = {**DUE, "version": version, "settled_at": "2026-11-24T09:00:00Z"}
    return CoreEvent(f"settled-{version}", "core.billing", "ObligationSettled", detail)


def withdrawal(version: int) -> CoreEvent:
    detail = {**DUE, "version": version, "reason": "raised_in_error"}
    return CoreEvent(f"withdrawn-{version}", "core.billing", "ObligationWithdrawn", detail)


def protection(version: int, *, active: bool) -> CoreEvent:
    detail = {**ABOUT, "version": version, "kind": "breathing_space", "active": active}
    period = {"from": "2026-11-24T00:00:00Z", "until": "2027-01-23T00:00:00Z"}
    return CoreEvent(f"protected-{version}", "core.billing", "CustomerProtected", detail | period)


def settles(_: Scene, firm: Firm) -> str:
    return firm.open_case(settlement(2))


def withdraws(_: Scene, firm: Firm) -> str:
    return firm.open_case(withdrawal(2))


def protects(_: Scene, firm: Firm) -> str:
    return firm.open_case(protection(1, active=True))


def messages(scene: Scene) -> int:
    return sum(len(sender.outbox) for sender in scene.firm.senders.values())


def settled_and_silent(scene: Scene) -> None:
    before = messages(scene)
    assert status(scene) is CaseStatus.SETTLED
    assert play_journey(scene, touch=2) == "settled"
    assert messages(scene) == before


def withdrawn_and_silent(scene: Scene) -> None:
    before = messages(scene)
    assert status(scene) is CaseStatus.WITHDRAWN
    assert play_journey(scene, touch=2) == "withdrawn"
    assert messages(scene) == before


def never_opened(scene: Scene) -> None:
    """The older trigger arrives after the settlement: there is nobody to write to (F03)."""
    assert scene.recorded.open_case(payment_failed()) == "already_ended"
    assert scene.firm.journey.started == []


def resolved_by_the_core_s_own_answer(scene: Scene) -> None:
    """What the customer agreed to first is carried through; the core decides what it takes."""
    assert status(scene) is CaseStatus.RESOLVED
    kinds = [row["kind"] for row in scene.rows if row["sk"].startswith("EVENT#")]
    assert kinds.count("obligation_settled") == 1


def paused_until_told_otherwise(scene: Scene) -> None:
    before = messages(scene)
    assert status(scene) is CaseStatus.PAUSED
    scene.recorded.open_case(protection(2, active=False))
    assert status(scene) is CaseStatus.OPEN
    assert messages(scene) == before
    assert play_journey(scene, touch=2) == "expired"


class CoreFactsCrashes:
    def test_a_settlement_that_dies_anywhere_ends_the_case_and_its_messages_f03_i4(
        self, place: Place
    ):
        every_death(contacted(), settles, settled_and_silent, place)

    def test_a_protection_that_dies_anywhere_pauses_the_case_until_it_is_lifted_f03(
        self, place: Place
    ):
        every_death(contacted(), protects, paused_until_told_otherwise, place)


class CoreFactsDie:
    def test_a_withdrawal_that_dies_anywhere_ends_the_case_and_its_messages_f03_i4(
        self, place: Place
    ):
        every_death(contacted(), withdraws, withdrawn_and_silent, place)

    def test_a_settlement_that_overtakes_its_trigger_and_dies_still_opens_nothing_f03(
        self, place: Place
    ):
        every_death(quiet(), settles, never_opened, place)

    def test_a_settlement_that_dies_while_a_submission_is_on_its_way_waits_for_it_f03_i1(
        self, place: Place
    ):
        every_death(submitted(), settles, resolved_by_the_core_s_own_answer, place)

    def test_a_fact_that_was_throttled_or_lost_a_reply_is_taken_f17(self, place: Place):
        every_lost_answer(contacted(), settles, settled_and_silent, place)
        every_lost_answer(contacted(), protects, paused_until_told_otherwise, place)

    def test_a_fact_that_dies_twice_is_taken_f03(self, place: Place):
        two_deaths(contacted(), settles, settled_and_silent, place, lives=80)
        two_deaths(contacted(), protects, paused_until_told_otherwise, place, lives=80)
