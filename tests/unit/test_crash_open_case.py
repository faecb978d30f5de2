"""In memory, with a second death; see `tests/crashes/open_case.py`."""

from tests.crashes.open_case import OpenCaseCrashes, OpenCaseDies


class TestOpenCase(OpenCaseCrashes, OpenCaseDies):
    """F01, F02, F06, F17."""
