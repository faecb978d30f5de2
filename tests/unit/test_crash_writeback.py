"""In memory, with a second death; see `tests/crashes/writeback.py`."""

from tests.crashes.writeback import WritebackCrashes, WritebackDies


class TestWriteback(WritebackCrashes, WritebackDies):
    """F09-F12, F17."""
