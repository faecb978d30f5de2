"""What the use cases need from the outside, as Protocols, and the values that cross them.

Each port has a real adapter and a fake that pass the same contract class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from closeloop.domain.identity import Channel

if TYPE_CHECKING:
    from datetime import date, datetime

    from closeloop.application.submissions import Submission
    from closeloop.domain.ledger import AdapterClass, CallResult, LookUpResult
    from closeloop.domain.money import Money
    from closeloop.domain.policy import Facts, PolicyDecision

Item = dict[str, Any]


class TemporarilyUnavailable(Exception):  # noqa: N818 - the state machine retries on this very name
    """A dependency did not answer; nothing was changed and the call may be repeated."""


class ConflictError(Exception):
    """A conditional write was refused.

    `found` maps the position of each refused change to the item that stood in its way, or to None
    when there was none or when another transaction held it.
    """

    def __init__(self, found: Mapping[int, Item | None]) -> None:
        super().__init__(f"refused changes: {sorted(found)}")
        self.found = dict(found)


class Key(NamedTuple):
    """The primary key of an item in the case table."""

    pk: str
    sk: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The attribute does not exist; on `pk`, the whole item does not exist."""


@dataclass(frozen=True, slots=True)
class Is:
    """The attribute equals the value."""

    value: Any


@dataclass(frozen=True, slots=True)
class OneOf:
    """The attribute equals one of the values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Below:
    """The attribute exists and is strictly less than the value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Above:
    """The attribute exists and is strictly greater than the value."""

    value: Any


@dataclass(frozen=True, slots=True)
class AbsentOr:
    """The attribute does not exist, or passes the test."""

    test: Is | OneOf | Below | Above


Test = Absent | Is | OneOf | Below | Above | AbsentOr
Condition = Mapping[str, Test]
NEW: Condition = {"pk": Absent()}


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item."""

    key: Key
    item: Mapping[str, Any]
    when: Condition = field(default_factory=dict[str, Test])


@dataclass(frozen=True, slots=True)
class Update:
    """Set, remove and add to attributes of an item (created if absent and the condition allows)."""

    key: Key
    set: Mapping[str, Any] = field(default_factory=dict[str, Any])
    remove: tuple[str, ...] = ()
    add: Mapping[str, int] = field(default_factory=dict[str, int])
    when: Condition = field(default_factory=dict[str, Test])


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item."""

    key: Key
    when: Condition = field(default_factory=dict[str, Test])


@dataclass(frozen=True, slots=True)
class Check:
    """Refuse the transaction unless the item passes."""

    key: Key
    when: Condition


Change = Put | Update | Delete | Check


class Table(Protocol):
    """The case table: conditional writes, all or nothing. Reads are strongly consistent."""

    def get(self, *keys: Key) -> list[Item | None]:
        """Return the items in the order of the keys, None where there is none (one call)."""
        ...

    def query(
        self, pk: str, prefix: str = "", *, newest_first: bool = False, limit: int = 100
    ) -> list[Item]:
        """Return up to `limit` items of one partition whose sort key starts with `prefix`."""
        ...

    def write(self, *changes: Change) -> None:
        """Apply all changes or none; ConflictError names those whose condition failed."""
        ...

    def update(self, change: Update) -> Item:
        """Apply one update and return the whole item as it stands after it."""
        ...

    def due(self, kind: str, until: datetime, limit: int = 50) -> list[Item]:
        """Return items of the sparse `due` index with `due_at` not after `until`, oldest first.

        Eventually consistent: a use case re-checks whatever it acts upon.
        """
        ...

    def work(self, owner: str, limit: int = 50) -> list[Item]:
        """Return the open handoffs of an owner, most urgent first (eventually consistent)."""
        ...


