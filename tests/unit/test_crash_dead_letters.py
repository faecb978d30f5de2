"""In memory, with a second death; see `tests/crashes/dead_letters.py`."""

from tests.crashes.dead_letters import DeadLetterCrashes, DeadLetterDies


class TestDeadLetter(DeadLetterCrashes, DeadLetterDies):
    """F17, F19."""
