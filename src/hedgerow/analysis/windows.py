"""The worst stretch of days: rolling sums over a daily series."""

from dataclasses import dataclass

import numpy as np

from hedgerow.units import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of days and the sum over it.

    `first` and `last` count the days of the series from 0, both included. A series shorter than
    the stretch is one window of its own length.
    """

    first: int
    last: int
    amount: float


def rolling_sums(values: Floats, days: int) -> Floats:
    """Return the sum of each stretch of `days` values, or of all if there are fewer.

    >>> rolling_sums(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [3.0, 5.0]
    """
    length = min(days, len(values))
    return np.convolve(values, np.ones(length), mode="valid") if length else np.zeros(0)


def rolling_maxima(values: Floats, days: int) -> Floats:
    """Return the largest value of each stretch of `days`, or of all if there are fewer.

    >>> rolling_maxima(np.array([1.0, 3.0, 2.0]), 2).tolist()
    [3.0, 3.0]
    """
    length = min(days, len(values))
    if length == 0:
        return np.zeros(0)
    largest: Floats = np.lib.stride_tricks.sliding_window_view(values, length).max(axis=1)
    return largest


def highest(amounts: Floats, days: int, count: int) -> Window:
    """Return the stretch with the highest of `amounts`, one each, over a series of `count` days."""
    first = int(np.argmax(amounts))
    return Window(first=first, last=first + min(days, count) - 1, amount=float(amounts[first]))
