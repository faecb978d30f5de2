"""AWS in this process, for the modules that ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from tests.fakes.moto_table import OneAtATime, aws_client

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture(scope="module")
def dynamodb(aws: None) -> Any:
    del aws
    return OneAtATime(aws_client("dynamodb"))
