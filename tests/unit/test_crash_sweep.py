"""In memory, with a second death; see `tests/crashes/sweep.py`."""

from tests.crashes.sweep import SweepCrashes, SweepDies


class TestSweep(SweepCrashes, SweepDies):
    """F08, F17, F28."""
