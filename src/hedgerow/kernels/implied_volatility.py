r"""The volatility at which an option on a forward is worth its price.

With the price of the side without intrinsic value over the smaller of forward and strike called
:math:`\beta`, and :math:`h = |\ln(F/K)| / s`, :math:`t = s/2` as in `lognormal`, total volatility
:math:`s` solves

.. math::
    \beta = \varphi(h - t)\,[R(h - t) - R(h + t)] \quad (h \ge t), \qquad
    1 - \beta = \varphi(h - t)\,[R(t - h) + R(t + h)] \quad (h < t).

:math:`s_c = \sqrt{2 |\ln(F/K)|}` divides the two, and is where :math:`\beta(s)` bends. Below it
:math:`(-2 \ln \beta)^{-1/2}` is nearly linear in `s`, above it :math:`\ln(1 - \beta)` is nearly a
parabola: on these a step of fourth order needs no more than the logarithm and two Mills ratios.
The first two steps make do with seven digits of each; the third brings all of them.

References
----------
Jaeckel, P. (2015). Let's be rational. Wilmott, January 2015, 40-53: the inflection point, the two
transformed objectives, the steps of Householder's third kind. Householder, A. S. (1970). The
numerical treatment of a single nonlinear equation, section 4.4.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.bits import bits_of, float_of
from hedgerow.kernels.fused import fused
from hedgerow.kernels.jit import inlined, kernel, part, rowwise
from hedgerow.kernels.lognormal import BLOCK, difference_of_ratios, lanes_of
from hedgerow.kernels.normal import (
    HALF_A_POWER,
    INVERSE_ROOT_TWO_PI,
    SHIFT_BITS,
    log_from,
    log_of_ratio,
    mills,
    roughly_log_from,
    two_mills,
    two_rough_mills,
)
from hedgerow.kernels.quick_functions import SHIFT
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.uint8]
Columns = tuple[Floats, ...]

GOOD, BELOW, ABOVE, AT_BOUND = 0, 1, 2, 3
"""What `implied_rows` says of a price: meant, below the intrinsic value, above the bound, at it."""

SMALL: Final = 0.02  # total volatility below which the difference of ratios is a series
TINY: Final = 1e-290  # part of the price that is left to the careful way
LEAST: Final = 1e-140  # difference of ratios, in a lane that is left to the careful way
FAR: Final = 1e10
LOG_ROOT_TWO_PI: Final = 0.91893853320467274178
CAREFUL_STEPS: Final = 60
ONE_BITS: Final = 0x3FF0000000000000

# The rows of a block's work, one number a lane; the first are used where a column is one number.
PRICE, FORWARD, STRIKE, YEARS, SIGN = 0, 1, 2, 3, 4
LOG, PART, REST = 5, 6, 7  # |ln(F/K)|, beta and one less beta
TARGET = 8  # of the objective
BEND = 9  # where the two objectives meet; below 0 if the upper one is meant
REACH = 10  # what total volatility does not exceed
TOTAL = 11
LANES = 12


@rowwise
def _normalise(
    price: Floats,
    forward: Floats,
    strike: Floats,
    sign: Floats,
    log: Floats,
    inside: Floats,
    rest: Floats,
) -> None:
    """Write |ln(F/K)|, beta and one less beta; both beyond (0, 1) where the price is not meant."""
    wide()
    for i in range(price.shape[0]):
        f = forward[i]
        k = strike[i]
        w = sign[i]
        over = 1.0 / min(f, k)
        log[i] = abs(log_of_ratio(f, k))
        inside[i] = (price[i] - max(w * (f - k), 0.0)) * over
        rest[i] = ((f if w > 0.0 else k) - price[i]) * over


@rowwise
def _start(
    log: Floats,
    inside: Floats,
    rest: Floats,
    target: Floats,
    bends: Floats,
    reach: Floats,
    total: Floats,
) -> int:
    """Write objectives and where to start; return how many lanes the steps may not suffice for."""
    wide()
    special = 0
    for i in range(log.shape[0]):
        x = log[i]
        meant = (inside[i] > TINY) & (rest[i] > 0.0)
        beta = inside[i] if meant else 0.1
        gamma = rest[i] if meant else 0.9
        bend = math.sqrt(2.0 * x)
        at_bend = 0.5 - INVERSE_ROOT_TWO_PI * mills(bend)
        low = beta < at_bend
        log_part = log_of_ratio(beta if low else gamma, 1.0)
        log_bend = log_of_ratio(max(at_bend, TINY) if low else 1.0 - at_bend, 1.0)
        depth = max(x - 2.0 * log_part, 1e-3)
        aim = 1.0 / math.sqrt(depth)
        start_low = bend * aim * math.sqrt(max(x - 2.0 * log_bend, 0.0))
        lift = (math.sqrt(1.0 + 2.0 * max(log_bend - log_part, 0.0)) - 1.0) * (1.0 - at_bend)
        start_high = bend + lift * (1.0 / INVERSE_ROOT_TWO_PI)
        s = max(start_low if low else start_high, 1e-30)
        target[i] = aim if low else log_part
        bends[i] = bend if low else -bend
        reach[i] = 2.0 * math.sqrt(max(-2.0 * log_part, 0.0)) + 3.0 * bend + 1.0
        total[i] = s
        special += 0 if meant else 1
    return special


@inlined
def _moved(s: float, x: float, bend: float, target: float, reach: float, is_last: bool) -> float:
    """Return `s` after one step towards the root of the objective that is meant."""
    low = bend > 0.0
    bend = abs(bend)
    over = 1.0 / s
    h = min(x * over, FAR)
    t = 0.5 * s
    near = h - t
    if is_last:
        ratio_near, ratio_far = two_mills(abs(near), h + t)
    else:
        ratio_near, ratio_far = two_rough_mills(abs(near), h + t)
    worth = max(ratio_near - ratio_far if low else ratio_near + ratio_far, LEAST)
    power = (bits_of(worth) - ONE_BITS + HALF_A_POWER) >> 52
    whole = float_of((power + 1023) << 52)
    sum_of = worth + whole
    one = 1.0 / (sum_of * worth)
    over_sum = worth * one
    quotient = (worth - whole) * over_sum
    times = float_of(power + SHIFT_BITS) - SHIFT
    if is_last:
        quotient = fused(fused(-quotient, sum_of, worth - whole), over_sum, quotient)
        log = log_from(quotient, times)
    else:
        log = roughly_log_from(quotient, times)
    log -= fused(0.5 * near, near, LOG_ROOT_TWO_PI)
    slope = sum_of * one if low else -(sum_of * one)  # of the logarithm
    worth = worth if low else -worth
    q = h * h * over - 0.25 * s
    second = q - slope
    third = q * q - 3.0 * (h * over) * (h * over) - 0.25 + slope * (2.0 * slope - 3.0 * q)
    # Below the bend the objective is one over the root of the depth, above it the logarithm; with
    # the newton step over the depth, all divisions by the depth fall out of what follows.
    depth = max(x - 2.0 * log, 1e-3)
    scale = depth if low else 1.0
    lean = slope if low else 0.0
    newton = (target * math.sqrt(depth) - 1.0 if low else target - log) * worth
    two = second * scale + 3.0 * lean
    three = third * (scale * scale) + lean * (9.0 * (second * scale) + 15.0 * lean)
    above = 1.0 + 0.5 * two * newton
    below = 1.0 + newton * (two + three * newton * (1.0 / 6.0))
    newton *= scale
    trusted = (above > 0.1) & (below > 0.1)
    moved = s + newton * (above / below if trusted else 1.0)
    least = 0.2 * s if low else bend
    most = bend if low else reach
    return min(max(moved, least), most)


@rowwise
def _step(total: Floats, log: Floats, bend: Floats, target: Floats, reach: Floats) -> None:
    """Bring total volatilities nearer, by a step of seven digits."""
    wide()
    for i in range(log.shape[0]):
        total[i] = _moved(total[i], log[i], bend[i], target[i], reach[i], False)


@rowwise
def _last_step(
    total: Floats,
    log: Floats,
    bend: Floats,
    target: Floats,
    reach: Floats,
    years: Floats,
    volatility: Floats,
) -> int:
    """Write total and yearly volatilities; return how many are small."""
    wide()
    small = 0
    for i in range(log.shape[0]):
        s = _moved(total[i], log[i], bend[i], target[i], reach[i], True)
        total[i] = s
        volatility[i] = s / math.sqrt(years[i])
        small += 1 if s < SMALL else 0
    return small


@part
def _carefully(x: float, inside: float, start: float) -> float:
    """Return the total volatility of a small price, where the difference of ratios is a series."""
    target = math.log(inside)
    low, high = 0.0, math.inf
    s = start
    if not 1e-60 < s < 1.0:
        s = max(x / math.sqrt(max(-2.0 * target, 1.0)), inside / INVERSE_ROOT_TWO_PI * 0.5)
    for _ in range(CAREFUL_STEPS):
        h = x / s
        t = 0.5 * s
        near = h - t
        if t < 0.05:
            worth = difference_of_ratios(h, t) if h < 1e3 else 2.0 * t / (h * h)
        elif near >= 0.0:
            worth = mills(near) - mills(h + t)
        else:
            worth = math.exp(0.5 * near * near) / INVERSE_ROOT_TWO_PI - mills(-near) - mills(h + t)
        if worth <= 0.0:
            low = s
            s *= 2.0
            continue
        log = math.log(worth) - 0.5 * near * near - LOG_ROOT_TWO_PI
        if log < target:
            low = max(low, s)
        else:
            high = min(high, s)
        depth = x - 2.0 * log
        goal = x - 2.0 * target
        newton = worth * (target - log)
        if depth > 4.0 and goal > 4.0:  # the square root's objective, far out
            newton = worth * depth * (math.sqrt(depth / goal) - 1.0)
        if abs(newton) <= 1e-15 * s:
            return s + newton
        s += newton
        if not low < s < high:
            s = 2.0 * low if high == math.inf else 0.5 * (low + high)
    return s


@part
def _finish(
    log: Floats,
    part_of: Floats,
    rest_of: Floats,
    total: Floats,
    years: Floats,
    volatility: Floats,
    marks: Marks,
) -> None:
    """Write marks, and anew the volatilities of a block that are small or not meant."""
    for i in range(log.shape[0]):
        inside = part_of[i]
        rest = rest_of[i]
        s = total[i]
        if not inside >= 0.0:
            marks[i] = BELOW
            s = math.nan
        elif not rest >= 0.0:
            marks[i] = ABOVE
            s = math.nan
        elif rest == 0.0:
            marks[i] = AT_BOUND
            s = math.inf
        elif inside == 0.0:
            s = 0.0
        elif s < SMALL or inside <= TINY:
            s = _carefully(log[i], inside, s)
        else:
            continue
        volatility[i] = s / math.sqrt(years[i])


@kernel
def implied_rows(columns: Columns, volatility: Floats, marks: Marks) -> None:
    """Write the implied volatilities of many options on forwards, and what each price is.

    Parameters
    ----------
    columns
        Undiscounted price, forward, strike, years and sign (1 call, -1 put); each of as many
        numbers as `volatility`, or of one. Domains are the caller's to check.
    volatility
        ``(n,)``: NaN where the price is beyond its bounds, infinite at the upper one, 0 at the
        intrinsic value.
    marks
        ``(n,)``: `GOOD`, `BELOW`, `ABOVE` or `AT_BOUND`.
    """
    wide()
    size = volatility.shape[0]
    work = np.empty((LANES, BLOCK))
    for start in range(0, size, BLOCK):
        lanes = min(BLOCK, size - start)
        is_first = start == 0
        price = lanes_of(columns[0], start, lanes, is_first, work[PRICE])
        forward = lanes_of(columns[1], start, lanes, is_first, work[FORWARD])
        strike = lanes_of(columns[2], start, lanes, is_first, work[STRIKE])
        years = lanes_of(columns[3], start, lanes, is_first, work[YEARS])
        sign = lanes_of(columns[4], start, lanes, is_first, work[SIGN])
        log = work[LOG, :lanes]
        inside = work[PART, :lanes]
        rest = work[REST, :lanes]
        target = work[TARGET, :lanes]
        bend = work[BEND, :lanes]
        reach = work[REACH, :lanes]
        total = work[TOTAL, :lanes]
        found = volatility[start : start + lanes]
        said = marks[start : start + lanes]
        _normalise(price, forward, strike, sign, log, inside, rest)
        special = _start(log, inside, rest, target, bend, reach, total)
        _step(total, log, bend, target, reach)
        _step(total, log, bend, target, reach)
        special += _last_step(total, log, bend, target, reach, years, found)
        said[:] = GOOD
        if special > 0:
            _finish(log, inside, rest, total, years, found, said)
