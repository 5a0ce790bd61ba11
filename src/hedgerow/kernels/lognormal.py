r"""What every European option on a lognormal price is made of, a block of lanes at a time.

With :math:`x = |\ln(F/K)|`, total volatility :math:`s = \sigma\sqrt T`, :math:`h = x / s` and
:math:`t = s / 2`, the option without intrinsic value is worth

.. math::
    V = m\,\varphi(h - t)\,[R(h - t) - R(h + t)], \qquad m = \min(F, K),

with the Mills ratio :math:`R`. No large terms cancel in the wings: only where `t` is small are the
two ratios close, and there their difference is a series in `t`. The other option follows by parity.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.bits import bits_of, float_of
from hedgerow.kernels.fused import fused
from hedgerow.kernels.jit import inlined, part, rowwise
from hedgerow.kernels.normal import (
    HALF_A_POWER,
    SHIFT_BITS,
    density,
    log_from,
    mills,
    power_of,
    two_mills,
)
from hedgerow.kernels.quick_functions import SHIFT
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]

BLOCK: Final = 256
SMALL: Final = 0.03  # total volatility below which the difference of ratios is a series
LEAST: Final = 1e-100  # stands for a total volatility or a time of 0 where it divides
NOTHING: Final = 1e-45  # total volatility that stands for 0
MOST: Final = 1e4  # total volatility beyond which prices are at their bounds long since
FAR: Final = 1e10  # standard deviations

# Where all arguments lie among these, none is outside its domain and no quantity overflows.
TAME_PRICE: Final = (1e-30, 1e30)
TAME_VOLATILITY: Final = (1e-6, 1e3)
TAME_YEARS: Final = (1e-9, 100.0)
TAME_RATE: Final = 3.0

# The rows of a block's work, one number a lane; the first are used where a column is one number.
FORWARD, STRIKE, VOLATILITY, YEARS, SIGN, RATE, CARRY = 0, 1, 2, 3, 4, 5, 6
DISCOUNT = 7  # of a payment at expiry
VALUE = 8  # of the option, undiscounted
D1, D2 = 9, 10
DENSITY = 11  # at d1
CHANCE1, CHANCE2 = 12, 13  # N(w d1), N(w d2): of expiring in the money, counted in coin, in quote
AWAY = 14  # |ln(F/K)| over total volatility
TOTAL = 15  # volatility
INVERSE = 16  # of it
ROOT = 17  # of time
OVER_FORWARD = 18  # 1 / F
RATIO = 19  # of the smaller of forward and strike to the larger
NEAR_RATIO, FAR_RATIO = 20, 21  # Mills ratios, half of total volatility below and above `AWAY`
SPOT, DIVIDEND, GROWTH = 22, 23, 24  # of an option on a spot price; the forward over it
LANES = 25


@part
def lanes_of(column: Floats, start: int, lanes: int, is_first: bool, row: Floats) -> Floats:
    """Return a column's lanes from `start`; of a column of one number, `row`, filled at first.

    The lanes are the column's own memory: they are not to be written to.
    """
    if column.shape[0] == 1:
        if is_first:
            row[:] = column[0]
        return row[:lanes]
    return column[start : start + lanes]


@inlined
def is_wild(f: float, k: float, volatility: float, years: float, w: float) -> int:
    """Return 1 if an argument is not tame, or missing, and 0 if all are."""
    least, most = TAME_PRICE
    prices = (f >= least) & (f <= most) & (k >= least) & (k <= most)
    least, most = TAME_VOLATILITY
    volatilities = (volatility >= least) & (volatility <= most)
    least, most = TAME_YEARS
    rest = (years >= least) & (years <= most) & (abs(w) == 1.0)
    return 0 if prices & volatilities & rest else 1


@rowwise
def wild_lanes(
    prices: Floats, strike: Floats, volatility: Floats, years: Floats, sign: Floats
) -> int:
    """Return in how many lanes an argument is not tame, or missing."""
    wide()
    count = 0
    for i in range(prices.shape[0]):
        count += is_wild(prices[i], strike[i], volatility[i], years[i], sign[i])
    return count


@rowwise
def discounts(rate: Floats, years: Floats, lanes: int, out: Floats) -> int:
    """Write what a payment at expiry is worth today; return how many rates are wild."""
    wide()
    count = 0
    for i in range(lanes):
        out[i] = power_of(-(rate[i] * years[i]))
        count += 0 if abs(rate[i]) <= TAME_RATE else 1
    return count


@rowwise
def distances(
    forward: Floats,
    strike: Floats,
    volatility: Floats,
    years: Floats,
    sign: Floats,
    away: Floats,
    total: Floats,
    inverse: Floats,
    root: Floats,
    over_forward: Floats,
    ratio: Floats,
) -> tuple[int, int]:
    """Write the rows from `AWAY` to `RATIO`; return how many lanes are small, and how many wild.

    A total volatility of 0 is taken as the least number that can be divided by. A division costs
    as much as thirty products, so one serves several quotients; the logarithm's, which ends up in
    an exponent, is brought back to its last digit.
    """
    wide()
    small = 0
    count = 0
    for i in range(forward.shape[0]):
        f = forward[i]
        k = strike[i]
        time_root = math.sqrt(years[i])
        s = min(max(volatility[i] * time_root, LEAST), MOST)
        over = 1.0 / s
        least = min(f, k)
        most = max(f, k)
        power = (bits_of(most) - bits_of(least) + HALF_A_POWER) >> 52
        close = float_of(bits_of(least) + (power << 52))  # to `most`, by a power of two
        both = most + close
        product = f * k
        bulk = both * product
        one = 1.0 / bulk
        over_both = product * one
        quotient = (most - close) * over_both
        quotient = fused(fused(-quotient, both, most - close), over_both, quotient)
        log = log_from(quotient, float_of(power + SHIFT_BITS) - SHIFT)
        one *= both
        nothing = bulk * 0.0  # but NaN where it is beyond all doubles
        away[i] = min(log * over, FAR) + nothing
        total[i] = s
        inverse[i] = over
        root[i] = time_root
        over_forward[i] = k * one
        ratio[i] = least * (least * one) + nothing
        small += 1 if s < SMALL else 0
        count += is_wild(f, k, volatility[i], years[i], sign[i])
    return small, count


@rowwise
def ratios(away: Floats, total: Floats, near: Floats, far: Floats, lanes: int) -> None:
    """Write the Mills ratios at both ends of total volatility."""
    wide()
    for i in range(lanes):
        t = 0.5 * total[i]
        near[i], far[i] = two_mills(abs(away[i] - t), away[i] + t)


@inlined
def ends_of(
    f: float,
    k: float,
    w: float,
    away: float,
    total: float,
    ratio: float,
    ratio_near: float,
    ratio_far: float,
) -> tuple[float, float, float, float, float, float]:
    """Return what the rows from `VALUE` to `CHANCE2` hold in one lane."""
    t = 0.5 * total
    near = away - t
    far = away + t
    at_near = density(near)
    tail_near = at_near * ratio_near
    rest = at_near * ratio_far
    above = f > k
    apart = tail_near - rest if near >= 0.0 else 1.0 - (tail_near + rest)
    tail_far = ratio * rest
    value = max(w * (f - k), 0.0) + min(f, k) * apart
    d1 = far if above else -near
    d2 = near if above else -far
    tail1 = tail_far if above else tail_near
    tail2 = tail_near if above else tail_far
    height = at_near * ratio if above else at_near
    chance1 = 1.0 - tail1 if w * d1 > 0.0 else tail1
    chance2 = 1.0 - tail2 if w * d2 > 0.0 else tail2
    return value, d1, d2, height, chance1, chance2


@rowwise
def ends(
    lanes: int,
    forward: Floats,
    strike: Floats,
    sign: Floats,
    away: Floats,
    total: Floats,
    ratio: Floats,
    near: Floats,
    far: Floats,
    value: Floats,
    first: Floats,
    second: Floats,
    height: Floats,
    chance1: Floats,
    chance2: Floats,
) -> None:
    """Write the rows from `VALUE` to `CHANCE2`."""
    wide()
    for i in range(lanes):
        value[i], first[i], second[i], height[i], chance1[i], chance2[i] = ends_of(
            forward[i], strike[i], sign[i], away[i], total[i], ratio[i], near[i], far[i]
        )


@inlined
def difference_of_ratios(h: float, t: float) -> float:
    """Return ``R(h - t) - R(h + t)`` for small `t`: derivatives of R times odd powers of `t`."""
    r0 = mills(h)
    r1 = h * r0 - 1.0
    r2 = h * r1 + r0
    r3 = h * r2 + 2.0 * r1
    r4 = h * r3 + 3.0 * r2
    r5 = h * r4 + 4.0 * r3
    r6 = h * r5 + 5.0 * r4
    r7 = h * r6 + 6.0 * r5
    square = t * t
    series = r1 + square * (r3 + square * (r5 + square * r7 / 42.0) / 20.0) / 6.0
    return -2.0 * t * series


@part
def mend_small(
    lanes: int,
    forward: Floats,
    strike: Floats,
    sign: Floats,
    value: Floats,
    first: Floats,
    second: Floats,
    height: Floats,
    total: Floats,
) -> None:
    """Write the value anew where total volatility is small, and the limits where it is 0."""
    for lane in range(lanes):
        s = total[lane]
        if s >= SMALL:
            continue
        f = forward[lane]
        k = strike[lane]
        intrinsic = max(sign[lane] * (f - k), 0.0)
        if s <= NOTHING:
            value[lane] = intrinsic
            height[lane] = 0.0
            continue
        h = 0.5 * abs(first[lane] + second[lane])
        t = 0.5 * s
        if h < 40.0:
            time_value = min(f, k) * density(h - t) * difference_of_ratios(h, t)
            value[lane] = intrinsic + max(time_value, 0.0)


@part
def approach(
    forward: Floats, strike: Floats, volatility: Floats, years: Floats, sign: Floats, work: Floats
) -> tuple[int, int]:
    """Write the rows from `AWAY` to `FAR_RATIO`; return how many lanes are small, how many wild.

    Small is a total volatility that needs care, wild is an argument that needs a closer look.

    A lane's work is a long chain, of which a processor looks ahead over two or three at most: cut
    into loops of their own, the pieces of many lanes overlap.
    """
    wide()
    away = work[AWAY]
    total = work[TOTAL]
    small, count = distances(
        forward,
        strike,
        volatility,
        years,
        sign,
        away,
        total,
        work[INVERSE],
        work[ROOT],
        work[OVER_FORWARD],
        work[RATIO],
    )
    ratios(away, total, work[NEAR_RATIO], work[FAR_RATIO], forward.shape[0])
    return small, count


@part
def arrive(forward: Floats, strike: Floats, sign: Floats, work: Floats, small: int) -> None:
    """Write the rows from `VALUE` to `CHANCE2`, the values of the `small` ones with care."""
    wide()
    lanes = forward.shape[0]
    value = work[VALUE]
    first = work[D1]
    second = work[D2]
    height = work[DENSITY]
    ends(
        lanes,
        forward,
        strike,
        sign,
        work[AWAY],
        work[TOTAL],
        work[RATIO],
        work[NEAR_RATIO],
        work[FAR_RATIO],
        value,
        first,
        second,
        height,
        work[CHANCE1],
        work[CHANCE2],
    )
    if small > 0:
        total = work[TOTAL]
        mend_small(lanes, forward, strike, sign, value, first, second, height, total)
