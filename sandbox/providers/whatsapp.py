"""WhatsApp as the customer's phone gets it: what AWS accepted, made readable.

The body is Meta's Cloud API message, which End User Messaging Social passes through as bytes. It
carries only a template's name and parameters; the words come from the templates registered.
"""

import base64
import binascii
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

Json = dict[str, Any]


class MalformedError(Exception):
    """The request is not what the service or Meta would accept."""


@dataclass(frozen=True, slots=True)
class Template:
    """An approved message: body with {{1}}…, and the address of its button with {{1}}."""

    body: str
    button_url: str | None = None
    button_text: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One message on the customer's phone."""

    id: str
    to: str
    body: str
    at: datetime
    tag: str | None = None


@dataclass(slots=True)
class WhatsApp:
    """All messages accepted so far, oldest first; safe to share between threads."""

    templates: Mapping[str, Template] = field(default_factory=dict[str, Template])
    _messages: list[Received] = field(default_factory=list[Received])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, request: object, at: datetime) -> str:
        """Take a SendWhatsAppMessage request and return the message's id, or MalformedError."""
        if not isinstance(request, dict):
            raise MalformedError("the request must be an object")
        asked = cast("Json", request)
        if not str(asked.get("originationPhoneNumberId", "")).count("phone-number-id"):
            raise MalformedError("originationPhoneNumberId is not a phone number id")
        if not str(asked.get("metaApiVersion", "")).startswith("v"):
            raise MalformedError("metaApiVersion must look like v20.0")
        message = _meta_message(str(asked.get("message", "")))
        received = Received(
            id=f"wamid.{secrets.token_hex(12)}",
            to=_e164(str(message.get("to", ""))),
            body=self._readable(message),
            at=at,
            tag=message.get("biz_opaque_callback_data"),
        )
        with self._lock:
            self._messages.append(received)
        return received.id

    def messages(self) -> list[Received]:
        """Return all messages, oldest first."""
        with self._lock:
            return list(self._messages)

    def _readable(self, message: Json) -> str:
        match message.get("type"):
            case "text":
                return str(message["text"]["body"])
            case "template":
                return self._rendered(message["template"])
            case other:
                raise MalformedError(f"messages of type {other} are not sent by this product")

    def _rendered(self, used: Json) -> str:
        name = str(used.get("name", ""))
        template = self.templates.get(name)
        if template is None:
            raise MalformedError(f"(#132001) Template name does not exist: {name}")
        lines = [_filled(template.body, _parameters(used, "body"))]
        if template.button_url is not None:
            url = _filled(template.button_url, _parameters(used, "button"))
            lines.append(f"[{template.button_text}] {url}")
        return "\n".join(lines)


def _meta_message(encoded: str) -> Json:
    try:
        message: object = json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError):
        raise MalformedError("message is not base64 of JSON") from None
    if not isinstance(message, dict) or "messaging_product" not in message:
        raise MalformedError("(#100) The parameter messaging_product is required.")
    return cast("Json", message)


def _parameters(used: Json, kind: str) -> list[str]:
    components = cast("list[Json]", used.get("components", []))
    return [
        str(parameter.get("text", ""))
        for component in components
        if component.get("type", "").lower() == kind
        for parameter in component.get("parameters", [])
    ]


def _filled(text: str, parameters: list[str]) -> str:
    expected = text.count("{{")
    if expected != len(parameters):
        raise MalformedError(f"(#132000) {expected} parameters expected, {len(parameters)} given")
    for number, value in enumerate(parameters, 1):
        text = text.replace(f"{{{{{number}}}}}", value)
    return text


def _e164(number: str) -> str:
    digits = number.removeprefix("+")
    if not digits.isdigit():
        raise MalformedError("(#100) to must be a phone number")
    return f"+{digits}"
