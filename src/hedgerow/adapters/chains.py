"""Option chains from files: known shapes by their columns, any other by a column map."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from hedgerow.adapters import chain_blocks
from hedgerow.adapters.chain_blocks import ROW
from hedgerow.adapters.chain_maps import (
    CALLS,
    NUMBERS,
    PUTS,
    READY,
    VENUES,
    ChainMap,
    Units,
    load_chain_map,
)
from hedgerow.adapters.files import SUFFIXES, SourceFile, read_table
from hedgerow.adapters.stamps import TimeColumn, readable_nanoseconds
from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.market.chain import Chain, PremiumUnit
from hedgerow.units import Floats, Times, iso

SEPARATORS = (";", "\t", "|", ",")
LEAST, MOST = 0.02, 10.0  # what the median of volatilities lies between, a year
__all__ = ["ChainFile", "ChainMap", "load_chain_map", "open_chains", "read_chain"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChainFile:
    """A file of option quotes: one chain for each snapshot in it, or for any moment of its rows.

    A CSV of rows that is too large for memory is read anew, block after block, for each question.
    """

    name: str
    map: ChainMap
    _blocks: Callable[[], Iterator[pl.DataFrame]] = field(repr=False)

    @property
    def times(self) -> tuple[int, ...]:
        """The snapshots, UTC nanoseconds; of a file of rows the moment of its last."""
        if "quoted" in self.map.columns:
            return (self.span[1],)
        found = {moment for block in self._blocks() for moment in block["stands"].unique()}
        return tuple(sorted(found))

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last moment that its rows name, UTC nanoseconds."""
        ends = [(block["moment"].min(), block["moment"].max()) for block in self._blocks()]
        known = [int(end) for both in ends for end in both if end is not None]  # type: ignore[arg-type]
        return min(known), max(known)

    def chain(self, *, at: int | None = None, underlying: str = "") -> Chain:
        """Return the chain of the last snapshot not after `at`, UTC nanoseconds; else the last.

        Of a file of rows, each symbol's last row not after `at`.

        Raises
        ------
        UnknownName
            If there are no options on the underlying.
        MarketDataError
            If there is nothing before `at`, if a value cannot be read, naming column and row, or
            if premiums are paid in coin on some underlyings and in quote on others and none is
            chosen.
        """
        known: set[str] = set()
        kept: list[pl.DataFrame] = []
        for block in self._blocks():
            table = block if at is None else block.filter(pl.col("stands") <= at)
            if table.is_empty():
                if at is not None and kept:
                    break  # rows stand in order of time
                continue
            known |= set(table["coin"].unique()) - {""}
            if underlying:
                table = table.filter(pl.col("coin") == underlying)
            kept = [self._last(pl.concat([*kept, table]))]
        if underlying and known and underlying not in known:
            raise UnknownName("underlying", underlying, sorted(known), where=self.name)
        if not kept or kept[0]["moment"].is_null().all():
            when = f" at or before {iso(at)}" if at is not None else ""
            raise MarketDataError(f"{self.name}: holds no option quotes{when}; choose a later time")
        last = int(kept[0]["moment"].max())  # type: ignore[arg-type]
        time = last if at is None or "quoted" not in self.map.columns else at
        return _chain(kept[0], self.map, time, self.name)

    def _last(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return the last snapshot's rows, or each symbol's last row."""
        if "quoted" not in self.map.columns:
            return table.filter(pl.col("stands") == pl.col("stands").max())
        symbol = self.map.columns["symbol"]
        return table.sort("moment", maintain_order=True).unique(
            symbol, keep="last", maintain_order=True
        )


def open_chains(path: Path | str, *, map: ChainMap | str | None = None) -> ChainFile:  # noqa: A002 - the word of the trade
    """Open a Parquet or CSV file of option quotes, gzip or zip too.

    Parameters
    ----------
    path
        The file.
    map
        What its columns mean: a `ChainMap`, the path of one as TOML, or the name of a ready one;
        left out, told by the columns.
    """
    path = Path(path)
    file = SourceFile(path=path, walked=False)
    name = str(path)
    if not file.suffix:
        raise ConfigError(f"{path}: a chain's file ends in {', '.join(SUFFIXES)}; rename it")
    known = _map(map)
    separator = known.separator if known else ","
    if chain_blocks.is_large(path):
        columns = chain_blocks.header(path, separator)
        found = _checked(known, columns, name)
        if "quoted" in found.columns:
            wanted = list(found.columns.values())

            def stream() -> Iterator[pl.DataFrame]:
                before, refusals = 0, []
                for block in chain_blocks.blocks(path, separator, wanted):
                    table, refusal = _stamped(block, found, name, before)
                    refusals.append(refusal)
                    before = int(table["stands"][-1])
                    yield table
                if not before and refusals and refusals[0]:
                    raise refusals[0]

            return ChainFile(name=name, map=found, _blocks=stream)
    whole = read_table(file, separator=separator)
    found = _checked(known, whole.columns, name)
    if whole.is_empty():
        raise MarketDataError(f"{name}: holds no rows; fetch it again")
    table, refusal = _stamped(whole.with_row_index(ROW, 1), found, name, 0)
    if refusal and table["moment"].is_null().all():
        raise refusal
    return ChainFile(name=name, map=found, _blocks=lambda: iter((table,)))


def read_chain(
    path: Path | str,
    *,
    at: int | None = None,
    underlying: str = "",
    map: ChainMap | str | None = None,  # noqa: A002 - the word of the trade
) -> Chain:
    """Return one chain of a file: see `open_chains` and `ChainFile.chain`."""
    return open_chains(path, map=map).chain(at=at, underlying=underlying)


def _map(given: ChainMap | str | None) -> ChainMap | None:
    if given is None or isinstance(given, ChainMap):
        return given
    if given in READY:
        return READY[given]
    if not given.endswith(".toml"):
        raise UnknownName("column map", given, tuple(READY))
    return load_chain_map(Path(given))


def _checked(known: ChainMap | None, columns: list[str], name: str) -> ChainMap:
    """Return the map of a file of these columns, told by them where none is given."""
    if known is None:
        for ready in READY.values():
            if set(ready.columns.values()) <= set(columns):
                return ready
        raise ConfigError(
            f"{name}: its columns ({', '.join(columns[:8])}, ...) are of no known shape; "
            "give a column map"
        )
    for ours, column in known.columns.items():
        if column not in columns:
            _refuse_one_column(columns, known.separator, name)
            raise UnknownName(f"column for {ours}", column, columns, where=name)
    return known


def _refuse_one_column(columns: list[str], separator: str, name: str) -> None:
    """Refuse a CSV whose rows were not taken apart, with what would do it."""
    head = columns[0]
    if "\0" in head or "\ufffd" in head:
        raise ConfigError(f"{name}: its first line is not UTF-8 text; save the file as UTF-8")
    others = [one for one in SEPARATORS if one != separator and one in head]
    if len(columns) == 1 and others:
        raise ConfigError(
            f"{name}: its rows are one column, {head[:40]!r}; write "
            f"separator = {json.dumps(others[0])} above [columns] in the map"
        )


def _stamped(
    table: pl.DataFrame,
    map: ChainMap,  # noqa: A002
    name: str,
    before: int,
) -> tuple[pl.DataFrame, MarketDataError | None]:
    """Return the rows with moment and coin, and what is wrong with the first without a moment.

    Such a row stands where the last one before it with a moment does, which is `before` where none
    of these is.
    """
    stamp = map.columns.get("quoted", map.columns.get("time", ""))
    moments, refusal = readable_nanoseconds(
        table[stamp], TimeColumn(column=stamp), name, table[ROW], exact=True
    )
    stands = moments.fill_null(strategy="forward")
    if "time" in map.columns:
        stands = stands.fill_null(strategy="backward")
    if "underlying" in map.columns:
        coin = table[map.columns["underlying"]].cast(pl.String).str.strip_chars()
    else:
        coin = table[map.columns["symbol"]].cast(pl.String).str.extract(r"^([A-Za-z0-9_]+)")
    stamped = table.with_columns(
        moments.alias("moment"),
        stands.fill_null(before).alias("stands"),
        coin.fill_null("").alias("coin"),
    )
    return stamped, refusal


def _chain(table: pl.DataFrame, map: ChainMap, time: int, name: str) -> Chain:  # noqa: A002
    units = _units(table, map, name)
    faults = np.where(table["moment"].is_null(), "time is no time", "").astype("<U32")
    expiry = map.columns["expiry"]
    due, refusal = readable_nanoseconds(table[expiry], TimeColumn(column=expiry), name, table[ROW])
    if refusal and due.is_null().all():
        raise refusal
    faults[due.is_null().to_numpy() & (faults == "")] = "expiry is no time"
    numbers = {one: _numbers(table, map, one, name, faults) for one in NUMBERS}
    if units.underlying == "index":
        numbers["index"] = np.where(
            np.isnan(numbers["index"]), numbers["forward"], numbers["index"]
        )
        numbers["forward"] = np.full(len(table), np.nan)
    kinds = table[map.columns["kind"]].cast(pl.String).str.to_lowercase()
    sign = np.where(kinds.is_in(CALLS), 1.0, np.where(kinds.is_in(PUTS), -1.0, np.nan))
    coins = table["coin"].to_numpy().astype(np.str_)
    index = {}
    for coin in np.unique(coins[coins != ""]):
        prices = numbers["index"][coins == coin]
        if np.isfinite(prices).any():
            index[str(coin)] = float(np.nanmedian(prices))
    del numbers["index"]
    if units.per_cent:
        numbers["mark_volatility"] = numbers["mark_volatility"] / 100.0
    _refuse_percent(numbers["mark_volatility"], units, name)
    quoted: Times = table["stands"].to_numpy()
    return Chain(
        time=time,
        premium_unit=_premium_unit(coins[coins != ""], units, name),
        index=index,
        symbol=table[map.columns["symbol"]]
        .cast(pl.String)
        .fill_null("")
        .to_numpy()
        .astype(np.str_),
        underlying=coins,
        expiry=due.fill_null(0).to_numpy(),
        sign=sign.astype(np.float64),
        quoted=quoted,
        faults=faults,
        **numbers,
    )


def _refuse_percent(volatility: Floats, units: Units, name: str) -> None:
    """Refuse volatilities that were taken for per cent and are not, or the other way round."""
    known = volatility[volatility > 0.0]
    middle = float(np.median(known)) if known.size else 1.0
    if not LEAST <= middle <= MOST:
        told = "per cent" if units.per_cent else "fractions"
        other = "false" if units.per_cent else "true"
        raise MarketDataError(
            f"{name}: read as {told}, half of its volatilities are "
            f"{'below' if middle < LEAST else 'above'} {middle:.2%}; give a column map with "
            f"per_cent = {other}"
        )


def _units(table: pl.DataFrame, map: ChainMap, name: str) -> Units:  # noqa: A002
    """Return the units of a file's rows: of the venue that they name, else the map's."""
    if "venue" not in map.columns:
        return map.units
    column = map.columns["venue"]
    found = table[column].cast(pl.String).fill_null("").unique().sort().to_list()
    if len(found) > 1:
        raise MarketDataError(
            f"{name}: {column} names {', '.join(found)}; a chain is of one venue, split the file"
        )
    if found[0] not in VENUES:
        raise MarketDataError(
            f"{name}: {column} = {found[0]!r}: its units are not known here "
            f"({', '.join(VENUES)} are); give a column map without venue that tells them"
        )
    return VENUES[found[0]]


def _premium_unit(coins: "np.typing.NDArray[np.str_]", units: Units, name: str) -> PremiumUnit:
    """Return what all premiums are paid in; refuse a mixture."""
    if not coins.size:
        raise MarketDataError(
            f"{name}: no row names its underlying; name another column in the map"
        )
    sorts: dict[PremiumUnit, list[str]] = {}
    for coin in np.unique(coins).tolist():
        sorts.setdefault(units.unit_of(coin), []).append(coin)
    if len(sorts) > 1:
        raise MarketDataError(
            f"{name}: premiums are paid in coin on {', '.join(sorts['coin'])} and in quote on "
            f"{', '.join(sorts['quote'])}; name the underlying"
        )
    return next(iter(sorts))


def _numbers(
    table: pl.DataFrame,
    map: ChainMap,  # noqa: A002
    wanted: str,
    name: str,
    faults: "np.typing.NDArray[np.str_]",
) -> Floats:
    """Return a column as floats, NaN where it is empty or no number, which `faults` is told.

    Refused where no row holds a number and none is empty.
    """
    if wanted not in map.columns:
        return np.full(len(table), np.nan)
    column = map.columns[wanted]
    given = table[column]
    if given.dtype == pl.String:
        text = given.str.strip_chars()
        given = text.set(text.str.to_lowercase().is_in(["", "nan", "null", "none"]), None)
    values = given.cast(pl.Float64, strict=False)
    bad = values.is_null() & given.is_not_null()
    if bad.all():
        raise MarketDataError(
            f"{name}, row {table[ROW][0]}: {column} = {given[0]!r} is not a number; "
            "mend the row, or name another column in the map"
        )
    faults[bad.to_numpy() & (faults == "")] = f"{wanted.replace('_', ' ')} is no number"
    return values.fill_null(np.nan).to_numpy().astype(np.float64)
