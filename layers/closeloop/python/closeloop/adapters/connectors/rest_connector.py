"""Writes to a system of record by REST: one call under our id, and a look at what it shows (R5).

Every answer is sorted into what the ledger can act on: done, refused for good, certainly not done,
perhaps done. When in doubt it is doubt: only a refusal to connect, to let us in (401, 403) or to
take more (429, 503) is certain to have done nothing, and only another 4xx is a refusal for good.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop.adapters.connectors.rest_api import (
    NoAnswerError,
    NotConnectedError,
    Reply,
    RestApi,
    path_of,
    says_absent,
)
from closeloop.application.ports import TemporarilyUnavailable
from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    Ambiguous,
    CallResult,
    Found,
    LookUpResult,
    NotFound,
    Rejected,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from closeloop.application.submissions import Submission

# A key that is not accepted is the operator's to mend; nobody's submission ends for it.
_TURNED_AWAY = frozenset({401, 403, 429, 503})
_REFUSED = frozenset({400, 404, 409, 410, 422})
_DONE = frozenset({200, 201})
_FOUND = 200


class RestConnector:
    """One system's operations, as its connector file describes them."""

    def __init__(self, api: RestApi, connector: Mapping[str, Any]) -> None:
        self._api = api
        self._connector = connector
        self.adapter = AdapterClass[connector["class"]]

    def apply(self, submission: Submission) -> CallResult:
        """Ask for the effect once."""
        operation = self._connector["operations"][submission.operation]
        headers = {operation["idempotency_header"]: submission.id}
        try:
            reply = self._api.call(
                operation["method"],
                operation["path"],
                body=self._body(submission, operation),
                headers=headers,
            )
        except (NotConnectedError, TemporarilyUnavailable) as error:
            return Unavailable(str(error) or type(error).__name__)
        except NoAnswerError as error:
            return Ambiguous(str(error))
        return _called(reply)

    def look_up(self, submission: Submission, reference: str | None) -> LookUpResult:
        """Ask what is recorded under our id; this system needs no reference of its own."""
        del reference
        operation = self._connector["operations"][submission.operation]
        try:
            reply = self._api.call("GET", path_of(operation["read_back"], request_id=submission.id))
        except (NotConnectedError, NoAnswerError, TemporarilyUnavailable) as error:
            return Unavailable(str(error) or type(error).__name__)
        if says_absent(reply):
            return NotFound()
        if reply.status == _FOUND and "id" in reply.body:
            return Found(str(reply.body["id"]), reply.body)
        return Unavailable(f"status_{reply.status}", reply.retry_after)

    def _body(self, submission: Submission, operation: Mapping[str, Any]) -> dict[str, Any]:
        about = {**submission.about, "request_id": submission.id}
        effect = {name: submission.effect[name] for name in operation["effect"]}
        return {name: about[name] for name in self._connector["about"]} | effect


def _called(reply: Reply) -> CallResult:
    if reply.status in _DONE and "id" in reply.body:
        return Accepted(str(reply.body["id"]))
    if reply.status in _TURNED_AWAY:
        return Unavailable(f"status_{reply.status}", reply.retry_after)
    if reply.status in _REFUSED:
        return Rejected(_code(reply))
    return Ambiguous(f"status_{reply.status}")


def _code(reply: Reply) -> str:
    """The system's own code for its refusal: a word, never a sentence that may name people."""
    code = reply.body.get("code")
    return code if isinstance(code, str) and code.isidentifier() else f"status_{reply.status}"
