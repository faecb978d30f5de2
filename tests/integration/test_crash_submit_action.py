"""On DynamoDB, played by moto; see `tests/crashes/submit_action.py`."""

import pytest

from tests.crashes.submit_action import SubmitActionCrashes


@pytest.mark.integration
class TestSubmitAction(SubmitActionCrashes):
    """F07, F08, F17, F38."""
