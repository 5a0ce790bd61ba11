"""What a book of options is worth in many scenarios of spot, volatility and time.

Every option is priced anew in every scenario; nothing is expanded. Within a line of spot moves only
the logarithm of the price changes, and its moves are worked out once for the whole book.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.bits import bits_of, float_of
from hedgerow.kernels.fused import fused
from hedgerow.kernels.jit import inlined, kernel, rowwise
from hedgerow.kernels.lognormal import LEAST, MOST
from hedgerow.kernels.normal import INVERSE_ROOT_TWO_PI, exp_within, log_of_ratio
from hedgerow.kernels.quick_functions import INVERSE_LN2, LN2_HIGH, LN2_LOW, SHIFT
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Columns = tuple[Floats, ...]

FAR: Final = 1e10
LINE: Final = 256  # spot moves at a time
VECTOR: Final = 8  # lanes that a line is filled up to, so that none is worked out alone

# The rows of a line's work, one number a spot move.
MOVE, LOG, AWAY, BASE, SCALE, HEIGHT, NEAR, FURTHER, WORTH = 0, 1, 2, 3, 4, 5, 6, 7, 8
ROWS = 9


@inlined
def _density(z: float) -> float:
    """Return the normal density, but no less than 1e-304."""
    x = max(-700.0, -0.5 * (z * z))
    shifted = fused(x, INVERSE_LN2, SHIFT)
    whole = shifted - SHIFT
    r = fused(-whole, LN2_LOW, fused(-whole, LN2_HIGH, x))
    return INVERSE_ROOT_TWO_PI * exp_within(r) * float_of((bits_of(shifted) + 1023) << 52)


@inlined
def _above(z: float) -> float:
    """Return the numerator of the Mills ratio to 3e-14 of the whole."""
    p = 2.7152870819967026e-05
    p = fused(p, z, 0.0005901308765609165)
    p = fused(p, z, 0.006314910790915532)
    p = fused(p, z, 0.042552365594582774)
    p = fused(p, z, 0.19557975992147508)
    p = fused(p, z, 0.6256745949725404)
    p = fused(p, z, 1.3630909811226533)
    p = fused(p, z, 1.8650008854881246)
    return fused(p, z, 1.2533141373155083)


@inlined
def _below(z: float) -> float:
    """Return the denominator of the Mills ratio."""
    q = 2.715287081996676e-05
    q = fused(q, z, 0.0005901308765615134)
    q = fused(q, z, 0.0063420636615281675)
    q = fused(q, z, 0.043142496498252386)
    q = fused(q, z, 0.20184036317061924)
    q = fused(q, z, 0.6670467698681926)
    q = fused(q, z, 1.5463106085296154)
    q = fused(q, z, 2.4115054603269237)
    q = fused(q, z, 2.2859399732186896)
    return fused(q, z, 1.0)


@rowwise
def _prepare(
    position: tuple[float, float, float, float],
    moves: Floats,
    logs: Floats,
    away: Floats,
    base: Floats,
    scale: Floats,
) -> None:
    """Write |ln(F/K)| along a line, the position's payoff and what its time value is a part of."""
    wide()
    forward, strike, sign, size = position
    log_now = log_of_ratio(forward, strike)
    for j in range(moves.shape[0]):
        f = forward * moves[j]
        away[j] = abs(log_now + logs[j])
        base[j] = size * max(sign * (f - strike), 0.0)
        scale[j] = size * min(f, strike)


@rowwise
def _ratios(
    inverse: float, t: float, away: Floats, heights: Floats, near: Floats, far: Floats
) -> None:
    """Write the lower end of total volatility and the Mills ratios at both."""
    wide()
    for j in range(away.shape[0]):
        h = min(away[j] * inverse, FAR)
        z = abs(h - t)
        w = h + t
        first = _below(z)
        second = _below(w)
        one = 1.0 / (first * second)
        heights[j] = h - t
        near[j] = _above(z) * (second * one)
        far[j] = _above(w) * (first * one)


@rowwise
def _worth(
    heights: Floats, near: Floats, far: Floats, base: Floats, scale: Floats, worth: Floats
) -> None:
    """Write what one position is worth along a line of spot moves."""
    wide()
    for j in range(heights.shape[0]):
        z = heights[j]
        apart = (near[j] if z >= 0.0 else -near[j]) - far[j]
        time_value = fused(_density(z), apart, 0.0 if z >= 0.0 else 1.0)
        lifted = fused(scale[j], time_value, base[j])
        worth[j] = lifted if time_value > 0.0 else base[j]


@rowwise
def _add(worth: Floats, out: Floats) -> None:
    """Add what one position is worth to its group."""
    wide()
    for j in range(out.shape[0]):
        out[j] += worth[j]


@kernel
def revalue_grid(
    columns: Columns,
    group: Integers,
    spots: Floats,
    volatilities: Floats,
    passed: Floats,
    out: Floats,
) -> None:
    """Add what groups of options on forwards are worth on a grid of scenarios, undiscounted.

    Parameters
    ----------
    columns
        Forward, strike, volatility, years, sign and size of each position, ``(positions,)``; a
        position adds its size times the option's value.
    group
        Where in `out` each position belongs, ``(positions,)``.
    spots
        Factors above 0 on every forward, ``(spots,)``.
    volatilities
        A factor on every volatility and what is added to the product, ``(2, volatilities)``.
    passed
        Years gone by, ``(times,)``; an option at or past its expiry is worth its payoff.
    out
        ``(groups, volatilities, times, spots)``; values are added to it. An entry is within 1e-13
        of the positions' forwards of the exact one, and is the same whatever part of a grid is
        asked for in one call.
    """
    forward, strike, volatility, years, sign, size = columns
    wide()
    work = np.empty((ROWS, LINE))
    for first in range(0, spots.shape[0], LINE):
        lanes = min(LINE, spots.shape[0] - first)
        filled = -(-lanes // VECTOR) * VECTOR
        moves = work[MOVE, :filled]
        logs = work[LOG, :filled]
        away = work[AWAY, :filled]
        base = work[BASE, :filled]
        scale = work[SCALE, :filled]
        height = work[HEIGHT, :filled]
        near = work[NEAR, :filled]
        far = work[FURTHER, :filled]
        worth = work[WORTH, :filled]
        moves[lanes:] = 1.0
        moves[:lanes] = spots[first : first + lanes]
        for j in range(filled):
            logs[j] = log_of_ratio(moves[j], 1.0)
        for i in range(forward.shape[0]):
            position = (forward[i], strike[i], sign[i], size[i])
            _prepare(position, moves, logs, away, base, scale)
            for v in range(volatilities.shape[1]):
                sigma = max(volatility[i] * volatilities[0, v] + volatilities[1, v], 0.0)
                for t in range(passed.shape[0]):
                    total = sigma * math.sqrt(max(years[i] - passed[t], 0.0))
                    if total == 0.0:
                        _add(base, out[group[i], v, t, first : first + lanes])
                        continue
                    total = min(max(total, LEAST), MOST)
                    inverse = 1.0 / total
                    half = 0.5 * total
                    _ratios(inverse, half, away, height, near, far)
                    _worth(height, near, far, base, scale, worth)
                    _add(worth, out[group[i], v, t, first : first + lanes])
