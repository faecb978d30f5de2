"""Policy decisions by Cedar, failing closed.

Cedar skips a rule that errs while it is evaluated, and a skipped `forbid` would allow what it was
written against. So any error at all is a refusal here, whatever the other rules say. No schema is
used at run time: the linter has checked the policy against it, and a case that is pinned to an old
policy must still be decided when the product has learnt to tell policies more facts.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import cedarpy

from closeloop.domain.policy import PolicyDecision, refused_by_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.domain.blueprint import Bundle
    from closeloop.domain.policy import Facts

# Policies compare facts only; who and which case are already settled by the session.
_WHO, _WHAT = 'Customer::"customer"', 'Case::"case"'
_CEDAR = cast("Any", cedarpy)  # its dictionaries are untyped
_NO_ENTITIES = _CEDAR.Entities.from_json_str("[]")


class CedarPolicy:
    """The policy of one bundle: parsed at the first decision, then asked as often as needed."""

    def __init__(self, bundle: Bundle) -> None:
        self._source = bundle.policy
        self._reasons: Mapping[str, str] = bundle.document["rules"]

    def decide(self, action: str, facts: Facts) -> PolicyDecision:
        """Whether `action` may be done on a case with these facts.

        A policy that cannot be parsed or evaluated, an action that it does not know, and facts that
        are not plain values all refuse with the rule `policy_error`.
        """
        try:
            request = {
                "principal": _WHO,
                "action": f"Action::{json.dumps(action)}",
                "resource": _WHAT,
                "context": facts.attributes(),
            }
            result = _CEDAR.is_authorized(request, self._policies, _NO_ENTITIES)
        except (TypeError, ValueError):
            return refused_by_error()
        if result.diagnostics.errors:
            return refused_by_error()
        if result.allowed:
            return PolicyDecision(allowed=True)
        return self._refusal(result.diagnostics)

    @cached_property
    def _policies(self) -> cedarpy.PolicySet:
        return cedarpy.PolicySet.from_str(self._source)

    def _refusal(self, diagnostics: Any) -> PolicyDecision:  # noqa: ANN401 - untyped in cedarpy
        named: dict[str, str] = diagnostics.id_annotations_by_reason
        ids = tuple(sorted(named.get(reason, "") for reason in diagnostics.reasons))
        if not ids or not all(rule in self._reasons for rule in ids):
            return refused_by_error()
        reasons = tuple(dict.fromkeys(self._reasons[rule] for rule in ids))
        return PolicyDecision(allowed=False, forbidden_by=ids, reasons=reasons)
