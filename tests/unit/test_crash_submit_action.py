"""In memory, with a second death; see `tests/crashes/submit_action.py`."""

from tests.crashes.submit_action import SubmitActionCrashes, SubmitActionDies


class TestSubmitAction(SubmitActionCrashes, SubmitActionDies):
    """F07, F08, F17, F38."""
