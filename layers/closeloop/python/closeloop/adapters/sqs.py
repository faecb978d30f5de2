"""A queue of small JSON messages on SQS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from closeloop.application.ports import LONGEST_DELAY_S, TemporarilyUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping


class SqsQueue:
    """Sends to one queue. Raises TemporarilyUnavailable when the message may not have got there."""

    def __init__(self, client: Any, url: str) -> None:  # noqa: ANN401 - botocore clients are untyped
        self._client = client
        self._url = url

    def send(self, body: Mapping[str, Any], delay_s: int = 0) -> None:
        """Send a message, visible after `delay_s` seconds.

        ValueError for a delay that no queue takes: sent again, it would be refused again.
        """
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"a queue delays by 0 to {LONGEST_DELAY_S} seconds, not {delay_s}")
        try:
            self._client.send_message(
                QueueUrl=self._url, MessageBody=json.dumps(body), DelaySeconds=delay_s
            )
        except (ClientError, BotoCoreError) as error:
            raise TemporarilyUnavailable from error
