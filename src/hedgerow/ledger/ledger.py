"""An append-only list of entries with a frame for a view."""

from collections.abc import Iterable, Iterator

import polars as pl

from hedgerow.ledger.entry import EntryKind, LedgerEntry

SCHEMA: dict[str, pl.DataType] = {
    "time": pl.Datetime("ns", "UTC"),
    "kind": pl.String(),
    "instrument": pl.String(),
    "account": pl.String(),
    "quantity": pl.Float64(),
    "price": pl.Float64(),
    "cash": pl.Float64(),
    "fee": pl.Float64(),
    "realised": pl.Float64(),
    "unit": pl.String(),
    "value": pl.Float64(),
    "note": pl.String(),
}


class Ledger:
    """What happened, in order. Entries are added at the end and never changed."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[LedgerEntry] = ()) -> None:
        self._entries: list[LedgerEntry] = list(entries)

    def append(self, entry: LedgerEntry) -> None:
        """Add one entry at the end."""
        self._entries.append(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[LedgerEntry]:
        return iter(self._entries)

    def since(self, number: int) -> list[LedgerEntry]:
        """Return the entries after the first `number`, in order."""
        return self._entries[number:]

    def of(self, *kinds: EntryKind) -> list[LedgerEntry]:
        """Return the entries of these kinds, in order."""
        return [entry for entry in self._entries if entry.kind in kinds]

    def frame(self) -> pl.DataFrame:
        """Return all entries as a frame, one row each, with the columns of `LedgerEntry`."""
        columns = list(zip(*self._entries, strict=True)) or [()] * len(SCHEMA)
        return pl.DataFrame(
            {
                name: pl.Series(name, list(map(str, column)) if name == "kind" else column)
                .cast(pl.Int64() if name == "time" else kind)
                .cast(kind)
                for (name, kind), column in zip(SCHEMA.items(), columns, strict=True)
            }
        )
