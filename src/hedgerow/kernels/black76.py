"""What an option on a forward is worth, with every sensitivity."""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels import lognormal as block
from hedgerow.kernels.jit import kernel, rowwise
from hedgerow.kernels.lognormal import (
    AWAY,
    CHANCE1,
    CHANCE2,
    D1,
    D2,
    DENSITY,
    DISCOUNT,
    FAR_RATIO,
    FORWARD,
    INVERSE,
    NEAR_RATIO,
    OVER_FORWARD,
    RATE,
    RATIO,
    ROOT,
    SIGN,
    STRIKE,
    TOTAL,
    VALUE,
    VOLATILITY,
    YEARS,
)
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Columns = tuple[Floats, ...]

QUANTITIES: Final = (
    "price",
    "delta",
    "gamma",
    "vega",
    "theta",
    "rho",
    "vanna",
    "volga",
    "speed",
    "zomma",
    "dual_delta",
    "charm",
    "color",
)
"""What `black76_span` works out, in the order of its numbers."""

PRICE, DELTA, GAMMA, VEGA, THETA, RHO, VANNA = 0, 1, 2, 3, 4, 5, 6
VOLGA, SPEED, ZOMMA, DUAL_DELTA, CHARM, COLOR = 7, 8, 9, 10, 11, 12

_ROOT_HALF = math.sqrt(0.5)


@kernel
def black76_value(
    forward: float, strike: float, volatility: float, years: float, sign: float
) -> float:
    r"""Return the undiscounted value of a European option on one unit of base, in quote.

    .. math::
        V = \phi\,[F N(\phi d_1) - K N(\phi d_2)], \qquad
        d_{1,2} = \frac{\ln(F/K)}{\sigma\sqrt T} \pm \tfrac12 \sigma\sqrt T

    Parameters
    ----------
    forward, strike
        :math:`F` and :math:`K`, above zero, quote per base.
    volatility
        :math:`\sigma`, yearly, 0.6 for 60 per cent; not below zero.
    years
        :math:`T`, to expiry, in years of 365 days; at or below 0 the option is worth its
        intrinsic value.
    sign
        :math:`\phi`, 1 if it is a call and -1 if it is a put.

    Notes
    -----
    The option out of the money is computed, and parity gives the other: of two numbers of like
    size only the small one is a difference. The normal integral is that of the
    complementary error function, which keeps its digits in the far tail.

    References
    ----------
    Black, F. (1976). The pricing of commodity contracts. Journal of Financial Economics 3,
    167-179. doi:10.1016/0304-405X(76)90024-6
    """
    intrinsic = max(sign * (forward - strike), 0.0)
    deviation = volatility * math.sqrt(max(years, 0.0))
    if deviation == 0.0:
        return intrinsic
    out = -1.0 if forward > strike else 1.0  # the side without intrinsic value
    middle = out * math.log(forward / strike) / deviation
    above = 0.5 * math.erfc(-(middle + 0.5 * out * deviation) * _ROOT_HALF)
    below = 0.5 * math.erfc(-(middle - 0.5 * out * deviation) * _ROOT_HALF)
    time_value = max(out * (forward * above - strike * below), 0.0)
    return intrinsic + time_value


@rowwise
def _every(
    lanes: int,
    forward: Floats,
    volatility: Floats,
    years: Floats,
    sign: Floats,
    rate: Floats,
    work: Floats,
    price: Floats,
    delta: Floats,
    gamma: Floats,
    vega: Floats,
    theta: Floats,
    rho: Floats,
    vanna: Floats,
    volga: Floats,
    speed: Floats,
    zomma: Floats,
    dual_delta: Floats,
    charm: Floats,
    color: Floats,
) -> None:
    """Write all quantities of a prepared block."""
    wide()
    for i in range(lanes):
        f = forward[i]
        v = volatility[i]
        t = years[i]
        w = sign[i]
        r = rate[i]
        d = work[DISCOUNT, i]
        d1 = work[D1, i]
        d2 = work[D2, i]
        over = work[INVERSE, i]
        height = d * work[DENSITY, i]
        worth = d * work[VALUE, i]
        chance = d * w * work[CHANCE1, i]
        over_forward = work[OVER_FORWARD, i]
        over_volatility = work[ROOT, i] * over
        half = 0.5 / max(t, block.LEAST)
        curve = height * over * over_forward
        price[i] = worth
        delta[i] = chance
        gamma[i] = curve
        vega[i] = f * height * work[ROOT, i]
        theta[i] = r * worth - 0.5 * f * (height * v * (v * over))
        rho[i] = -t * worth
        vanna[i] = -height * d2 * over_volatility
        volga[i] = f * height * (d1 * d2 * (t * over))
        speed[i] = -curve * over_forward * (1.0 + d1 * over)
        zomma[i] = curve * (d1 * d2 - 1.0) * over_volatility
        dual_delta[i] = -d * w * work[CHANCE2, i]
        charm[i] = r * chance + height * d2 * half
        color[i] = curve * (r + (1.0 - d1 * d2) * half)


