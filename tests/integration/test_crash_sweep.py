"""On DynamoDB, played by moto; see `tests/crashes/sweep.py`."""

import pytest

from tests.crashes.sweep import SweepCrashes


@pytest.mark.integration
class TestSweep(SweepCrashes):
    """F08, F17, F28."""
