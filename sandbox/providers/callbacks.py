"""What providers tell the product afterwards, receipts and replies, each in its own shape.

- Email: SES event publishing to an SNS topic (`eventType`, `mail`, `delivery` or `bounce`).
- SMS receipts: SNS delivery status, a line in CloudWatch Logs; replies: two-way SMS on SNS.
- WhatsApp: End User Messaging Social's SNS message around Meta's webhook entry.

Where they go is named by the stack's outputs; a product that has none does not listen yet.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.clock import stamp
from sandbox.cloud import Cloud, Item
from sandbox.providers.inbox import Message

EMAIL_TOPIC, WHATSAPP_TOPIC = "EmailEventsTopicArn", "WhatsAppEventsTopicArn"
SMS_LOG_GROUP, SMS_TOPIC = "SmsReceiptsLogGroup", "SmsRepliesTopicArn"
STATUSES = {
    "email": ("delivered", "bounced", "complained"),
    "sms": ("delivered", "failed"),
    "whatsapp": ("sent", "delivered", "read", "failed"),
}


class NotListeningError(Exception):
    """The deployed product has nothing that would receive this."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """Delivers receipts and replies to whatever the deployed stack names for them."""

    cloud: Cloud
    outputs: Mapping[str, str]

    def receipt(self, message: Message, status: str, at: datetime) -> None:
        """Tell the product what became of a message; raises NotListeningError."""
        if message.channel == "email":
            self.cloud.publish(self._target(EMAIL_TOPIC), ses_event(message, status, at))
        elif message.channel == "whatsapp":
            entry = {"statuses": [_whatsapp_status(message, status, at)]}
            self.cloud.publish(self._target(WHATSAPP_TOPIC), social_event(entry, at))
        else:
            line = sms_receipt(message, status, at)
            self.cloud.log(self._target(SMS_LOG_GROUP), json.dumps(line), at)

    def reply(self, channel: str, sender: str, body: str, at: datetime) -> None:
        """Tell the product that a customer wrote back; raises NotListeningError."""
        if channel == "sms":
            self.cloud.publish(self._target(SMS_TOPIC), sms_reply(sender, body))
        elif channel == "whatsapp":
            entry = {"messages": [_whatsapp_text(sender, body, at)]}
            self.cloud.publish(self._target(WHATSAPP_TOPIC), social_event(entry, at))
        else:
            raise NotListeningError("the deployed product receives no replies by email")

    def _target(self, output: str) -> str:
        if target := self.outputs.get(output):
            return target
        raise NotListeningError(f"the deployed product does not listen yet: no output {output}")


def ses_event(message: Message, status: str, at: datetime) -> Item:
    """SES event publishing, as configuration sets send it."""
    kind = {"delivered": "Delivery", "bounced": "Bounce", "complained": "Complaint"}[status]
    recipients = [{"emailAddress": message.to}]
    detail = {
        "Delivery": {"recipients": [message.to], "smtpResponse": "250 2.0.0 OK"},
        "Bounce": {"bounceType": "Permanent", "bouncedRecipients": recipients},
        "Complaint": {"complaintFeedbackType": "abuse", "complainedRecipients": recipients},
    }[kind]
    mail = {"messageId": message.id, "destination": [message.to], "timestamp": message.at}
    return {"eventType": kind, "mail": mail, kind.lower(): {"timestamp": stamp(at), **detail}}


def sms_receipt(message: Message, status: str, at: datetime) -> Item:
    """SNS's delivery status for a direct publish to a phone number."""
    delivered = status == "delivered"
    words = (
        "Message has been accepted by phone"
        if delivered
        else "Unknown error attempting to reach phone"
    )
    return {
        "notification": {"messageId": message.id, "timestamp": stamp(at)},
        "delivery": {
            "destination": message.to,
            "smsType": "Transactional",
            "providerResponse": words,
            "dwellTimeMs": 420,
        },
        "status": "SUCCESS" if delivered else "FAILURE",
    }


def sms_reply(sender: str, body: str) -> Item:
    """A two-way SMS as End User Messaging publishes it."""
    return {
        "originationNumber": sender,
        "destinationNumber": "+447700900000",
        "messageKeyword": body.split(maxsplit=1)[0].upper() if body.split() else "",
        "messageBody": body,
        "inboundMessageId": secrets.token_hex(16),
    }


def social_event(value: Item, at: datetime) -> Item:
    """Meta's webhook entry, wrapped as AWS wraps it: the entry is JSON within JSON."""
    metadata = {"display_phone_number": "447700900000", "phone_number_id": "100000000000000"}
    change = {"value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}
    entry = {"id": "200000000000000", "changes": [{**change, "field": "messages"}]}
    return {
        "context": {"MetaWabaIds": [], "MetaPhoneNumberIds": []},
        "whatsAppWebhookEntry": json.dumps(entry),
        "aws_account_id": "000000000000",
        "message_timestamp": stamp(at),
        "messageId": secrets.token_hex(16),
    }


def _whatsapp_status(message: Message, status: str, at: datetime) -> Item:
    return {
        "id": message.id,
        "status": status,
        "timestamp": str(int(at.timestamp())),
        "recipient_id": message.to.removeprefix("+"),
    }


def _whatsapp_text(sender: str, body: str, at: datetime) -> Item:
    return {
        "from": sender.removeprefix("+"),
        "id": f"wamid.{secrets.token_hex(12)}",
        "timestamp": str(int(at.timestamp())),
        "type": "text",
        "text": {"body": body},
    }
