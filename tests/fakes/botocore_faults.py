"""Faults of a botocore client's calls, at the call, before it leaves or after it was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_THROTTLED = "ProvisionedThroughputExceededException"


@dataclass(frozen=True, slots=True)
class _Http:
    status_code: int


Answer = tuple[_Http, dict[str, Any]]


def refusal(code: str, status: int = 400, **more: Any) -> Answer:
    """The reply by which AWS refuses a call; `more` are fields beside the error."""
    error = {"Code": code, "Message": "as the test says"}
    return _Http(status), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": status}, **more}


def reply(**parsed: Any) -> Answer:
    """A good reply."""
    return _Http(200), {"ResponseMetadata": {"HTTPStatusCode": 200}, **parsed}


@dataclass
class CallFaults:
    """Counts a client's calls and spoils number `at`, or every one while `always` says how.

    Spoilt `after` it was done, only the reply is lost. `calls` names the operations, in order.
    """

    client: Any
    at: int = 0
    after: bool = False
    answer: Answer = field(default_factory=lambda: refusal(_THROTTLED))
    always: Callable[[str, Mapping[str, Any]], Answer | None] = lambda _name, _params: None
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        events = self.client.meta.events
        events.register_first("before-call", self._before)
        events.register_last("after-call", self._after)

    def arm(self, at: int, *, after: bool) -> None:
        """Spoil the call that is number `at` from now."""
        self.calls.clear()
        self.at, self.after = at, after

    def disarm(self) -> bool:
        """Spoil no more; return whether it came to that."""
        reached = 0 < self.at <= len(self.calls)
        self.at = 0
        return reached

    @property
    def _now(self) -> bool:
        return self.at == len(self.calls)

    def _before(self, model: Any, params: Mapping[str, Any], **_: object) -> Answer | None:
        self.calls.append(model.name)
        if self._now and not self.after:
            return self.answer
        return self.always(model.name, params)

    def _after(self, **_: object) -> None:
        if self._now and self.after:
            raise ReadTimeoutError(endpoint_url="https://as.the.test.says")


class RepliesLostOnce:
    """Loses the reply of each call's first attempt, which was done; the SDK itself tries again.

    The client needs at least two attempts; no time passes between them. `operations` names the
    calls that it happens to, all of them by default.
    """

    def __init__(self, client: Any, operations: tuple[str, ...] = ()) -> None:
        self._operations = operations
        self._armed = False
        self._again = False
        events = client.meta.events
        events.register_first("before-call", self._begin)
        events.register_last("before-send", self._lose)
        events.register_first("needs-retry", self._retry)

    def _begin(self, model: Any, **_: object) -> None:
        self._armed = not self._operations or model.name in self._operations

    def _lose(self, **_: object) -> None:
        if self._armed:
            self._armed, self._again = False, True
            raise ReadTimeoutError(endpoint_url="https://as.the.test.says")

    def _retry(self, **_: object) -> int | None:
        again, self._again = self._again, False
        return 0 if again else None
