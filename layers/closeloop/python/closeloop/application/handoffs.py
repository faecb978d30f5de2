"""Giving a case to its owner: the one way, whoever notices that it cannot be finished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from closeloop.application import keys
from closeloop.application.case_file import Entry, advance
from closeloop.application.ports import NEW, Change, Put
from closeloop.domain.case import Case, CaseStatus
from closeloop.domain.handoff import Handoff, path_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from closeloop.domain.blueprint import Blueprint, Reason


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a case is handed over, who noticed, and what the owner should know."""

    reason: Reason
    actor: str
    context: Mapping[str, Any]


def hand_over(
    case: Case,
    blueprint: Blueprint | None,
    cause: Cause,
    now: datetime,
    *,
    to: CaseStatus | None = None,
    changed: Mapping[str, Any] | None = None,
) -> tuple[Case, tuple[Change, ...]]:
    """Return the case after the handoff and the changes that make it.

    The case moves to the path's next state, or `to` another. One that has ended keeps its state, as
    does one moved `to` where it stands: the owner gets the work all the same.
    """
    path = path_for(blueprint, cause.reason)
    wanted = to or CaseStatus(path.next_state)
    moving = case.status.can_become(wanted)
    handoff = Handoff(
        id=f"{case.seq + 1:06d}-{cause.reason}",
        case=case.id,
        reason=cause.reason,
        path=path,
        at=now,
        context={
            **cause.context,
            "workflow": case.workflow,
            "status_before": case.status.value,
            "touches": case.touch,
            "submission": case.submission,
        },
    )
    entry = Entry(
        "handed_off",
        cause.actor,
        {"reason": cause.reason.value, "owner": path.owner, "handoff": handoff.id},
    )
    item = handoff.item()
    newest = {"handoff": {name: item[name] for name in ("owner", "due_at", "reason")}}
    after, changes = advance(
        case, entry, now, status=wanted if moving else None, changed=newest | {**(changed or {})}
    )
    return after, (*changes, Put(keys.handoff(case.id, handoff.id), item, when=NEW))
