"""Binance's public dump files: candles, mark and index candles, and funding, by the month or day.

The names are those of data.binance.vision, ``BTCUSDT-1h-2024-01.zip`` say. Spot and futures
files share that name, and so do trades, mark and index: the folders tell them apart
(``data/spot/monthly/klines/...``, ``data/futures/um/daily/markPriceKlines/...``), and where
there are no such folders the options must. Files come with a header or without; stamps are
milliseconds, in spot files from 2025 on microseconds, and are told apart row by row.

A coin-margined contract is worth a fixed number of dollars: 100 for BTC, 10 for every other coin
(Binance, COIN-M contract specifications). Its volume, which the files give in contracts, is
therefore stored exactly, in quote. Mark and index candles have no volume. Premium-index candles,
dated futures and other dumps are not taken.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from hedgerow.adapters.files import SourceFile, read_csv, unpack, verify_checksum
from hedgerow.adapters.frames import BAR_COLUMNS, FUNDING_COLUMNS, PRICES
from hedgerow.adapters.options import MARKETS, ImportOptions
from hedgerow.adapters.pairs import split_pair, unified
from hedgerow.adapters.sanity import Rows, numbers
from hedgerow.adapters.series_key import FUNDING, SeriesKey, parse_step
from hedgerow.adapters.stamps import TimeColumn, nanoseconds_of
from hedgerow.errors import ConfigError, MarketDataError

_DATE: Final = r"\d{4}-\d{2}(?:-\d{2})?"
_KLINES: Final = re.compile(rf"([A-Z0-9]+)(_PERP)?-(\d+(?:s|m|h|d|w|mo))-{_DATE}")
_FUNDING: Final = re.compile(rf"([A-Z0-9]+)(_PERP)?-fundingRate-{_DATE}")
_OTHER: Final = re.compile(rf"[A-Z0-9_]+-[A-Za-z0-9]+-{_DATE}")
_KIND_FOLDERS: Final = {
    "klines": "trade",
    "markPriceKlines": "mark",
    "indexPriceKlines": "index",
    "premiumIndexKlines": "premium",
}
_KLINE_COLUMNS: Final = (
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count",
    "taker_buy_volume", "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_FUNDING_FILE: Final = ("calc_time", "funding_interval_hours", "last_funding_rate")
_DOLLARS_PER_CONTRACT: Final = {"BTC": 100.0}
_DOLLARS_OTHERWISE: Final = 10.0


class NotTaken(ConfigError):
    """A dump file of a sort that a lake does not hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """What names and options say about a file before it is opened."""

    venue: str
    base: str
    symbol: str
    kind: str
    step: int
    inverse: bool


def is_dump(file: SourceFile) -> bool:
    """Whether the name is one of the public dump's."""
    return file.suffix in (".zip", ".csv") and _OTHER.fullmatch(file.stem) is not None


def read_dump(file: SourceFile, options: ImportOptions) -> Iterator[Rows]:
    """Yield the one series of a public dump file.

    Raises
    ------
    NotTaken
        If it is of a sort that a lake does not hold.
    ConfigError
        If neither names nor options tell the market.
    MarketDataError
        If the file is damaged or not what its name says.
    """
    contents = _contents(file, options)
    verify_checksum(file)
    content = unpack(file) if file.suffix == ".zip" else file.content
    name = str(file.path)
    key = SeriesKey(
        venue=contents.venue, symbol=contents.symbol, kind=contents.kind, step=contents.step
    )
    if key.is_funding:
        table = _table(content, name, _FUNDING_FILE)
        frame = _funding(table, name)
    else:
        table = _table(content, name, _KLINE_COLUMNS)
        frame = _klines(table, name, contents)
    yield Rows(key=key, file=name, frame=frame.with_row_index("row", offset=1))


def _contents(file: SourceFile, options: ImportOptions) -> _Contents:
    match = _KLINES.fullmatch(file.stem)
    funding = _FUNDING.fullmatch(file.stem)
    if funding is None and (match is None or match[3].endswith("mo")):
        raise NotTaken(
            f"{file.path}: a lake holds perpetuals' and spot candles and funding, not this dump; "
            "leave the file out"
        )
    found = match or funding
    assert found is not None  # noqa: S101 - one of the two matched
    pair, perpetual = found[1], bool(found[2])
    kind = FUNDING if match is None else _kind(file, options)
    market = _market(file, options, pair=pair, perpetual=perpetual, kind=kind)
    base, quote = split_pair(pair, file.name)
    return _Contents(
        venue=options.venue or "binance",
        base=base,
        symbol=unified(base, quote, market),
        kind=kind,
        step=0 if match is None else parse_step(match[3]),
        inverse=market == "inverse",
    )


