"""The local cloud as the sandbox uses it: with the account's own credentials, not a function's."""

# pyright: reportMissingTypeStubs=false
# boto3 ships no types; Client below says all that is used of it.

import contextlib
import json
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

import httpx2
from boto3.dynamodb.types import TypeDeserializer
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.place import CannotStartError, Place

Item = dict[str, Any]
# The account's root, which the emulator knows by this name; it holds nothing outside it.
ROOT = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}  # pragma: allowlist secret
_OUTPUTS = ("ApiId", "ApiStage", "TableName", "EventBusName", "JourneyArn", "CoreSecretArn")


class Client(Protocol):
    """A boto3 client: every operation takes keywords and returns a dict."""

    def __getattr__(self, operation: str, /) -> Callable[..., dict[str, Any]]:
        """Return the operation of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Deployment:
    """What the deployed stack says about itself."""

    outputs: Mapping[str, str]

    @classmethod
    def of(cls, outputs: Mapping[str, str]) -> "Deployment":
        """Return the deployment; CannotStartError names the outputs that the stack lacks."""
        missing = [name for name in _OUTPUTS if not outputs.get(name)]
        if missing:
            raise CannotStartError(f"the stack has no output {', '.join(missing)}")
        return cls(outputs)

    @property
    def api_path(self) -> str:
        """Where the emulator serves the deployed API."""
        return f"/_aws/execute-api/{self.outputs['ApiId']}/{self.outputs['ApiStage']}"


class Cloud:
    """The emulator's services, each client made at its first use."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._session: Any = Session(region_name=place.region, **ROOT)
        self._clients: dict[str, Client] = {}
        self._making = threading.Lock()
        self._read: Callable[[Any], Any] = cast("Any", TypeDeserializer()).deserialize
        self._http = httpx2.Client(base_url=place.emulator_url, timeout=10)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def client(self, service: str) -> Client:
        """Return the client of a service."""
        with self._making:  # a session makes one client at a time
            if service not in self._clients:
                config = Config(retries={"total_max_attempts": 3, "mode": "standard"})
                self._clients[service] = self._session.client(
                    service, endpoint_url=self._place.emulator_url, config=config
                )
        return self._clients[service]

    def outputs(self, stack: str) -> dict[str, str]:
        """Return the outputs of a deployed stack."""
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}

    def put_event(self, bus: str, source: str, detail_type: str, detail: Item) -> str:
        """Put an event on the bus and return its id; raises when the bus refuses it."""
        entry = {"EventBusName": bus, "Source": source, "DetailType": detail_type}
        reply = self.client("events").put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
        if reply.get("FailedEntryCount"):
            raise RuntimeError(f"the bus refused the event: {reply['Entries']}")
        return str(reply["Entries"][0]["EventId"])

    def publish(self, topic: str, message: Item) -> None:
        """Publish a message to a topic."""
        self.client("sns").publish(TopicArn=topic, Message=json.dumps(message))

    def put_secret(self, arn: str, value: Item) -> None:
        """Replace the value of a secret."""
        self.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=json.dumps(value))

    def log(self, group: str, line: str, at: datetime) -> None:
        """Write one line to a log group."""
        logs, stream = self.client("logs"), f"sandbox-{secrets.token_hex(4)}"
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        event = {"timestamp": int(at.timestamp() * 1000), "message": line}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[event])

    def end_journeys(self, machine: str, rows: list[Item]) -> None:
        """Let every running execution end: by its case's task token where one waits, else stopped.

        An execution that ends by its token ends well, and nothing has to be told of a failure.
        """
        states = self.client("stepfunctions")
        for token in [row["token"] for row in rows if row.get("token")]:
            with contextlib.suppress(ClientError):
                states.send_task_success(taskToken=token, output='{"outcome": "withdrawn"}')
        running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")
        for execution in running["executions"]:
            with contextlib.suppress(ClientError):
                states.stop_execution(executionArn=execution["executionArn"])

    def emails(self) -> list[Item]:
        """Return every email the emulator accepted, oldest first."""
        found = self._inspect("/_ministack/ses/messages")["messages"]
        return [email for account in found.values() for email in account]

    def texts(self) -> list[Item]:
        """Return every SMS the emulator accepted, each with its number."""
        found = self._inspect("/_ministack/sns/sms-messages")["sms_messages"]
        return [{**text, "to": number} for number, texts in found.items() for text in texts]

    def rows(self, table: str, pk: str, prefix: str = "") -> list[Item]:
        """Return the items of one partition, strongly consistent, in the order of their keys."""
        names, values = {"#pk": "pk"}, {":pk": {"S": pk}}
        condition = "#pk = :pk"
        if prefix:
            condition += " AND begins_with(#sk, :sk)"
            names["#sk"], values[":sk"] = "sk", {"S": prefix}
        asked = {
            "TableName": table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }
        return [self._plain(item) for item in self._pages("query", asked)]

    def empty_table(self, table: str, keep: tuple[str, ...]) -> list[Item]:
        """Delete every item whose partition starts with none of `keep`; return what was deleted."""
        deleted: list[Item] = []
        for raw in self._pages("scan", {"TableName": table, "ConsistentRead": True}):
            item = self._plain(raw)
            if not item["pk"].startswith(keep):
                key = {"pk": raw["pk"], "sk": raw["sk"]}
                self.client("dynamodb").delete_item(TableName=table, Key=key)
                deleted.append(item)
        return deleted

    def _plain(self, raw: Mapping[str, Any]) -> Item:
        return {name: self._read(value) for name, value in raw.items()}

    def _pages(self, operation: str, asked: Item) -> Iterable[Item]:
        while True:
            reply = getattr(self.client("dynamodb"), operation)(**asked)
            yield from reply["Items"]
            if "LastEvaluatedKey" not in reply:
                return
            asked = {**asked, "ExclusiveStartKey": reply["LastEvaluatedKey"]}

    def _inspect(self, path: str) -> Item:
        reply = self._http.get(path)
        reply.raise_for_status()
        return reply.json()
