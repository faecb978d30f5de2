"""What every connector and every core keep: REST to the sandbox's core, and the one in memory."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import pytest

from closeloop.adapters.connectors.rest_api import RestApi
from closeloop.adapters.connectors.rest_connector import RestConnector
from closeloop.adapters.connectors.rest_core import RestCore
from closeloop.application.ports import Connector, SystemOfRecord, TemporarilyUnavailable
from closeloop.domain.identity import Channel
from closeloop.domain.ledger import (
    Accepted,
    AdapterClass,
    Ambiguous,
    Found,
    NotFound,
    Rejected,
    Unavailable,
)
from sandbox import app, world
from sandbox.clock import Clock
from sandbox.faults import Mode, Target
from sandbox.place import Place
from sandbox.server import serving
from tests.fakes.local_cloud import FakeCloud
from tests.fakes.outside import FakeClock, FakeCore
from tests.integration.connector_cases import CONNECTOR, EFFECTS, Key, submission_about

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from closeloop.application.submissions import Submission

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
EVERY_OPERATION = pytest.mark.parametrize("operation", list(EFFECTS))


class World(Protocol):
    """A core with one customer who owes 120 pounds, reached in both of its roles."""

    about: Mapping[str, str]

    @property
    def connector(self) -> Connector:
        """Return what the writeback speaks to."""
        ...

    @property
    def core(self) -> SystemOfRecord:
        """Return what the other functions ask."""
        ...

    def becomes(self, status: str) -> None:
        """Give the obligation another status."""
        ...

    def fails(self, mode: Mode) -> None:
        """Let the next request fail in one known way."""
        ...

    def journal(self) -> list[str]:
        """Return the request id of every effect that was applied for this customer."""
        ...


class InMemory:
    """The fake."""

    about: Mapping[str, str]

    def __init__(self) -> None:
        self.about = {"customer_id": "C-1", "obligation_id": "INV-1", "cycle": "2026-11"}
        self.both = FakeCore(FakeClock())
        self.connector = self.core = self.both

    def becomes(self, status: str) -> None:
        self.both.status = status

    def fails(self, mode: Mode) -> None:
        self.both.down = mode is Mode.DOWN

        def commit_then_timeout(submission: Submission) -> Ambiguous:
            self.both.commit(submission)
            return Ambiguous("ReadTimeoutError")

        self.both.fails = {
            Mode.DOWN: [Unavailable("status_503")],
            Mode.REJECT: [Rejected("refused")],
            Mode.LATE_COMMIT: [Ambiguous("status_504")],
            Mode.COMMIT_THEN_TIMEOUT: [commit_then_timeout],
        }[mode]

    def journal(self) -> list[str]:
        return self.both.journal


class OverHttp:
    """The real connector, speaking to the sandbox's real core on a port."""

    about: Mapping[str, str]

    def __init__(self, sandbox: world.World, port: int) -> None:
        self.sandbox = sandbox
        sandbox.faults.reset()
        customer = f"cus-{secrets.token_hex(4)}"
        self.about = {"customer_id": customer, "obligation_id": "inv-1", "cycle": "2026-11"}
        self._seed("overdue")
        api = RestApi(f"http://localhost:{port}", Key(), connect_s=2, read_s=0.3)  # pyright: ignore[reportArgumentType]
        self.connector = RestConnector(api, CONNECTOR)
        self.core = RestCore(api, CONNECTOR)

    def becomes(self, status: str) -> None:
        if status == "unknown":
            self.about = {**self.about, "cycle": "1999-01"}
        else:
            self._seed(status)

    def fails(self, mode: Mode) -> None:
        self.sandbox.faults.set(Target.CORE, mode, requests=1, seconds=None)

    def journal(self) -> list[str]:
        customer = self.about["customer_id"]
        lines = self.sandbox.ledger.journal()
        return [line["request_id"] for line in lines if line["customer_id"] == customer]

    def _seed(self, status: str) -> None:
        person = {
            "name": "Ada Vale",
            "email": "ada@example.org",
            "phone": "+447700900141",
            "whatsapp": "+447700900141",
            "time_zones": ["Europe/London"],
            "locale": "en-GB",
            "country": "GB",
            "consents": dict.fromkeys(("email", "sms", "whatsapp"), "2026-01-02T00:00:00Z"),
        }
        owed = {
            "obligation_id": self.about["obligation_id"],
            "cycle": self.about["cycle"],
            "status": status,
            "version": 1,
            "amount_minor": 12000,
            "currency": "GBP",
            "due_date": "2026-11-20",
            "product": "loan",
            "segment": "retail",
        }
        self.sandbox.ledger.seed(self.about["customer_id"], person, [owed])


def submission(world: World, operation: str = "record_promise") -> Submission:
    return submission_about(world.about, operation)


