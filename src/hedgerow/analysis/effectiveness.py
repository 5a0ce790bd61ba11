"""Hedge effectiveness: how much of the variance the hedge took away, by horizon.

The figure is ``1 - Var(hedged) / Var(unhedged)`` of P&L changes that do not overlap, counted from
the start of the run: 1 is a perfect hedge, 0 changes nothing, and below 0 it added risk. Each has a
95 % interval from a block bootstrap. A block is ``ceil(n ** (1/3))`` of ``n`` changes long, and at
least a week, because volatility comes in clusters; it is never more than a tenth of them.

Two more figures say where the rest comes from. *Without carry* leaves funding and financing out.
*Without liquidation days* drops all changes that touch a UTC day with a liquidation and joins what
is left.

References
----------
Ederington, L. H. (1979). The hedging performance of the new futures markets. Journal of Finance
34(1), 157-170. doi:10.2307/2327150
Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations. Annals of
Statistics 17(3), 1217-1241. doi:10.1214/aos/1176347265
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.analysis.bootstrap import (
    Resampling,
    variance_reduction,
    variance_reduction_interval,
)
from hedgerow.analysis.run import Run
from hedgerow.units import DAY, HOUR, Floats

HORIZONS: Final = (1, 8, 24, 168)  # hours
RESAMPLES: Final = 1_000
WEEK_HOURS: Final = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """Variance reduction as a fraction, its 95 % interval, and from how many changes."""

    variance_reduction: float
    low: float
    high: float
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effectiveness:
    """What the hedge did for the variance over one horizon."""

    hours: int
    block: int  # changes in a block of the bootstrap
    plain: Reduction
    without_carry: Reduction
    without_liquidation_days: Reduction


def effectiveness(
    run: Run, *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Effectiveness, ...]:
    """Return the figures of every horizon that is a whole number of bars."""
    step = run.step
    horizons = (hours for hours in HORIZONS if hours * HOUR >= step)
    return tuple(
        _at_horizon(run, hours, resamples, seed) for hours in horizons if hours * HOUR % step == 0
    )


def block_length(count: int, hours: int) -> int:
    """Return how many of `count` changes over `hours` make a block.

    >>> block_length(43_800, 1), block_length(260, 168)
    (168, 7)
    """
    wanted = max(math.ceil(round(math.cbrt(count), 9)), math.ceil(WEEK_HOURS / hours))
    return max(min(wanted, count // 10), 1)


def _at_horizon(run: Run, hours: int, resamples: int, seed: int) -> Effectiveness:
    bars = hours * HOUR // run.step
    moved = {
        name: np.diff(run.series[name].to_numpy()[::bars])
        for name in ("hedged", "unhedged", "exposure", "funding", "financing")
    }
    hedged, unhedged = moved["hedged"], moved["unhedged"]
    calm = _calm(run, len(hedged), hours)
    resampling = Resampling(
        resamples=resamples, block=block_length(len(hedged), hours), seed=(seed, hours)
    )
    return Effectiveness(
        hours=hours,
        block=resampling.block,
        plain=_reduction(hedged, unhedged, resampling),
        without_carry=_reduction(
            hedged - moved["funding"] - moved["financing"], moved["exposure"], resampling
        ),
        without_liquidation_days=_reduction(hedged[calm], unhedged[calm], resampling),
    )


def _reduction(hedged: Floats, unhedged: Floats, resampling: Resampling) -> Reduction:
    low, high = variance_reduction_interval(hedged, unhedged, resampling)
    return Reduction(
        variance_reduction=variance_reduction(hedged, unhedged),
        low=low,
        high=high,
        changes=len(hedged),
    )


def _calm(run: Run, count: int, hours: int) -> npt.NDArray[np.bool_]:
    """Return which of the first `count` spans of `hours` touch no day with a liquidation."""
    starts = run.start + hours * HOUR * np.arange(count, dtype=np.int64)
    calm = np.ones(count, dtype=np.bool_)
    for day in sorted({liquidation.time // DAY for liquidation in run.liquidations}):
        calm &= (starts + hours * HOUR <= day * DAY) | (starts >= (day + 1) * DAY)
    return calm
