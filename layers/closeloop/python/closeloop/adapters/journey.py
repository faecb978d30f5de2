"""The journey on Step Functions: the one module that starts executions and completes task tokens.

A task token is a credential (SECURITY T18): it is never logged, and no exception that leaves this
module carries a reply's text, because a validation error quotes what was sent.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from closeloop.application.ports import TemporarilyUnavailable

# AWS, moto and MiniStack differ in which of these a late token gets (F26).
_NOT_WAITING = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
_BUSY = frozenset({"ThrottlingException", "KmsThrottlingException", "ExecutionLimitExceeded"})
_SERVER_FAULT = 500


class JourneyRefusedError(Exception):
    """Step Functions refused the call and would refuse it again; the text is the reason's code."""


class StepFunctionsJourney:
    """Starts and wakes executions of one state machine.

    `machine_arn` is None in functions that only complete tokens: the ARN would be one more thing
    to set, and a token already names its execution.
    """

    def __init__(self, client: Any, machine_arn: str | None = None) -> None:  # noqa: ANN401 - botocore clients are untyped
        self._client = client
        self._machine_arn = machine_arn

    def start(self, case_id: str, run: int, waits: Sequence[int]) -> bool:
        """Start run `run` of a case; `waits` are the seconds to wait after each touch, each ≥ 1.

        A repeated start never makes a second execution: False when the name is taken. AWS answers
        True again while the very same run is still going (F06).
        """
        if self._machine_arn is None:
            raise JourneyRefusedError("no state machine is configured for this function")
        if not waits or min(waits) < 1:
            raise ValueError(f"a journey needs a wait of at least one second per touch: {waits!r}")
        request = {"case_id": case_id, "touch": 1, "waits": list(waits)}
        refused = self._call(
            "start_execution",
            frozenset({"ExecutionAlreadyExists"}),
            stateMachineArn=self._machine_arn,
            name=f"{case_id}-{run}",
            input=json.dumps(request),
        )
        return not refused

    def finish(self, token: str, outcome: str, hold_s: int | None = None) -> bool:
        """Complete a waiting task with its outcome; `hold_s` is the length of a hold in seconds.

        False when nothing waits under this token any more; the caller counts that and goes on,
        because the case row already has the truth (R9, F26).
        """
        output: dict[str, str | int] = {"outcome": outcome}
        if hold_s is not None:
            output["hold_s"] = hold_s
        refused = self._call(
            "send_task_success", _NOT_WAITING, taskToken=token, output=json.dumps(output)
        )
        return not refused

    def _call(self, operation: str, expected: frozenset[str], **request: str) -> bool:
        """Make a call; True when it was refused with one of the `expected` codes."""
        try:
            getattr(self._client, operation)(**request)
        except ClientError as error:
            reply: Mapping[str, Any] = error.response
            code: str = reply["Error"]["Code"]
            if code in expected:
                return True
            if code in _BUSY or reply["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_FAULT:
                raise TemporarilyUnavailable from None
            raise JourneyRefusedError(code) from None
        except ParamValidationError:
            raise JourneyRefusedError("ParamValidation") from None
        except BotoCoreError:
            raise TemporarilyUnavailable from None
        return False
