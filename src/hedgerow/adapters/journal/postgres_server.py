"""A PostgreSQL database: connections to it, its tables, and what its errors mean."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hedgerow.adapters.journal.migrations import (
    POSTGRES,
    VERSION,
    check_version,
    not_a_journal,
)
from hedgerow.errors import ConfigError
from hedgerow.ledger.journal import JournalBroken, JournalUnavailable

if TYPE_CHECKING:
    import asyncpg

PATIENCE: Final = 2.0  # seconds to wait for the server
LOCK_PATIENCE: Final = 1.5  # seconds to wait for another's lock
_TWO_DESKS: Final = 0x6865646765726F77  # the advisory lock under which tables are made


def shown(url: str) -> str:
    """Return a URL without its secrets; of one that cannot be read only how it begins.

    >>> shown("postgresql://desk:secret@db.example:5432/journal?sslmode=require&password=x")
    'postgresql://desk@db.example:5432/journal?sslmode=require'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # where a password with : or @ in it ends up
    except ValueError:
        return f"{url.partition(':')[0]}://…"
    user, at, host = parts.netloc.rpartition("@")
    query = [(name, value) for name, value in parse_qsl(parts.query) if name in _OPEN]
    netloc = f"{user.partition(':')[0]}{at}{host}"
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(query, safe="/"), ""))


_OPEN: Final = frozenset({"host", "port", "user", "dbname", "database", "sslmode"})


@contextmanager
def told(place: str) -> Iterator[None]:
    """Turn the server's errors into the journal's."""
    import asyncpg  # noqa: PLC0415 - an extra

    try:
        yield
    except (
        asyncpg.UniqueViolationError,
        asyncpg.RaiseError,
        asyncpg.DataCorruptedError,
        asyncpg.IndexCorruptedError,
    ) as error:
        raise JournalBroken(
            f"{place}: damaged, or written by another program ({error}); stop the desk and "
            "restore the database from a backup"
        ) from error
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise not_a_journal(place) from error
    except asyncpg.InvalidPasswordError as error:
        raise JournalUnavailable(
            f"{place}: the server refuses the user or the password; check both"
        ) from error
    except asyncpg.LockNotAvailableError as error:
        raise JournalUnavailable(
            f"{place}: another session holds a lock on it: end that session. Nothing was lost"
        ) from error
    except TimeoutError as error:
        raise JournalUnavailable(
            f"{place}: no answer for {PATIENCE:g} s; check the server and the way to it. Nothing "
            "was lost"
        ) from error
    except (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # of a connection that was cut in mid-word
        OSError,
    ) as error:
        raise JournalUnavailable(
            f"{place}: cannot be reached now ({_first(error)}); check the server, its disk and the "
            "way to it. Nothing was lost"
        ) from error


def _first(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


async def connect(url: str) -> "asyncpg.Connection[Any]":
    """Return a connection whose commits are on the server's disk before they return.

    Raises
    ------
    ConfigError
        If asyncpg is not installed, or the URL cannot be read.
    JournalUnavailable
        If the server cannot be reached or says no.
    """
    try:
        import asyncpg  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise ConfigError(
            "a journal in PostgreSQL needs asyncpg, which is not installed; install it with: "
            'pip install "hedgerow[postgres]"'
        ) from error
    place = shown(url)
    settings = {"lock_timeout": f"{LOCK_PATIENCE * 1000:.0f}", "application_name": "hedgerow"}
    try:
        with told(place):
            connection = await asyncpg.connect(
                url, timeout=PATIENCE, command_timeout=PATIENCE, server_settings=settings
            )
    except (ValueError, asyncpg.ClientConfigurationError):
        # The cause may quote the password, so it is not shown.
        raise ConfigError(
            f"{place}: is no URL of a database; write postgresql://USER@HOST:PORT/DATABASE, and "
            "%-escape what is special in a password"
        ) from None
    try:
        with told(place):
            if await connection.fetchval("SHOW synchronous_commit") == "off":
                await connection.execute("SET synchronous_commit = on")
    except BaseException:
        connection.terminate()
        raise
    return connection


async def version_of(connection: "asyncpg.Connection[Any]", place: str) -> int:
    """Return the version of a journal's tables; 0 where there are none."""
    rows = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'hedgerow'"
    )
    tables = {row["table_name"] for row in rows}
    if not tables:
        return 0
    if not {"version", "records", "lease"} <= tables:
        raise not_a_journal(place)
    return await connection.fetchval("SELECT max(number) FROM hedgerow.version") or 0


async def migrate(connection: "asyncpg.Connection[Any]", place: str) -> None:
    """Bring the tables forward to this program's version, all or nothing."""
    found = await version_of(connection, place)
    check_version(found, place)
    if found == VERSION:
        return
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _TWO_DESKS)
        found = await version_of(connection, place)  # another desk may have been quicker
        if found == 0:
            await connection.execute("CREATE SCHEMA IF NOT EXISTS hedgerow")
            await connection.execute(
                "CREATE TABLE hedgerow.version (number integer PRIMARY KEY, "
                "applied bigint NOT NULL)"
            )
        for number, statements in enumerate(POSTGRES[found:], start=found + 1):
            for statement in statements:
                await connection.execute(statement)
            await connection.execute(
                "INSERT INTO hedgerow.version VALUES ($1, $2)", number, time.time_ns()
            )
