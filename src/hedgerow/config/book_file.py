"""A person's file of a book: TOML or JSON of positions, or a table of them, to domain objects."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hedgerow.config.book_file_market import Given, given_in
from hedgerow.config.book_file_names import TABLES as MARKET_TABLES
from hedgerow.config.book_file_names import refuse_unheld
from hedgerow.config.book_file_positions import POSITIONS, Read, Table, keys
from hedgerow.config.book_file_symbols import unified
from hedgerow.config.reading import MOST_CONFIG, read_bytes, read_file
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.exposure.book import Book

if TYPE_CHECKING:
    import polars as pl

MEND: Final = (
    "name a book: TOML or JSON such as [[holding]] and [[option]], or a CSV of symbol,size"
)
TABLES: Final = (".csv", ".csv.gz", ".zip", ".parquet")
TOP_KEYS: Final = ("numeraire", *POSITIONS, "market")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFile:
    """A book as a file describes it.

    Attributes
    ----------
    name
        The file.
    book
        What is held.
    given
        What the file says of the market.
    premiums
        What options were entered at, by their row in the book, in the currency of their premium:
        the coin of one that settles in it, else money.
    """

    name: str
    book: Book
    given: Given = field(default_factory=Given)
    premiums: Mapping[int, float] = field(default_factory=dict)


def load_book(path: Path, *, numeraire: str = "") -> BookFile:
    """Return the book that the file at `path` describes.

    Parameters
    ----------
    numeraire
        In place of the file's, USD where neither says one.

    Raises
    ------
    ConfigError
        If it cannot be read, a key is unknown or missing, a value makes no sense, or the book is
        empty. Rows of a table that cannot be meant are named in the exposure instead.
    """
    if path.name.lower().endswith(TABLES):
        return _of_table(path, numeraire)
    return read_book(read_file(path, mend=MEND), str(path), numeraire=numeraire)


def read_book(raw: object, name: str, *, numeraire: str = "") -> BookFile:
    """Return the book of a parsed file called `name`."""
    if not isinstance(raw, dict):
        raise ConfigError(f"{name} must be a table of keys and values")
    for key in raw:
        if key not in TOP_KEYS:
            raise UnknownName("key", str(key), TOP_KEYS, where=name)
    whole = Table(raw, name, keys(*TOP_KEYS))
    positions: list[Read] = []
    premiums: dict[int, float] = {}
    row = 0
    for key in POSITIONS:
        for where, table in _rows(raw, key, name):
            position = _position(key, where, table)
            positions.append(position)
            if key == "option" and "entry" in table:
                premiums[row] = _premium(table["entry"], where)
            row += len(position.lines())
    if not positions:
        raise ConfigError(
            f"{name}: the book is empty; add a position such as [[holding]] with asset and amount"
        )
    try:
        book = Book(positions, numeraire=numeraire or whole.text("numeraire", "USD"))
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from error
    given = given_in(raw["market"], name) if "market" in raw else Given()
    places = {table: f"{name}: [market.{table}]" for table in MARKET_TABLES}
    refuse_unheld(given, book, places, [whole.text("numeraire", "USD")])
    return BookFile(name=name, book=book, given=given, premiums=premiums)


def _rows(raw: dict[str, Any], key: str, name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables of one kind, each with what to call it."""
    rows = raw.get(key, [])
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list):
        raise ConfigError(f"{name}: {key} must be a list; write [[{key}]] above each position")
    found = []
    for number, row in enumerate(rows, start=1):
        where = f"{name}: [[{key}]] {number}"
        if not isinstance(row, dict):
            raise ConfigError(f"{where} must be a table of keys and values")
        found.append((where, row))
    return found


def _position(key: str, where: str, table: dict[str, Any]) -> Read:
    read, known = POSITIONS[key]
    try:
        position = read(Table(table, where, known))
        position.lines()  # what only a line refuses is said with its place, too
    except ConfigError as error:
        text = str(error)
        raise ConfigError(text if text.startswith(where) else f"{where}: {text}") from error
    return position


def _premium(value: float, where: str) -> float:
    if not 0.0 <= value < math.inf:
        raise ConfigError(f"{where} entry = {value:g}: a premium is 0 or above")
    return float(value)


def _of_table(path: Path, numeraire: str) -> BookFile:
    from hedgerow.adapters.files import SourceFile, read_table  # noqa: PLC0415 - polars takes time
    from hedgerow.errors import MarketDataError  # noqa: PLC0415 - beside its only use

    if not path.is_file():
        read_bytes(path, most=MOST_CONFIG, mend=MEND)  # says what is in the way
    try:
        frame = read_table(SourceFile(path=path, walked=False))
    except MarketDataError as error:
        raise ConfigError(f"{error}; {MEND}") from error
    try:
        frame = _with_unified_names(frame)
        book = Book.from_frame(frame, numeraire=numeraire or "USD")
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error
    return BookFile(name=str(path), book=book, premiums=_premiums_of(frame))


def _with_unified_names(frame: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415 - it takes time

    if "symbol" not in frame.columns or frame["symbol"].dtype != pl.String:
        return frame
    names = frame["symbol"].str.strip_chars()
    known = {name: unified(name) for name in names.unique().to_list() if name is not None}
    return frame.with_columns(names.replace(known).alias("symbol"))


def _premiums_of(frame: "pl.DataFrame") -> dict[int, float]:
    """Return the entries of a table's options, by row."""
    if "entry" not in frame.columns:
        return {}
    pairs = zip(frame["symbol"].to_list(), frame["entry"].to_list(), strict=True)
    return {
        row: float(entry)
        for row, (symbol, entry) in enumerate(pairs)
        if entry is not None and symbol is not None and symbol[-2:] in {"-C", "-P"}
    }
