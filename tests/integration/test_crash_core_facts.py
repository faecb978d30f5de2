"""On DynamoDB, played by moto; see `tests/crashes/core_facts.py`."""

import pytest

from tests.crashes.core_facts import CoreFactsCrashes


@pytest.mark.integration
class TestCoreFacts(CoreFactsCrashes):
    """F03, F17."""
