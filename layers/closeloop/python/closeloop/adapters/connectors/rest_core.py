"""The core system as functions see it that only ask.

They ask whether the obligation still stands, and where the customer can be reached.

What it answers about people is used and forgotten: it is neither stored nor logged.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from closeloop.adapters.connectors.rest_api import (
    NoAnswerError,
    NotConnectedError,
    RestApi,
    path_of,
    says_absent,
)
from closeloop.application.ports import ContactPoints, ObligationState, TemporarilyUnavailable
from closeloop.domain.identity import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping

_OK = 200
_STANDING = frozenset({"overdue"})
_CHANNELS = frozenset(channel.value for channel in Channel)


class RestCore:
    """Asks for an obligation. Anything but a clear answer raises TemporarilyUnavailable."""

    def __init__(self, api: RestApi, connector: Mapping[str, Any]) -> None:
        self._api = api
        self._path: str = connector["obligation"]

    def obligation(self, customer: str, obligation: str, cycle: str) -> ObligationState | None:
        """Return the present state, None if the system knows no such obligation."""
        path = path_of(self._path, customer_id=customer, obligation_id=obligation)
        try:
            reply = self._api.call("GET", f"{path}?cycle={quote(cycle, safe='')}")
        except (NotConnectedError, NoAnswerError) as error:
            raise TemporarilyUnavailable from error
        if says_absent(reply):
            return None
        if reply.status != _OK:
            raise TemporarilyUnavailable
        try:
            return _state(reply.body)
        except (KeyError, TypeError, ValueError) as error:
            raise TemporarilyUnavailable from error


def _state(body: Mapping[str, Any]) -> ObligationState:
    person: Mapping[str, Any] = body["customer"]
    consents = {
        Channel(name): datetime.fromisoformat(at)
        for name, at in body["consents"].items()
        if at and name in _CHANNELS
    }
    return ObligationState(
        standing=body["status"] in _STANDING,
        status=body["status"],
        version=body["version"],
        amount_minor=body["amount_minor"],
        currency=body["currency"],
        contact=ContactPoints(
            name=person["name"],
            email=person.get("email"),
            phone=person.get("phone"),
            whatsapp=person.get("whatsapp"),
            time_zones=tuple(person.get("time_zones") or ()),
            locale=person.get("locale") or "en-GB",
            country=person.get("country") or "",
            consents=consents,
        ),
    )
