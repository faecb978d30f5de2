"""In memory, with a second death; see `tests/crashes/hand_off.py`."""

from tests.crashes.hand_off import HandOffCrashes, HandOffDies


class TestHandOff(HandOffCrashes, HandOffDies):
    """F17, F24, F25, F28."""
