"""In memory, with a second death; see `tests/crashes/core_facts.py`."""

from tests.crashes.core_facts import CoreFactsCrashes, CoreFactsDie


class TestCoreFacts(CoreFactsCrashes, CoreFactsDie):
    """F03, F17."""
