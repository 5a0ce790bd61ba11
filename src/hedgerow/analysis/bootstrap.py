"""A circular block bootstrap of one minus a ratio of variances, from sums over blocks."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.units import Floats

CONFIDENCE: Final = 0.95
FEWEST: Final = 10  # changes below which no interval is given


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How an interval is drawn: number of resamples, changes in a block, and the seed."""

    resamples: int
    block: int
    seed: tuple[int, ...]


def variance_reduction(hedged: Floats, unhedged: Floats) -> float:
    """Return ``1 - Var(hedged) / Var(unhedged)``, NaN where nothing moves.

    >>> variance_reduction(np.array([0.5, -0.5]), np.array([1.0, -1.0]))
    0.75
    """
    if len(unhedged) < 2:
        return math.nan
    spread = float(unhedged.var())
    return 1.0 - float(hedged.var()) / spread if spread > 0.0 else math.nan


def variance_reduction_interval(
    hedged: Floats, unhedged: Floats, resampling: Resampling
) -> tuple[float, float]:
    """Return the 95 % percentile interval of `variance_reduction`.

    Blocks of equal length start anywhere with equal odds and wrap around the end, so every change
    is as likely as any other. A resample is as many whole blocks as cover the series. Its
    variances follow from the blocks' sums of the changes and of their squares, so that the
    cost is by blocks and not by changes.

    References
    ----------
    Politis, D. N. and Romano, J. P. (1992). A circular block-resampling procedure for stationary
    data. In: Exploring the Limits of Bootstrap, 263-270. Wiley.
    """
    count = len(unhedged)
    if count < FEWEST or not unhedged.var() > 0.0:
        return math.nan, math.nan
    sums = _block_sums(hedged, unhedged, resampling.block)
    blocks = math.ceil(count / resampling.block)
    random = np.random.default_rng(resampling.seed)
    starts = random.integers(0, count, size=(resampling.resamples, blocks), dtype=np.int32)
    means = [column[starts].sum(axis=1) / (blocks * resampling.block) for column in sums]
    hedged_variance = means[1] - means[0] ** 2
    unhedged_variance = means[3] - means[2] ** 2
    moving = unhedged_variance > 0.0
    drawn = 1.0 - hedged_variance[moving] / unhedged_variance[moving]
    tail = 0.5 * (1.0 - CONFIDENCE)
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return float(low), float(high)


def _block_sums(hedged: Floats, unhedged: Floats, block: int) -> tuple[Floats, ...]:
    """Return, for a block from each start, the sums of both series and of their squares."""
    centred = hedged - hedged.mean(), unhedged - unhedged.mean()
    return tuple(
        _wrapped_sums(values, block) for series in centred for values in (series, np.square(series))
    )


def _wrapped_sums(values: Floats, block: int) -> Floats:
    """Return the sum of `block` values from each place on, wrapping around the end."""
    wrapped = np.concatenate([values, values[: block - 1]])
    total: Floats = np.concatenate([[0.0], np.cumsum(wrapped)])
    return total[block:] - total[:-block]
