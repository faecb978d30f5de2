"""Ask the cloud, with one role's credentials, for everything that some role may do.

Each request is one that changes nothing where it is allowed: a condition that cannot hold, a name
that is taken, a receipt that does not exist. Only a refusal for want of a right counts as refused.
Not asked: WhatsApp and traces, which the emulator lacks, and logs, which it names otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from sandbox.cloud import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.stage import Stage

Json = dict[str, Any]
Ask = tuple[str, str, Json]  # service, operation, request

PARTITIONS = (
    *("BUNDLE", "CASE", "DEADLETTER", "LINK", "NUMBER"),
    *("OBLIGATION", "PERSON", "SESSION", "SYSTEM", "TRIGGER"),
)
QUEUES = (
    *("TriggersQueue", "RejectsQueue", "WritebackQueue", "AsyncFailures"),
    *("TriggersDeadLetters", "WritebackDeadLetters", "RuleDeadLetters"),
)
DUE = ("overdue", "start", "submission")
FUNCTIONS = ("HandOffFunction", "SendTouchFunction", "SweepFunction", "WritebackFunction")
# A character that no message may hold: refused, but only after the right was asked for.
NOT_A_MESSAGE = "\x00"
_REFUSED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError"})


@dataclass(frozen=True)
class Prey:
    """A case whose journey waits: what there is to act on."""

    case_id: str
    token: str


def asks(stage: Stage, prey: Prey) -> dict[str, Ask]:
    """Every request by the words in which the tests write rights down."""
    return {
        **dict(_of_the_table(stage.outputs["TableName"])),
        **dict(_of_the_queues(stage)),
        **dict(_of_the_journey(stage, prey)),
        **dict(_of_the_rest(stage)),
    }


def allowed(client_of: Callable[[str], Any], ask: Ask) -> bool:
    """Whether the credentials behind these clients have the right to ask."""
    service, operation, request = ask
    try:
        getattr(client_of(service), operation)(**request)
    except ClientError as error:
        return error.response["Error"]["Code"] not in _REFUSED
    return True


def clients_of(stage: Stage, role: str) -> Callable[[str], Any]:
    """Clients with the credentials that a function of this role would get.

    Here the account itself may take on the role; on AWS its trust lets only the service do so.
    """
    place: Json = {
        "endpoint_url": stage.world.place.emulator_url,
        "region_name": stage.world.place.region,
    }
    name = stage.resources[role]
    arn = stage.client("iam").get_role(RoleName=name)["Role"]["Arn"]
    given = boto3.client("sts", **ROOT, **place).assume_role(RoleArn=arn, RoleSessionName="probe")
    keys = given["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    made: dict[str, Any] = {}
    return lambda service: made.setdefault(service, session.client(service, **place))


def _of_the_table(table: str) -> Iterator[tuple[str, Ask]]:
    never: Json = {"TableName": table, "ConditionExpression": "attribute_exists(pk)"}
    for words in PARTITIONS:
        key = {"pk": {"S": f"{words}#nobody"}, "sk": {"S": "nothing"}}
        query = {
            "TableName": table,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": key["pk"]},
        }
        keys = {table: {"Keys": [key]}}
        check = [{"ConditionCheck": {**never, "Key": key}}]
        yield f"get {words}", ("dynamodb", "get_item", {"TableName": table, "Key": key})
        yield f"batch {words}", ("dynamodb", "batch_get_item", {"RequestItems": keys})
        yield f"query {words}", ("dynamodb", "query", query)
        yield f"put {words}", ("dynamodb", "put_item", {**never, "Item": key})
        yield f"update {words}", ("dynamodb", "update_item", {**never, "Key": key})
        yield f"delete {words}", ("dynamodb", "delete_item", {**never, "Key": key})
        yield f"check {words}", ("dynamodb", "transact_write_items", {"TransactItems": check})
    for index, name, words in [*(("due", "due_kind", f"{kind}#0") for kind in DUE), _WORK]:
        request = {
            "TableName": table,
            "IndexName": index,
            "KeyConditionExpression": "#name = :value",
            "ExpressionAttributeNames": {"#name": name},
            "ExpressionAttributeValues": {":value": {"S": words}},
        }
        yield f"look for {words.partition('#')[0]}", ("dynamodb", "query", request)
    yield "scan", ("dynamodb", "scan", {"TableName": table, "Limit": 1})
    yield "drop the table", ("dynamodb", "delete_table", {"TableName": f"{table}-not"})


_WORK = ("work", "owner", "platform")


def _of_the_queues(stage: Stage) -> Iterator[tuple[str, Ask]]:
    for queue in QUEUES:
        url = {"QueueUrl": stage.resources[queue]}
        send = {**url, "MessageBody": NOT_A_MESSAGE}
        yield f"send to {queue}", ("sqs", "send_message", send)
        yield f"take from {queue}", ("sqs", "receive_message", {**url, "VisibilityTimeout": 0})
        yield f"let {queue} forget", ("sqs", "delete_message", {**url, "ReceiptHandle": "none"})


def _of_the_journey(stage: Stage, prey: Prey) -> Iterator[tuple[str, Ask]]:
    execution = stage.journey_of(prey.case_id)
    arn = {"executionArn": execution["executionArn"]}
    again = {"stateMachineArn": stage.outputs["JourneyArn"], "name": execution["name"]}
    done = {"taskToken": prey.token, "output": '{"outcome": "withdrawn"}'}
    yield "start a journey", ("stepfunctions", "start_execution", {**again, "input": "{}"})
    yield "read a journey", ("stepfunctions", "get_execution_history", arn)
    yield "complete a token", ("stepfunctions", "send_task_success", done)
    yield "fail a token", ("stepfunctions", "send_task_failure", {"taskToken": prey.token})
    yield "stop a journey", ("stepfunctions", "stop_execution", arn)


def _of_the_rest(stage: Stage) -> Iterator[tuple[str, Ask]]:
    for secret in ("LinkKeysSecret", "CoreSecret"):
        name = {"SecretId": stage.resources[secret]}
        yield f"read {secret}", ("secretsmanager", "get_secret_value", name)
        change = {**name, "SecretString": "{}"}
        yield f"change {secret}", ("secretsmanager", "put_secret_value", change)
    for function in FUNCTIONS:
        call = {"FunctionName": stage.resources[function], "InvocationType": "DryRun"}
        yield f"invoke {function}", ("lambda", "invoke", call)
    text = {"Message": "probe", "PhoneNumber": "+447700900999"}
    topic = {"Message": "probe", "TopicArn": stage.resources["AlarmTopic"]}
    yield "send an SMS", ("sns", "publish", text)
    yield "publish to a topic", ("sns", "publish", topic)
    for words, sender in (("the firm", "billing@example.com"), ("another", "ceo@example.com")):
        mail = {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": ["probe@customers.example"]},
            "Content": {"Simple": {"Subject": {"Data": "p"}, "Body": {"Text": {"Data": "p"}}}},
        }
        yield f"send an email as {words}", ("sesv2", "send_email", mail)
    entry = {"EventBusName": stage.outputs["EventBusName"], "Source": "core.billing"}
    entry |= {"DetailType": "Nothing", "Detail": "{}"}
    yield "speak on the bus", ("events", "put_events", {"Entries": [entry]})
    yield "read roles", ("iam", "list_roles", {})
    yield "take on a role", ("sts", "assume_role", _another_role(stage))


def _another_role(stage: Stage) -> Json:
    arn = stage.client("iam").get_role(RoleName=stage.resources["WritebackRole"])["Role"]["Arn"]
    return {"RoleArn": arn, "RoleSessionName": "probe"}
