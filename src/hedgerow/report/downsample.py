"""Draw long series with few points, and hide no spike."""

import numpy as np

from hedgerow.units import Floats, Integers


def kept_rows(lines: list[Floats], buckets: int) -> Integers:
    """Return the rows to draw, so that every line keeps its extremes.

    The rows are cut into at most `buckets` runs of equal length. Of each run the lowest, the
    highest and the last row of every line are kept, and the first row without a value,
    so each point that is drawn was really there and no spike between two points is lost.

    Parameters
    ----------
    lines
        Series over the same rows, each of shape ``(rows,)``; NaN where there is no value.
    buckets
        Number of runs, >= 1. Where there are no more rows than that, all are kept.

    Returns
    -------
    Integers
        Row numbers, rising, without repeats; the first and the last row are among them.

    Examples
    --------
    >>> spike = np.zeros(1000)
    >>> spike[537] = 9.0
    >>> 537 in kept_rows([spike], 10)
    True
    """
    rows = len(lines[0])
    if rows <= buckets:
        return np.arange(rows, dtype=np.int64)
    length = bucket_length(rows, buckets)
    starts = np.arange(0, rows, length, dtype=np.int64)
    kept = [np.array([0, rows - 1], np.int64), np.minimum(starts + length, rows) - 1]
    for line in lines:
        padded = np.full(len(starts) * length, np.nan)
        padded[:rows] = line
        cut = padded.reshape(len(starts), length)
        gone = np.isnan(cut)
        some = ~gone.all(axis=1)
        kept.append((starts + np.where(gone, np.inf, cut).argmin(axis=1))[some])
        kept.append((starts + np.where(gone, -np.inf, cut).argmax(axis=1))[some])
        kept.append((starts + gone.argmax(axis=1))[gone.any(axis=1)])
    together = np.unique(np.concatenate(kept))
    return together[together < rows]


def bucket_length(rows: int, buckets: int) -> int:
    """Return how many rows one bucket holds: 1 where every row is drawn.

    >>> bucket_length(43_800, 900), bucket_length(100, 900)
    (49, 1)
    """
    return max(1, -(-rows // buckets))
