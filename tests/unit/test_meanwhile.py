"""Two act on one case at once: whichever effect of one the other gets between, one of them wins."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from closeloop.application import case_file, keys
from closeloop.application.ports import Put, Update
from closeloop.application.send_touch import Step
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import Channel
from closeloop.domain.instants import to_text
from tests.crashes import core_facts, hand_off, one_time_code, open_case, writeback
from tests.crashes.matrix import meanwhile
from tests.crashes.moments import acting, contacted, identified, landed, quiet
from tests.crashes.submit_action import applied_once_with_one_receipt, submit
from tests.fakes.clockwork import lambda_time

if TYPE_CHECKING:
    from closeloop.application.visits import View
    from closeloop.domain.ledger import AdapterClass
    from tests.crashes.matrix import Act, Then
    from tests.fakes.firm import Firm
    from tests.fakes.scene import Scene


def second_touch(scene: Scene, firm: Firm) -> str:
    """The wait for the customer has run out."""
    return firm.send_touch(Step(scene.case_id, 2, scene.firm.journey.wait(scene.case_id)))


def run_out(moment: Scene) -> Scene:
    """The same moment, when the first message's wait has just run out."""
    scene = moment.copy()
    scene.firm.journey.time_out(scene.firm.journey.token(scene.case_id) or "")
    return scene


def status(scene: Scene) -> CaseStatus:
    case = case_file.load(scene.firm.table, scene.case_id)
    assert case is not None
    return case.status


def kinds(scene: Scene) -> list[str]:
    return [row["kind"] for row in scene.firm.table.query(f"CASE#{scene.case_id}", "EVENT#")]


def submissions(scene: Scene) -> list[str]:
    return [row["id"] for row in scene.rows if row["sk"].startswith("SUBMISSION#")]


def both_ways(act: Act, other: Act) -> pytest.MarkDecorator:
    pairs = [(act, other), (other, act)]
    return pytest.mark.parametrize(
        ("act", "other"), pairs, ids=[f"{b.__name__} within {a.__name__}" for a, b in pairs]
    )


# --- the customer and the clock


def accepted_and_told(scene: Scene) -> None:
    """One action; no message was claimed after it (I4); whoever waits is told."""
    applied_once_with_one_receipt(scene)
    assert scene.firm.journey.told[-1].outcome == "resolved"


@both_ways(submit, second_touch)
def test_a_submit_at_the_very_moment_of_the_timeout_is_accepted_and_nobody_writes_after_it_f25_r10(
    act: Act, other: Act
):
    meanwhile(run_out(identified()), act, other, accepted_and_told)


def told_what_the_case_is(scene: Scene) -> None:
    assert scene.firm.journey.told[-1].outcome == status(scene).value
    assert status(scene) is (CaseStatus.RESOLVED if submissions(scene) else CaseStatus.SETTLED)


@both_ways(submit, second_touch)
def test_a_journey_that_finds_the_debt_gone_still_waits_for_what_was_just_accepted_f25(
    act: Act, other: Act
):
    scene = run_out(identified())
    scene.firm.core.status = "arranged"
    meanwhile(scene, act, other, told_what_the_case_is)


# --- the customer and somebody else's hand


def one_wins_and_both_are_seen(scene: Scene) -> None:
    if submissions(scene):
        assert status(scene) is CaseStatus.RESOLVED
        assert "submitted" in kinds(scene)
    else:
        assert status(scene) is CaseStatus.EXPIRED
        assert kinds(scene)[-1] == "handed_off"
        assert scene.firm.core.journal == []


@both_ways(submit, hand_off.unanswered)
def test_a_customer_and_a_hand_off_at_once_end_in_one_of_the_two_and_the_chain_shows_it_f37(
    act: Act, other: Act
):
    meanwhile(identified(), act, other, one_wins_and_both_are_seen)


def settled_or_carried_through(scene: Scene) -> None:
    assert "obligation_settled" in kinds(scene)
    accepted = submissions(scene)
    assert status(scene) is (CaseStatus.RESOLVED if accepted else CaseStatus.SETTLED)
    assert scene.firm.core.journal == accepted


@both_ways(submit, core_facts.settles)
def test_a_submit_and_a_settlement_at_once_lose_neither_f37_f03(act: Act, other: Act):
    meanwhile(identified(), act, other, settled_or_carried_through)


def paused_or_carried_through(scene: Scene) -> None:
    accepted = submissions(scene)
    assert status(scene) is (CaseStatus.RESOLVED if accepted else CaseStatus.PAUSED)
    assert scene.firm.core.journal == accepted


@both_ways(submit, core_facts.protects)
def test_whoever_is_protected_while_they_submit_is_paused_or_was_first_f36_f37(
    act: Act, other: Act
):
    meanwhile(identified(), act, other, paused_or_carried_through)


# --- two tabs


@cache
def two_tabs() -> Scene:
    """Two tabs of one browser show the same case; each has a form of its own."""
    scene = identified().copy()
    with acting(scene) as customer:
        customer.get("c")
    return scene


