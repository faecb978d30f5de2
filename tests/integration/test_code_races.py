"""Codes under fifty threads, over the real table adapter: its conditions are what holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.fakes.code_races import CodeRaces
from tests.fakes.firm import Firm
from tests.fakes.moto_table import moto_table

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration


class TestCodesUnderFiftyThreadsOnDynamoDB(CodeRaces):
    askers = 10  # moto copies every table for each transaction

    @pytest.fixture
    def firm(self, dynamodb: Any) -> Iterator[Firm]:
        with moto_table(dynamodb) as table:
            yield Firm(table=table)
