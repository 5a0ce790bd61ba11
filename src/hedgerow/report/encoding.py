"""Numbers for the page, in few characters: whole steps from one value to the next."""

import math
from typing import TypeAlias

import numpy as np

from hedgerow.units import SECOND, Floats, Times

Encoded: TypeAlias = dict[str, int | list[int | None]]

DIGITS = 6


def encoded_values(values: Floats, *, least_decimals: int = 0) -> Encoded:
    """Return `values` as steps of one power of ten, NaN as null.

    At least six significant digits of the largest value are kept and `least_decimals` decimals.
    The page gets the values back by adding up the steps and dividing by ``10 ** places``.

    >>> encoded_values(np.array([1.5, 1.75, np.nan, 1.5]))
    {'places': 5, 'steps': [150000, 25000, None, -25000]}
    """
    present = np.isfinite(values)
    largest = float(np.max(np.abs(values[present]), initial=0.0))
    digits = math.floor(math.log10(largest)) + 1 if largest > 0.0 else 0
    places = min(max(DIGITS - digits, least_decimals, 0), 12)
    whole = np.rint(values[present] * 10.0**places).astype(np.int64)
    steps: list[int | None] = [None] * len(values)
    for row, step in zip(
        np.flatnonzero(present).tolist(), np.diff(whole, prepend=0).tolist(), strict=True
    ):
        steps[row] = step
    return {"places": places, "steps": steps}


def encoded_times(times: Times) -> Encoded:
    """Return rising UTC nanoseconds as steps of their largest common measure, in seconds.

    >>> encoded_times(np.array([3_600, 7_200, 14_400]) * SECOND)
    {'start': 3600, 'unit': 3600, 'steps': [0, 1, 2]}
    """
    seconds = times // SECOND
    if len(seconds) == 0:
        return {"start": 0, "unit": 1, "steps": []}
    steps = np.diff(seconds, prepend=seconds[0])
    unit = max(1, int(np.gcd.reduce(steps)))
    return {"start": int(seconds[0]), "unit": unit, "steps": (steps // unit).tolist()}
