"""What an AWS send API's answer means: taken, certainly not taken, or in doubt (R11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ParamValidationError,
)

from closeloop.application.ports import SendInDoubtError, SendRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

_SERVER_FAULT = 500
_NEVER_LEFT = (EndpointConnectionError, ConnectTimeoutError, ParamValidationError)


def deliver(call: Callable[..., dict[str, Any]], **request: Any) -> dict[str, Any]:  # noqa: ANN401
    """Make the one call. SendRefusedError names a code; nothing of the message is repeated."""
    try:
        return call(**request)
    except ClientError as error:
        response: dict[str, Any] = error.response
        code = str(response["Error"]["Code"])
        if response["ResponseMetadata"]["HTTPStatusCode"] >= _SERVER_FAULT:
            raise SendInDoubtError(code) from None
        raise SendRefusedError(code) from None
    except _NEVER_LEFT as error:
        raise SendRefusedError(type(error).__name__) from None
    except BotoCoreError as error:
        raise SendInDoubtError(type(error).__name__) from None
