"""The aligned bundle: spot, perpetual, mark and funding of one pair on one clock, in one table.

Columns: ``ts``; ``perp_open``, ``perp_high``, ``perp_low``, ``perp_close``; the same four with
``spot_``; and, as far as there is such data, ``perp_volume``, ``spot_volume``, ``mark_close`` or
all four of ``mark_`` and ``index_``, ``funding_rate`` at the bar that opens with the settlement,
``funding_mark_price``. Spot, mark, index and funding are empty where there is no such row: the
declared holes. A perpetual without a price is not one of them.
"""

import re
from collections.abc import Iterator
from typing import Final

import polars as pl

from hedgerow.adapters.files import SourceFile, read_table
from hedgerow.adapters.frames import BAR_COLUMNS, FUNDING_COLUMNS, PRICES
from hedgerow.adapters.options import ImportOptions
from hedgerow.adapters.pairs import split_pair, unified
from hedgerow.adapters.sanity import Rows, infer_step, numbers
from hedgerow.adapters.series_key import FUNDING, SeriesKey
from hedgerow.adapters.stamps import TimeColumn, nanoseconds_of
from hedgerow.errors import ConfigError, MarketDataError, UnknownName

_NAME: Final = re.compile(r"([a-z0-9]+)_([a-z0-9]+)_\d+[smhdw]_aligned(?:[._-].*)?")
_TIME: Final = TimeColumn(column="ts")
_NEEDED: Final = ("ts", *(f"{leg}_{price}" for leg in ("perp", "spot") for price in PRICES))
_KNOWN: Final = (
    *_NEEDED,
    "perp_volume",
    "spot_volume",
    *(f"{leg}_{price}" for leg in ("mark", "index") for price in PRICES),
    "funding_rate",
    "funding_mark_price",
)


def is_bundle(columns: list[str]) -> bool:
    """Whether a table with these columns is meant as an aligned bundle."""
    return len(set(columns) & set(_NEEDED)) > len(_NEEDED) // 2


def read_bundle(file: SourceFile, options: ImportOptions) -> Iterator[Rows]:
    """Yield the series inside an aligned bundle.

    Raises
    ------
    ConfigError
        If the pair is known neither from the options nor from the file's name.
    MarketDataError
        If columns are missing or unknown, or hold something other than times and numbers.
    """
    table = read_table(file)
    _check_columns(table.columns, str(file.path))
    venue, base, quote = _pair(file, options)
    name = str(file.path)
    values = [numbers(table[column], name) for column in table.columns if column != "ts"]
    times = nanoseconds_of(table["ts"], _TIME, name)
    clean = pl.DataFrame([times, *values]).with_row_index("row", offset=1)
    if clean.is_empty():
        raise MarketDataError(f"{name}: has no rows; fetch or write the file again")
    step = infer_step(times, name, "the bundle")
    perp, spot = unified(base, quote, "linear"), unified(base, quote, "spot")
    for leg, symbol, kind in (
        ("perp", perp, "trade"),
        ("spot", spot, "trade"),
        ("mark", perp, "mark"),
        ("index", perp, "index"),
    ):
        key = SeriesKey(venue=venue, symbol=symbol, kind=kind, step=step)
        yield Rows(key=key, file=name, frame=_leg(clean, leg))
    key = SeriesKey(venue=venue, symbol=perp, kind=FUNDING)
    yield Rows(key=key, file=name, frame=_funding(clean))


def _leg(clean: pl.DataFrame, leg: str) -> pl.DataFrame:
    columns = [_or_null(clean, f"{leg}_{name}", name) for name in BAR_COLUMNS]
    frame = clean.select("row", "time", *columns)
    if leg == "perp":
        return frame
    return frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in PRICES))


def _funding(clean: pl.DataFrame) -> pl.DataFrame:
    rate = _or_null(clean, "funding_rate", FUNDING_COLUMNS[0])
    mark = _or_null(clean, "funding_mark_price", FUNDING_COLUMNS[1])
    frame = clean.select("row", "time", rate, mark)
    return frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in FUNDING_COLUMNS))


def _or_null(clean: pl.DataFrame, column: str, name: str) -> pl.Expr:
    known = pl.col(column) if column in clean.columns else pl.lit(None, pl.Float64)
    return known.alias(name)


def _check_columns(columns: list[str], name: str) -> None:
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise MarketDataError(
            f"{name}: an aligned bundle needs column {', '.join(missing)}; it has "
            f"{', '.join(columns)}. Rename the column, or give a column map with --map"
        )
    for column in columns:
        if column not in _KNOWN:
            raise UnknownName("column", column, _KNOWN, where=f"{name} (read as a bundle)")


def _pair(file: SourceFile, options: ImportOptions) -> tuple[str, str, str]:
    match = _NAME.fullmatch(file.stem.lower())
    venue = options.venue or (match[1] if match else "")
    named = split_pair(match[2], file.name) if match and not options.base else ("", "")
    base, quote = (options.base.upper(), options.quote.upper()) if options.base else named
    if not venue or not base:
        raise ConfigError(
            f"{file.path}: the name does not tell venue and pair; give --venue binance --base BTC "
            "--quote USDT, or name the file like binance_btcusdt_1h_aligned.parquet"
        )
    return venue, base, quote
