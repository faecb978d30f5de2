"""The shape of the files in a workflow folder, as pydantic models.

Shapes and single values are checked here; what one part must know of another, in the modules
beside this one.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from closeloop.authoring.durations import seconds
from closeloop.domain.blueprint import Reason  # noqa: TC001 - pydantic reads the annotations
from closeloop.domain.identity import Assurance, Channel  # noqa: TC001 - likewise

Evidence = Literal["time", "channel", "assurance", "agreement", "input", "page_version"]
NextState = Literal["handed_off", "expired"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Count = Annotated[int, Field(ge=1)]


def _duration(text: str) -> str:
    seconds(text)
    return text


def _duration_or_rest(text: str) -> str:
    return text if text == "rest" else _duration(text)


Duration = Annotated[str, AfterValidator(_duration)]


class Part(BaseModel):
    """Refuses what it does not know and never turns one type into another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Trigger(Part):
    """The event that opens a case."""

    detail_type: Text
    schema_: Text = Field(alias="schema")
    obligation_key: list[Name]


class Offers(Part):
    """The bounds of what is offered; amounts in minor units, days from today."""

    counts: list[Annotated[int, Field(ge=2, le=60)]] = []
    min_instalment_minor: Count | None = None
    interval: Literal["week", "month"] | None = None
    first_within_days: Count | None = None
    promise_within_days: Count | None = None


class Action(Part):
    """Something the customer may do."""

    assurance: Annotated[Assurance, Field(strict=False)]
    independent_above_minor: Count | None = None
    offers: Offers | None = None
    inputs: dict[Name, list[Name]] = {}
    hands_off: Annotated[Reason, Field(strict=False)] | None = None


class Operation(Part):
    """The effect of an action, and which fields of the record must equal which of the effect."""

    operation: Name
    read_back: Annotated[dict[Name, Name], Field(min_length=1)]


class Writeback(Part):
    """The system of record and, for each action, what is done to it."""

    system: Name
    operations: dict[Name, Operation]


class Touch(Part):
    """One planned message; the last waits for the `rest` of the deadline."""

    channel: Annotated[Channel, Field(strict=False)]
    message: Name
    wait: Annotated[str, AfterValidator(_duration_or_rest)]


class Cap(Part):
    """At most so many touches of one person in so long, over all workflows."""

    touches: Count
    per: Duration


class SmsLimits(Part):
    """What one SMS may cost."""

    encoding: Literal["GSM-7", "UCS-2"]
    max_segments: Annotated[int, Field(ge=1, le=10)]


class ExceptionRule(Part):
    """Where a case goes when it cannot be finished."""

    owner: Name
    next_state: NextState
    due: Duration
    alternative: Text


class BlueprintFile(Part):
    """`blueprint.yaml`."""

    workflow: Name
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    trigger: Trigger
    actions: Annotated[dict[Name, Action], Field(min_length=1)]
    evidence: dict[Name, Annotated[list[Evidence], Field(min_length=1)]]
    writeback: Writeback
    exceptions: dict[Name, ExceptionRule]
    touches: Annotated[list[Touch], Field(min_length=1)]
    touches_reason: Text | None = None
    cap_per_person: Cap
    deadline: Duration
    codes: dict[Annotated[Channel, Field(strict=False)], Name]
    sms: SmsLimits


class WhatsAppMessage(Part):
    """`messages/whatsapp/<name>.yaml`: a template as Meta approved it."""

    template: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,512}$")]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")]
    body: Text
    parameters: list[Text]


class Owner(Part):
    """A desk that takes cases."""

    desk: Text
    reached_by: Text


class OwnersFile(Part):
    """`owners.yaml`."""

    owners: dict[Name, Owner]
    platform: dict[Name, ExceptionRule]


class Credentials(Part):
    """The header that carries the key, and the field of the secret that holds it."""

    header: Text
    field: Name


class Timeouts(Part):
    """How long one call may take."""

    connect: Duration
    read: Duration


class RestOperation(Part):
    """One kind of write, and where its result is read back."""

    method: Literal["POST", "PUT", "PATCH"]
    path: Annotated[str, StringConstraints(pattern=r"^/")]
    idempotency_header: Text
    read_back: Annotated[str, StringConstraints(pattern=r"^/")]
    effect: Annotated[list[Name], Field(min_length=1)]


class ConnectorFile(Part):
    """`connectors/<system>.yaml`."""

    system: Name
    kind: Literal["rest"]
    class_: Literal["A"] = Field(alias="class")
    credentials: Credentials
    timeouts: Timeouts
    obligation: Annotated[str, StringConstraints(pattern=r"^/")]
    about: list[Name]
    operations: Annotated[dict[Name, RestOperation], Field(min_length=1)]


Document = dict[str, Any]
