"""Twenty at the same moment, on real threads: one of them does it, on DynamoDB as in memory."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from closeloop.application import case_file
from closeloop.application.ports import TemporarilyUnavailable
from closeloop.application.send_touch import Step
from closeloop.domain.case import CaseStatus
from closeloop.domain.identity import CHECKS_PER_CODE, Channel
from closeloop.domain.ledger import Confirmed
from tests.crashes.matrix import Place
from tests.crashes.moments import acting, code_sent, identified, opened, quiet, submitted
from tests.fakes import invariants
from tests.fakes.clockwork import lambda_time, until_quiet
from tests.fakes.firm import payment_failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from closeloop.application.visits import View, Visit
    from tests.fakes.scene import Scene

MANY = 20


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """Let all begin together; whoever is told to come again does, as a queue or a person would."""
    start = threading.Barrier(MANY)

    def one(number: int) -> Any:
        start.wait()
        while True:
            try:
                return act(number)
            except TemporarilyUnavailable:
                continue

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(one, range(MANY)))


def rows(scene: Scene, kind: str) -> list[dict[str, Any]]:
    return [row for row in scene.rows if row["sk"].startswith(kind)]


def forms(scene: Scene, number: int) -> list[Visit]:
    """The same page opened in `number` tabs: each has a form of its own, and a choice in it."""
    found: list[Visit] = []
    with acting(scene) as customer:
        for tab in range(number):
            customer.get("c")
            form = customer.form("c/act/instalment_plan")
            options = form.fields[0].options
            chosen = options[tab % len(options)].value
            found.append(customer._visit("POST", form.action, {**form.hidden, "choice": chosen}))
    return found


class ManyAtOnce:
    """Both tables are tested by these words. `place` moves a scene to the table under test."""

    def test_one_trigger_twenty_times_is_one_case_and_one_execution_f01(self, place: Place):
        scene = quiet().copy()
        with place.on(scene):
            done = at_once(lambda _: scene.firm.open_case(payment_failed(event_id="the-same")))
        assert Counter(done)["opened"] == 1
        assert set(done) <= {"opened", "duplicate", "already_open"}
        assert len(rows(scene, "CASE#")) == 1  # the person's entry of their case
        assert len(scene.firm.journey.started) == 1
        invariants.chains_verify(scene.rows)

    def test_twenty_events_about_one_payment_are_one_case_and_one_execution_f02(self, place: Place):
        scene = quiet().copy()
        with place.on(scene):
            done = at_once(lambda n: scene.firm.open_case(payment_failed(event_id=f"event-{n}")))
        assert Counter(done) == {"opened": 1, "already_open": MANY - 1}
        assert len(scene.firm.journey.started) == 1
        assert len(rows(scene, "TRIGGER#")) == MANY
        invariants.chains_verify(scene.rows)

    def test_one_step_of_a_journey_twenty_times_is_one_message_i5(self, place: Place):
        scene = opened().copy()
        tokens = [scene.firm.journey.wait(scene.case_id) for _ in range(MANY)]
        with place.on(scene):
            done = at_once(lambda n: scene.firm.send_touch(Step(scene.case_id, 1, tokens[n])))
        assert set(done) <= {"sent", "parked"}
        assert len(scene.firm.senders[Channel.EMAIL].outbox) == 1
        invariants.chains_verify(scene.rows)

    def test_twenty_tabs_submitting_at_once_are_one_submission_and_one_receipt_f35(
        self, place: Place
    ):
        scene = identified().copy()
        tabs = forms(scene, MANY)
        with place.on(scene):
            views: list[View] = at_once(lambda n: scene.firm.submit_action(tabs[n]))
        assert {view.goto for view in views} == {"c/status"}
        accepted = rows(scene, "SUBMISSION#")
        assert len(accepted) == 1
        until_quiet(scene)
        invariants.hold(scene)
        assert scene.firm.core.journal == [accepted[0]["id"]]

    def test_a_button_pressed_twenty_times_is_one_submission_f35_t9(self, place: Place):
        scene = identified().copy()
        (form,) = forms(scene, 1)
        with place.on(scene):
            views: list[View] = at_once(lambda _: scene.firm.submit_action(form))
        assert {view.goto for view in views} == {"c/status"}
        until_quiet(scene)
        assert scene.firm.core.journal == [row["id"] for row in rows(scene, "SUBMISSION#")]
        assert len(scene.firm.core.journal) == 1

    def test_twenty_consumers_of_one_message_have_one_effect_f09(self, place: Place):
        scene = submitted().copy()
        body = scene.firm.queue.take()
        with place.on(scene):
            outcomes = at_once(
                lambda _: scene.firm.writeback(body["case"], body["submission"], lambda_time)
            )
        assert sum(isinstance(each, Confirmed) for each in outcomes) == 1
        assert len(scene.firm.core.journal) == 1
        case = case_file.load(scene.firm.table, scene.case_id)
        assert case is not None
        assert case.status is CaseStatus.RESOLVED

    def test_twenty_guesses_at_once_share_the_checks_of_one_code_t4(self, place: Place):
        scene = code_sent().copy()
        with acting(scene) as customer:
            form, right = customer.form("c/verify"), int(customer.code(Channel.SMS))
            guesses = [
                customer._visit(
                    "POST", form.action, {**form.hidden, "code": f"{(right + n) % 10**6:06d}"}
                )
                for n in range(1, MANY + 1)
            ]
        with place.on(scene):
            at_once(lambda n: scene.firm.one_time_code(guesses[n]))
        (challenge,) = rows(scene, "CHALLENGE#")
        (number,) = rows(scene, "CODEFAILURES#")
        assert challenge["tries"] == number["failures"] == CHECKS_PER_CODE


class TestInMemory(ManyAtOnce):
    @pytest.fixture
    def place(self) -> Place:
        return Place(lambda _: nullcontext())


@pytest.mark.integration
class TestOnDynamoDB(ManyAtOnce):
    """On moto, one call at a time: the threads interleave between calls, as processes would."""
