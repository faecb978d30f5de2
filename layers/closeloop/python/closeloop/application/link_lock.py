"""A link whose codes are used up dies and its case goes to an owner; the customer is not locked.

The case stays as it was: the next message brings a link that works (T4, ASVS 6.1.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.application import keys
from closeloop.application.case_file import attempt, load
from closeloop.application.handoffs import Cause, hand_over
from closeloop.application.ports import Above, Absent, ConflictError, Table, Update
from closeloop.domain.blueprint import Bundle, Reason
from closeloop.domain.identity import CODES_PER_LINK

if TYPE_CHECKING:
    from datetime import datetime

    from closeloop.application.ports import Workflows


@dataclass(frozen=True, slots=True)
class LinkLock:
    """Locks a link once, and tells the owner that identity could not be proved."""

    table: Table
    workflows: Workflows

    def __call__(self, case_id: str, link_digest: str, now: datetime) -> bool:
        """Lock the link if all its codes were sent; False if it has some left or was locked."""
        return attempt(lambda: self._once(case_id, link_digest, now))

    def _once(self, case_id: str, link_digest: str, now: datetime) -> bool:
        case = load(self.table, case_id)
        if case is None or case.status.ended:
            return False
        spent = Update(
            keys.link(link_digest),
            set={"locked": True},
            when={"locked": Absent(), "codes": Above(CODES_PER_LINK - 1)},
        )
        blueprint = Bundle.from_document(self.workflows.pinned(case.bundle)).blueprint
        cause = Cause(Reason.IDENTITY_FAILED, "one_time_code", {"codes": CODES_PER_LINK})
        _, changes = hand_over(case, blueprint, cause, now, to=case.status)
        try:
            self.table.write(spent, *changes)
        except ConflictError as conflict:
            if conflict.found.get(0) is not None:
                return False  # codes are left, or it was locked; None: only somebody's write (F18)
            raise
        return True