@rowwise
def _usual(
    lanes: int,
    forward: Floats,
    strike: Floats,
    volatility: Floats,
    sign: Floats,
    rate: Floats,
    work: Floats,
    price: Floats,
    delta: Floats,
    gamma: Floats,
    vega: Floats,
    theta: Floats,
) -> None:
    """Write the first five quantities at once."""
    wide()
    for i in range(lanes):
        f = forward[i]
        v = volatility[i]
        d = work[DISCOUNT, i]
        over = work[INVERSE, i]
        value, _, _, height, chance, _ = block.ends_of(
            f,
            strike[i],
            sign[i],
            work[AWAY, i],
            work[TOTAL, i],
            work[RATIO, i],
            work[NEAR_RATIO, i],
            work[FAR_RATIO, i],
        )
        price[i] = d * value
        delta[i] = d * sign[i] * chance
        height *= d
        gamma[i] = height * over * work[OVER_FORWARD, i]
        vega[i] = f * height * work[ROOT, i]
        theta[i] = rate[i] * (d * value) - 0.5 * f * (height * v * (v * over))


@kernel
def black76_span(columns: Columns, wanted: Integers, out: Floats, first: int, last: int) -> int:
    r"""Write the wanted quantities of many options on forwards, from one place to another.

    .. math::
        V = e^{-rT} \phi\,[F N(\phi d_1) - K N(\phi d_2)]

    Derivatives are those by the forward, discounted; theta, charm and color are by calendar time,
    per year; vega is per 1.00 of volatility.

    Parameters
    ----------
    columns
        Forward, strike, volatility, years, sign (1 call, -1 put) and rate; each of as many numbers
        as `out` has columns, or of one. What a row outside its domain gives means nothing; a time
        or volatility of 0 gives the limits, with densities of 0.
    wanted
        Places in `QUANTITIES`, ``(quantities,)``.
    out
        ``(quantities, n)``.

    first, last
        The rows to write are those from `first` up to, but not with, `last`.

    Returns
    -------
    0 if all arguments of these rows are tame: inside their domains, and no quantity overflows.

    References
    ----------
    Black, F. (1976). The pricing of commodity contracts. Journal of Financial Economics 3,
    167-179. Haug, E. G. (2007). The complete guide to option pricing formulas, 2nd ed., chapter 2.
    """
    wide()
    work = np.empty((block.LANES, block.BLOCK))
    free = columns[5].shape[0] == 1 and columns[5][0] == 0.0
    work[DISCOUNT] = 1.0
    count = 0
    usual = True
    for place in range(wanted.shape[0]):
        usual = usual and wanted[place] <= THETA
    unasked = np.empty((len(QUANTITIES), block.BLOCK))
    lines = [unasked[place] for place in range(len(QUANTITIES))]
    for start in range(first, last, block.BLOCK):
        lanes = min(block.BLOCK, last - start)
        is_first = start == first
        forward = block.lanes_of(columns[0], start, lanes, is_first, work[FORWARD])
        strike = block.lanes_of(columns[1], start, lanes, is_first, work[STRIKE])
        volatility = block.lanes_of(columns[2], start, lanes, is_first, work[VOLATILITY])
        years = block.lanes_of(columns[3], start, lanes, is_first, work[YEARS])
        sign = block.lanes_of(columns[4], start, lanes, is_first, work[SIGN])
        rate = block.lanes_of(columns[5], start, lanes, is_first, work[RATE])
        if not free:
            count += block.discounts(rate, years, lanes, work[DISCOUNT])
        small, wild = block.approach(forward, strike, volatility, years, sign, work)
        count += wild
        for place in range(wanted.shape[0]):
            lines[wanted[place]] = out[place, start : start + lanes]
        if usual and small == 0:
            _usual(
                lanes,
                forward,
                strike,
                volatility,
                sign,
                rate,
                work,
                lines[PRICE],
                lines[DELTA],
                lines[GAMMA],
                lines[VEGA],
                lines[THETA],
            )
            continue
        block.arrive(forward, strike, sign, work, small)
        _every(
            lanes,
            forward,
            volatility,
            years,
            sign,
            rate,
            work,
            lines[PRICE],
            lines[DELTA],
            lines[GAMMA],
            lines[VEGA],
            lines[THETA],
            lines[RHO],
            lines[VANNA],
            lines[VOLGA],
            lines[SPEED],
            lines[ZOMMA],
            lines[DUAL_DELTA],
            lines[CHARM],
            lines[COLOR],
        )
    return count


def black76_rows(columns: Columns, wanted: Integers, out: Floats) -> None:
    """Write the wanted quantities of many options on forwards, as `black76_span`, in all rows."""
    black76_span(columns, wanted, out, 0, out.shape[1])
