"""A batch with one message that nobody can digest: the rest succeeds, it alone comes back.

The real handlers over a firm in memory. What comes back too often goes to a dead-letter queue, and
from there to an owner, once (F19, F20).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closeloop import bootstrap
from tests.crashes.moments import submitted
from tests.fakes.firm import Firm
from tests.fakes.functions import (
    Context,
    batch,
    handler_of,
    telemetry_on,
    to_be_delivered_again,
)
from tests.fakes.poison import LETTERS, REFUSED, UNREADABLE, changed, good

if TYPE_CHECKING:
    from tests.fakes.scene import Scene


@pytest.fixture
def firm(monkeypatch: pytest.MonkeyPatch) -> Firm:
    return serving(Firm(), monkeypatch)


def serving(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """Let the handlers find this firm at the composition root."""
    telemetry_on(monkeypatch)
    for use_case in ("open_case", "writeback", "dead_letters"):
        monkeypatch.setattr(bootstrap, use_case, lambda name=use_case: getattr(firm, name))
    return firm


@pytest.mark.parametrize("poison", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_trigger_that_cannot_be_read_comes_back_alone_from_every_position_f19(
    firm: Firm, poison: object
):
    for position in range(10):
        bodies: list[object] = [good(10 * position + n) for n in range(9)]
        bodies.insert(position, poison)
        response = handler_of("open_case")(batch(bodies), Context())
        assert to_be_delivered_again(response) == [f"m{position}"]
    assert len(firm.journey.started) == 90
    assert firm.rejects.sent == []


@pytest.mark.parametrize("poison", REFUSED.values(), ids=REFUSED.keys())
def test_a_trigger_that_breaks_its_contract_is_rejected_once_with_the_field_f19(
    firm: Firm, poison: dict[str, Any], capsys: pytest.CaptureFixture[str]
):
    """It was read, so it need not come back: field and reason are for whoever sent it."""
    for position in range(10):
        bodies = [good(10 * position + n) for n in range(9)]
        bodies.insert(position, poison)
        response = handler_of("open_case")(batch(bodies), Context())
        assert to_be_delivered_again(response) == []
    assert len(firm.journey.started) == 90
    assert len(firm.rejects.sent) == 10
    body, _ = firm.rejects.sent[0]
    assert body["event_id"] == "bad"
    assert all(problem["field"] and problem["reason"] for problem in body["problems"])
    assert "Ada Vale" not in capsys.readouterr().out  # I8: ids and words, never an event


def test_a_writeback_that_cannot_be_read_or_is_unknown_comes_back_alone_f19(
    monkeypatch: pytest.MonkeyPatch,
):
    poisons = ["{not json", {"case": "C"}, {"case": "C", "submission": "S"}]
    for at, poison in enumerate(poisons):
        scene = submitted().copy()
        serving(scene.firm, monkeypatch)
        bodies = [scene.firm.queue.take()]
        bodies.insert(at % 2, poison)
        response = handler_of("writeback")(batch(bodies, "writeback"), Context())
        assert to_be_delivered_again(response) == [f"m{at % 2}"]
        assert len(scene.firm.core.journal) == 1


def test_a_writeback_that_somebody_else_is_at_comes_back_f09_f20(monkeypatch: pytest.MonkeyPatch):
    scene: Scene = submitted().copy()
    firm = serving(scene.firm, monkeypatch)
    body = firm.queue.take()

    def meanwhile(_: object) -> None:
        response = handler_of("writeback")(batch([body], "writeback"), Context())
        assert to_be_delivered_again(response) == ["m0"]

    firm.core.fails.append(meanwhile)
    response = handler_of("writeback")(batch([body], "writeback"), Context())
    assert to_be_delivered_again(response) == []
    assert len(firm.core.journal) == 1


@pytest.mark.usefixtures("firm")
@given(poisoned=st.lists(st.booleans(), min_size=1, max_size=10))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_what_failed_comes_back_whatever_and_however_much_that_is_f20(
    poisoned: list[bool],
):
    """None of them, some, all of them: never an exception, never another's id."""
    bodies = ["{not json" if bad else good(n) for n, bad in enumerate(poisoned)]
    response = handler_of("open_case")(batch(bodies), Context())
    assert to_be_delivered_again(response) == [f"m{n}" for n, bad in enumerate(poisoned) if bad]


def test_a_firm_that_is_out_of_order_loses_no_message_of_a_batch_f20(firm: Firm):
    firm.rejects.broken = True
    response = handler_of("open_case")(batch([changed(schema_version=2), good(1)]), Context())
    assert to_be_delivered_again(response) == ["m0"]
    firm.rejects.broken = False
    response = handler_of("open_case")(batch([changed(schema_version=2)]), Context())
    assert to_be_delivered_again(response) == []
    assert len(firm.rejects.sent) == 1


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
def test_a_dead_letter_of_any_kind_is_one_piece_of_work_with_all_of_its_body_f19(
    firm: Firm, letter: str
):
    event = batch([letter], "triggers-dlq")
    for _ in range(2):
        assert to_be_delivered_again(handler_of("dead_letters")(event, Context())) == []
    (work,) = firm.table.work("platform")
    assert (work["reason"], work["id"]) == ("dead_letter", "m0")
    kept = firm.table.query("DEADLETTER#triggers-dlq", "HANDOFF#m0")
    assert "".join(row["body"] for row in kept) == letter
    assert all(len(row["body"].encode()) < 390_000 for row in kept)  # DynamoDB's limit is 400 KB


def test_a_dead_letter_names_the_case_it_is_about_wherever_in_it_that_stands_f19(
    monkeypatch: pytest.MonkeyPatch,
):
    scene = submitted().copy()
    serving(scene.firm, monkeypatch)
    wrapped = {"requestPayload": {"detail": json.dumps({"case_id": scene.case_id})}}
    handler_of("dead_letters")(batch([wrapped], "writeback-dlq"), Context())
    (work,) = scene.firm.table.work("platform")
    assert work["case"] == scene.case_id
