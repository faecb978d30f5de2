"""What a journey is told when a case has ended, and the telling itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from closeloop.application.ports import Journey
    from closeloop.domain.case import Case

HOLD = "hold"
NEXT = "next"
NO_RESPONSE = "no_response"


def of(case: Case) -> str:
    """The outcome by which the state machine knows an ended case."""
    return case.status.value


def tell(journey: Journey, case_before: Case, case_after: Case, token: str | None = None) -> None:
    """Wake the journey of a case that has just ended.

    The transaction that ended the case also took its token away, so only the one who ended it gets
    here (F27). A lost telling heals itself: the wait times out and the next step sees the end (R9).
    """
    for each in dict.fromkeys((token, case_before.token)):
        if each is not None and case_after.status.ended:
            journey.finish(each, of(case_after))