class Clock(Protocol):
    """The present instant, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...


class Journey(Protocol):
    """The state machine that sequences a case. A task token is a hint, never the truth (R9)."""

    def start(self, case_id: str, run: int, waits: Sequence[int]) -> bool:
        """Start the journey; False if that run was started before, which is no fault (F06)."""
        ...

    def finish(self, token: str, outcome: str, hold_s: int | None = None) -> bool:
        """Complete a waiting task; False if it was no longer waiting (F26)."""
        ...


LONGEST_DELAY_S = 900


class Queue(Protocol):
    """A queue of small JSON messages."""

    def send(self, body: Mapping[str, Any], delay_s: int = 0) -> None:
        """Send a message, visible after `delay_s` seconds; ValueError beyond LONGEST_DELAY_S."""
        ...


@dataclass(frozen=True, slots=True)
class ContactPoints:
    """Where the system of record says a customer can be reached. Personal: never stored or logged.

    `consents` holds the channels with consent and the instant it was given.
    """

    name: str
    email: str | None
    phone: str | None
    whatsapp: str | None
    time_zones: tuple[str, ...]
    locale: str
    country: str
    consents: Mapping[Channel, datetime]

    def address(self, channel: Channel) -> str | None:
        """Return the address of a channel, None where the record has none."""
        return {
            Channel.EMAIL: self.email,
            Channel.SMS: self.phone,
            Channel.WHATSAPP: self.whatsapp,
        }[channel]


@dataclass(frozen=True, slots=True)
class ObligationState:
    """An obligation as the system of record shows it now. `standing` means it is still owed."""

    standing: bool
    status: str
    version: int
    amount_minor: int
    currency: str
    contact: ContactPoints


class SystemOfRecord(Protocol):
    """What may be asked of a core system by functions that never write to it."""

    def obligation(self, customer: str, obligation: str, cycle: str) -> ObligationState | None:
        """Return the present state; None if the system knows no such obligation.

        Raises TemporarilyUnavailable when the system gives no usable answer.
        """
        ...


class SendRefusedError(Exception):
    """The provider certainly did not take the message; the text is its code, never an address."""


class SendInDoubtError(Exception):
    """The provider may or may not have taken the message (R11): it is never sent again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered message. `parts` are the channel's own: text, subject, html, template ….

    `attempt` is our own id of the send, carried to the provider where it has a place for one.
    """

    to: str
    parts: Mapping[str, Any]
    attempt: str


class Sender(Protocol):
    """One channel. One call, no retry: an ambiguous answer raises SendInDoubtError."""

    def send(self, message: Outgoing) -> str:
        """Send and return the provider's own id; raises SendRefusedError or SendInDoubtError."""
        ...


class Workflows(Protocol):
    """The compiled workflows: those deployed now, and those that old cases are pinned to."""

    def deployed(self, detail_type: str) -> Mapping[str, Any] | None:
        """Return the deployed bundle's document for a trigger's detail-type, None if unknown."""
        ...

    def pinned(self, bundle_hash: str) -> Mapping[str, Any]:
        """Return the bundle document a case was opened with, deployed or from the table."""
        ...

    def common(self) -> Mapping[str, Any]:
        """Return the document whose pages serve where no case is known yet."""
        ...

    def pin(self, bundle_hash: str) -> None:
        """Keep a deployed bundle for the life of the cases that are pinned to it."""
        ...


class Problem(Protocol):
    """What is wrong with one field of an event: never the value, which may be personal."""

    @property
    def field(self) -> str:
        """The field, as a path."""
        ...

    @property
    def reason(self) -> str:
        """What it should have been."""
        ...


class EventCheck(Protocol):
    """Checks an event's detail against the contract of its detail-type."""

    def validate(self, detail_type: str, detail: Mapping[str, Any]) -> Sequence[Problem]:
        """Return the problems, none when the detail is good or bears no known contract."""
        ...


@dataclass(frozen=True, slots=True)
class CodeBinding:
    """Everything a one-time code is bound to: change any of it and the code is another (T5)."""

    challenge: str
    session: str
    purpose: str
    payload: str
    digits: int


class Keyring(Protocol):
    """The deployment's secret keys, fetched once per environment and never logged."""

    def link_keys(self) -> Sequence[bytes]:
        """The keys of link tags: the present one first, then the one before it."""
        ...

    def session_key(self) -> bytes:
        """The key of cookie stamps, CSRF tokens and form ids."""
        ...

    def code(self, binding: CodeBinding) -> str:
        """The one-time code of a challenge. Nothing about it is stored anywhere."""
        ...

    def alias(self, address: str) -> str:
        """What an address is counted under: without the key nobody can try addresses against it."""
        ...


class Rendering(Protocol):
    """Messages in the words of a case's pinned workflow."""

    def message(
        self, document: Mapping[str, Any], name: str, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Render each part of the message `name`; an undefined variable is an error."""
        ...

    def text(self, document: Mapping[str, Any], name: str, variables: Mapping[str, Any]) -> str:
        """Render the page text `name` as plain text."""
        ...

    def money(self, amount: Money, locale: str) -> str:
        """Write an amount as people of the locale do."""
        ...

    def day(self, day: date, locale: str) -> str:
        """Write a date in full as people of the locale do."""
        ...


class Connector(Protocol):
    """One system of record, as the writeback speaks to it. One call, no retry, never a guess."""

    @property
    def adapter(self) -> AdapterClass:
        """What the system does with a request whose reply was lost (R6)."""
        ...

    def apply(self, submission: Submission) -> CallResult:
        """Ask for the effect once, under the submission's id (R5)."""
        ...

    def look_up(self, submission: Submission, reference: str | None) -> LookUpResult:
        """Ask what the system shows, under its own reference if it gave one, else our id."""
        ...


class Policy(Protocol):
    """The policy of one bundle. Never raises: what cannot be evaluated is refused (T29)."""

    def decide(self, action: str, facts: Facts) -> PolicyDecision:
        """Whether the action may be done on a case with these facts, and which rules say no."""
        ...
