"""Where rising functions pass zero: false position that gives way where it stands still."""

from collections.abc import Callable
from typing import Final

import numpy as np

from hedgerow.units import Floats

ROUNDS: Final = 200
HALVE_EVERY: Final = 4
TIGHT: Final = 1e-14  # of a bracket's own size and of 1


def crossing(rising: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return for each bracket where its function passes zero, ``(n,)``.

    An end that stays twice counts half, and every fourth step halves the bracket. Of a function
    that does not pass zero the nearer end is returned.

    Parameters
    ----------
    rising
        Of one place a bracket, each in its own bracket.
    low, high
        Ends of the brackets.

    Examples
    --------
    >>> crossing(lambda x: x**3 - np.array([8.0, 27.0]), np.zeros(2), np.full(2, 10.0)).tolist()
    [2.0, 3.0]

    References
    ----------
    Dowell, M. and Jarratt, P. (1971). A modified regula falsi method for computing the root of an
    equation. BIT 11, 168-174.
    """
    low, high = low.copy(), high.copy()
    below, above = rising(low), rising(high)
    found = np.where(below >= 0.0, low, high)
    open_ = (below < 0.0) & (above > 0.0)
    side = np.zeros(low.size, dtype=np.int64)
    for step in range(1, ROUNDS + 1):
        if not open_.any():
            break
        middle = 0.5 * (low + high)
        with np.errstate(invalid="ignore", divide="ignore"):
            line = high - above * (high - low) / (above - below)
        straight = (line > low) & (line < high) & (step % HALVE_EVERY != 0)
        place = np.where(straight, line, middle)
        value = rising(place)
        found = np.where(open_, place, found)
        left = value < 0.0
        above = np.where(left & (side == -1), 0.5 * above, np.where(left, above, value))
        below = np.where(~left & (side == 1), 0.5 * below, np.where(left, value, below))
        low, high = np.where(left, place, low), np.where(left, high, place)
        side = np.where(left, -1, 1)
        open_ &= ~((value == 0.0) | (high - low <= TIGHT * (1.0 + np.abs(place))))
    return found
