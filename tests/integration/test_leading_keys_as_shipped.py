"""Does MiniStack know `dynamodb:LeadingKeys`? As shipped it does not, with our patch it does."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.cloud import ROOT
from sandbox.emulator import Emulator
from sandbox.place import Place, free_port

SHIPPED = Path(__file__).with_name("ministack_as_shipped.py")
TABLE = "cases"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
RIGHT = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:BatchGetItem"],
            "Resource": "*",
            "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CASE#*"]}},
        },
        {
            "Effect": "Allow",
            "Action": "dynamodb:Query",
            "Resource": "*",
            "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["due#*"]}},
        },
    ],
}


def _key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "CASE"}}


def _limited(place: Place) -> Any:
    """A client of a table with the credentials of a role that may touch cases only."""
    place_of: dict[str, Any] = {"endpoint_url": place.emulator_url, "region_name": place.region}
    root = boto3.Session(**ROOT)
    names = ("pk", "sk", "due_kind")
    root.client("dynamodb", **place_of).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": [{"AttributeName": "due_kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    iam = root.client("iam", **place_of)
    role = iam.create_role(RoleName="limited", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName="limited", PolicyName="it", PolicyDocument=json.dumps(RIGHT))
    given = root.client("sts", **place_of).assume_role(
        RoleArn=role["Arn"], RoleSessionName="limited"
    )["Credentials"]
    return boto3.client(
        "dynamodb",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        **place_of,
    )


@pytest.fixture(scope="module", params=["as shipped", "patched"])
def emulator(request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    place = Place(port=free_port(), emulator_port=free_port(), day_s=86_400)
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "as shipped":
            patch.setattr("sandbox.emulator.CHILD", SHIPPED)
        try:
            with Emulator(place, {}):
                yield request.param, _limited(place)
        finally:
            shutil.rmtree(place.state, ignore_errors=True)


def _allowed(call: Callable[..., Any], **request: Any) -> bool:
    try:
        call(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return False
        raise
    return True


def _outcomes(client: Any, pk: str, kind: str) -> dict[str, bool]:
    put = {"Put": {"TableName": TABLE, "Item": _key(pk)}}
    ours = {"Put": {"TableName": TABLE, "Item": _key("CASE#1")}}
    query = {
        "TableName": TABLE,
        "IndexName": "due",
        "KeyConditionExpression": "#k = :k",
        "ExpressionAttributeNames": {"#k": "due_kind"},
        "ExpressionAttributeValues": {":k": {"S": kind}},
    }
    keys = {TABLE: {"Keys": [_key("CASE#1"), _key(pk)]}}
    return {
        "get": _allowed(client.get_item, TableName=TABLE, Key=_key(pk)),
        "put": _allowed(client.put_item, TableName=TABLE, Item=_key(pk)),
        "batch": _allowed(client.batch_get_item, RequestItems=keys),
        "transaction": _allowed(client.transact_write_items, TransactItems=[ours, put]),
        "index": _allowed(client.query, **query),
    }


def test_what_the_prefixes_cover_is_allowed(emulator: tuple[str, Any]):
    _, client = emulator
    assert all(_outcomes(client, "CASE#2", "due#1").values())


def test_what_they_do_not_cover_is_refused_by_the_patched_emulator_only(emulator: tuple[str, Any]):
    """The day this fails as shipped, delete sandbox/ministack_leading_keys.py."""
    how, client = emulator
    outcomes = _outcomes(client, "LINK#1", "start#1")
    assert set(outcomes.values()) == {how == "as shipped"}, outcomes
