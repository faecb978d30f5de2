"""The core's rules: who is on its books, what may be written there, and what it then announces."""

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import stamp
from sandbox.core.effects import KINDS, RejectedError
from sandbox.core.store import Record, Store

# What changes at the core, and the status it leaves an obligation in.
_STATUS_AFTER = {"settled": "paid", "withdrawn": "withdrawn", "payment_failed": "overdue"}
_DETAIL_TYPES = {
    "payment_failed": "PaymentFailed",
    "settled": "ObligationSettled",
    "withdrawn": "ObligationWithdrawn",
    "protected": "CustomerProtected",
}


class UnknownError(Exception):
    """The core has no such customer or obligation."""


class KeyReusedError(Exception):
    """An idempotency key came back with another body."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event the core puts on the bus."""

    detail_type: str
    detail: Record


class Ledger:
    """The core system without its HTTP."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def clear(self) -> None:
        """Forget every customer, write and journal line."""
        self._store.clear()

    def apply(self, kind: str, key: str, body: Record) -> tuple[bool, Record]:
        """Write an effect under an idempotency key; return whether it is new, and the record.

        The same key and body change nothing and return the first reply. Raises KeyReusedError for
        another body, UnknownError for an obligation that is not here, RejectedError by its rules.
        """
        asked = _digest(body)
        with self._store.transaction():
            if before := self._store.record(kind, key):
                if before[0] != asked:
                    raise KeyReusedError(key)
                return False, before[1]
            obligation = self._obligation(body)
            rule = KINDS[kind]
            effect = rule.check(body, obligation)
            at = stamp(self._now())
            who = {name: body[name] for name in ("customer_id", "obligation_id", "cycle")}
            record = {"id": f"{rule.prefix}-{secrets.token_hex(6)}", "request_id": key, **who}
            record |= {**effect, "recorded_at": at}
            self._store.put_record(kind, key, asked, record)
            self._store.append_journal(at, kind, key, record)
            if status := rule.status_after(effect):
                self._move(obligation, status)
            return True, record

    def record(self, kind: str, key: str) -> Record | None:
        """Return what was written under a key, None if nothing was."""
        found = self._store.record(kind, key)
        return found[1] if found else None

    def question(self, customer_id: str, obligation_id: str, cycle: str) -> Record | None:
        """Answer the product: does the obligation stand, and how is the customer reached."""
        obligation = self._store.obligation(customer_id, obligation_id, cycle)
        customer = self._store.customer(customer_id)
        if obligation is None or customer is None:
            return None
        asked = ("customer_id", "obligation_id", "cycle", "version", "status", "amount_minor")
        return {
            **{name: obligation[name] for name in (*asked, "currency")},
            "customer": {k: v for k, v in customer.items() if k not in ("consents", "protections")},
            "consents": customer["consents"],
        }

    def account(self, customer_id: str) -> Record | None:
        """Return the system of record's own view of a customer, None if unknown."""
        customer = self._store.customer(customer_id)
        if customer is None:
            return None
        lines = [line for line in self._store.journal() if line["customer_id"] == customer_id]
        return {
            "customer_id": customer_id,
            **customer,
            "obligations": self._store.obligations(customer_id),
            "records": [{"kind": line["kind"], **line["effect"]} for line in lines],
        }

    def accounts(self) -> list[Record]:
        """Return every account, oldest first."""
        found = [self.account(customer_id) for customer_id in self._store.customer_ids()]
        return [account for account in found if account]

    def journal(self) -> list[Record]:
        """Return every write ever applied, in order, each with the request id that caused it."""
        return self._store.journal()

    def seed(self, customer_id: str, customer: Record, obligations: list[Record]) -> Record:
        """Put a customer and what they owe on the books, replacing what has the same ids."""
        with self._store.transaction():
            self._store.put_customer(customer_id, customer)
            for obligation in obligations:
                self._store.put_obligation({**obligation, "customer_id": customer_id})
        return self.account(customer_id) or {}

    def change(self, fact: str, body: Record) -> Announcement:
        """Let something happen at the core itself and return what it announces.

        Raises UnknownError for a customer or obligation that is not here, RejectedError for a fact
        the core does not know.
        """
        if fact not in _DETAIL_TYPES:
            raise RejectedError("unknown_fact", f"fact must be one of {', '.join(_DETAIL_TYPES)}")
        with self._store.transaction():
            detail = self._protect(body) if fact == "protected" else self._happen(fact, body)
        return Announcement(_DETAIL_TYPES[fact], {"schema_version": 1, **detail})

    def _happen(self, fact: str, body: Record) -> Record:
        obligation = self._move(self._obligation(body), _STATUS_AFTER[fact])
        detail = {n: obligation[n] for n in ("version", "customer_id", "obligation_id", "cycle")}
        if fact == "settled":
            return {**detail, "settled_at": stamp(self._now())}
        if fact == "withdrawn":
            return {**detail, "reason": body.get("reason", "billed_in_error")}
        customer = self._store.customer(obligation["customer_id"]) or {}
        told = ("amount_minor", "currency", "due_date", "product", "segment")
        return {
            **detail,
            **{name: obligation[name] for name in told},
            "failure_code": body.get("failure_code", "insufficient_funds"),
            "locale": customer["locale"],
            "country": customer["country"],
        }

    def _protect(self, body: Record) -> Record:
        customer_id = body.get("customer_id", "")
        customer = self._store.customer(customer_id)
        if customer is None:
            raise UnknownError(customer_id)
        protections = [*customer.get("protections", [])]
        now = self._now()
        protection = {
            "version": len(protections) + 1,
            "customer_id": customer_id,
            "kind": body.get("kind", "breathing_space"),
            "active": body.get("active", True),
            "from": body.get("from", stamp(now)),
            "until": body.get("until", stamp(now + timedelta(days=60))),
        }
        self._store.put_customer(
            customer_id, {**customer, "protections": [*protections, protection]}
        )
        return protection

    def _obligation(self, body: Record) -> Record:
        keys = [str(body.get(name, "")) for name in ("customer_id", "obligation_id", "cycle")]
        obligation = self._store.obligation(*keys)
        if obligation is None:
            raise UnknownError(" ".join(keys))
        return obligation

    def _move(self, obligation: Record, status: str) -> Record:
        moved = {**obligation, "status": status, "version": obligation["version"] + 1}
        self._store.put_obligation(moved)
        return moved


def _digest(body: Record) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
