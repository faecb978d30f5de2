"""Credentials of systems of record: from Secrets Manager, kept for the life of the environment."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from closeloop.application.ports import TemporarilyUnavailable


class ApiKey:
    """A key sent in one header; `field` names it within the secret's JSON."""

    def __init__(self, client: Any, secret: str, header: str, field: str) -> None:  # noqa: ANN401
        self._client = client
        self._secret = secret
        self._header = header
        self._field = field
        self._headers: dict[str, str] = {}

    def headers(self) -> dict[str, str]:
        """Return the header. Raises TemporarilyUnavailable when the secret cannot be read."""
        if not self._headers:
            try:
                reply = self._client.get_secret_value(SecretId=self._secret)
            except (ClientError, BotoCoreError) as error:
                raise TemporarilyUnavailable from error
            self._headers = {self._header: json.loads(reply["SecretString"])[self._field]}
        return self._headers
