"""A circuit breaker round a connector: Powertools' engine, its state on the case table.

A system that is down is left alone: calls end as BreakerOpen without leaving this host, which
spends no attempt (R8), and after a pause one call goes through to see. Business answers, refusals
included, show a system that works; only answers that did not come count against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    circuit_breaker,  # pyright: ignore[reportUnknownVariableType] - its callbacks are untyped
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import (
    CircuitBreakerDynamoDBPersistence,
)

from closeloop.domain.ledger import Ambiguous, BreakerOpen, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from closeloop.application.ports import Connector
    from closeloop.application.submissions import Submission
    from closeloop.domain.ledger import AdapterClass, CallResult, LookUpResult

T = TypeVar("T")


class _NoGoodError(Exception):
    """Carries an answer that counts against the system out through the breaker."""

    def __init__(self, result: Ambiguous | Unavailable) -> None:
        super().__init__()
        self.result = result


def store(client: Any, table_name: str, system: str) -> CircuitBreakerDynamoDBPersistence:  # noqa: ANN401
    """The breaker's state: one row under the system's partition."""
    return CircuitBreakerDynamoDBPersistence(
        table_name=table_name,
        key_attr="pk",
        static_pk_value=f"SYSTEM#{system}",
        sort_key_attr="sk",
        expiry_attr="expires_at",
        boto3_client=client,
    )


class GuardedConnector:
    """A connector behind its breaker. `recovery_s` is the pause before a call is let through."""

    def __init__(
        self,
        inner: Connector,
        system: str,
        persistence: CircuitBreakerDynamoDBPersistence,
        recovery_s: int,
    ) -> None:
        self._inner = inner
        self._guard: Callable[[Callable[..., Any]], Callable[..., Any]] = circuit_breaker(
            name=f"BREAKER#{system}",
            persistence_store=persistence,
            config=CircuitBreakerConfig(
                failure_threshold=5,
                recovery_timeout=recovery_s,
                success_threshold=1,
                handled_exceptions=_NoGoodError,
                local_cache_max_age=1,
            ),
        )

    @property
    def adapter(self) -> AdapterClass:
        """The class of the system itself."""
        return self._inner.adapter

    def apply(self, submission: Submission) -> CallResult:
        """Ask for the effect once, if the breaker lets it through."""
        return self._through(lambda: self._inner.apply(submission))

    def look_up(self, submission: Submission, reference: str | None) -> LookUpResult:
        """Ask what is recorded, if the breaker lets it through."""
        return self._through(lambda: self._inner.look_up(submission, reference))

    def _through(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - the inner call's own result
        try:
            return self._guard(_counted)(call)
        except CircuitBreakerOpenError:
            return BreakerOpen()
        except _NoGoodError as bad:
            return bad.result


def _counted(call: Callable[[], T]) -> T:
    result = call()
    if isinstance(result, Ambiguous | Unavailable):
        raise _NoGoodError(result)
    return result
