"""What a row must be before it may enter a lake; the first that is not is named and refused."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from hedgerow.adapters.frames import BAR_COLUMNS, FUNDING_COLUMNS, PRICES
from hedgerow.adapters.merge import Piece
from hedgerow.adapters.series_key import SeriesKey, step_text
from hedgerow.errors import MarketDataError
from hedgerow.units import iso

_NUMBERS: Final = (pl.String, pl.Null)  # read as numbers too


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one series as a file gives them.

    `frame` has ``row`` (1 for the first below the header), ``time`` in UTC nanoseconds and the
    value columns of the series.
    """

    key: SeriesKey
    file: str
    frame: pl.DataFrame


def numbers(values: pl.Series, file: str, rows: pl.Series | None = None) -> pl.Series:
    """Return a column as float64, blank, null and NaN as null.

    `rows` are the row numbers of the file, where `values` are not all of its rows.

    Raises
    ------
    MarketDataError
        If a value is not a finite number, naming its row.
    """
    kind = values.dtype
    if not (kind.is_numeric() or kind in _NUMBERS):
        raise MarketDataError(
            f"{file}: column {values.name!r} holds {kind}, not numbers; write plain numbers"
        )
    clean = values
    if kind == pl.String:
        text = values.str.strip_chars()
        blank = text.str.to_lowercase().is_in(["", "nan", "null", "none", "na", "n/a"])
        clean = text.set(blank, None)
    cast = clean.cast(pl.Float64, strict=False)
    bad = (cast.is_null() & clean.is_not_null()) | cast.is_infinite().fill_null(value=False)
    if bad.any():
        place = int(bad.arg_true()[0])
        row = place + 1 if rows is None else rows[place]
        raise MarketDataError(
            f"{file}, row {row}: {values.name} = {values[place]!r} is not a finite number; "
            "correct or remove the row"
        )
    return cast.fill_nan(None)


def checked(rows: Rows) -> Piece:
    """Return the rows as clean ones, ``time`` ascending.

    A file may run from the newest row to the oldest; it may not jump back and forth.

    Raises
    ------
    MarketDataError
        If a row is impossible, naming file, row, time, column, value and the mend.
    """
    frame = _ascending(rows)
    if rows.key.is_funding:
        _check_funding(rows, frame)
        return Piece(key=rows.key, file=rows.file, frame=frame.select("time", *FUNDING_COLUMNS))
    _check_grid(rows, frame)
    _check_bars(rows, frame)
    return Piece(key=rows.key, file=rows.file, frame=frame.select("time", *BAR_COLUMNS))


def infer_step(times: pl.Series, file: str, what: str) -> int:
    """Return the most common distance between neighbouring times, in nanoseconds.

    Raises
    ------
    MarketDataError
        If there are fewer than two different times.
    """
    distances = times.unique().sort().diff().drop_nulls()
    if distances.is_empty():
        raise MarketDataError(
            f"{file}: the length of a bar of {what} cannot be told from a single row; give "
            "`step` in a column map, such as 1h"
        )
    counted = distances.value_counts(sort=True)
    most = counted.filter(pl.col("count") == counted["count"].max())
    return int(most[distances.name].min())  # type: ignore[arg-type]


def _ascending(rows: Rows) -> pl.DataFrame:
    frame = rows.frame
    ahead = frame["time"].diff().drop_nulls()
    if bool((ahead > 0).all()):
        return frame
    if bool((ahead < 0).all()):
        return frame.reverse()
    repeated = frame.filter(pl.col("time").is_duplicated())
    if repeated.height:
        time = repeated["time"][0]
        numbers_of = repeated.filter(pl.col("time") == time)["row"].head(2).to_list()
        raise MarketDataError(
            f"{rows.file}, rows {numbers_of[0]} and {numbers_of[1]}: {rows.key} has {iso(time)} "
            f"twice ({repeated.height} such rows); keep one row for each time"
        )
    step = 1 if int((ahead > 0).sum()) >= int((ahead < 0).sum()) else -1
    place = int((ahead * step < 0).arg_true()[0]) + 1
    raise MarketDataError(
        f"{rows.file}, row {frame['row'][place]}: time goes from {iso(frame['time'][place - 1])} "
        f"to {iso(frame['time'][place])} in {rows.key}, against the order of the file; sort the "
        "rows by time"
    )


def _check_grid(rows: Rows, frame: pl.DataFrame) -> None:
    if frame.is_empty():
        return
    phase = int((frame["time"] % rows.key.step).mode().sort()[0])
    off = frame.filter(pl.col("time") % rows.key.step != phase)
    if off.height:
        raise MarketDataError(
            f"{rows.file}, row {off['row'][0]}: the bar of {rows.key} at {iso(off['time'][0])} "
            f"is not a whole number of {step_text(rows.key.step)} from the others; remove the "
            "row, or give the right `step`"
        )


def _check_bars(rows: Rows, frame: pl.DataFrame) -> None:
    has = {name: pl.col(name).is_not_null() for name in PRICES}
    outer = [has["open"], has["high"], has["low"]]
    _refuse(
        rows,
        frame,
        "close",
        pl.col("close").is_null(),
        "is missing; fill it from the source or remove the row",
    )
    for name in ("open", "high", "low"):
        _refuse(
            rows,
            frame,
            name,
            ~has[name] & pl.any_horizontal(outer),
            "is missing while the bar's other prices are there; fill it from the source or "
            "remove the row",
        )
    for name in PRICES:
        _refuse(
            rows,
            frame,
            name,
            pl.col(name) <= 0,
            "is not a price above zero; correct or remove the row",
        )
    body = ("open", "close", "low")
    _refuse(
        rows,
        frame,
        "high",
        pl.any_horizontal(pl.col("high") < pl.col(name) for name in body),
        "is below the bar's open, close or low; correct or remove the row",
    )
    _refuse(
        rows,
        frame,
        "low",
        pl.any_horizontal(pl.col("low") > pl.col(name) for name in body[:2]),
        "is above the bar's open or close; correct or remove the row",
    )
    _refuse(
        rows,
        frame,
        "volume",
        pl.col("volume") < 0,
        "is negative; correct the row, or leave the volume empty where it is unknown",
    )


def _check_funding(rows: Rows, frame: pl.DataFrame) -> None:
    _refuse(
        rows,
        frame,
        "rate",
        pl.col("rate").is_null(),
        "is missing; fill it from the source or remove the row",
    )
    _refuse(
        rows,
        frame,
        "rate",
        pl.col("rate").abs() >= 1,
        "is 100 % or more for one interval; write the rate as a fraction, 0.0001 for 0.01 %",
    )
    _refuse(
        rows,
        frame,
        "mark_price",
        pl.col("mark_price") <= 0,
        "is not a price above zero; correct it, or leave it empty where it is unknown",
    )


def _refuse(rows: Rows, frame: pl.DataFrame, column: str, bad: pl.Expr, why: str) -> None:
    found = frame.filter(bad)
    if found.is_empty():
        return
    first = found.row(0, named=True)
    value = "empty" if first[column] is None else repr(first[column])
    more = f" ({found.height} such rows)" if found.height > 1 else ""
    raise MarketDataError(
        f"{rows.file}, row {first['row']}: {rows.key} at {iso(first['time'])}: "
        f"{column} = {value} {why}{more}"
    )
