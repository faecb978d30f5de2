"""Everything one local world is made of, put together in one place."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.cases import Cases
from sandbox.clock import Clock
from sandbox.cloud import Cloud, Deployment, Item
from sandbox.core.ledger import Ledger
from sandbox.core.store import Store
from sandbox.faults import Faults
from sandbox.forward import Forwarder
from sandbox.place import Place
from sandbox.providers.callbacks import Callbacks
from sandbox.providers.inbox import Inbox
from sandbox.providers.templates import registered
from sandbox.providers.whatsapp import WhatsApp
from sandbox.web import RefusedError

# Rows that outlive a reset: warm functions believe that what they pinned is still there.
_KEPT = ("BUNDLE#", "SYSTEM#")


@dataclass(slots=True)
class World:
    """The state of one sandbox process. `deployment` is None until the product is deployed."""

    place: Place
    clock: Clock
    faults: Faults
    store: Store
    ledger: Ledger
    cloud: Cloud
    whatsapp: WhatsApp
    inbox: Inbox
    forwarder: Forwarder
    core_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    deployment: Deployment | None = None
    sources: dict[str, str] = field(default_factory=dict[str, str])
    _cases_of_messages: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def deployed(self) -> Deployment:
        """The deployment; RefusedError 503 while there is none."""
        if self.deployment is None:
            raise RefusedError(503, "the product is not deployed yet; the log says how far it is")
        return self.deployment

    @property
    def cases(self) -> Cases:
        """The deployed product's cases."""
        table = self.deployed.outputs["TableName"]
        return Cases(lambda pk, prefix: self.cloud.rows(table, pk, prefix))

    @property
    def callbacks(self) -> Callbacks:
        """The way back to the deployed product for receipts and replies."""
        return Callbacks(self.cloud, self.deployed.outputs)

    def publish(self, source: str, detail_type: str, detail: Item) -> str:
        """Put an event on the deployed bus and return its id."""
        bus = self.deployed.outputs["EventBusName"]
        event_id = self.cloud.put_event(bus, source, detail_type, detail)
        self.sources[event_id] = source
        return event_id

    def messages(self, to: str | None = None) -> list[Item]:
        """Return the messages with the case each belongs to, oldest first."""
        documents = [message.document() for message in self.inbox.messages(to)]
        if self.deployment is not None:
            for document in documents:
                document["case_id"] = self._case_of(document)
        return documents

    def reset(self) -> None:
        """Go back to the first moment: no customer, case, message or fault; a new clock."""
        self.inbox.forget()
        self.faults.reset()
        if self.deployment is not None:
            outputs = self.deployment.outputs
            gone = self.cloud.empty_table(outputs["TableName"], _KEPT)
            self.cloud.end_journeys(outputs["JourneyArn"], gone)
        self.ledger.clear()
        self.sources.clear()
        self._cases_of_messages.clear()
        self.clock.restart()

    async def close(self) -> None:
        """Give back what was opened."""
        await self.forwarder.close()
        self.cloud.close()
        self.store.close()

    def _case_of(self, message: Item) -> str | None:
        """Tell whose case a message is about: the touch that sent it, else the newest before it."""
        if known := self._cases_of_messages.get(message["id"]):
            return known
        addressed = [
            account["customer_id"]
            for account in self.ledger.accounts()
            if message["to"] in (account["email"], account["phone"], account["whatsapp"])
        ]
        found = [case for customer in addressed for case in self.cases.of_customer(customer)]
        for case in found:
            if any(message["id"] in touch.values() for touch in case["touches"]):
                self._cases_of_messages[message["id"]] = case["case_id"]
                return case["case_id"]
        earlier = [c["case_id"] for c in found if c.get("opened_at", "") <= message["at"]]
        return max(earlier, default=None)


def build(
    place: Place, database: Path | str, cloud: Cloud | None = None, clock: Clock | None = None
) -> World:
    """Put a world together; nothing is started, and nothing but the database is opened."""
    clock, faults = clock or Clock(), Faults()
    store, cloud = Store(database), cloud or Cloud(place)
    whatsapp = WhatsApp(registered(place.root))
    return World(
        place=place,
        clock=clock,
        faults=faults,
        store=store,
        ledger=Ledger(store, clock.now),
        cloud=cloud,
        whatsapp=whatsapp,
        inbox=Inbox(cloud, whatsapp, clock),
        forwarder=Forwarder(place.emulator_url),
    )
