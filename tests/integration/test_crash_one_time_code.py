"""On DynamoDB, played by moto; see `tests/crashes/one_time_code.py`."""

import pytest

from tests.crashes.one_time_code import OneTimeCodeCrashes


@pytest.mark.integration
class TestOneTimeCode(OneTimeCodeCrashes):
    """F07, F17, F31, R11."""
