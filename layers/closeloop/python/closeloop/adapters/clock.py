"""The present instant: the host's clock, or in the sandbox one that a person can move."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import urllib3


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """The sandbox's clock. Production's template refuses it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=5))

    def now(self) -> datetime:
        """Ask the sandbox what time it is there."""
        reply = self._pool.request("GET", self._url)
        return datetime.fromisoformat(json.loads(reply.data)["now"]).astimezone(UTC)
