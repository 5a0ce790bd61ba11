"""A column of a frame as an array."""

import math

import numpy as np
import polars as pl

from hedgerow.units import Floats


def column(frame: pl.DataFrame, name: str) -> Floats:
    """Return a column as float64, null as NaN.

    >>> column(pl.DataFrame({"headroom": [0.5, None]}), "headroom").tolist()
    [0.5, nan]
    """
    return np.asarray(frame[name].cast(pl.Float64).fill_null(math.nan).to_numpy(), np.float64)
