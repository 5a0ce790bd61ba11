"""Changes of the cumulative series over UTC days, months and fixed horizons.

The stamps of `Run.series` are bar closes: a close at 00:00 belongs to the day, and the month,
that just ended. The first row is the start, so the first period is counted from there.
"""

from typing import Final

import numpy as np
import polars as pl

from hedgerow.analysis.run import Run
from hedgerow.units import DAY, Floats, Integers, Times

PARTS: Final = (
    "exposure",
    "hedge_index",
    "hedge_basis",
    "funding",
    "fees",
    "slippage",
    "financing",
    "collateral",
    "liquidation",
)
CUMULATIVE: Final = ("hedged", "unhedged", *PARTS, "flows")


def instants(frame: pl.DataFrame) -> Times:
    """Return the column ``time`` of `frame`, dates or integers, as UTC nanoseconds."""
    column = frame.get_column("time")
    stamps = column.dt.timestamp("ns") if column.dtype == pl.Datetime else column.cast(pl.Int64)
    return stamps.to_numpy()


def day_of_close(time: Times) -> Integers:
    """Return the UTC day, counted from 1970, that a close at `time` belongs to.

    >>> day_of_close(np.array([DAY, DAY + 1], dtype=np.int64)).tolist()
    [0, 1]
    """
    return (time - 1) // DAY


def days(run: Run) -> Integers:
    """Return every UTC day that `run` touches, counted from 1970."""
    first, last = run.start // DAY, (run.end - 1) // DAY
    return np.arange(first, last + 1, dtype=np.int64)


def changes(run: Run, labels: Integers) -> tuple[Integers, dict[str, Floats]]:
    """Return each run of equal `labels` once, and the change of every series over it.

    Parameters
    ----------
    labels
        Non-decreasing, one for each close of a bar (the start row has none), shape ``(bars,)``.

    Returns
    -------
    tuple
        The labels, shape ``(periods,)``, and by name of `CUMULATIVE` the changes, same shape.
    """
    last = np.flatnonzero(np.diff(labels, append=labels[-1] + 1)) if len(labels) else labels
    rows = np.concatenate([[0], last + 1])
    found = {name: np.diff(run.series[name].to_numpy()[rows]) for name in CUMULATIVE}
    return labels[last], found
