"""How bad it was: volatility, drawdown, value at risk and expected shortfall of daily P&L.

Losses are positive. The tail figures are historical: of ``n`` days the ``k = ceil(0.01 n)`` worst
count; value at risk is the loss of the k-th worst day, expected shortfall the mean loss of those k
days. A value at risk below zero says that even that day made money. With fewer than 101 days
both are the worst day.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.units import DAYS_PER_YEAR, Floats

TAIL: Final = 0.01
_NEARLY: Final = 1e-9  # so that 0.07 * 100 is 7 and not 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Figures of one series of daily P&L, in its unit; NaN where the days are too few.

    Attributes
    ----------
    pnl
        The sum.
    volatility
        Standard deviation of a day (``ddof=1``) times the square root of 365.
    max_drawdown
        Deepest fall of the cumulative P&L below its highest so far, which starts at 0; >= 0.
    var_99, es_99
        Of the losses of one day, loss > 0.
    """

    pnl: float
    volatility: float
    max_drawdown: float
    var_99: float
    es_99: float


def risk(pnl: Floats) -> Risk:
    """Return the figures of `pnl`, one value a day."""
    several = len(pnl) > 1
    var, shortfall = tail_loss(pnl, TAIL)
    return Risk(
        pnl=float(pnl.sum()),
        volatility=float(pnl.std(ddof=1)) * math.sqrt(DAYS_PER_YEAR) if several else math.nan,
        max_drawdown=float(drawdown(pnl).max(initial=0.0)),
        var_99=var,
        es_99=shortfall,
    )


def drawdown(pnl: Floats) -> Floats:
    """Return how far the running sum of `pnl` is below its highest so far (0 at the start).

    >>> drawdown(np.array([1.0, -3.0, 1.0])).tolist()
    [0.0, 3.0, 2.0]
    """
    total = np.cumsum(pnl)
    peak = np.maximum.accumulate(np.maximum(total, 0.0))
    return peak - total


def tail_loss(pnl: Floats, tail: float) -> tuple[float, float]:
    """Return value at risk and expected shortfall of the worst fraction `tail` of `pnl`.

    >>> tail_loss(np.array([3.0, -5.0, 1.0, -1.0]), 0.5)
    (1.0, 3.0)
    """
    if len(pnl) == 0:
        return math.nan, math.nan
    count = max(math.ceil(tail * len(pnl) - _NEARLY), 1)
    worst = np.sort(np.partition(pnl, count - 1)[:count])
    return -float(worst[-1]), -float(worst.mean())
