"""What is kept outlives the program: tables that refuse changes, and migrate, or say no."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import asyncpg
import pytest
from journal_places import InFile, OnServer, note, told

from hedgerow.adapters.journal import migrations
from hedgerow.ledger.journal import (
    JournalBroken,
    JournalError,
    JournalLeased,
    JournalTooNew,
    Record,
    verified,
)

FORBIDDEN = [
    "UPDATE {records} SET body = '{{}}' WHERE number = 1",
    "UPDATE {records} SET number = 9 WHERE number = 3",
    "DELETE FROM {records} WHERE number = 3",
    "DELETE FROM {records}",
    "INSERT INTO {records} VALUES (5, 0, 'note', '', '{{}}', '', '')",
    "INSERT INTO {records} VALUES (2, 0, 'note', '', '{{}}', '', '')",
    "INSERT INTO {records} VALUES (4, 0, 'note', 'k1', '{{}}', '', '')",
]
ONLY_IN_SQLITE = [
    "INSERT OR REPLACE INTO {records} VALUES (2, 0, 'note', '', '{{}}', '', '')",
    "INSERT OR REPLACE INTO {records} VALUES (4, 0, 'note', 'k1', '{{}}', '', '')",
    "REPLACE INTO {records} VALUES (3, 0, 'note', '', '{{}}', '', '')",
]
ONLY_IN_POSTGRES = [
    "TRUNCATE {records}",
    "INSERT INTO {records} SELECT * FROM {records} ON CONFLICT (number) DO UPDATE SET body = ''",
]


def write(place: InFile | OnServer, count: int = 3) -> list[Record]:
    """Let a desk write facts and go."""

    async def live() -> list[Record]:
        journal = place.journal()
        held = list(await journal.open("desk"))
        first = len(held) + 1
        drafts = [note(number, key=f"k{number}") for number in range(first, first + count)]
        held.extend(await journal.append(drafts))
        await journal.close()
        return held

    return asyncio.run(live())


def read(place: InFile | OnServer) -> list[Record]:
    async def live() -> list[Record]:
        return list(verified([record async for record in place.journal().read()]))

    return asyncio.run(live())


@contextmanager
def an_older_program(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be the program that knew version 1 only."""
    with monkeypatch.context() as patch:
        for module in ("sqlite_file", "postgres_server"):
            patch.setattr(f"hedgerow.adapters.journal.{module}.VERSION", 1)
        patch.setattr("hedgerow.adapters.journal.migrations.VERSION", 1)
        for dialect, module in (("SQLITE", "sqlite_file"), ("POSTGRES", "postgres_server")):
            first = getattr(migrations, dialect)[:1]
            patch.setattr(f"hedgerow.adapters.journal.{module}.{dialect}", first)
        yield


def test_both_dialects_have_the_same_versions() -> None:
    assert len(migrations.SQLITE) == len(migrations.POSTGRES) == migrations.VERSION


@pytest.mark.parametrize("statement", FORBIDDEN + ONLY_IN_SQLITE)
def test_a_file_refuses_what_would_change_the_past(in_file: InFile, statement: str) -> None:
    written = write(in_file)
    with pytest.raises(sqlite3.IntegrityError):
        in_file.run(statement.format(records="records"))
    assert read(in_file) == written


@pytest.mark.parametrize("statement", FORBIDDEN + ONLY_IN_POSTGRES)
def test_a_server_refuses_what_would_change_the_past(on_server: OnServer, statement: str) -> None:
    written = write(on_server)
    with pytest.raises((asyncpg.RaiseError, asyncpg.UniqueViolationError)):
        on_server.run(statement.format(records="hedgerow.records"))
    assert read(on_server) == written


