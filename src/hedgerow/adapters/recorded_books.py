"""Recorded books, the best prices of each, from Parquet files or JSON lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from polars.exceptions import PanicException, PolarsError

from hedgerow.adapters.frames import read_parquet
from hedgerow.errors import MarketDataError
from hedgerow.execution.order import Listing
from hedgerow.execution.port import QuoteReport
from hedgerow.market.instrument import parse_symbol

TIME: Final = "ts"
TOUCH: Final = ("bid_px_0", "bid_sz_0", "ask_px_0", "ask_sz_0")
ALSO: Final = ("mark", "index", "last", "funding", "interval_hours")
MARKETS: Final = {  # what venues call theirs
    "spot": ("spot",),
    "linear": ("linear", "usdm", "swap", "perp", "perpetual", "future", "futures"),
    "inverse": ("inverse", "coinm", "swap", "perp", "perpetual", "future", "futures"),
}
ENDINGS: Final = (".parquet", ".jsonl", ".ndjson")
SETTLEMENT: Final = "settlement"
NAMES: Final = ("symbol", "market", "venue")
ROW: Final = "row"  # counted from 1
EARLIEST: Final = 1_230_768_000_000_000_000  # 2009; no book of a coin is older
UNITS: Final = ((10**11, "seconds", 10**9), (10**14, "milliseconds", 10**6))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedBooks:
    """What was recorded of the contracts of a desk, by rising time.

    Attributes
    ----------
    frame
        Columns as the files name them, `ts` in nanoseconds, and `leg`: which of `listings`.
    """

    listings: tuple[Listing, ...]
    frame: pl.DataFrame

    @property
    def first(self) -> int:
        """The time of the first book, UTC nanoseconds."""
        return int(self.frame[TIME][0])

    @property
    def last(self) -> int:
        """The time of the last one."""
        return int(self.frame[TIME][-1])

    def __len__(self) -> int:
        """Return how many books there are."""
        return self.frame.height

    def quotes(self) -> Iterator[QuoteReport]:
        """Yield one quote for each book."""
        for row in self.frame.iter_rows(named=True):
            listing = self.listings[row["leg"]]
            also = {name: row[name] for name in (*ALSO, SETTLEMENT) if name in row}
            yield QuoteReport(
                venue=listing.venue,
                symbol=listing.symbol,
                time=row[TIME],
                received=row[TIME],
                bid=row["bid_px_0"],
                bid_size=row["bid_sz_0"],
                ask=row["ask_px_0"],
                ask_size=row["ask_sz_0"],
                **also,
            )


def read_books(place: Path, listings: Sequence[Listing]) -> RecordedBooks:
    """Return the books of some contracts from a file, or from all files of a folder.

    A row is of a contract whose symbol it names, as ``BTC/USDT:USDT`` or as ``BTCUSDT``, and of
    the venue in `venue` and the kind in `market` (`MARKETS`) where there are such columns.

    Raises
    ------
    MarketDataError
        If a file cannot be read, lacks a column, or shows a book that is none; or if a contract
        is in no file.
    """
    once = {(one.venue, one.symbol): one for one in listings}
    wanted = tuple(once.values())
    frames = [_legs(_read(path), path, wanted) for path in _files(place)]
    frame = pl.concat(frames, how="diagonal_relaxed").sort(TIME, maintain_order=True)
    there = set(frame["leg"].unique())
    missing = [one for number, one in enumerate(wanted) if number not in there]
    if missing:
        names = ", ".join(f"{one.symbol} at {one.venue}" for one in missing)
        raise MarketDataError(f"{place}: no book of {names}; record it, or hedge what was recorded")
    return RecordedBooks(listings=wanted, frame=frame)


def _files(place: Path) -> list[Path]:
    if not place.exists():
        raise MarketDataError(f"{place}: there is no such file or folder of recorded books")
    if not place.is_dir():
        return [place]
    files = sorted(each for each in place.iterdir() if each.suffix in ENDINGS)
    if not files:
        raise MarketDataError(f"{place}: no recorded books; they end with {', '.join(ENDINGS)}")
    return files


def _read(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        frame = read_parquet(path.read_bytes(), str(path))
    elif path.suffix in ENDINGS:
        try:
            frame = pl.read_ndjson(path, infer_schema_length=None)
        except (PolarsError, PanicException, OSError, ValueError) as error:
            reason = str(error).strip().split("\n", maxsplit=1)[0][:160]
            raise MarketDataError(f"{path}: not readable as JSON lines ({reason})") from error
    else:
        raise MarketDataError(f"{path}: recorded books end with {', '.join(ENDINGS)}")
    missing = [name for name in (TIME, "symbol", *TOUCH) if name not in frame.columns]
    if missing:
        raise MarketDataError(
            f"{path}: no column {', '.join(missing)}; a book has {TIME}, symbol and "
            f"{', '.join(TOUCH)}"
        )
    return frame


def _legs(frame: pl.DataFrame, path: Path, listings: Sequence[Listing]) -> pl.DataFrame:
    """Return the rows of some contracts, each with the number of its own."""
    kept: list[str] = [name for name in (*TOUCH, *ALSO) if name in frame.columns]
    _check_kinds(frame, kept, path)
    plain = _with_instants(frame.drop(ROW, strict=False), TIME, path)
    if SETTLEMENT in frame.columns:
        plain = _with_instants(plain, SETTLEMENT, path)
        kept.append(SETTLEMENT)
    plain = plain.with_row_index(ROW, offset=1)
    found = []
    for number, listing in enumerate(listings):
        is_ours = pl.col("symbol").is_in(names_of(listing.symbol))
        if "market" in frame.columns:
            is_ours &= pl.col("market").str.to_lowercase().is_in(MARKETS[_kind(listing)])
        if "venue" in frame.columns:
            is_ours &= pl.col("venue") == listing.venue
        rows = plain.filter(is_ours).select(
            pl.col(TIME, ROW),
            *(pl.col(name).cast(pl.Int64 if name == SETTLEMENT else pl.Float64) for name in kept),
            pl.lit(number).alias("leg"),
        )
        found.append(rows)
    rows = pl.concat(found)
    wrong = rows.filter(
        pl.any_horizontal(pl.col(*TOUCH).is_null(), ~(pl.col(*TOUCH).is_finite()))
        | (pl.min_horizontal(TOUCH) <= 0.0)
        | (pl.col("bid_px_0") >= pl.col("ask_px_0"))
    )
    if wrong.height:
        row = wrong.row(0, named=True)
        raise MarketDataError(
            f"{path}: {wrong.height} of {rows.height} books are none, such as the bid "
            f"{row['bid_px_0']} and the ask {row['ask_px_0']} in row {row[ROW]}, at {row[TIME]}; "
            "leave them out"
        )
    return rows.drop(ROW)


def _check_kinds(frame: pl.DataFrame, numbers: Sequence[str], path: Path) -> None:
    """Raise where a column of numbers or of names holds something else."""
    names = [name for name in NAMES if name in frame.columns]
    for name in (*numbers, *names):
        kind = frame.schema[name]
        fits = kind == pl.String if name in names else kind.is_numeric()
        if fits or kind == pl.Null:
            continue
        is_wrong = frame[name].is_not_null()
        if kind == pl.String:
            is_wrong &= frame[name].cast(pl.Float64, strict=False).is_null()
        row = int((is_wrong if is_wrong.any() else frame[name].is_not_null()).arg_max() or 0)
        what = "text such as 'BTCUSDT'" if name in names else "numbers such as 60000.5"
        raise MarketDataError(
            f"{path}: row {row + 1}, {name} = {str(frame[name][row])[:40]!r}: the column is "
            f"{kind}; write {what}"
        )


def _with_instants(frame: pl.DataFrame, name: str, path: Path) -> pl.DataFrame:
    """Return a frame with a column of instants in UTC nanoseconds; texts are ISO 8601."""
    kind, column = frame.schema[name], pl.col(name)
    if kind == pl.String:
        parsed = column.str.to_datetime(time_unit="ns", time_zone="UTC", strict=False)
        try:
            found = frame.select(parsed.dt.timestamp("ns")).to_series()
        except PolarsError:  # nothing in it is like an instant
            found = pl.Series(name, [None] * frame.height, dtype=pl.Int64)
    elif isinstance(kind, pl.Datetime):
        found = frame.select(column.dt.cast_time_unit("ns").dt.timestamp("ns")).to_series()
    elif kind.is_integer() or (kind == pl.Null and name != TIME):
        found = frame.select(column.cast(pl.Int64, strict=False)).to_series()
    else:
        raise MarketDataError(
            f"{path}: {name} is {kind}; write an instant, ISO 8601 with its zone, or nanoseconds"
        )
    needed = (
        frame[name].is_not_null() if name != TIME else pl.repeat(True, frame.height, eager=True)
    )
    for row in (found.is_null() & needed).arg_true()[:1]:
        raise MarketDataError(
            f"{path}: row {row + 1}, {name} = {str(frame[name][row])[:40]!r} is no instant; write "
            "ISO 8601 with its zone, such as 2024-08-08T12:00:00.25Z, or nanoseconds"
        )
    for row in (found < EARLIEST).fill_null(value=False).arg_true()[:1]:
        raise MarketDataError(f"{path}: row {row + 1}, {_too_early(name, frame[name][row])}")
    return frame.with_columns(found.alias(name))


def _too_early(name: str, value: object) -> str:
    """Return what is wrong with an instant before 2009: most likely its unit."""
    if not isinstance(value, int):
        return f"{name} = {str(value)[:40]} is before 2009; write when the book was seen"
    unit, times = next(
        ((unit, times) for most, unit, times in UNITS if value < most), ("microseconds", 1000)
    )
    return (
        f"{name} = {value} would be before 2009 in nanoseconds, and looks like {unit}; multiply "
        f"the column by {times:,}, or write ISO 8601 with its zone"
    )


def _kind(listing: Listing) -> str:
    return "spot" if listing.spot else "inverse" if listing.inverse else "linear"


def names_of(symbol: str) -> tuple[str, ...]:
    """Return what a record may call a contract.

    >>> names_of("BTC/USDT:USDT")
    ('BTC/USDT:USDT', 'BTCUSDT')
    """
    parts = parse_symbol(symbol)
    return symbol, f"{parts.base}{parts.quote}"
