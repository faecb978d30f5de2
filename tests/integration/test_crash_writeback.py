"""On DynamoDB, played by moto; see `tests/crashes/writeback.py`."""

import pytest

from tests.crashes.writeback import WritebackCrashes


@pytest.mark.integration
class TestWriteback(WritebackCrashes):
    """F09-F12, F17."""