def _kind(file: SourceFile, options: ImportOptions) -> str:
    folders = [_KIND_FOLDERS[part] for part in file.path.parts[:-1] if part in _KIND_FOLDERS]
    kind = options.kind or (folders[-1] if folders else "trade")
    if kind == "premium":
        raise NotTaken(f"{file.path}: premium-index candles are not prices; leave the file out")
    if kind == FUNDING:
        raise ConfigError(f"{file.path}: the name is that of candles, --kind says funding")
    return kind


def _market(
    file: SourceFile, options: ImportOptions, *, pair: str, perpetual: bool, kind: str
) -> str:
    folders = [MARKETS[part] for part in file.path.parts[:-1] if part in MARKETS]
    said = MARKETS[options.market] if options.market else ""
    market = said or (folders[-1] if folders else "")
    if perpetual:
        market = market or "inverse"
        if market != "inverse":
            raise ConfigError(f"{file.path}: {pair}_PERP is coin-margined; give --market cm")
    elif market == "inverse" and kind != "index":
        raise ConfigError(
            f"{file.path}: a coin-margined perpetual's file is called {pair}_PERP-...; check "
            "--market and the folder"
        )
    elif not market and kind in (FUNDING, "mark"):
        market = "linear"
    if not market:
        raise ConfigError(
            f"{file.path}: spot and futures files have the same name; give --market spot, um or "
            "cm, or keep the folders of the dump (data/spot/..., data/futures/um/...)"
        )
    if market == "spot" and kind != "trade":
        raise ConfigError(f"{file.path}: spot has no {kind} series; give --market um or cm")
    return market


def _table(content: bytes, name: str, columns: tuple[str, ...]) -> pl.DataFrame:
    """Return the columns of a dump, by name where it has a header, else by place."""
    first = content[:4096].split(b"\n", maxsplit=1)[0].split(b",", maxsplit=1)[0].strip(b' "\r')
    header = not first.removeprefix(b"-").isdigit()
    table = read_csv(content, name, header=header)
    if header:
        names = [column.strip().lower() for column in table.columns]
        if len(set(names)) == len(names):
            table.columns = names
        missing = [column for column in columns[:6] if column not in table.columns]
        if missing:
            raise MarketDataError(
                f"{name}: column {', '.join(missing)} is missing, found "
                f"{', '.join(table.columns)[:200]}; fetch the file again"
            )
    elif table.width != len(columns):
        raise MarketDataError(
            f"{name}: has {table.width} columns, not {len(columns)}; fetch the file again"
        )
    else:
        table.columns = list(columns)
    if table.is_empty():
        raise MarketDataError(f"{name}: has no rows; fetch the file again")
    return table


def _klines(table: pl.DataFrame, name: str, contents: _Contents) -> pl.DataFrame:
    times = nanoseconds_of(table["open_time"], TimeColumn(column="open_time"), name)
    prices = [numbers(table[column], name) for column in PRICES]
    volume = numbers(table["volume"], name)
    if contents.kind != "trade":
        volume = pl.Series("volume", [None] * len(volume), dtype=pl.Float64)
    elif contents.inverse:
        volume = volume * _DOLLARS_PER_CONTRACT.get(contents.base, _DOLLARS_OTHERWISE)
    elif bool((volume == 0).all()) and len(volume) > 1:
        raise MarketDataError(
            f"{name}: no bar has any volume, as in mark and index candles; give --kind trade, mark "
            "or index, or keep the folder name of the dump (klines, markPriceKlines, ...)"
        )
    return pl.DataFrame([times, *prices, volume]).select("time", *BAR_COLUMNS)


def _funding(table: pl.DataFrame, name: str) -> pl.DataFrame:
    times = nanoseconds_of(table["calc_time"], TimeColumn(column="calc_time"), name)
    rate = numbers(table["last_funding_rate"], name).alias("rate")
    unknown = pl.Series("mark_price", [None] * len(rate), dtype=pl.Float64)
    return pl.DataFrame([times, rate, unknown]).select("time", *FUNDING_COLUMNS)
