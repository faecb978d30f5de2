"""What a policy may look at, and what it decides.

`Facts` are everything the running system tells a policy, whichever workflow it belongs to. A policy
refuses by name: a refusal carries the ids of the rules that made it, so that a page can ask for
more proof and a handoff can say which rule it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from closeloop.domain.blueprint import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.domain.identity import Assurance, Channel

# The rule that stands for "the policy itself could not be evaluated": refused, whatever it says.
POLICY_ERROR = "policy_error"
# What a rule's @reason says when one more proof of identity would lift it.
MORE_PROOF = "more_proof"

# The attributes of `Facts.attributes`, with the type that a policy's schema gives them.
FACT_TYPES: Mapping[str, str] = {
    "amount_minor": "Long",
    "currency": "String",
    "days_overdue": "Long",
    "segment": "String",
    "country": "String",
    "disputed": "Bool",
    "protections": "Set<String>",
    "assurance": "Long",
    "link_channel": "String",
}
_PYTHON_TYPES = {"Long": int, "String": str, "Bool": bool, "Set<String>": list}


@dataclass(frozen=True, slots=True)
class Facts:
    """A case as policy sees it at one moment.

    `amount_minor` is in minor units of `currency`; `days_overdue` counts whole days since the due
    date in the customer's own calendar; `protections` names those that hold now.
    """

    amount_minor: int
    currency: str
    days_overdue: int
    segment: str
    country: str
    disputed: bool
    protections: tuple[str, ...]
    assurance: Assurance
    link_channel: Channel

    def attributes(self) -> dict[str, object]:
        """The facts as plain values, under the names that policies use.

        Raises TypeError for a fact of another type: compared with a value of its proper type it
        would be unequal without a word, and a rule against that value would not apply.
        """
        told = self._told()
        for name, kind in FACT_TYPES.items():
            if type(told[name]) is not _PYTHON_TYPES[kind]:
                msg = f"the fact {name} must be of type {kind}"
                raise TypeError(msg)
        return told

    def _told(self) -> dict[str, object]:
        return {
            "amount_minor": self.amount_minor,
            "currency": self.currency,
            "days_overdue": self.days_overdue,
            "segment": self.segment,
            "country": self.country,
            "disputed": self.disputed,
            "protections": sorted(str(kind) for kind in self.protections),
            "assurance": self.assurance.level,
            "link_channel": self.link_channel.value,
        }


@dataclass(frozen=True, slots=True)
class PolicyDecision:
    """Whether an action may be done now; `forbidden_by` are the ids of the rules against it.

    `reasons` are what those rules say about where the case goes: a handoff reason, or `more_proof`.
    """

    allowed: bool
    forbidden_by: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def more_proof_would_do(self) -> bool:
        """Whether nothing but a stronger proof of identity is missing."""
        return not self.allowed and set(self.reasons) == {MORE_PROOF}

    @property
    def handoff_reason(self) -> Reason:
        """The reason under which a refused case goes to a person."""
        named = (reason for reason in self.reasons if reason != MORE_PROOF)
        return Reason(next(named, Reason.OUTSIDE_POLICY.value))


def refused_by_error() -> PolicyDecision:
    """The decision when a policy cannot be evaluated: nothing is allowed (T29)."""
    return PolicyDecision(
        allowed=False, forbidden_by=(POLICY_ERROR,), reasons=(Reason.OUTSIDE_POLICY.value,)
    )
