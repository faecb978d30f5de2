"""Where the cases of the crash matrices live: here, in memory."""

from __future__ import annotations

import pytest

from tests.crashes.matrix import Place


@pytest.fixture
def place() -> Place:
    return Place()
