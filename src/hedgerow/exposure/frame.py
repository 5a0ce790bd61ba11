"""A book of many positions from a table, one row each."""

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from hedgerow.errors import ConfigError
from hedgerow.exposure.checks import SETTLEMENT
from hedgerow.exposure.columns import NUMBERS, Columns, Problem, Table, arranged
from hedgerow.exposure.line import NEVER, Kind
from hedgerow.market.instrument import MONEY
from hedgerow.units import HOUR, Bools

if TYPE_CHECKING:
    from hedgerow.units import Floats

KNOWN: Final = ("symbol", "size", "entry")
UNKNOWN: Final = "symbol is none that we know"
THIRD: Final = "quoted or settled in a third coin"
NO_DAY: Final = "expiry is no day"
WORDS: Final = (
    "",
    UNKNOWN,
    THIRD,
    NO_DAY,
    "strike <= 0",
    "size is missing",
    "size is infinite",
    "amount < 0",
    "entry <= 0",
    "size is no number",
    "entry is no number",
)
_SYMBOL: Final = (
    r"^(?<base>[A-Z0-9]{1,20})(?:/(?<quote>[A-Z0-9]{1,20}):(?<settle>[A-Z0-9]{1,20})"
    r"(?:-(?<day>\d{6})(?:-(?<strike>\d+(?:\.\d+)?)-(?<letter>[CP]))?)?)?$"
)


def columns_of_frame(frame: pl.DataFrame) -> Columns:
    """Return the rows of `frame` as a book's columns; see `Book.from_frame`."""
    _refuse_columns(frame)
    symbols = frame["symbol"]
    parts = symbols.str.extract_groups(_SYMBOL).struct.unnest()
    money = list(MONEY)
    table = parts.select(
        pl.col("base").is_not_null().alias("known"),
        pl.col("base"),
        pl.col("quote").is_not_null().alias("contract"),
        pl.col("quote").is_in(money).alias("in_money"),
        (pl.col("settle") == pl.col("base")).alias("inverse"),
        (
            (pl.col("settle") == pl.col("base"))
            | (pl.col("settle") == pl.col("quote"))
            | pl.col("settle").is_in(money)
        ).alias("settled"),
        pl.col("day").is_not_null().alias("dated"),
        ("20" + pl.col("day")).str.to_date("%Y%m%d", strict=False).alias("date"),
        pl.col("strike").cast(pl.Float64),
        (pl.col("letter") == "C").alias("call"),
    )
    size, size_unread = _numbers(frame, "size")
    entry, entry_unread = np.full(size.size, np.nan), np.zeros(size.size, dtype=np.bool_)
    if "entry" in frame.columns:
        entry, entry_unread = _numbers(frame, "entry")
    given = np.zeros(size.size, dtype=np.bool_)
    if "entry" in frame.columns:
        given = _is_given(frame["entry"]).to_numpy()
    known = table["known"].fill_null(False).to_numpy()
    contract = table["contract"].fill_null(False).to_numpy()
    option = table["strike"].is_not_null().to_numpy()
    dated = table["dated"].fill_null(False).to_numpy()
    date = table["date"].to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    kind = np.select(
        [~contract, option, dated], [Kind.COIN, Kind.OPTION, Kind.FUTURE], Kind.PERP
    ).astype(np.int64)
    strike = table["strike"].fill_null(np.nan).to_numpy()
    allowed = (table["in_money"] & table["settled"]).fill_null(False).to_numpy()
    wrong = np.select(
        [
            ~known,
            contract & ~allowed,
            dated & (date < 0),
            option & ~(strike > 0.0),
            size_unread,
            entry_unread,
            np.isnan(size),
            np.isinf(size),
            ~contract & (size < 0.0),
            given & ~((entry > 0.0) & (entry < np.inf)),
        ],
        [1, 2, 3, 4, 9, 10, 5, 6, 7, 8],
        0,
    )
    numbers = np.full((len(NUMBERS), size.size), np.nan)
    row = {name: numbers[place] for place, name in enumerate(NUMBERS)}
    row["size"][:] = size
    row["inverse"][:] = table["inverse"].fill_null(False).to_numpy()
    row["paid"][:] = (kind == Kind.COIN) | (kind == Kind.OPTION)
    row["entry"][:] = entry
    row["strike"][:] = strike
    row["sign"][:] = np.where(table["call"].fill_null(False).to_numpy(), 1.0, -1.0)
    kind[wrong > 0] = -1
    names = symbols.fill_null("").to_list()
    bad = np.flatnonzero(wrong)
    problems = [Problem(int(at), names[at], WORDS[wrong[at]]) for at in bad]
    marked = ((kind == Kind.PERP) | (kind == Kind.FUTURE)).tolist()
    expiry = np.where(dated, date * (24 * HOUR) + SETTLEMENT.hour * HOUR, NEVER)
    columns = Table(
        names=names,
        kind=kind,
        underlying=table["base"].fill_null("").to_list(),
        market=[name if asked else "" for name, asked in zip(names, marked, strict=True)],
        expiry=expiry.astype(np.int64),
        numbers=numbers,
    )
    return arranged(columns, tuple(problems))


def _refuse_columns(frame: pl.DataFrame) -> None:
    for name in ("symbol", "size"):
        if name not in frame.columns:
            raise ConfigError(f"the frame has no column {name!r}; it needs symbol and size")
    for name in frame.columns:
        if name not in KNOWN:
            raise ConfigError(f"column {name!r} is unknown; a book's frame has {', '.join(KNOWN)}")
    if not frame.height:
        raise ConfigError("the frame has no rows; a book needs a position")
    if frame["symbol"].dtype != pl.String:
        raise ConfigError(f"symbol is a column of {frame['symbol'].dtype}; write text")


def _numbers(frame: pl.DataFrame, name: str) -> "tuple[Floats, Bools]":
    """Return a column's numbers, NaN where it has none, and where a text is no number."""
    given = frame[name]
    read = given.str.strip_chars().cast(pl.Float64, strict=False) if _is_text(given) else given
    unread = _is_given(given) & read.is_null()
    try:
        column = read.cast(pl.Float64, strict=True)
    except pl.exceptions.PolarsError as error:
        raise ConfigError(f"{name} is a column of {given.dtype}; write numbers") from error
    if unread.all():
        raise ConfigError(f"{name} is a column of {given.dtype}; write numbers")
    return column.fill_null(np.nan).to_numpy().astype(np.float64), unread.to_numpy()


def _is_given(column: pl.Series) -> pl.Series:
    if _is_text(column):
        return column.fill_null("").str.strip_chars() != ""
    return column.is_not_null()


def _is_text(column: pl.Series) -> bool:
    return column.dtype == pl.String