def accepted(world: World, asked: Submission) -> str:
    result = world.connector.apply(asked)
    assert isinstance(result, Accepted), result
    return result.reference


class ConnectorContract:
    """Both cores are tested by these words."""

    # --- the writeback's side

    def test_this_core_keeps_our_key(self, world: World):
        assert world.connector.adapter is AdapterClass.A

    @EVERY_OPERATION
    def test_what_was_accepted_is_shown_under_our_id_as_it_was_asked_for_r5(
        self, world: World, operation: str
    ):
        asked = submission(world, operation)
        assert world.connector.look_up(asked, None) == NotFound()
        reference = accepted(world, asked)
        found = world.connector.look_up(asked, reference)
        assert isinstance(found, Found)
        assert found.reference == reference
        wanted = {**EFFECTS[operation], **world.about}
        assert {name: found.record[name] for name in wanted} == wanted
        assert world.journal() == [asked.id]

    def test_the_same_request_again_is_the_same_record_and_one_effect_f11(self, world: World):
        asked = submission(world)
        assert accepted(world, asked) == accepted(world, asked)
        assert world.journal() == [asked.id]

    def test_the_same_id_with_another_effect_is_refused_and_changes_nothing(self, world: World):
        asked = submission(world)
        accepted(world, asked)
        other = replace(asked, effect={**asked.effect, "due_date": "2026-12-02"})
        assert world.connector.apply(other) == Rejected("key_reused")
        found = world.connector.look_up(asked, None)
        assert isinstance(found, Found)
        assert found.record["due_date"] == "2026-12-01"
        assert world.journal() == [asked.id]

    def test_a_refusal_is_for_good_and_names_its_code(self, world: World):
        world.fails(Mode.REJECT)
        asked = submission(world)
        assert world.connector.apply(asked) == Rejected("refused")
        assert world.connector.look_up(asked, None) == NotFound()
        assert world.journal() == []

    def test_a_core_that_is_down_has_certainly_done_nothing_r8(self, world: World):
        world.fails(Mode.DOWN)
        asked = submission(world)
        assert isinstance(world.connector.apply(asked), Unavailable)
        assert world.journal() == []
        accepted(world, asked)

    def test_a_reply_lost_after_the_commit_is_in_doubt_until_it_is_looked_up_f12(
        self, world: World
    ):
        world.fails(Mode.COMMIT_THEN_TIMEOUT)
        asked = submission(world)
        assert isinstance(world.connector.apply(asked), Ambiguous)
        assert isinstance(world.connector.look_up(asked, None), Found)
        accepted(world, asked)
        assert world.journal() == [asked.id]

    def test_an_answer_that_it_took_too_long_is_in_doubt_f13(self, world: World):
        world.fails(Mode.LATE_COMMIT)
        assert isinstance(world.connector.apply(submission(world)), Ambiguous)

    # --- the side of those who only ask

    def test_what_is_owed_stands_and_the_customer_can_be_reached(self, world: World):
        state = world.core.obligation(*world.about.values())
        assert state is not None
        assert (state.standing, state.status, state.version) == (True, "overdue", 1)
        assert (state.amount_minor, state.currency) == (12000, "GBP")
        contact = state.contact
        assert (contact.name, contact.country, contact.locale) == ("Ada Vale", "GB", "en-GB")
        assert contact.time_zones == ("Europe/London",)
        assert contact.address(Channel.EMAIL) == "ada@example.org"
        assert contact.address(Channel.WHATSAPP) == contact.address(Channel.SMS) == "+447700900141"
        assert contact.consents == dict.fromkeys(Channel, datetime(2026, 1, 2, tzinfo=UTC))

    @pytest.mark.parametrize("status", ["paid", "withdrawn", "arranged", "disputed"])
    def test_what_is_no_longer_owed_does_not_stand(self, world: World, status: str):
        world.becomes(status)
        state = world.core.obligation(*world.about.values())
        assert state is not None
        assert (state.standing, state.status) == (False, status)

    def test_what_the_core_does_not_know_is_none(self, world: World):
        world.becomes("unknown")
        assert world.core.obligation(*world.about.values()) is None

    def test_a_core_that_does_not_answer_is_not_one_that_knows_nothing(self, world: World):
        world.fails(Mode.DOWN)
        with pytest.raises(TemporarilyUnavailable):
            world.core.obligation(*world.about.values())


class TestInMemory(ConnectorContract):
    @pytest.fixture
    def world(self) -> World:
        return InMemory()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[tuple[world.World, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    made = world.build(Place(port, 4566, 30), ":memory:", FakeCloud(), Clock(lambda: NOW))
    made.core_key = "core-key"
    with serving(app.make(made), port):
        yield made, port


@pytest.mark.integration
class TestOverHttp(ConnectorContract):
    @pytest.fixture
    def world(self, sandbox: tuple[world.World, int]) -> World:
        return OverHttp(*sandbox)
