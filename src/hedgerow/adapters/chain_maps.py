"""What the columns of files of option quotes mean: ready maps, maps in TOML, and venues' units."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.market.chain import PremiumUnit

NUMBERS: Final = (
    "strike",
    "forward",
    "bid",
    "ask",
    "mark",
    "mark_volatility",
    "delta",
    "open_interest",
    "index",
)
TEXTS: Final = ("symbol", "underlying", "kind", "venue")
TIMES: Final = ("time", "quoted", "expiry")
NEEDED: Final = ("symbol", "kind", "strike", "expiry")
CALLS: Final = ("c", "call")
PUTS: Final = ("p", "put")
LINEAR: Final = ("_USDC", "_USDT")  # what a coin's name ends in where premiums are paid in quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """What a venue's numbers are counted in.

    Attributes
    ----------
    premium_unit
        ``coin`` or ``quote``; in quote wherever the coin's name ends in one, as in ``SOL_USDC``.
    per_cent
        Whether volatilities are written as 60 rather than 0.6.
    underlying
        Whether the price of the underlying beside a quote is its ``forward`` or the ``index``.
    """

    premium_unit: PremiumUnit
    per_cent: bool
    underlying: Literal["forward", "index"]

    def unit_of(self, coin: str) -> PremiumUnit:
        """Return what premiums on a coin are paid in."""
        return "quote" if coin.endswith(LINEAR) else self.premium_unit


# By the names that Tardis gives them in `exchange`. Binance and OKX publish no forward with their
# quotes: beside them stands the index, and forwards come of put-call parity.
VENUES: Final[Mapping[str, Units]] = {
    "deribit": Units(premium_unit="coin", per_cent=True, underlying="forward"),
    "okex-options": Units(premium_unit="coin", per_cent=False, underlying="index"),
    "binance-options": Units(premium_unit="quote", per_cent=False, underlying="index"),
    "binance-european-options": Units(premium_unit="quote", per_cent=False, underlying="index"),
    "bybit-options": Units(premium_unit="quote", per_cent=False, underlying="forward"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMap:
    """What the columns of a file of option quotes mean.

    Attributes
    ----------
    columns
        The file's name for each of ours: `symbol`, `underlying`, `kind` (call, put, C, P),
        `strike`, `expiry`, `forward`, `bid`, `ask`, `mark`, `mark_volatility`, `delta`,
        `open_interest`, `index`, and either `time` of a snapshot or `quoted`, the moment of each
        row, of which the last of every symbol counts. Where `venue` names a column its value
        tells the units, and the two keys below are not looked at.
    premium_unit
        ``coin`` or ``quote``.
    per_cent
        Whether volatilities are written as 60 rather than 0.6.
    separator
        Of a CSV.
    """

    columns: Mapping[str, str]
    premium_unit: PremiumUnit = "coin"
    per_cent: bool = False
    separator: str = ","

    def __post_init__(self) -> None:
        known = (*TEXTS, *TIMES, *NUMBERS)
        for name in self.columns:
            if name not in known:
                raise UnknownName("column of a chain", name, known)
        missing = [name for name in NEEDED if name not in self.columns]
        if missing:
            raise ConfigError(f"a chain's map needs {', '.join(missing)}: name the file's columns")
        if ("time" in self.columns) == ("quoted" in self.columns):
            raise ConfigError("a chain's map needs either time, of snapshots, or quoted, of rows")
        if self.premium_unit not in {"coin", "quote"}:
            raise ConfigError(f"premium_unit = {self.premium_unit!r}: write coin or quote")
        if len(self.separator) != 1:
            raise ConfigError(f"separator = {self.separator!r}: write one character, such as ;")

    @property
    def units(self) -> Units:
        """The units where no column names the venue."""
        return Units(premium_unit=self.premium_unit, per_cent=self.per_cent, underlying="forward")


SNAPSHOTS: Final = ChainMap(
    columns={
        "time": "snapshot",
        "symbol": "instrument_name",
        "underlying": "currency",
        "kind": "option_type",
        "strike": "strike",
        "expiry": "expiry",
        "forward": "underlying_price",
        "index": "index_price",
        "bid": "bid",
        "ask": "ask",
        "mark": "mark_price",
        "mark_volatility": "mark_iv",
        "delta": "delta",
        "open_interest": "open_interest",
    }
)
TICKERS: Final = ChainMap(
    columns={
        "quoted": "ts",
        "symbol": "instrument_name",
        "kind": "option_type",
        "strike": "strike",
        "expiry": "expiry",
        "forward": "underlying_price",
        "index": "index_price",
        "bid": "best_bid_price",
        "ask": "best_ask_price",
        "mark": "mark_price",
        "mark_volatility": "mark_iv",
        "delta": "delta",
        "open_interest": "open_interest",
    },
    per_cent=True,
)
TARDIS: Final = ChainMap(
    columns={
        "venue": "exchange",
        "quoted": "timestamp",
        "symbol": "symbol",
        "kind": "type",
        "strike": "strike_price",
        "expiry": "expiration",
        "forward": "underlying_price",
        "bid": "bid_price",
        "ask": "ask_price",
        "mark": "mark_price",
        "mark_volatility": "mark_iv",
        "delta": "delta",
        "open_interest": "open_interest",
    },
)
READY: Final[Mapping[str, ChainMap]] = {
    "tardis": TARDIS,
    "snapshots": SNAPSHOTS,
    "tickers": TICKERS,
}


def load_chain_map(path: Path) -> ChainMap:
    """Return the map that a TOML file describes.

    The file has a table ``[columns]`` of our names and the file's, and above it, where they differ
    from the defaults, ``premium_unit = "quote"``, ``per_cent = true`` and ``separator = ";"``.
    """
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        why = error.strerror or error
        raise ConfigError(f"{path}: {why}; check the path of the column map") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not readable as TOML ({error}); correct it") from error
    known = ("columns", "premium_unit", "per_cent", "separator")
    for name in document:
        if name not in known:
            raise UnknownName("key", name, known, where=str(path))
    columns = document.get("columns", {})
    texts = isinstance(columns, dict) and all(isinstance(one, str) for one in columns.values())
    if not texts:
        raise ConfigError(f'{path}: [columns] is a table of texts such as strike = "strike_price"')
    if not isinstance(document.get("separator", ","), str):
        raise ConfigError(f'{path}: separator is a text of one character, such as ";"')
    if not isinstance(document.get("per_cent", False), bool):
        raise ConfigError(f"{path}: per_cent is true or false")
    try:
        return ChainMap(**{"columns": {}, **document})
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
