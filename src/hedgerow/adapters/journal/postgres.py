"""A journal in a PostgreSQL database: the same tables and rules as in a file."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hedgerow.adapters.journal.lease import Lease, lost
from hedgerow.adapters.journal.migrations import check_version, not_a_journal
from hedgerow.adapters.journal.postgres_server import (
    connect,
    migrate,
    shown,
    told,
    version_of,
)
from hedgerow.adapters.journal.process import Process, this_process
from hedgerow.adapters.journal.rows import Row, record_of, row_of
from hedgerow.adapters.journal.sealing import (
    Clean,
    Name,
    Sealed,
    Tail,
    cleaned,
    end_of,
    names_of,
    sealed,
)
from hedgerow.ledger.journal import Draft, JournalError, Record, verified

if TYPE_CHECKING:
    import asyncpg

PAGE: Final = 10_000  # rows read at once
_COLUMNS: Final = "number, time, kind, key, body, before, digest"
_ROWS: Final = (
    f"SELECT {_COLUMNS} FROM hedgerow.records WHERE number > $1 ORDER BY number LIMIT {PAGE}"  # noqa: S608 - our own words
)
_TAIL: Final = "SELECT number, digest FROM hedgerow.records ORDER BY number DESC LIMIT 1"
_LEASE: Final = "SELECT fence, holder, host, pid, machine, born, since, renewed FROM hedgerow.lease"
_LOCK: Final = f"{_LEASE} FOR UPDATE"
_TAKE: Final = (
    "UPDATE hedgerow.lease SET fence = $1, holder = $2, host = $3, pid = $4, machine = $5, "
    "born = $6, since = $7, renewed = $8"
)
_RENEW: Final = "UPDATE hedgerow.lease SET renewed = $2 WHERE fence = $1 AND holder <> ''"
_LEAVE: Final = "UPDATE hedgerow.lease SET holder = '' WHERE fence = $1"
_KNOWN: Final = (
    "SELECT kind, key FROM hedgerow.records "
    "JOIN unnest($1::text[], $2::text[]) AS asked (kind, key) USING (kind, key) "
    "WHERE key <> ''"
)
# One round trip: the lock on the lease and the rows stand or fall together.
_INSERT: Final = f"""
    WITH held AS (SELECT 1 FROM hedgerow.lease WHERE fence = $1 AND holder <> '' FOR UPDATE)
    INSERT INTO hedgerow.records ({_COLUMNS})
    SELECT {_COLUMNS} FROM held, unnest(
        $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]
    ) AS given ({_COLUMNS}) ORDER BY number
