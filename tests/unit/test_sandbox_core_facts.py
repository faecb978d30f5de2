"""What the sandbox's core announces is what the product's contracts accept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.core.accounts import filled_in
from sandbox.core.ledger import Ledger
from sandbox.core.store import Store
from tests.fakes.firm import contracts

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("fact", ["payment_failed", "settled", "withdrawn", "protected"])
def test_every_fact_that_happens_at_the_core_meets_its_contract(fact: str):
    store = Store(":memory:")
    ledger = Ledger(store, lambda: NOW)
    account = ledger.seed(*filled_in({"customer_id": "cus-1"}, NOW, 1))
    owed = account["obligations"][0]
    about = {name: owed[name] for name in ("obligation_id", "cycle")}

    told = ledger.change(fact, {**about, "customer_id": "cus-1"})

    assert contracts().validate(told.detail_type, told.detail) == []
    store.close()
