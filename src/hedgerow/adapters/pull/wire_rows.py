"""Rows of a venue's history, as ccxt gives them, into rows of a lake."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import polars as pl

from hedgerow.adapters.frames import BAR_COLUMNS, FUNDING_COLUMNS
from hedgerow.adapters.merge import Piece
from hedgerow.adapters.pull.missing import Span
from hedgerow.adapters.sanity import Rows, checked
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.errors import MarketDataError
from hedgerow.units import SECOND

MILLISECOND: Final = 1_000_000
RateRow = dict[str, Any]


def source_of(venue: str) -> str:
    """Return what a lake calls rows that were pulled."""
    return f"pulled from {venue}"


def bars_piece(key: SeriesKey, rows: Iterable[Sequence[Any]], span: Span) -> Piece:
    """Return the bars that open inside `span`; a reply may hold more, and the same twice.

    ccxt gives the volume of an inverse contract in coin, and a lake holds it in quote: it stays
    unknown, as it is for mark and index.

    Raises
    ------
    MarketDataError
        If a row is none, or impossible.
    """
    keeps_volume = key.kind == "trade" and not key.is_inverse
    found = set()
    for row in rows:
        if len(row) < 6 or not isinstance(row[0], int):
            raise MarketDataError(
                f"{source_of(key.venue)}: {key} has a row that is no bar ({list(row)[:6]!r:.80}); "
                "nothing of it was kept: run the command again"
            )
        time = row[0] * MILLISECOND
        if span.start <= time <= span.end:
            found.add((time, *row[1:5], row[5] if keeps_volume else None))
    return _piece(key, sorted(found, key=lambda row: row[0]), BAR_COLUMNS)


def funding_piece(key: SeriesKey, rows: Iterable[RateRow], span: Span, rate: str = "") -> Piece:
    """Return the settlements inside `span`, their stamps rounded to the second.

    `rate` is the field of the venue's own row that has the rate, where it is not ccxt's.

    Raises
    ------
    MarketDataError
        If a row is none, or impossible.
    """
    found = set()
    for row in rows:
        stamp, told = row.get("timestamp"), row.get("info") or {}
        value = told.get(rate) if rate else row.get("fundingRate")
        if not isinstance(stamp, int) or value is None:
            raise MarketDataError(
                f"{source_of(key.venue)}: {key} has a row without time or rate ({told!r:.80}); "
                "nothing of it was kept: run the command again"
            )
        time = (stamp * MILLISECOND + SECOND // 2) // SECOND * SECOND
        if span.start <= time <= span.end:
            found.add((time, float(value), _positive(told.get("markPrice"))))
    return _piece(key, sorted(found, key=lambda row: row[0]), FUNDING_COLUMNS)


def _positive(value: object) -> float | None:
    """Return a price, None where the venue left it empty."""
    if not isinstance(value, str | int | float) or value == "":
        return None
    price = float(value)
    return price if price > 0 else None


def _piece(key: SeriesKey, rows: list[tuple[Any, ...]], columns: Sequence[str]) -> Piece:
    schema: dict[str, pl.DataType] = {"time": pl.Int64()}
    schema |= dict.fromkeys(columns, pl.Float64())
    frame = pl.DataFrame(rows, schema=schema, orient="row", strict=False)
    named = Rows(key=key, file=source_of(key.venue), frame=frame.with_row_index("row", offset=1))
    return checked(named)
