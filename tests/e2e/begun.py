"""What takes a day of the plan or a queue's patience: begun first, looked at in its own test."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.e2e.person import Person
    from tests.e2e.stage import Stage


@dataclass(frozen=True)
class Begun:
    """People to whom something has happened already, and a message that nobody can read.

    `forgotten` has agreed a plan, but the token under which the journey waits was lost before.
    `protected` was in breathing space when the payment failed, and is so no more.
    `unreadable` lies in the triggers queue, in one batch with the news of `neighbours`.
    """

    forgotten: Person
    protected: Person
    neighbours: tuple[Person, Person]
    unreadable: str


def begin(stage: Stage) -> Begun:
    """Let it all begin."""
    neighbours = (stage.person("left"), stage.person("right"))
    unreadable = f'{{"id": "{secrets.token_hex(8)}", "detail": '
    bodies = [_event(neighbours[0]), unreadable, _event(neighbours[1])]
    stage.client("sqs").send_message_batch(
        QueueUrl=stage.resources["TriggersQueue"],
        Entries=[{"Id": str(at), "MessageBody": body} for at, body in enumerate(bodies)],
    )
    protected = stage.person("protected")
    protected.happens("protected", kind="breathing_space")
    stage.until("the protection", lambda: stage.rows(f"PERSON#{protected.id}", "PROTECTIONS"))
    protected.happens("payment_failed")

    forgotten = stage.person("forgotten")
    forgotten.happens("payment_failed")
    forgotten.link()
    case = forgotten.case_with("touch_accepted")
    stage.forget_token(case["id"])
    forgotten.agree()

    protected.case_with("held")
    protected.happens("protected", kind="breathing_space", active=False)
    return Begun(forgotten, protected, neighbours, unreadable)


def _event(person: Person) -> str:
    """The news of a failed payment as the bus delivers it."""
    event: dict[str, Any] = {"version": "0", "id": secrets.token_hex(8), "source": "core.billing"}
    return json.dumps(event | {"detail-type": "PaymentFailed", "detail": person.failed()})
