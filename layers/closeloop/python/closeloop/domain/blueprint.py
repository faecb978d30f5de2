"""A workflow as the running system knows it: the compiled, validated form of a workflow folder.

The authoring room checks a folder and writes this shape as plain JSON; at run time it is only read.
A bundle is named by the hash of its content, and a case keeps the bundle it was opened with.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from closeloop.domain.identity import Assurance, Channel

if TYPE_CHECKING:
    from collections.abc import Mapping


class Reason(StrEnum):
    """Why a case is handed to a person. The first nine are named in every blueprint."""

    IDENTITY_FAILED = "identity_failed"
    MISSING_DATA = "missing_data"
    PAYMENT_DECLINED = "payment_declined"
    OUTSIDE_POLICY = "outside_policy"
    NO_RESPONSE = "no_response"
    DISPUTE = "dispute"
    FRAUD_SIGNAL = "fraud_signal"
    ASKED_FOR_PERSON = "asked_for_person"
    WRITEBACK_FAILED = "writeback_failed"
    JOURNEY_FAILED = "journey_failed"
    DEAD_LETTER = "dead_letter"
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class PlannedTouch:
    """One planned message: its channel, its template and the wait before the next (seconds)."""

    channel: Channel
    message: str
    wait_s: int


@dataclass(frozen=True, slots=True)
class WritebackTarget:
    """The effect of an action: which operation of which system, and what read-back must show.

    `read_back` maps a field of the system's record to the field of the effect it must equal.
    """

    system: str
    operation: str
    read_back: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfferLimits:
    """The bounds within which schedules and promises are offered.

    Amounts are minor units of the obligation's currency; `counts` are numbers of instalments;
    `first_within_days` and `promise_within_days` count calendar days from today.
    """

    counts: tuple[int, ...] = ()
    min_instalment_minor: int = 0
    interval: str = "month"
    first_within_days: int = 0
    promise_within_days: int = 0


@dataclass(frozen=True, slots=True)
class ActionRule:
    """Something the customer may do, and all that is decided about it in advance.

    `independent_above_minor`: from this amount on the code must come over an independent channel.
    `hands_off`: the reason under which accepting the action also hands the case to a person.
    `inputs`: what the customer is asked beside or instead of an offer, with the answers allowed.
    """

    name: str
    required: Assurance
    independent_above_minor: int | None
    offers: OfferLimits
    evidence: tuple[str, ...]
    writeback: WritebackTarget
    hands_off: Reason | None
    inputs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ExceptionPath:
    """Where a case goes when it cannot be finished: owner, the case's next state, due, offer."""

    owner: str
    next_state: str
    due_s: int
    alternative: str


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The five parts of a workflow: trigger, actions, evidence, writeback target, exceptions."""

    workflow: str
    detail_type: str
    obligation_key: tuple[str, ...]
    touches: tuple[PlannedTouch, ...]
    deadline_s: int
    cap_per_person: int
    actions: Mapping[str, ActionRule]
    exceptions: Mapping[Reason, ExceptionPath]

    @property
    def waits_s(self) -> tuple[int, ...]:
        """How long the journey waits for the customer after each touch, in seconds."""
        return tuple(touch.wait_s for touch in self.touches)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything a case is pinned to, named by the hash of its content.

    `policy` is Cedar source; `messages` maps template name to its parts (for example
    `{"text": …}` for SMS, `{"subject", "text", "html"}` for email, `{"template", "language",
    "parameters"}` for WhatsApp); `pages` maps a text's key to its words; both are Jinja2 source.
    """

    hash: str
    blueprint: Blueprint
    policy: str
    messages: Mapping[str, Mapping[str, Any]]
    pages: Mapping[str, str]
    document: Mapping[str, Any]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Bundle:
        """Read a compiled workflow; a missing part raises KeyError with its name."""
        parts = document["blueprint"]
        return cls(
            hash=document["hash"],
            blueprint=_blueprint(parts),
            policy=document["policy"],
            messages=document["messages"],
            pages=document["pages"],
            document=document,
        )


def _blueprint(parts: Mapping[str, Any]) -> Blueprint:
    return Blueprint(
        workflow=parts["workflow"],
        detail_type=parts["trigger"]["detail_type"],
        obligation_key=tuple(parts["trigger"]["obligation_key"]),
        touches=tuple(
            PlannedTouch(Channel(touch["channel"]), touch["message"], touch["wait_s"])
            for touch in parts["touches"]
        ),
        deadline_s=parts["deadline_s"],
        cap_per_person=parts["cap_per_person"],
        actions={name: _action(name, rule) for name, rule in parts["actions"].items()},
        exceptions={
            Reason(reason): ExceptionPath(
                path["owner"], path["next_state"], path["due_s"], path["alternative"]
            )
            for reason, path in parts["exceptions"].items()
        },
    )


def _action(name: str, rule: Mapping[str, Any]) -> ActionRule:
    offers: Mapping[str, Any] = rule.get("offers") or {}
    inputs: Mapping[str, list[str]] = rule.get("inputs") or {}
    return ActionRule(
        name=name,
        required=Assurance(rule["required"]),
        independent_above_minor=rule.get("independent_above_minor"),
        offers=OfferLimits(
            counts=tuple(offers.get("counts", ())),
            min_instalment_minor=offers.get("min_instalment_minor", 0),
            interval=offers.get("interval", "month"),
            first_within_days=offers.get("first_within_days", 0),
            promise_within_days=offers.get("promise_within_days", 0),
        ),
        evidence=tuple(rule["evidence"]),
        writeback=WritebackTarget(
            system=rule["writeback"]["system"],
            operation=rule["writeback"]["operation"],
            read_back=dict(rule["writeback"]["read_back"]),
        ),
        hands_off=Reason(rule["hands_off"]) if rule.get("hands_off") else None,
        inputs={name: tuple(answers) for name, answers in inputs.items()},
    )
