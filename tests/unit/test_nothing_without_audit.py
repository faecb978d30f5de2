"""What cannot be written into the audit chain does not happen: one transaction (F38, I6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from closeloop.application import case_file, keys
from closeloop.application.ports import Put, TemporarilyUnavailable
from tests.crashes import core_facts, hand_off, one_time_code, send_touch, submit_action, writeback
from tests.crashes.moments import code_sent, contacted, identified, landed, opened
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.crashes.matrix import Act
    from tests.fakes.scene import Scene

STORIES: dict[str, tuple[Callable[[], Scene], Act]] = {
    "send": (opened, send_touch.first_touch),
    "issue": (landed, one_time_code.ask),
    "check": (code_sent, one_time_code.verify),
    "submit": (identified, submit_action.submit),
    "settle": (contacted, core_facts.settles),
    "protect": (contacted, core_facts.protects),
    "hand off": (contacted, hand_off.unanswered),
    "confirm": (lambda: writeback.delivered_to(writeback.A), writeback.carry),
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_a_change_whose_event_is_refused_is_not_made_and_nobody_is_told_that_it_was_f38(
    story: tuple[Callable[[], Scene], Act],
):
    """Somebody has taken the next place in the chain: the case, its row and the world stay."""
    moment, act = story
    scene = moment().copy()
    before = case_file.load(scene.firm.table, scene.case_id)
    assert before is not None
    scene.firm.table.write(Put(keys.event(scene.case_id, before.seq + 1), {"kind": "forged"}))

    with pytest.raises(TemporarilyUnavailable):
        act(scene, scene.recorded)

    assert case_file.load(scene.firm.table, scene.case_id) == before
    accepted = [row for row in scene.rows if row["sk"].startswith("SUBMISSION#")]
    assert len(accepted) == (before.submission is not None)
    assert scene.firm.journey.told == []
    claimed = [row["sk"] for row in scene.rows if row["sk"].startswith(("TOUCH#", "HANDOFF#"))]
    assert len(claimed) == before.touch
    assert isinstance(scene.firm.table, FakeTable)
    sent = sum(len(sender.outbox) for sender in scene.firm.senders.values())
    codes = sum(row["sk"].startswith("CHALLENGE#") for row in scene.rows)
    assert sent == before.touch + codes
