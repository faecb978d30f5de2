"""Email by Amazon SES: text and HTML side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop.adapters.channels.delivery import deliver

if TYPE_CHECKING:
    from closeloop.application.ports import Outgoing


class EmailSender:
    """Sends from one verified address; the attempt's id travels as a tag, for receipts."""

    def __init__(self, client: Any, sender: str) -> None:  # noqa: ANN401 - botocore clients are untyped
        self._client = client
        self._sender = sender

    def send(self, message: Outgoing) -> str:
        """Send and return SES's message id."""
        parts = message.parts
        body = {name: _utf8(parts[key]) for name, key in (("Text", "text"), ("Html", "html"))}
        reply = deliver(
            self._client.send_email,
            FromEmailAddress=self._sender,
            Destination={"ToAddresses": [message.to]},
            Content={"Simple": {"Subject": _utf8(parts["subject"]), "Body": body}},
            EmailTags=[{"Name": "attempt", "Value": message.attempt}],
        )
        return reply["MessageId"]


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
