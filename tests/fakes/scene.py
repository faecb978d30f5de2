"""A firm brought to one moment, which can be lived through again and again."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from closeloop.adapters.attributes import from_attributes
from closeloop.adapters.dynamodb import DynamoTable
from tests.fakes.effects import Done, Effects, seen
from tests.fakes.firm import Firm
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from closeloop.application.ports import Item, Table
    from tests.fakes.customer import Customer


@dataclass
class Scene:
    """`log` holds every effect since the firm began; `customer` is whoever acts in it."""

    firm: Firm = field(default_factory=Firm)
    log: list[Done] = field(default_factory=list)
    case_id: str = ""
    customer: Customer | None = None

    @property
    def recorded(self) -> Firm:
        """The firm with its effects written down and nothing in their way."""
        return seen(self.firm, Effects(self.log))

    @property
    def rows(self) -> list[Item]:
        """Every item of the table, whichever table it is."""
        return rows_of(self.firm.table)

    def copy(self) -> Scene:
        """The same moment once more, sharing nothing that moves."""
        firm = self.firm
        kept: dict[int, Any] = {id(firm.workflows): firm.workflows}
        kept |= {id(firm.rendering): firm.rendering, id(firm.keyring): firm.keyring}
        for locked in (firm.table, firm.journey):
            kept[id(locked._lock)] = threading.RLock()  # pyright: ignore[reportAttributeAccessIssue]
        return copy.deepcopy(self, kept)


def rows_of(table: Table) -> list[Item]:
    """Read all of a table, as no function of the product can."""
    if isinstance(table, FakeTable):
        return list(table.items.values())
    assert isinstance(table, DynamoTable), "look at the table itself, not at what stands before it"
    found = table._client.scan(TableName=table._name, ConsistentRead=True)
    assert "LastEvaluatedKey" not in found
    return [from_attributes(each) for each in found["Items"]]
