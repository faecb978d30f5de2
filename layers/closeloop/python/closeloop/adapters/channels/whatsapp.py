"""WhatsApp by AWS End User Messaging Social: approved template messages only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from closeloop.adapters.channels.delivery import deliver

if TYPE_CHECKING:
    from closeloop.application.ports import Outgoing


class WhatsAppSender:
    """Sends templates from one phone number id, in the shape of one version of Meta's API."""

    def __init__(self, client: Any, phone_number_id: str, meta_api_version: str) -> None:  # noqa: ANN401
        self._client = client
        self._phone_number_id = phone_number_id
        self._version = meta_api_version

    def send(self, message: Outgoing) -> str:
        """Send and return Meta's message id."""
        parts = message.parts
        parameters = [{"type": "text", "text": text} for text in parts["parameters"]]
        body = {
            "messaging_product": "whatsapp",
            "to": message.to,
            "type": "template",
            "template": {
                "name": parts["template"],
                "language": {"code": parts["language"]},
                "components": [{"type": "body", "parameters": parameters}],
            },
            "biz_opaque_callback_data": message.attempt,
        }
        reply = deliver(
            self._client.send_whatsapp_message,
            originationPhoneNumberId=self._phone_number_id,
            message=json.dumps(body).encode(),
            metaApiVersion=self._version,
        )
        return reply["messageId"]