"""  # noqa: S608 - our own words


class _Doubt(NamedTuple):
    """A write of which nobody knows whether it was stored."""

    drafts: list[Clean]
    found: list[Sealed]


_NO_DOUBT: Final = _Doubt([], [])


class PostgresJournal:
    """A journal in the schema `hedgerow` of a database.

    A lost connection is made anew at the next call. Whether a write that the connection died under
    was stored is then looked up, so that no fact is recorded twice.
    """

    def __init__(self, url: str, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._url = url
        self._place = shown(url)
        self._clock = clock
        self._connection: asyncpg.Connection[Any] | None = None
        self._lease: Lease | None = None
        self._tail: Tail | None = None
        self._in_doubt = _NO_DOUBT
        self._turn = asyncio.Lock()

    def __repr__(self) -> str:
        return f"PostgresJournal({self._place!r})"

    async def open(self, holder: str) -> Sequence[Record]:
        """Take the lease and return all records, their chain verified."""
        if self._lease is not None:
            raise JournalError(f"{self._place}: is open already")
        async with self._turn:
            try:
                self._connection = await connect(self._url)
                with told(self._place):
                    await migrate(self._connection, self._place)
                    await self._take(self._connection, holder)
                    return tuple(verified([record async for record in self.read()]))
            except BaseException:
                await self._leave()
                raise

    async def append(self, drafts: Sequence[Draft]) -> Sequence[Record]:
        """Seal and store drafts, all or none, durable when it returns."""
        if not drafts:
            return []
        clean = cleaned(drafts)
        async with self._turn:
            async with self._connected() as connection:
                before, rest = await self._settled(connection, clean)
                tail = self._tail or await _tail(connection)
                names = names_of(rest)
                known = await _known(connection, names) if names else []
                found = sealed(rest, tail, known)
                self._tail, self._in_doubt = None, _Doubt(rest, found)
                await self._insert(connection, found)
            self._tail, self._in_doubt = end_of(found, tail), _NO_DOUBT
            return [*before, *(record for record, _ in found)]

    async def renew(self) -> None:
        """Keep the lease."""
        async with self._turn, self._connected() as connection:
            await self._renew(connection, self._clock())

    async def read(self, after: int = 0) -> AsyncIterator[Record]:
        """Yield stored records from number `after` + 1 on, without the lease."""
        page = await self._page(after)
        while page:
            for row in page:
                yield record_of(row, self._place)
            after = page[-1][0]
            page = await self._page(after) if len(page) == PAGE else []

    async def holder(self) -> str:
        """Return in words who holds the lease."""
        async with self._reading() as connection:
            return _lease_of(await connection.fetchrow(_LEASE)).described(self._clock())

    async def close(self) -> None:
        """Give the lease back."""
        async with self._turn:
            await self._leave()

    async def _leave(self) -> None:
        connection, mine = self._connection, self._lease
        self._connection = self._lease = self._tail = None
        self._in_doubt = _NO_DOUBT
        if connection is None:
            return
        try:
            with suppress(JournalError), told(self._place):
                if mine is not None:
                    await connection.execute(_LEAVE, mine.fence)
                await connection.close(timeout=1.0)
        finally:
            connection.terminate()

    async def _take(self, connection: "asyncpg.Connection[Any]", holder: str) -> None:
        async with connection.transaction():
            found = _lease_of(await connection.fetchrow(_LOCK))
            mine = found.taken(holder, this_process(), self._clock(), self._place)
            who = mine.process
            await connection.execute(
                _TAKE,
                *(mine.fence, mine.holder, who.host, who.pid, who.machine, who.born),
                *(mine.since, mine.renewed),
            )
        self._lease = mine

    async def _settled(
        self, connection: "asyncpg.Connection[Any]", drafts: list[Clean]
    ) -> tuple[list[Record], list[Clean]]:
        """Return what of a write in doubt was stored after all, and the drafts left to write."""
        asked, found = self._in_doubt
        if not found:
            return [], drafts
        await self._fence_off(connection)
        self._in_doubt = _NO_DOUBT
        stored = await _tail(connection) == end_of(found, Tail())
        if not stored or drafts[: len(asked)] != asked:
            return [], drafts
        return [record for record, _ in found], drafts[len(asked) :]

    async def _fence_off(self, connection: "asyncpg.Connection[Any]") -> None:
        """Wait for what is still under way on a lost connection, and let nothing of it follow."""
        mine = self._held()
        async with connection.transaction():
            found = _lease_of(await connection.fetchrow(_LOCK))
            if not found.is_hold_of(mine):
                raise lost(mine, found, self._place)
            await connection.execute("UPDATE hedgerow.lease SET fence = fence + 1")
        self._lease = replace(mine, fence=found.fence + 1)

    async def _insert(self, connection: "asyncpg.Connection[Any]", found: list[Sealed]) -> None:
        if not found:
            return
        mine = self._held()
        columns = [list(column) for column in zip(*map(row_of, found), strict=True)]
        status = await connection.execute(_INSERT, mine.fence, *columns)
        if int(status.split()[-1]) != len(found):
            self._in_doubt = _NO_DOUBT
            raise lost(mine, _lease_of(await connection.fetchrow(_LEASE)), self._place)
        now = self._clock()
        if mine.needs_renewal(now):
            await self._renew(connection, now)

    async def _renew(self, connection: "asyncpg.Connection[Any]", now: int) -> None:
        mine = self._held()
        if (await connection.execute(_RENEW, mine.fence, now)).split()[-1] != "1":
            raise lost(mine, _lease_of(await connection.fetchrow(_LEASE)), self._place)
        self._lease = mine.renewed_at(now)

    def _held(self) -> Lease:
        if self._lease is None:
            raise JournalError(f"{self._place}: not opened; open it before anything is written")
        return self._lease

    @asynccontextmanager
    async def _connected(self) -> "AsyncIterator[asyncpg.Connection[Any]]":
        """Give the desk's connection; one that failed is not used again."""
        self._held()
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url)
        try:
            with told(self._place):
                yield self._connection
        except BaseException:
            self._connection.terminate()
            self._connection = None
            raise

    async def _page(self, after: int) -> list[Row]:
        async with self._reading() as connection:
            return [tuple(row) for row in await connection.fetch(_ROWS, after)]

    @asynccontextmanager
    async def _reading(self) -> "AsyncIterator[asyncpg.Connection[Any]]":
        """Give a connection of its own, so that no reader holds up the desk."""
        connection = await connect(self._url)
        try:
            with told(self._place):
                found = await version_of(connection, self._place)
                if found == 0:
                    raise not_a_journal(self._place)
                check_version(found, self._place)
                yield connection
                await connection.close(timeout=1.0)
        finally:
            connection.terminate()


async def _tail(connection: "asyncpg.Connection[Any]") -> Tail:
    row = await connection.fetchrow(_TAIL)
    return Tail(*row) if row else Tail()


async def _known(connection: "asyncpg.Connection[Any]", names: list[Name]) -> list[Name]:
    kinds, keys = ([name[part] for name in names] for part in (0, 1))
    return [(row["kind"], row["key"]) for row in await connection.fetch(_KNOWN, kinds, keys)]


def _lease_of(row: "asyncpg.Record") -> Lease:
    return Lease(
        fence=row["fence"],
        holder=row["holder"],
        process=Process(host=row["host"], pid=row["pid"], machine=row["machine"], born=row["born"]),
        since=row["since"],
        renewed=row["renewed"],
    )
