"""A SQLite file: connections to it, its tables, and what its errors mean."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hedgerow.adapters.journal.migrations import SQLITE, VERSION, check_version, not_a_journal
from hedgerow.errors import ConfigError
from hedgerow.ledger.journal import JournalBroken, JournalError, JournalUnavailable

PATIENCE: Final = 0.5  # seconds to wait for another's lock
_MENDS: Final = {
    "SQLITE_BUSY": "another program holds a lock on it: end that program",
    "SQLITE_LOCKED": "another program holds a lock on it: end that program",
    "SQLITE_FULL": "the disk is full: free some space",
    "SQLITE_READONLY": "it may not be written: check its permissions",
    "SQLITE_CANTOPEN": "check that its folder exists and may be written",
    "SQLITE_IOERR": "check the disk it lies on",
}


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn SQLite's errors into the journal's."""
    try:
        yield
    except sqlite3.Error as error:
        raise meaning(error, place) from error


def meaning(error: sqlite3.Error, place: str) -> JournalError:
    """Return an error of SQLite as one of the journal."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_NOTADB"):
        return not_a_journal(place)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_CONSTRAINT")):
        return JournalBroken(
            f"{place}: damaged, or written by another program ({error}); stop the desk and "
            "restore the file from a backup"
        )
    if name.startswith("SQLITE_SCHEMA") or "no such table" in str(error):
        return not_a_journal(place)
    mend = next((mend for start, mend in _MENDS.items() if name.startswith(start)), str(error))
    return JournalUnavailable(f"{place}: cannot be reached now ({error}); {mend}. Nothing was lost")


def is_locked(error: JournalError) -> bool:
    """Return whether another program's lock is all that is wrong."""
    name = getattr(error.__cause__, "sqlite_errorname", "")
    return name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """Return a connection that writes, each commit on the disk before it returns; make the file.

    Raises
    ------
    ConfigError
        If `path` is a folder, or lies in none.
    JournalUnavailable
        If the file cannot be made, or its disk has no write-ahead log.
    """
    _create(path)
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        _make_durable(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_durable(connection: sqlite3.Connection, path: Path) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise JournalUnavailable(
            f"{path}: its disk has no write-ahead log (SQLite answers {mode!r}); lay the journal "
            "on a local disk"
        )
    connection.execute("PRAGMA synchronous = FULL")


def connect_to_read(path: Path, patience: float) -> sqlite3.Connection:
    """Return a connection that only reads, and makes no file."""
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name the journal's file")
    if not path.exists():
        raise ConfigError(f"{path}: does not exist; check the path")
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=patience, isolation_level=None
    )


def _create(path: Path) -> None:
    """Make a file that only its owner reads: a journal tells what a book holds."""
    if path.is_dir():
        raise ConfigError(f"{path}: is a folder; name a file for the journal")
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}; make it first")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise JournalUnavailable(
            f"{path}: cannot be written ({error.strerror or error}); check its permissions and "
            "the space on its disk"
        ) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # the first error tells more
                connection.execute("ROLLBACK")
        raise


def version_of(connection: sqlite3.Connection, place: str) -> int:
    """Return the version of a journal's tables; 0 where the file is empty."""
    tables = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if not tables:
        return 0
    if not {"version", "records", "lease"} <= tables:
        raise not_a_journal(place)
    (found,) = connection.execute("SELECT max(number) FROM version").fetchone()
    return int(found or 0)


def migrate(connection: sqlite3.Connection, place: str) -> None:
    """Bring the tables forward to this program's version, all or nothing."""
    found = version_of(connection, place)
    check_version(found, place)
    if found == VERSION:
        return
    with transaction(connection):
        found = version_of(connection, place)  # another desk may have been quicker
        if found == 0:
            connection.execute(
                "CREATE TABLE version (number INTEGER PRIMARY KEY, applied INTEGER NOT NULL) STRICT"
            )
        for number, statements in enumerate(SQLITE[found:], start=found + 1):
            for statement in statements:
                connection.execute(statement)
            connection.execute("INSERT INTO version VALUES (?, ?)", (number, time.time_ns()))
