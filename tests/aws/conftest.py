"""A real stack in a real account: collected only by `-m aws`, so that no other run touches one."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from closeloop.adapters.attributes import from_attributes

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """A deployed stack, and somebody in its core system who agreed to be tested on.

    Each field is an environment variable of its name. The obligation must stand in the core, and
    whoever reads the customer's messages must know that one will come.
    """

    stack_name: str
    test_customer_id: str
    test_obligation_id: str
    test_cycle: str
    test_amount_minor: str
    test_currency: str
    test_country: str

    @classmethod
    def of_environment(cls) -> Stack:
        """Read the variables; a usage error names those that are missing."""
        names = [each.name for each in fields(cls)]
        missing = [name.upper() for name in names if not os.environ.get(name.upper())]
        if missing:
            raise pytest.UsageError(f"-m aws needs {', '.join(missing)} in the environment")
        return cls(**{name: os.environ[name.upper()] for name in names})

    @property
    def about(self) -> Json:
        """The fields by which events name the obligation."""
        return {
            "customer_id": self.test_customer_id,
            "obligation_id": self.test_obligation_id,
            "cycle": self.test_cycle,
        }

    def client(self, service: str) -> Any:
        """A client with the caller's own credentials and region."""
        return boto3.client(service)

    def output(self, name: str) -> str:
        """An output of the stack."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self.stack_name)[
            "Stacks"
        ]
        return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}[name]

    def rows(self, pk: str, prefix: str = "") -> list[Json]:
        """The items of one partition of the case table, as plain values."""
        asked: Json = {
            "TableName": self.output("TableName"),
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": {":pk": {"S": pk}, ":sk": {"S": prefix}},
            "ConsistentRead": True,
        }
        if not prefix:
            asked["KeyConditionExpression"] = "pk = :pk"
            del asked["ExpressionAttributeValues"][":sk"]
        return [from_attributes(item) for item in self.client("dynamodb").query(**asked)["Items"]]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Look at no test here unless they were asked for by their mark."""
    del collection_path
    return None if "aws" in (config.getoption("markexpr") or "") else True


@pytest.fixture(scope="session")
def stack() -> Stack:
    return Stack.of_environment()