def tab(number: int) -> Act:
    def submits(scene: Scene, firm: Firm) -> View:
        assert scene.customer is not None
        pages = [view.page for view in scene.customer.views if view.page]
        page = [each for each in pages if each.name == "choose"][number]
        (form,) = page.forms
        choice = form.fields[0].options[number].value
        visit = scene.customer._visit("POST", form.action, {**form.hidden, "choice": choice})
        return firm.submit_action(visit)

    submits.__name__ = f"tab {number}"
    return submits


def one_plan(scene: Scene) -> None:
    assert status(scene) is CaseStatus.RESOLVED
    assert len(submissions(scene)) == 1
    assert scene.firm.core.journal == submissions(scene)


@both_ways(tab(0), tab(1))
def test_two_tabs_at_once_are_one_submission_f35(act: Act, other: Act):
    meanwhile(two_tabs(), act, other, one_plan)


# --- the core's facts and messages


def paid_means_quiet(scene: Scene) -> None:
    assert status(scene) is CaseStatus.SETTLED


@both_ways(second_touch, core_facts.settles)
def test_nobody_who_has_paid_by_then_is_written_to_f03_i4(act: Act, other: Act):
    """The settlement may come between claim and send: then the message was lawful when claimed."""
    meanwhile(run_out(contacted()), act, other, paid_means_quiet)


@both_ways(one_time_code.ask, core_facts.settles)
def test_a_case_that_ends_while_a_code_is_asked_for_sends_none_after_it_i4(act: Act, other: Act):
    meanwhile(landed(), act, other, paid_means_quiet)


def opened_and_ended_or_never(scene: Scene) -> None:
    cases = [row for row in scene.rows if row["sk"] == "CASE"]
    assert [row["status"] for row in cases] in ([], ["settled"])


@both_ways(open_case.trigger, core_facts.settles)
def test_a_settlement_while_its_case_is_opened_leaves_no_open_case_f03(act: Act, other: Act):
    meanwhile(quiet(), act, other, opened_and_ended_or_never)


def opened_and_paused(scene: Scene) -> None:
    (case,) = [row for row in scene.rows if row["sk"] == "CASE"]
    assert case["status"] == CaseStatus.PAUSED.value


@both_ways(open_case.trigger, core_facts.protects)
def test_whoever_is_protected_while_their_case_is_opened_is_not_written_to_f03(
    act: Act, other: Act
):
    meanwhile(quiet(), act, other, opened_and_paused)


@both_ways(open_case.trigger, open_case.other_event)
def test_two_events_about_one_payment_at_once_open_one_case_f02(act: Act, other: Act):
    meanwhile(quiet(), act, other, open_case.one_case_on_its_way)


@both_ways(second_touch, second_touch)
def test_one_step_of_the_journey_twice_at_once_is_one_message_f24_i5(act: Act, other: Act):
    def sent_once(scene: Scene) -> None:
        assert len(scene.firm.senders[Channel.SMS].outbox) == 1
        case = case_file.load(scene.firm.table, scene.case_id)
        assert case is not None
        assert case.touch == 2
        assert scene.firm.journey.waiting(case.token or "")

    meanwhile(run_out(contacted()), act, other, sent_once)


def test_a_step_that_met_itself_is_no_hold_though_it_took_the_last_permitted_contact_f24_i5():
    """Once claimed, the touch has been decided: the repeat parks its token and asks nothing."""
    scene = run_out(contacted())
    other = keys.contact("C-1", to_text(scene.firm.clock.now()), "another-case", 1)
    scene.firm.table.write(
        Put(other, {"at": to_text(scene.firm.clock.now()), "case": "another-case"}),
        Update(keys.contact_turn("C-1"), add={"count": 1}),
    )

    def parked(now: Scene) -> None:
        assert [told.outcome for told in now.firm.journey.told] == []
        case = case_file.load(now.firm.table, now.case_id)
        assert case is not None
        assert now.firm.journey.waiting(case.token or "")

    meanwhile(scene, second_touch, second_touch, parked)


# --- a writeback that stalls


def takes_over(scene: Scene, firm: Firm) -> None:
    """The first one has slept past its lease and its margin; sweep brings the message again."""
    scene.firm.clock.advance(seconds=40)
    (row,) = [row for row in scene.rows if row["sk"].startswith("SUBMISSION#")]
    firm.writeback(row["case"], row["id"], lambda_time)


@writeback.EVERY_CLASS
def test_a_writeback_that_wakes_up_after_its_lease_changes_nothing_any_more_f14(
    adapter: AdapterClass,
):
    then: Then = writeback.as_promised_by(adapter)
    meanwhile(writeback.delivered_to(adapter), writeback.carry, takes_over, then)


def also_carries(scene: Scene, firm: Firm) -> None:
    """A second delivery of the message, to a second consumer."""
    (row,) = [row for row in scene.rows if row["sk"].startswith("SUBMISSION#")]
    firm.writeback(row["case"], row["id"], lambda_time)


@writeback.EVERY_CLASS
def test_two_consumers_of_one_message_at_once_have_one_effect_f09(adapter: AdapterClass):
    scene = writeback.delivered_to(adapter)
    meanwhile(scene, writeback.carry, also_carries, writeback.as_promised_by(adapter))
