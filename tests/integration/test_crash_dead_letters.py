"""On DynamoDB, played by moto; see `tests/crashes/dead_letters.py`."""

import pytest

from tests.crashes.dead_letters import DeadLetterCrashes


@pytest.mark.integration
class TestDeadLetter(DeadLetterCrashes):
    """F17, F19."""
