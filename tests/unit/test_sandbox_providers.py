"""The channels as the product meets them: WhatsApp on the wire of botocore, receipts, replies."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from sandbox.providers.whatsapp import Template
from tests.fakes.local_world import LocalWorld, local_world

LISTENING = {
    "EmailEventsTopicArn": "arn:email",
    "WhatsAppEventsTopicArn": "arn:whatsapp",
    "SmsRepliesTopicArn": "arn:sms",
    "SmsReceiptsLogGroup": "sns/sms",
}
NUMBER_ID = "phone-number-id-01234567890123456789012345678901"


@pytest.fixture
def local() -> Iterator[LocalWorld]:
    with local_world(LISTENING) as made:
        body = "Hello from {{1}}. Your page: {{2}} Reply STOP to opt out."
        made.world.whatsapp.templates = {"account_question": Template(body)}
        yield made


class Body:
    """The answer's body as urllib3 would stream it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


def whatsapp_client(local: LocalWorld) -> Any:
    """A botocore client whose requests reach the sandbox without a socket."""
    client = botocore.session.Session().create_client(
        "socialmessaging",
        region_name="eu-west-2",
        endpoint_url="http://localhost:8080",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    def send(request: Any, **_: object) -> AWSResponse:
        headers = {k: v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
        reply = local.client.request(
            request.method, request.url, content=request.body, headers=headers
        )
        return AWSResponse(request.url, reply.status_code, reply.headers, Body(reply.content))

    client.meta.events.register("before-send.socialmessaging", send)
    return client


def template(*parameters: str, name: str = "account_question") -> bytes:
    texts = [{"type": "text", "text": parameter} for parameter in parameters]
    used = {"name": name, "language": {"code": "en_GB"}}
    message = {
        "messaging_product": "whatsapp",
        "to": "+447700900001",
        "type": "template",
        "template": {**used, "components": [{"type": "body", "parameters": texts}]},
    }
    return json.dumps(message).encode()


def send(local: LocalWorld, message: bytes) -> str:
    reply = whatsapp_client(local).send_whatsapp_message(
        originationPhoneNumberId=NUMBER_ID, message=message, metaApiVersion="v23.0"
    )
    return reply["messageId"]


def test_a_template_message_arrives_in_the_words_it_was_approved_with(local: LocalWorld) -> None:
    sent = send(local, template("Example Bank", "http://localhost:8080/c/abc"))
    (message,) = local.client.get("/sandbox/messages").json()
    assert message["id"] == sent
    assert message["channel"] == "whatsapp"
    assert message["to"] == "+447700900001"
    assert message["body"].startswith("Hello from Example Bank. Your page: http")
    assert message["links"] == ["http://localhost:8080/c/abc"]


@pytest.mark.parametrize(
    "message",
    [
        template("Example Bank"),  # a parameter short
        template("a", "b", name="never_approved"),
        b"{}",
        b"not JSON",
    ],
)
def test_what_meta_would_refuse_is_refused_in_the_service_s_words(
    local: LocalWorld, message: bytes
) -> None:
    with pytest.raises(ClientError) as refusal:
        send(local, message)
    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert local.client.get("/sandbox/messages").json() == []


@pytest.mark.parametrize(
    ("mode", "code"), [("down", "InternalServiceException"), ("reject", "ValidationException")]
)
def test_a_channel_fault_speaks_the_service_s_own_words(
    local: LocalWorld, mode: str, code: str
) -> None:
    local.client.post("/sandbox/faults", json={"target": "whatsapp", "mode": mode})
    with pytest.raises(ClientError) as refusal:
        send(local, template("Example Bank", "http://localhost:8080/c/abc"))
    assert refusal.value.response["Error"]["Code"] == code
    assert local.client.get("/sandbox/messages").json() == []


def has_an_email(local: LocalWorld) -> None:
    email = {"MessageId": "email-1", "To": ["amara@customers.example"], "Timestamp": 1795359600}
    html = '<a href="http://localhost:8080/p/x">unsubscribe</a>'
    body = {
        "Subject": "About your account",
        "BodyText": "See http://a.example/c/1.",
        "BodyHtml": html,
    }
    local.cloud.sent_emails.append({**email, **body})


def tell(local: LocalWorld, route: str, **body: str) -> int:
    return local.client.post(f"/sandbox/{route}", json=body).status_code


def test_an_email_shows_subject_and_the_links_of_both_its_bodies(local: LocalWorld) -> None:
    has_an_email(local)
    (message,) = local.client.get("/sandbox/messages?to=amara@customers.example").json()
    assert message["subject"] == "About your account"
    assert message["links"] == ["http://a.example/c/1", "http://localhost:8080/p/x"]


def test_a_bounce_reaches_the_product_as_ses_publishes_it(local: LocalWorld) -> None:
    has_an_email(local)
    assert tell(local, "receipts", message_id="email-1", status="bounced") == 202
    ((topic, event),) = local.cloud.published
    assert topic == "arn:email"
    assert event["eventType"] == "Bounce"
    assert event["mail"]["messageId"] == "email-1"
    assert event["bounce"]["bounceType"] == "Permanent"


def test_an_sms_receipt_reaches_the_product_as_sns_logs_it(local: LocalWorld) -> None:
    local.cloud.sent_texts.append({"MessageId": "sms-1", "to": "+447700900001", "Message": "Hi"})
    assert tell(local, "receipts", message_id="sms-1", status="failed") == 202
    ((group, line, _),) = local.cloud.logged
    assert group == "sns/sms"
    assert json.loads(line)["status"] == "FAILURE"
    assert json.loads(line)["notification"]["messageId"] == "sms-1"


def test_a_whatsapp_reply_reaches_the_product_as_meta_s_entry_in_aws_s_envelope(
    local: LocalWorld,
) -> None:
    told = {"channel": "whatsapp", "from": "+447700900001", "body": "STOP"}
    assert tell(local, "replies", **told) == 202
    ((topic, event),) = local.cloud.published
    entry = json.loads(event["whatsAppWebhookEntry"])
    (message,) = entry["changes"][0]["value"]["messages"]
    assert topic == "arn:whatsapp"
    assert (message["from"], message["text"]["body"]) == ("447700900001", "STOP")


def test_an_sms_reply_names_its_keyword(local: LocalWorld) -> None:
    assert (
        tell(local, "replies", channel="sms", body="stop please", **{"from": "+447700900001"})
        == 202
    )
    assert local.cloud.published[0][1]["messageKeyword"] == "STOP"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"message_id": "nothing", "status": "delivered"}, 404),
        ({"message_id": "email-1", "status": "read"}, 400),
        ({"message_id": "email-1"}, 400),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(
    local: LocalWorld, body: dict[str, str], status: int
) -> None:
    has_an_email(local)
    assert tell(local, "receipts", **body) == status


def test_a_product_that_does_not_listen_is_named_as_such() -> None:
    with local_world() as deaf:
        told = {"channel": "whatsapp", "from": "+447700900001", "body": "hello"}
        reply = deaf.client.post("/sandbox/replies", json=told)
    assert reply.status_code == 409
    assert "WhatsAppEventsTopicArn" in reply.json()["error"]
