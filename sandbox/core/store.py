"""The core's database: customers, obligations, what was written to them, and a journal of all."""

import json
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Record = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (id TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS obligation (
  customer_id TEXT NOT NULL, obligation_id TEXT NOT NULL, cycle TEXT NOT NULL,
  status TEXT NOT NULL, version INTEGER NOT NULL, amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (customer_id, obligation_id, cycle));
CREATE TABLE IF NOT EXISTS record (
  kind TEXT NOT NULL, request_id TEXT NOT NULL, asked TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (kind, request_id));
CREATE TABLE IF NOT EXISTS journal (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL,
  request_id TEXT NOT NULL, customer_id TEXT NOT NULL, obligation_id TEXT NOT NULL,
  cycle TEXT NOT NULL, effect TEXT NOT NULL);
"""
_TABLES = ("customer", "obligation", "record", "journal")
# What makes an obligation's row, apart from its data column.
_COLUMNS = (
    "customer_id",
    "obligation_id",
    "cycle",
    "status",
    "version",
    "amount_minor",
    "currency",
)


class Store:
    """SQLite behind one lock: the world is small and order is what matters."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Make everything in the block happen together or not at all."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def clear(self) -> None:
        """Forget everything, the journal too."""
        with self.transaction():
            for table in _TABLES:
                self._run(f"DELETE FROM {table}")  # noqa: S608 - our own constants
            self._run("DELETE FROM sqlite_sequence")

    def put_customer(self, customer_id: str, data: Record) -> None:
        """Create or replace a customer."""
        self._run("INSERT OR REPLACE INTO customer VALUES (?, ?)", customer_id, json.dumps(data))

    def customer(self, customer_id: str) -> Record | None:
        """Return a customer's data, None if unknown."""
        rows = self._run("SELECT data FROM customer WHERE id = ?", customer_id)
        return json.loads(rows[0]["data"]) if rows else None

    def customer_ids(self) -> list[str]:
        """Return every customer's id, oldest first."""
        return [row["id"] for row in self._run("SELECT id FROM customer ORDER BY rowid")]

    def put_obligation(self, obligation: Record) -> None:
        """Create or replace an obligation; what has no column of its own goes into its data."""
        data = {k: v for k, v in obligation.items() if k not in _COLUMNS}
        self._run(
            "INSERT OR REPLACE INTO obligation VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *(obligation[column] for column in _COLUMNS),
            json.dumps(data),
        )

    def obligation(self, customer_id: str, obligation_id: str, cycle: str) -> Record | None:
        """Return one obligation, None if unknown."""
        found = [
            o
            for o in self.obligations(customer_id)
            if (o["obligation_id"], o["cycle"]) == (obligation_id, cycle)
        ]
        return found[0] if found else None

    def obligations(self, customer_id: str) -> list[Record]:
        """Return a customer's obligations by id."""
        rows = self._run(
            "SELECT * FROM obligation WHERE customer_id = ? ORDER BY obligation_id, cycle",
            customer_id,
        )
        return [{**{c: row[c] for c in _COLUMNS}, **json.loads(row["data"])} for row in rows]

    def put_record(self, kind: str, request_id: str, asked: str, data: Record) -> None:
        """Store what one request wrote, and how it was asked for."""
        values = (kind, request_id, asked, json.dumps(data))
        self._run("INSERT INTO record VALUES (?, ?, ?, ?)", *values)

    def record(self, kind: str, request_id: str) -> tuple[str, Record] | None:
        """Return how a request asked and what it wrote, None if it never did."""
        rows = self._run(
            "SELECT asked, data FROM record WHERE kind = ? AND request_id = ?", kind, request_id
        )
        return (rows[0]["asked"], json.loads(rows[0]["data"])) if rows else None

    def append_journal(self, at: str, kind: str, request_id: str, record: Record) -> None:
        """Write one line of the journal; lines are numbered and never change."""
        who = (record["customer_id"], record["obligation_id"], record["cycle"])
        self._run(
            "INSERT INTO journal (at, kind, request_id, customer_id, obligation_id, cycle, effect)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(at, kind, request_id, *who, json.dumps(record)),
        )

    def journal(self) -> list[Record]:
        """Return every write ever applied, in order."""
        rows = self._run("SELECT * FROM journal ORDER BY seq")
        return [{**dict(row), "effect": json.loads(row["effect"])} for row in rows]

    def _run(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()
