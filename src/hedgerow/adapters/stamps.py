"""Times as files write them, turned into UTC nanoseconds."""

from dataclasses import dataclass
from typing import Final
from zoneinfo import available_timezones

import numpy as np
import polars as pl
from polars.exceptions import PanicException, PolarsError

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.units import SECOND

UNITS: Final = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
EARLIEST: Final = 1_230_768_000 * SECOND  # 2009-01-01, before the first coin was traded
LATEST: Final = 4_102_444_800 * SECOND  # 2100-01-01


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn:
    """How a file writes its times.

    Attributes
    ----------
    column
        Name of the column.
    unit
        Of numbers: ``s``, ``ms``, ``us``, ``ns``, or ``auto`` to tell by magnitude, row by row.
    zone
        Time zone of texts and dates that do not name theirs.
    format
        Of texts, strftime style; empty for ISO 8601.
    """

    column: str
    unit: str = "auto"
    zone: str = "UTC"
    format: str = ""

    def __post_init__(self) -> None:
        if self.unit not in ("auto", *UNITS):
            raise ConfigError(
                f"time unit {self.unit!r} is not known; write auto, {', '.join(UNITS)}"
            )
        if self.zone != "UTC" and self.zone not in available_timezones():
            raise ConfigError(
                f"time zone {self.zone!r} is not known; write UTC or a name such as Europe/London"
            )


