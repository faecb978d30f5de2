"""Codes under fifty threads, over the table in memory."""

from __future__ import annotations

import pytest

from tests.fakes.code_races import CodeRaces
from tests.fakes.firm import Firm


class TestCodesUnderFiftyThreads(CodeRaces):
    @pytest.fixture
    def firm(self) -> Firm:
        return Firm()
