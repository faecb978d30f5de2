"""In memory, with a second death; see `tests/crashes/send_touch.py`."""

from tests.crashes.send_touch import SendTouchCrashes, SendTouchDies


class TestSendTouch(SendTouchCrashes, SendTouchDies):
    """F17, F24, F31, R9-R11."""