def nanoseconds_of(
    values: pl.Series,
    spec: TimeColumn,
    file: str,
    rows: pl.Series | None = None,
    *,
    exact: bool = False,
) -> pl.Series:
    """Return `values` as UTC nanoseconds, sub-second jitter rounded away unless `exact`.

    `rows` are the row numbers of the file, where `values` are not all of its rows.

    Raises
    ------
    MarketDataError
        If a value is not a time between 2009 and 2100, naming its row.
    """
    try:
        times = _convert(values, spec)
    except (PolarsError, PanicException, OverflowError, ValueError) as error:
        reason = str(error).split("\n", maxsplit=1)[0][:200]
        raise MarketDataError(
            f"{file}: column {spec.column!r} cannot be read as times in {spec.zone} ({reason}); "
            "give the right unit, format or zone in a column map"
        ) from error
    bad = times.is_null() | (times < EARLIEST) | (times >= LATEST)
    if bad.any():
        place = int(bad.arg_true()[0])
        row = place + 1 if rows is None else rows[place]
        raise MarketDataError(
            f"{file}, row {row}: {spec.column} = {_shown(values, place)} is not a time between "
            "2009 and 2100; mend the row, or give the right unit, format or zone in a column map"
        )
    whole = times if exact else (times + SECOND // 2) // SECOND * SECOND
    return whole.alias("time")


def readable_nanoseconds(
    values: pl.Series, spec: TimeColumn, file: str, rows: pl.Series, *, exact: bool = False
) -> tuple[pl.Series, MarketDataError | None]:
    """Return `values` as `nanoseconds_of` does, null where one is no time, and the first refusal.

    Times in any of the forms that are read may stand in one column of texts.
    """
    try:
        return nanoseconds_of(values, spec, file, rows, exact=exact), None
    except MarketDataError as error:
        times = pl.repeat(None, len(values), dtype=pl.Int64, eager=True)
        for part in _of_one_form(values):
            try:
                found = _convert(part, spec)
            except (PolarsError, PanicException, OverflowError, ValueError):
                continue
            times = pl.select(pl.coalesce(times, found)).to_series()
        times = times.set((times < EARLIEST) | (times >= LATEST), None)
        whole = times if exact else (times + SECOND // 2) // SECOND * SECOND
        return whole.alias("time"), error


def _of_one_form(values: pl.Series) -> list[pl.Series]:
    """Return a column of texts once for each form that times have, null where it is another's."""
    if values.dtype != pl.String:
        return [values]
    text = values.str.strip_chars()
    whole = text.cast(pl.Int64, strict=False).is_not_null()
    number = text.cast(pl.Float64, strict=False).is_finite().fill_null(value=False) & ~whole
    dated = text.str.contains(_DATED).fill_null(value=False) & ~whole & ~number
    zoned = text.str.contains(_ZONED).fill_null(value=False) & dated
    return [text.set(~one, None) for one in (whole, number, zoned, dated & ~zoned) if one.any()]


def _shown(values: pl.Series, place: int) -> str:
    """Return a value as it stands in the file; a moment beyond every calendar as its number."""
    try:
        return repr(values[place])
    except OverflowError:
        return repr(values.to_physical()[place])


def _convert(values: pl.Series, spec: TimeColumn) -> pl.Series:
    if isinstance(values.dtype, pl.Datetime) or values.dtype == pl.Date:
        return _to_nanoseconds(values.cast(pl.Datetime("us", _zone(values))), spec)
    if values.dtype == pl.String:
        return _from_strings(values.str.strip_chars(), spec)
    if values.dtype.is_integer():
        return _from_numbers(values.cast(pl.Int64, strict=False), spec.unit)
    if values.dtype.is_float():
        return _from_floats(values.cast(pl.Float64), spec.unit)
    raise ValueError(f"its type is {values.dtype}")


def _zone(moments: pl.Series) -> str | None:
    return moments.dtype.time_zone if isinstance(moments.dtype, pl.Datetime) else None


def _from_strings(text: pl.Series, spec: TimeColumn) -> pl.Series:
    whole, broken = text.cast(pl.Int64, strict=False), text.cast(pl.Float64, strict=False)
    if spec.format or broken.is_null().all():
        return _to_nanoseconds(_from_text(text, spec), spec)
    if whole.null_count() > broken.null_count():  # seconds with a fraction
        return _from_floats(broken, spec.unit)
    return _from_numbers(whole, spec.unit)


_ZONED: Final = r"(Z|[+-]\d\d:?\d\d)$"
_DATED: Final = r"^\d+[-/.]\d+[-/.]\d+"
_TO_THE_MINUTE: Final = r"(T\d\d:\d\d)(Z|[+-]\d\d:?\d\d)$"


def _from_text(text: pl.Series, spec: TimeColumn) -> pl.Series:
    if spec.format:
        parsed = text.str.to_datetime(spec.format, time_unit="us", strict=False)
    elif bool(text.str.contains(_ZONED).all()):
        full = text.str.replace(" ", "T").str.replace(_TO_THE_MINUTE, "${1}:00${2}")
        parsed = full.str.to_datetime("%+", time_unit="us", strict=False)
    else:
        parsed = text.str.to_datetime(time_unit="us", strict=False)
    return parsed


def _from_floats(values: pl.Series, unit: str) -> pl.Series:
    """Read numbers with a fraction, such as seconds with milliseconds behind the point."""
    whole = values.is_finite() & (values.abs() < 2.0**62)
    finite = values.set(~whole.fill_null(value=False), None)
    if unit in ("s", "auto") and bool((finite.abs() < 1e11).fill_null(value=True).all()):
        return _from_numbers((finite * 1e6).round().cast(pl.Int64, strict=False), "us")
    return _from_numbers(finite.round().cast(pl.Int64, strict=False), unit)


def _from_numbers(values: pl.Series, unit: str) -> pl.Series:
    """Scale whole numbers to nanoseconds; null where they lie outside of any sensible time."""
    number = values.fill_null(-1).to_numpy()
    if unit == "auto":
        scale = np.select(
            [number < 10**11, number < 10**14, number < 10**17],
            [UNITS["s"], UNITS["ms"], UNITS["us"]],
            default=UNITS["ns"],
        )
    else:
        scale = np.full(number.shape, UNITS[unit])
    sensible = (number >= 0) & (number <= LATEST // scale)
    times = np.where(sensible, number, 0) * scale
    return pl.Series("time", times, dtype=pl.Int64).set(pl.Series(~sensible), None)


def _to_nanoseconds(moments: pl.Series, spec: TimeColumn) -> pl.Series:
    """Return moments, in the zone of `spec` where they name none, as UTC nanoseconds."""
    aware = moments if _zone(moments) else moments.dt.replace_time_zone(spec.zone)
    return _from_numbers(aware.dt.convert_time_zone("UTC").dt.epoch("us"), "us")
