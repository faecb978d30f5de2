"""SMS by Amazon SNS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from closeloop.adapters.channels.delivery import deliver

if TYPE_CHECKING:
    from closeloop.application.ports import Outgoing


class SmsSender:
    """Publishes to a phone number, as transactional SMS, under a sender id where there is one."""

    def __init__(self, client: Any, sender_id: str) -> None:  # noqa: ANN401 - botocore clients are untyped
        self._client = client
        self._attributes = {"AWS.SNS.SMS.SMSType": _text("Transactional")}
        if sender_id:
            self._attributes["AWS.SNS.SMS.SenderID"] = _text(sender_id)

    def send(self, message: Outgoing) -> str:
        """Send and return SNS's message id."""
        reply = deliver(
            self._client.publish,
            PhoneNumber=message.to,
            Message=message.parts["text"],
            MessageAttributes=self._attributes,
        )
        return reply["MessageId"]


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
