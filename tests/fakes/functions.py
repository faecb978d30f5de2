"""The real handlers, called as Lambda would call them."""

from __future__ import annotations

import importlib.util
import itertools
import json
from functools import cache
from typing import TYPE_CHECKING, Any

from closeloop.adapters import telemetry
from tests.fakes.firm import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pytest

_numbers = itertools.count(1)


class Context:
    """What Lambda hands to a handler beside the event."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-2:123456789012:function:function"
    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@cache
def handler_of(function: str) -> Callable[[Mapping[str, Any], Context], Any]:
    """The handler in the function's folder."""
    path = ROOT / "functions" / function / "handler.py"
    spec = importlib.util.spec_from_file_location(f"handler_of_{function}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.handler


def telemetry_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs and metrics as in a fresh environment; both go to standard output."""
    # A logger keeps the stream it was made with, under its service's name.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"test-{next(_numbers)}")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "closeloop")
    telemetry.logger.cache_clear()
    telemetry.metrics.cache_clear()


def batch(bodies: Sequence[object], queue: str = "triggers") -> dict[str, Any]:
    """An SQS event: texts go out as they are, anything else as JSON; ids are m0, m1 …."""
    return {
        "Records": [
            {
                "messageId": f"m{at}",
                "receiptHandle": f"receipt-{at}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:eu-west-2:123456789012:{queue}",
                "awsRegion": "eu-west-2",
            }
            for at, body in enumerate(bodies)
        ]
    }


def to_be_delivered_again(response: Mapping[str, Any]) -> list[str]:
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def on_the_bus(event: Any) -> dict[str, Any]:
    """A core event as EventBridge writes it into a queue."""
    return {
        "version": "0",
        "id": event.id,
        "detail-type": event.detail_type,
        "source": event.source,
        "account": "123456789012",
        "time": "2026-11-24T10:00:00Z",
        "region": "eu-west-2",
        "resources": [],
        "detail": dict(event.detail),
    }
