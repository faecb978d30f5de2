"""What the state machine and its status events hand to functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from closeloop.adapters.telemetry import count, logger, metrics
from closeloop.application.ports import ConflictError, TemporarilyUnavailable
from closeloop.domain.blueprint import Reason

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

R = TypeVar("R")
Handler = Callable[[dict[str, Any], "LambdaContext"], R]


def observed(handler: Handler[R]) -> Handler[R]:
    """Log what was done or why not, by ids and types, and let the caller retry what can be.

    The state machine retries `TemporarilyUnavailable` by name; a conflict is no different to it.
    """

    @wraps(handler)
    def wrapper(event: dict[str, Any], context: LambdaContext) -> R:
        case_id = event.get("case_id")
        try:
            result = handler(event, context)
        except Exception as error:
            logger().error("failed", case_id=case_id, error=type(error).__name__)
            count("step_failed")
            if isinstance(error, ConflictError):
                raise TemporarilyUnavailable from error
            raise
        else:
            logger().info("done", case_id=case_id, result=result)
            count("step_done")
            return result
        finally:
            metrics().flush_metrics()

    return wrapper


def hand_off_request(event: dict[str, Any]) -> tuple[str, Reason, str | None]:
    """Read a journey's step, or the status event of an execution that ended badly."""
    if event.get("source") == "aws.states":
        case_id, _, _run = event["detail"]["name"].rpartition("-")
        return case_id, Reason.JOURNEY_FAILED, None
    return event["case_id"], Reason(event["reason"]), event.get("token")
