"""On DynamoDB, played by moto; see `tests/crashes/send_touch.py`."""

import pytest

from tests.crashes.send_touch import SendTouchCrashes


@pytest.mark.integration
class TestSendTouch(SendTouchCrashes):
    """F17, F24, F31, R9-R11."""
