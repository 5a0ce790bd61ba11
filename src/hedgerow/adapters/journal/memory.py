"""A journal in memory, for simulations: nothing of it outlives the process."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from hedgerow.adapters.journal.lease import NOBODY, Lease, lost
from hedgerow.adapters.journal.process import this_process
from hedgerow.adapters.journal.sealing import Name, Tail, cleaned, end_of, names_of, sealed
from hedgerow.ledger.journal import (
    Draft,
    JournalError,
    JournalUnavailable,
    Record,
    verified,
)

PLACE = "the journal in memory"


@dataclass(slots=True, kw_only=True)
class MemoryStore:
    """What the journals of one desk share, as processes that come and go share a file.

    Attributes
    ----------
    away
        Why nothing can be written now; "" where it can.
    """

    records: list[Record] = field(default_factory=list)
    lease: Lease = NOBODY
    away: str = ""
    names: set[Name] = field(default_factory=set)
    seen: int = 0  # how many records are known to hold

    def crash(self) -> None:
        """Let the holder die without giving the lease back; the next desk need not wait."""
        self.lease = Lease(
            fence=self.lease.fence, holder="", process=self.lease.process, since=0, renewed=0
        )

    def check(self) -> None:
        """Verify records that were not sealed here."""
        if self.seen == len(self.records):
            return
        for record in verified(self.records):
            if record.key:
                self.names.add((record.kind, record.key))
        self.seen = len(self.records)


class MemoryJournal:
    """A journal whose records lie in a `MemoryStore`."""

    def __init__(
        self, store: MemoryStore | None = None, *, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.store = store if store is not None else MemoryStore()
        self._clock = clock
        self._lease: Lease | None = None

    def __repr__(self) -> str:
        return f"MemoryJournal({len(self.store.records)} records)"

    async def open(self, holder: str) -> Sequence[Record]:
        """Take the lease and return all records."""
        self._reach()
        self.store.check()
        self._lease = self.store.lease.taken(holder, this_process(), self._clock(), PLACE)
        self.store.lease = self._lease
        return tuple(self.store.records)

    async def append(self, drafts: Sequence[Draft]) -> Sequence[Record]:
        """Seal and keep drafts, all or none."""
        self._reach()
        mine = self._held()
        records = self.store.records
        tail = Tail(records[-1].number, records[-1].digest) if records else Tail()
        clean = cleaned(drafts)
        found = sealed(clean, tail, self.store.names.intersection(names_of(clean)))
        self.store.names.update((each.kind, each.key) for each, _ in found if each.key)
        fresh = [record for record, _ in found]
        records.extend(fresh)
        self.store.seen = end_of(found, tail).number
        now = self._clock()
        if mine.needs_renewal(now):
            self._lease = self.store.lease = mine.renewed_at(now)
        return fresh

    async def renew(self) -> None:
        """Keep the lease."""
        self._reach()
        self._lease = self.store.lease = self._held().renewed_at(self._clock())

    async def read(self, after: int = 0) -> AsyncIterator[Record]:
        """Yield records from number `after` + 1 on, without the lease."""
        while after < len(self.store.records):
            yield self.store.records[after]
            after += 1

    async def holder(self) -> str:
        """Return in words who holds the lease."""
        return self.store.lease.described(self._clock())

    async def close(self) -> None:
        """Give the lease back."""
        if self._lease is not None and self.store.lease.fence == self._lease.fence:
            self.store.crash()
        self._lease = None

    def _reach(self) -> None:
        if self.store.away:
            raise JournalUnavailable(f"{PLACE}: {self.store.away}; nothing was lost")

    def _held(self) -> Lease:
        if self._lease is None:
            raise JournalError(f"{PLACE}: not opened; open it before anything is written")
        if self.store.lease.fence != self._lease.fence or not self.store.lease.holder:
            raise lost(self._lease, self.store.lease, PLACE)
        return self._lease
