"""On DynamoDB, played by moto; see `tests/crashes/open_case.py`."""

import pytest

from tests.crashes.open_case import OpenCaseCrashes


@pytest.mark.integration
class TestOpenCase(OpenCaseCrashes):
    """F01, F02, F06, F17."""
