"""The records of a journal, each checked against the one before it."""

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Any

from hedgerow.adapters.journal.opening import open_journal
from hedgerow.adapters.journal.postgres_server import shown
from hedgerow.errors import ConfigError
from hedgerow.ledger.journal import GENESIS, JournalBroken, Record, verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain that holds.

    Attributes
    ----------
    number, digest
        Of the last record; 0 and all zeros where there is none.
    first, last
        Times of the first and the last record, UTC nanoseconds.
    """

    place: str
    number: int
    digest: str
    first: int
    last: int

    def sentence(self) -> str:
        """Return it in words."""
        if not self.number:
            return f"{self.place}: no records yet"
        return (
            f"{self.place}: the chain of {self.number:,} record{'s' * (self.number > 1)} holds, "
            f"{moment(self.first)} to {moment(self.last)}"
        )

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"schema": "hedgerow.journal.verify/1", **asdict(self)}


def shown_at(journal: str) -> str:
    """Return a path or URL without secrets."""
    return shown(journal) if "://" in journal else journal


def moment(time: int) -> str:
    """Return nanoseconds as a moment that people read.

    >>> moment(1_704_096_000_250_000_000)
    '2024-01-01 08:00:00 UTC'
    """
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(time // 10**9, UTC):%Y-%m-%d %H:%M:%S} UTC"


def anchored(text: str) -> tuple[int, str] | None:
    """Return number and digest of an anchor; None for an empty text."""
    if not text:
        return None
    number, _, digest = text.strip().partition(":")
    digest = digest.strip().lower()
    if not number.isascii() or not number.isdecimal() or len(digest) != len(GENESIS):
        raise ConfigError(
            f"--anchor {text!r}: write NUMBER:DIGEST, the last line that verify printed, such as "
            f"120:{'0a' * 3}… with all {len(GENESIS)} digits"
        )
    return int(number), digest


async def chained(journal: str) -> AsyncIterator[Record]:
    """Yield the records of a journal, their chain verified up to each."""
    if journal.startswith("memory:"):
        raise ConfigError("memory: ends with its desk and has nothing to read; name a file or URL")
    before, number = GENESIS, 0
    async for found in open_journal(journal).read():
        (record,) = verified([found], before, number)
        before, number = record.digest, record.number
        yield record


async def verified_to_the_end(journal: str, anchor: tuple[int, str] | None) -> Chain:
    """Return the chain of a journal.

    Raises
    ------
    JournalBroken
        At the first record that does not follow, or where the anchor is not met.
    """
    number, digest, first, last = 0, GENESIS, 0, 0
    met = anchor is None
    async for record in chained(journal):
        number, digest, last = record.number, record.digest, record.time
        first = first if number > 1 else last
        if anchor is not None and number == anchor[0]:
            if digest != anchor[1]:
                raise JournalBroken(
                    f"{shown_at(journal)}: record {number} is sealed with {digest[:16]}…, the "
                    f"anchor says {anchor[1][:16]}…: the journal was written anew; restore it "
                    "from a backup"
                )
            met = True
    if not met and anchor is not None:
        raise JournalBroken(
            f"{shown_at(journal)}: ends with record {number}, the anchor names record "
            f"{anchor[0]}: records were cut off; restore it from a backup"
        )
    return Chain(place=shown_at(journal), number=number, digest=digest, first=first, last=last)
