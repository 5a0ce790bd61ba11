"""The shape of rows inside a lake, their fingerprint, and the one way to read Parquet safely."""

import hashlib
import io
from typing import Final

import numpy as np
import polars as pl
from polars.exceptions import PanicException, PolarsError

from hedgerow.adapters.series_key import SeriesKey
from hedgerow.errors import MarketDataError

PRICES: Final = ("open", "high", "low", "close")
BAR_COLUMNS: Final = (*PRICES, "volume")
FUNDING_COLUMNS: Final = ("rate", "mark_price")


def value_columns(key: SeriesKey) -> tuple[str, ...]:
    """Return the columns that a row of this series has besides its time."""
    return FUNDING_COLUMNS if key.is_funding else BAR_COLUMNS


def empty(key: SeriesKey) -> pl.DataFrame:
    """Return a frame without rows in the shape of this series."""
    columns = dict.fromkeys(value_columns(key), pl.Float64())
    return pl.DataFrame(schema={"time": pl.Int64(), **columns})


def content_hash(key: SeriesKey, frame: pl.DataFrame) -> str:
    """Return a fingerprint of the rows of one series, whatever files they lie in.

    `frame` is sorted by time. The hash covers the key, the times and every column as 64-bit
    little-endian numbers, an unknown value always as the same NaN.
    """
    digest = hashlib.sha256(repr((key.venue, key.symbol, key.kind, key.step)).encode())
    digest.update(frame["time"].to_numpy().astype("<i8").tobytes())
    for name in value_columns(key):
        digest.update(name.encode())
        values = frame[name].to_numpy().astype("<f8")
        values[np.isnan(values)] = np.nan
        digest.update(values.tobytes())
    return digest.hexdigest()


def read_parquet(content: bytes, name: str) -> pl.DataFrame:
    """Return the table that `content`, the bytes of Parquet file `name`, holds."""
    try:
        return pl.read_parquet(io.BytesIO(content), glob=False)
    except (PolarsError, PanicException, OSError, ValueError, OverflowError) as error:
        reason = str(error).strip().split("\n", maxsplit=1)[0][:160]
        raise MarketDataError(
            f"{name}: not readable as Parquet, cut off or damaged ({reason}); "
            "fetch or write the file again"
        ) from error
