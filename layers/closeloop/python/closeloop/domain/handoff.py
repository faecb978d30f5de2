"""Handoffs: what cannot be finished goes to a named owner with reason, due time and next state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from closeloop.domain.blueprint import Blueprint, ExceptionPath, Reason
from closeloop.domain.instants import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLATFORM = ExceptionPath(
    owner="platform", next_state="handed_off", due_s=4 * 3600, alternative="call_back"
)


@dataclass(frozen=True, slots=True)
class Handoff:
    """One piece of work for one owner. `context` holds ids and codes, nothing personal."""

    id: str
    case: str
    reason: Reason
    path: ExceptionPath
    at: datetime
    context: Mapping[str, Any]

    def item(self) -> dict[str, Any]:
        """The stored form; `owner` and `due_at` put it into the `work` index while it is open."""
        return {
            "id": self.id,
            "case": self.case,
            "reason": self.reason.value,
            "owner": self.path.owner,
            "due_at": to_text(self.at + timedelta(seconds=self.path.due_s)),
            "next_state": self.path.next_state,
            "alternative": self.path.alternative,
            "state": "open",
            "created_at": to_text(self.at),
            "context": dict(self.context),
        }


def path_for(blueprint: Blueprint | None, reason: Reason) -> ExceptionPath:
    """Where a reason leads: the blueprint's own path, else the platform team's."""
    return blueprint.exceptions.get(reason, _PLATFORM) if blueprint else _PLATFORM
