"""In memory, with a second death; see `tests/crashes/one_time_code.py`."""

from tests.crashes.one_time_code import OneTimeCodeCrashes, OneTimeCodeDies


class TestOneTimeCode(OneTimeCodeCrashes, OneTimeCodeDies):
    """F07, F17, F31, R11."""
