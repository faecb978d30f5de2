"""AWS in this process, for the modules that ask for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from tests.crashes.matrix import Place
from tests.fakes.moto_table import OneAtATime, aws_client, moto_table
from tests.fakes.table import FakeTable

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.fakes.scene import Scene


@pytest.fixture(scope="module")
def aws() -> Generator[None]:
    with mock_aws():
        yield


@pytest.fixture(scope="module")
def dynamodb(aws: None) -> Any:
    del aws
    return OneAtATime(aws_client("dynamodb"))


@pytest.fixture
def place(dynamodb: Any) -> Place:
    """In the crash matrices, death and redelivery happen on the real adapter.

    The scene's rows move to a new table and back again: the world runs on in memory.
    """

    @contextmanager
    def moved(scene: Scene) -> Generator[None]:
        with moto_table(dynamodb, scene.rows) as table:
            scene.firm = scene.firm.over(table)
            yield
            scene.firm = scene.firm.over(FakeTable.holding(scene.rows))

    return Place(moved, thrifty=True)
