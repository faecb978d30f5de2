"""What every sender keeps: SNS and SES (moto), WhatsApp (the sandbox's endpoint), and in memory."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from botocore.exceptions import EndpointConnectionError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from closeloop import bootstrap
from closeloop.adapters.channels.email import EmailSender
from closeloop.adapters.channels.sms import SmsSender
from closeloop.adapters.channels.whatsapp import WhatsAppSender
from closeloop.application.ports import Outgoing, Sender, SendInDoubtError, SendRefusedError
from sandbox import app, world
from sandbox.clock import Clock
from sandbox.place import Place
from sandbox.server import serving
from tests.fakes.botocore_faults import CallFaults, refusal
from tests.fakes.local_cloud import FakeCloud
from tests.fakes.moto_table import aws_client
from tests.fakes.outside import FakeSender

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-2"
PHONE, ADDRESS = "+447700900141", "ada@example.org"
NUMBER_ID = f"phone-number-id-{'0' * 32}"
PARTS: dict[str, dict[str, Any]] = {
    "sms": {"text": "Your page: https://pay.vale.example/c/1 Siân ✓"},
    "email": {"subject": "Your account", "text": "Your page: https://…", "html": "<p>Siân ✓</p>"},
    "whatsapp": {
        "template": "account_question",
        "language": "en_GB",
        "parameters": ["Vale Bank", "https://pay.vale.example/c/1"],
    },
}


class World(Protocol):
    """A sender, what became of its messages, and what may go wrong behind it."""

    to: str
    parts: dict[str, Any]

    @property
    def sender(self) -> Sender:
        """Return the sender under test."""
        ...

    def taken(self) -> list[str]:
        """Return the address of every message that the provider took, oldest first."""
        ...

    def refuses(self) -> None:
        """Let the provider refuse what it is asked."""
        ...

    def breaks(self) -> None:
        """Let the provider fail, nobody knows how far in."""
        ...

    def loses_its_reply(self) -> None:
        """Let the provider take the message, and its reply be lost."""
        ...

    def is_out_of_reach(self) -> None:
        """Let no connection come about."""
        ...


class InMemory:
    """The fake; a lost reply of it is a message that was taken."""

    to, parts = PHONE, PARTS["sms"]

    def __init__(self) -> None:
        self.sender = FakeSender()

    def taken(self) -> list[str]:
        return [message.to for message in self.sender.outbox]

    def refuses(self) -> None:
        self.sender.fails = [SendRefusedError("InvalidParameter")]

    def breaks(self) -> None:
        self.sender.fails = [SendInDoubtError("InternalError")]

    def loses_its_reply(self) -> None:
        self.sender.outbox.append(outgoing(self))
        self.sender.fails = [SendInDoubtError("ReadTimeoutError")]

    def is_out_of_reach(self) -> None:
        self.sender.fails = [SendRefusedError("EndpointConnectionError")]


class OnAws:
    """A real sender whose client can be spoilt, and whose calls are counted."""

    def __init__(self, client: Any, sender: Sender) -> None:
        self.client = client
        self.sender = sender
        self.faults = CallFaults(client)

    def refuses(self) -> None:
        self.faults.always = lambda _name, _params: refusal("InvalidParameter")

    def breaks(self) -> None:
        self.faults.always = lambda _name, _params: refusal("InternalError", 500)

    def loses_its_reply(self) -> None:
        self.faults.arm(1, after=True)

    def is_out_of_reach(self) -> None:
        def unreachable(**_: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://nowhere.example")

        self.client.meta.events.register_first("before-send", unreachable)


class OnSns(OnAws):
    to, parts = PHONE, PARTS["sms"]

    def __init__(self) -> None:
        client = aws_client("sns")
        sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.clear()
        super().__init__(client, SmsSender(client, "VALE"))

    def taken(self) -> list[str]:
        sent = sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values()
        assert all(text == self.parts["text"] for _, text in sent)
        return [to for to, _ in sent]


class OnSes(OnAws):
    to, parts = ADDRESS, PARTS["email"]

    def __init__(self) -> None:
        client = aws_client("sesv2")
        client.create_email_identity(EmailIdentity="billing@vale.example")
        self.backend = ses_backends[DEFAULT_ACCOUNT_ID][REGION]
        self.backend.sent_messages.clear()
        super().__init__(client, EmailSender(client, "billing@vale.example"))

    def taken(self) -> list[str]:
        sent = self.backend.sent_messages
        assert all(each.subject == self.parts["subject"] for each in sent)
        return [each.destinations["ToAddresses"][0] for each in sent]


class OnWhatsApp(OnAws):
    to, parts = PHONE, PARTS["whatsapp"]

    def __init__(self, client: Any, sandbox: world.World) -> None:
        self.sandbox = sandbox
        self.before = len(sandbox.whatsapp.messages())
        super().__init__(client, WhatsAppSender(client, NUMBER_ID, "v23.0"))

    def taken(self) -> list[str]:
        messages = self.sandbox.whatsapp.messages()[self.before :]
        assert all("Vale Bank" in message.body for message in messages)
        return [message.to for message in messages]


def outgoing(world: World) -> Outgoing:
    return Outgoing(world.to, world.parts, "CASE-1-1")


class SenderContract:
    """All senders are tested by these words."""

    def test_a_message_that_was_taken_has_an_id_of_its_own(self, world: World):
        first, second = (world.sender.send(outgoing(world)) for _ in range(2))
        assert first
        assert second
        assert first != second
        assert world.taken() == [world.to, world.to]

    def test_a_refusal_is_certain_and_named_by_a_code_without_address_or_text_f31_i8(
        self, world: World
    ):
        world.refuses()
        with pytest.raises(SendRefusedError, match=r"^InvalidParameter$") as caught:
            world.sender.send(outgoing(world))
        assert world.to not in repr(caught.value)
        assert world.taken() == []

    def test_a_provider_s_own_fault_leaves_it_in_doubt_f31_r11(self, world: World):
        world.breaks()
        with pytest.raises(SendInDoubtError, match=r"^InternalError$") as caught:
            world.sender.send(outgoing(world))
        assert world.to not in repr(caught.value)

    def test_a_lost_reply_leaves_it_in_doubt_and_nothing_is_sent_twice_f31_r11(self, world: World):
        world.loses_its_reply()
        with pytest.raises(SendInDoubtError, match=r"^ReadTimeoutError$"):
            world.sender.send(outgoing(world))
        assert world.taken() == [world.to]

    def test_what_never_left_was_certainly_not_sent_f31(self, world: World):
        world.is_out_of_reach()
        with pytest.raises(SendRefusedError, match=r"^EndpointConnectionError$"):
            world.sender.send(outgoing(world))
        assert world.taken() == []


class TestInMemory(SenderContract):
    @pytest.fixture
    def world(self) -> World:
        return InMemory()


@pytest.mark.integration
class TestOnSns(SenderContract):
    @pytest.fixture
    def world(self, aws: None) -> World:
        del aws
        return OnSns()


@pytest.mark.integration
class TestOnSes(SenderContract):
    @pytest.fixture
    def world(self, aws: None) -> World:
        del aws
        return OnSes()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[world.World, int]]:
    now = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    made = world.build(Place(port, 4566, 30), ":memory:", FakeCloud(), Clock(lambda: now))
    with serving(app.make(made), port):
        yield made, port


@pytest.mark.integration
class TestOnWhatsApp(SenderContract):
    @pytest.fixture
    def world(self, sandbox: tuple[world.World, int]) -> World:
        made, port = sandbox
        client = aws_client("socialmessaging", endpoint_url=f"http://localhost:{port}")
        return OnWhatsApp(client, made)


def test_a_client_that_sends_tries_once_f31_r11(monkeypatch: pytest.MonkeyPatch):
    """An SDK's own retry of a send would be a second message."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for service in ("sns", "sesv2", "socialmessaging"):
        config = bootstrap.sending_client.__wrapped__(service).meta.config
        assert config.retries["total_max_attempts"] == 1