def test_an_older_journal_is_brought_forward_with_all_its_records(
    kept: InFile | OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with an_older_program(monkeypatch):
        old = write(kept)
    schema = "" if isinstance(kept, InFile) else "hedgerow."
    assert kept.run(f"SELECT number FROM {schema}version") == [(1,)]  # noqa: S608
    assert read(kept) == old
    assert write(kept)[:3] == old
    assert kept.run(f"SELECT number FROM {schema}version ORDER BY number") == [(1,), (2,)]  # noqa: S608
    with pytest.raises((sqlite3.IntegrityError, asyncpg.RaiseError)):
        kept.run(f"DELETE FROM {schema}records")  # noqa: S608


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(
    kept: InFile | OnServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write(kept)
    schema = "" if isinstance(kept, InFile) else "hedgerow."
    before = kept.run(f"SELECT * FROM {schema}lease")  # noqa: S608

    async def live() -> None:
        with pytest.raises(JournalTooNew, match="version 2, this program knows 1"):
            await kept.journal().open("desk")
        with pytest.raises(JournalTooNew, match="install the newer hedgerow"):
            _ = [record async for record in kept.journal().read()]

    with an_older_program(monkeypatch):
        asyncio.run(live())
    assert kept.run(f"SELECT * FROM {schema}lease") == before  # noqa: S608
    assert read(kept) == written


@pytest.mark.parametrize("found", [0, 1])
def test_a_migration_that_fails_half_way_changes_nothing(
    kept: InFile | OnServer, monkeypatch: pytest.MonkeyPatch, found: int
) -> None:
    if found == 1:
        with an_older_program(monkeypatch):
            write(kept)
    with monkeypatch.context() as patch:
        for dialect, module in (("SQLITE", "sqlite_file"), ("POSTGRES", "postgres_server")):
            steps = list(getattr(migrations, dialect))
            steps[1] = (*steps[1], "INSERT INTO no_such_table VALUES (1)")
            patch.setattr(f"hedgerow.adapters.journal.{module}.{dialect}", tuple(steps))
        with pytest.raises(JournalError):
            write(kept)
    assert len(write(kept, 1)) == (4 if found else 1)


def test_two_desks_that_come_to_a_new_server_at_once(on_server: OnServer) -> None:
    async def live() -> None:
        first, second = on_server.journal(), on_server.journal()
        outcomes = await asyncio.gather(
            first.open("first"), second.open("second"), return_exceptions=True
        )
        assert [type(outcome) for outcome in outcomes if outcome] == [JournalLeased]
        await first.close()
        await second.close()

    asyncio.run(live())


def test_a_database_of_another_program_is_not_touched(in_file: InFile) -> None:
    in_file.run("CREATE TABLE customers (name TEXT)")
    before = in_file.path.read_bytes()
    with pytest.raises(JournalError, match="is not a journal of hedgerow"):
        write(in_file)
    with pytest.raises(JournalError, match="is not a journal of hedgerow"):
        read(in_file)
    with closing(sqlite3.connect(in_file.path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == [("customers",)]
    assert len(before) == in_file.path.stat().st_size


def test_a_schema_of_another_program_is_not_touched(on_server: OnServer) -> None:
    on_server.run("CREATE SCHEMA hedgerow", "CREATE TABLE hedgerow.farms (name text)")
    for use in (write, read):
        with pytest.raises(JournalError, match="is not a journal of hedgerow"):
            use(on_server)


def test_a_record_written_past_the_lease_is_noticed(kept: InFile | OnServer) -> None:
    schema = "" if isinstance(kept, InFile) else "hedgerow."

    async def live() -> None:
        journal = kept.journal()
        await journal.open("desk")
        await journal.append([note(1)])
        statement = f"INSERT INTO {schema}records VALUES (2, 0, 'note', '', '{{}}', '', '')"  # noqa: S608
        if isinstance(kept, InFile):
            kept.run(statement)
        else:
            await told(kept.url, statement)
        with pytest.raises(JournalBroken, match="written by another program"):
            await journal.append([note(2)])
        await journal.close()

    asyncio.run(live())
    with pytest.raises(JournalBroken, match="record 2"):
        read(kept)


def test_a_body_that_is_no_json_is_named(kept: InFile | OnServer) -> None:
    write(kept)
    kept.change(2, "body", "{not json")
    with pytest.raises(JournalBroken, match=r"body of record 2 .*restore"):
        read(kept)
