"""Made-up people for the core's books: whatever a seed leaves out is filled in sensibly.

Numbers come from the range Ofcom keeps for drama, addresses from a domain that no one can own.
"""

from datetime import datetime, timedelta

from sandbox.clock import stamp
from sandbox.core.store import Record

CHANNELS = ("email", "sms", "whatsapp")
_CONSENTED_AGO = timedelta(days=90)
_DUE_AGO = timedelta(days=5)
_DRAMA_NUMBERS = 1000
_NAMES = (
    "Amara Osei", "Tom Whitfield", "Priya Raman", "Siân Morgan", "Lukasz Nowak", "Grace Adeyemi",
    "Hamish Reid", "Yuki Tanaka",
)  # fmt: skip


def filled_in(asked: Record, now: datetime, number: int) -> tuple[str, Record, list[Record]]:
    """Return the customer's id, data and obligations, with defaults for what was not asked.

    `number` tells people apart: two with the same one share a telephone.
    """
    customer_id = str(asked["customer_id"])
    phone = f"+447700900{number % _DRAMA_NUMBERS:03d}"
    customer = {
        "name": _NAMES[number % len(_NAMES)],
        "email": f"{customer_id}@customers.example",
        "phone": phone,
        "whatsapp": asked.get("phone", phone),
        "time_zones": ["Europe/London"],
        "locale": "en-GB",
        "country": "GB",
        "consents": dict.fromkeys(CHANNELS, stamp(now - _CONSENTED_AGO)),
        "protections": [],
    }
    given = {name: asked[name] for name in customer if name in asked}
    owed: list[Record] = asked.get("obligations") or [{}]
    return customer_id, {**customer, **given}, [_owed(o, i, now) for i, o in enumerate(owed, 1)]


def _owed(asked: Record, number: int, now: datetime) -> Record:
    due = (now - _DUE_AGO).date()
    obligation = {
        "obligation_id": f"inv-{number:04d}",
        "cycle": f"{due:%Y-%m}",
        "status": "overdue",
        "version": 1,
        "amount_minor": 12_000,
        "currency": "GBP",
        "due_date": due.isoformat(),
        "product": "broadband",
        "segment": "standard",
    }
    return {**obligation, **{name: asked[name] for name in obligation if name in asked}}
