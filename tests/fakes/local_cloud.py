"""The local cloud in memory: rows, a bus and what channels accepted, for tests of the sandbox."""

from datetime import datetime

from sandbox.cloud import Cloud, Item

OUTPUTS = {
    "ApiId": "api1",
    "ApiStage": "live",
    "TableName": "cases",
    "EventBusName": "closeloop",
    "JourneyArn": "arn:aws:states:eu-west-2:000000000000:stateMachine:journey",
    "CoreSecretArn": "arn:aws:secretsmanager:eu-west-2:000000000000:secret:core",
}


class FakeCloud(Cloud):
    """Answers as the emulator would, from lists that a test fills and reads."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.events: list[tuple[str, str, str, Item]] = []
        self.published: list[tuple[str, Item]] = []
        self.logged: list[tuple[str, str, datetime]] = []
        self.sent_emails: list[Item] = []
        self.sent_texts: list[Item] = []
        self.ended: list[str] = []

    def close(self) -> None:
        pass

    def put_event(self, bus: str, source: str, detail_type: str, detail: Item) -> str:
        self.events.append((bus, source, detail_type, detail))
        return f"event-{len(self.events)}"

    def publish(self, topic: str, message: Item) -> None:
        self.published.append((topic, message))

    def log(self, group: str, line: str, at: datetime) -> None:
        self.logged.append((group, line, at))

    def emails(self) -> list[Item]:
        return list(self.sent_emails)

    def texts(self) -> list[Item]:
        return list(self.sent_texts)

    def rows(self, table: str, pk: str, prefix: str = "") -> list[Item]:
        assert table == OUTPUTS["TableName"]
        found = [i for i in self.items if i["pk"] == pk and i["sk"].startswith(prefix)]
        return sorted(found, key=lambda item: item["sk"])

    def empty_table(self, table: str, keep: tuple[str, ...]) -> list[Item]:
        assert table == OUTPUTS["TableName"]
        gone = [item for item in self.items if not item["pk"].startswith(keep)]
        self.items = [item for item in self.items if item["pk"].startswith(keep)]
        return gone

    def end_journeys(self, machine: str, rows: list[Item]) -> None:
        assert machine == OUTPUTS["JourneyArn"]
        self.ended += [row["token"] for row in rows if "token" in row]
