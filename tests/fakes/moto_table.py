"""The real table adapter on moto, over a table with the keys and indexes of the real template."""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session
from samtranslator.yaml_helper import yaml_parse

from closeloop.adapters.attributes import to_attributes
from closeloop.adapters.dynamodb import DynamoTable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from closeloop.application.ports import Item

_TEMPLATE = Path(__file__).parents[2] / "template.yaml"
_SHAPE = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
_BATCH = 25
_numbers = itertools.count(1)


@cache
def case_table() -> dict[str, Any]:
    """What the template says about the table's shape."""
    properties = yaml_parse(_TEMPLATE.read_text())["Resources"]["CaseTable"]["Properties"]
    return {name: properties[name] for name in _SHAPE}


@cache
def _session() -> Session:
    return Session()


def aws_client(service: str, attempts: int = 1, endpoint_url: str | None = None) -> Any:
    """A client that tries once, so that each fault is met where it happens."""
    return _session().create_client(
        service,
        region_name="eu-west-2",
        endpoint_url=endpoint_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )


class OneAtATime:
    """A client whose calls never overlap: moto lets them, where DynamoDB keeps each one whole."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __getattr__(self, operation: str) -> Any:
        found = getattr(self._client, operation)

        def call(**request: object) -> object:
            with self._lock:
                return found(**request)

        return call


@contextmanager
def moto_table(client: Any, items: Iterable[Item] = ()) -> Generator[DynamoTable]:
    """A new table that holds `items`, for the length of the block."""
    name = f"cases-{next(_numbers)}"
    client.create_table(TableName=name, **case_table())
    puts = [{"PutRequest": {"Item": to_attributes(item)}} for item in items]
    for at in range(0, len(puts), _BATCH):
        client.batch_write_item(RequestItems={name: puts[at : at + _BATCH]})
    try:
        yield DynamoTable(client, name)
    finally:
        client.delete_table(TableName=name)
