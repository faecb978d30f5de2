"""On DynamoDB, played by moto; see `tests/crashes/hand_off.py`."""

import pytest

from tests.crashes.hand_off import HandOffCrashes


@pytest.mark.integration
class TestHandOff(HandOffCrashes):
    """F17, F24, F25, F28."""
