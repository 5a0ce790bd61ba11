"""A journal in a SQLite file: write-ahead log, each commit flushed, one row a record."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from hedgerow.adapters.journal.lease import Lease, lost
from hedgerow.adapters.journal.migrations import check_version, not_a_journal
from hedgerow.adapters.journal.process import Process, this_process
from hedgerow.adapters.journal.rows import Row, record_of, row_of
from hedgerow.adapters.journal.sealing import Clean, Name, Tail, cleaned, end_of, names_of, sealed
from hedgerow.adapters.journal.sqlite_file import (
    PATIENCE,
    connect,
    connect_to_read,
    is_locked,
    migrate,
    told,
    transaction,
    version_of,
)
from hedgerow.ledger.journal import (
    Draft,
    JournalError,
    JournalUnavailable,
    Record,
    verified,
)

T = TypeVar("T")

PAGE: Final = 2_000  # rows read at once
STALL: Final = 5  # milliseconds for which another's lock may hold up the event loop
OPENING: Final = 3.0  # seconds, before a loop is there to be held up
AGAIN: Final = 0.05  # seconds between two looks at such a lock
_INSERT: Final = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"
# The index holds named records only, and the planner must be told that this one is.
_KNOWN: Final = "SELECT 1 FROM records WHERE kind = ? AND key = ? AND key <> ''"
_TAIL: Final = "SELECT number, digest FROM records ORDER BY number DESC LIMIT 1"
_ROWS: Final = "SELECT * FROM records WHERE number > ? ORDER BY number LIMIT ?"
_TAKE: Final = (
    "UPDATE lease SET fence = ?, holder = ?, host = ?, pid = ?, machine = ?, born = ?, "
    "since = ?, renewed = ?"
)


class SqliteJournal:
    """A journal in one file.

    A call takes some ten microseconds and what the disk needs to flush, so it runs in the event
    loop. While another program holds a lock it waits for `patience` seconds, never longer, and the
    rest of the desk goes on meanwhile.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], int] = time.time_ns,
        patience: float = PATIENCE,
    ) -> None:
        self.path = path
        self._place = str(path)
        self._clock = clock
        self._patience = patience
        self._connection: sqlite3.Connection | None = None
        self._lease: Lease | None = None
        self._tail: Tail | None = None
        self._files: tuple[tuple[Path, tuple[int, int]], ...] = ()

    def __repr__(self) -> str:
        return f"SqliteJournal({self._place!r})"

    async def open(self, holder: str) -> Sequence[Record]:
        """Take the lease and return all records, their chain verified."""
        if self._connection is not None:
            raise JournalError(f"{self._place}: is open already")
        try:
            with told(self._place):
                self._connection = connect(self.path, max(self._patience, OPENING))
                migrate(self._connection, self._place)
                self._take(self._connection, holder)
                records = tuple(verified(self._all(self._connection)))
                self._connection.execute(f"PRAGMA busy_timeout = {STALL}")
        except BaseException:
            await self.close()
            raise
        log = self.path.with_name(f"{self.path.name}-wal")
        self._files = tuple((file, _identity(file)) for file in (self.path, log))
        return records

    async def append(self, drafts: Sequence[Draft]) -> Sequence[Record]:
        """Seal and store drafts, all or none, durable when it returns."""
        if not drafts:
            return []
        clean = cleaned(drafts)
        return await self._unlocked(lambda: self._append(clean))

    def _append(self, clean: list[Clean]) -> Sequence[Record]:
        connection = self._reached()
        try:
            with told(self._place), transaction(connection):
                now = self._clock()
                mine = self._held(connection)
                tail = self._tail or _tail(connection)
                found = sealed(clean, tail, _known(connection, names_of(clean)))
                connection.executemany(_INSERT, [row_of(each) for each in found])
                if mine.needs_renewal(now):
                    mine = self._renew(connection, mine, now)
        except BaseException:
            self._tail = None
            raise
        self._lease = mine
        self._tail = end_of(found, tail)
        return [record for record, _ in found]

    async def renew(self) -> None:
        """Keep the lease."""
        await self._unlocked(self._renewed)

    def _renewed(self) -> None:
        connection = self._reached()
        with told(self._place), transaction(connection):
            mine = self._renew(connection, self._held(connection), self._clock())
        self._lease = mine

    async def _unlocked(self, write: Callable[[], T]) -> T:
        """Write; where another holds a lock, again and again until patience is over."""
        until = time.monotonic() + self._patience
        while True:
            try:
                return write()
            except JournalUnavailable as error:
                if not is_locked(error) or time.monotonic() >= until:
                    raise
            await asyncio.sleep(AGAIN)

    async def read(self, after: int = 0) -> AsyncIterator[Record]:
        """Yield stored records from number `after` + 1 on, without the lease."""
        page = self._page(after)
        while page:
            for row in page:
                yield record_of(row, self._place)
            after = page[-1][0]
            page = self._page(after) if len(page) == PAGE else []

    async def holder(self) -> str:
        """Return in words who holds the lease."""
        with self._reading() as connection:
            return _lease(connection).described(self._clock())

    async def close(self) -> None:
        """Give the lease back."""
        connection, mine = self._connection, self._lease
        self._connection = self._lease = self._tail = None
        if connection is None:
            return
        with closing(connection), suppress(sqlite3.Error):
            connection.execute(f"PRAGMA busy_timeout = {self._patience * 1000:.0f}")
            if mine is not None:
                with transaction(connection):
                    connection.execute(
                        "UPDATE lease SET holder = '' WHERE fence = ?", (mine.fence,)
                    )

    def _take(self, connection: sqlite3.Connection, holder: str) -> None:
        with transaction(connection):
            found = _lease(connection)
            mine = found.taken(holder, this_process(), self._clock(), self._place)
            who = mine.process
            connection.execute(
                _TAKE,
                (
                    *(mine.fence, mine.holder, who.host, who.pid, who.machine, who.born),
                    *(mine.since, mine.renewed),
                ),
            )
        self._lease = mine

    def _held(self, connection: sqlite3.Connection) -> Lease:
        """Return our lease if we still have it; to be asked inside the transaction that writes."""
        if self._lease is None:
            raise JournalError(f"{self._place}: is not open")
        (fence, holder) = connection.execute("SELECT fence, holder FROM lease").fetchone()
        if fence != self._lease.fence or not holder:
            raise lost(self._lease, _lease(connection), self._place)
        return self._lease

    def _renew(self, connection: sqlite3.Connection, mine: Lease, now: int) -> Lease:
        connection.execute("UPDATE lease SET renewed = ?", (now,))
        return mine.renewed_at(now)

    def _reached(self) -> sqlite3.Connection:
        """Return the connection, if what it writes to is still what lies at the path."""
        if self._connection is None:
            raise JournalError(f"{self._place}: not opened; open it before anything is written")
        for file, was in self._files:
            if _identity(file) != was:
                raise JournalUnavailable(
                    f"{file}: was deleted, moved or replaced while the desk runs; put it back. "
                    "Nothing was lost: what was recorded before is in the file that was moved"
                )
        return self._connection

    def _all(self, connection: sqlite3.Connection) -> "list[Record]":
        rows = connection.execute("SELECT * FROM records ORDER BY number")
        return [record_of(row, self._place) for row in rows]

    def _page(self, after: int) -> list[Row]:
        """Return some rows over a connection of its own, so that no reader holds up the desk."""
        with self._reading() as connection:
            return connection.execute(_ROWS, (after, PAGE)).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with told(self._place), closing(connect_to_read(self.path, self._patience)) as connection:
            found = version_of(connection, self._place)
            if found == 0:
                raise not_a_journal(self._place)
            check_version(found, self._place)
            yield connection


def _identity(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def _tail(connection: sqlite3.Connection) -> Tail:
    row = connection.execute(_TAIL).fetchone()
    return Tail(*row) if row else Tail()


def _known(connection: sqlite3.Connection, names: list[Name]) -> Collection[Name]:
    return [name for name in names if connection.execute(_KNOWN, name).fetchone()]


def _lease(connection: sqlite3.Connection) -> Lease:
    fence, holder, host, pid, machine, born, since, renewed = connection.execute(
        "SELECT fence, holder, host, pid, machine, born, since, renewed FROM lease"
    ).fetchone()
    return Lease(
        fence=fence,
        holder=holder,
        process=Process(host=host, pid=pid, machine=machine, born=born),
        since=since,
        renewed=renewed,
    )
