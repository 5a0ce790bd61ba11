"""What an option on a spot price with a dividend yield is worth, with every sensitivity."""

from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels import black76
from hedgerow.kernels import lognormal as block
from hedgerow.kernels.black76 import (
    CHARM,
    COLOR,
    DELTA,
    DUAL_DELTA,
    GAMMA,
    PRICE,
    RHO,
    SPEED,
    THETA,
    VANNA,
    VEGA,
    VOLGA,
    ZOMMA,
)
from hedgerow.kernels.jit import kernel, rowwise
from hedgerow.kernels.lognormal import (
    CARRY,
    CHANCE1,
    CHANCE2,
    D1,
    D2,
    DENSITY,
    DISCOUNT,
    DIVIDEND,
    FORWARD,
    GROWTH,
    INVERSE,
    OVER_FORWARD,
    RATE,
    ROOT,
    SIGN,
    SPOT,
    STRIKE,
    VALUE,
    VOLATILITY,
    YEARS,
)
from hedgerow.kernels.normal import power_of
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Columns = tuple[Floats, ...]

QUANTITIES: Final = (*black76.QUANTITIES, "dividend_rho")
"""What `black_scholes_span` works out, in the order of its numbers."""

DIVIDEND_RHO = 13


@rowwise
def _to_forward(
    spot: Floats,
    years: Floats,
    rate: Floats,
    dividend: Floats,
    forward: Floats,
    growth: Floats,
    carry: Floats,
) -> int:
    """Write forward, forward over spot and rate less yield; return how many yields are wild."""
    wide()
    count = 0
    for i in range(spot.shape[0]):
        carry[i] = rate[i] - dividend[i]
        growth[i] = power_of(carry[i] * years[i])
        forward[i] = spot[i] * growth[i]
        count += 0 if abs(dividend[i]) <= block.TAME_RATE else 1
    return count


@rowwise
def _quantity(
    name: int,
    lanes: int,
    strike: Floats,
    volatility: Floats,
    years: Floats,
    sign: Floats,
    rate: Floats,
    work: Floats,
    out: Floats,
) -> None:
    """Write one quantity of a prepared block."""
    wide()
    if name == PRICE:
        for i in range(lanes):
            out[i] = work[DISCOUNT, i] * work[VALUE, i]
    elif name == DELTA:
        for i in range(lanes):
            growth = work[GROWTH, i]
            out[i] = work[DISCOUNT, i] * growth * sign[i] * work[CHANCE1, i]
    elif name == GAMMA:
        for i in range(lanes):
            gamma = work[DISCOUNT, i] * work[DENSITY, i] * work[INVERSE, i] * work[OVER_FORWARD, i]
            out[i] = gamma * work[GROWTH, i] * work[GROWTH, i]
    elif name == VEGA:
        for i in range(lanes):
            out[i] = work[DISCOUNT, i] * work[FORWARD, i] * work[DENSITY, i] * work[ROOT, i]
    elif name == THETA:
        for i in range(lanes):
            fading = work[DENSITY, i] * volatility[i] * (volatility[i] * work[INVERSE, i])
            coins = (rate[i] - work[CARRY, i]) * work[FORWARD, i] * sign[i] * work[CHANCE1, i]
            cash = rate[i] * strike[i] * sign[i] * work[CHANCE2, i]
            out[i] = work[DISCOUNT, i] * (coins - cash - 0.5 * work[FORWARD, i] * fading)
    elif name == RHO:
        for i in range(lanes):
            out[i] = years[i] * work[DISCOUNT, i] * strike[i] * sign[i] * work[CHANCE2, i]
    elif name == VANNA:
        for i in range(lanes):
            growth = work[GROWTH, i]
            out[i] = (
                -work[DISCOUNT, i]
                * growth
                * work[DENSITY, i]
                * work[D2, i]
                * (work[ROOT, i] * work[INVERSE, i])
            )
    elif name == VOLGA:
        for i in range(lanes):
            bend = work[D1, i] * work[D2, i] * (years[i] * work[INVERSE, i])
            out[i] = work[DISCOUNT, i] * work[FORWARD, i] * work[DENSITY, i] * bend
    elif name == SPEED:
        for i in range(lanes):
            growth = work[GROWTH, i]
            gamma = work[DISCOUNT, i] * work[DENSITY, i] * work[INVERSE, i] * work[OVER_FORWARD, i]
            gamma *= growth * growth
            out[i] = (
                -gamma * work[OVER_FORWARD, i] * growth * (1.0 + work[D1, i] * work[INVERSE, i])
            )
    elif name == ZOMMA:
        for i in range(lanes):
            growth = work[GROWTH, i]
            gamma = work[DISCOUNT, i] * work[DENSITY, i] * work[INVERSE, i] * work[OVER_FORWARD, i]
            gamma *= growth * growth
            out[i] = gamma * (work[D1, i] * work[D2, i] - 1.0) * (work[ROOT, i] * work[INVERSE, i])
    elif name == DUAL_DELTA:
        for i in range(lanes):
            out[i] = -work[DISCOUNT, i] * sign[i] * work[CHANCE2, i]
    elif name == CHARM:
        for i in range(lanes):
            growth = work[GROWTH, i]
            half = 0.5 / max(years[i], block.LEAST)
            moved = work[CARRY, i] * work[INVERSE, i] - work[D2, i] * half
            lost = (rate[i] - work[CARRY, i]) * sign[i] * work[CHANCE1, i] - work[
                DENSITY, i
            ] * moved
            out[i] = work[DISCOUNT, i] * growth * lost
    elif name == COLOR:
        for i in range(lanes):
            growth = work[GROWTH, i]
            gamma = work[DISCOUNT, i] * work[DENSITY, i] * work[INVERSE, i] * work[OVER_FORWARD, i]
            gamma *= growth * growth
            half = 0.5 / max(years[i], block.LEAST)
            moved = work[CARRY, i] * work[INVERSE, i] - work[D2, i] * half
            out[i] = gamma * (rate[i] - work[CARRY, i] + work[D1, i] * moved + half)
    elif name == DIVIDEND_RHO:
        for i in range(lanes):
            out[i] = -years[i] * work[DISCOUNT, i] * work[FORWARD, i] * sign[i] * work[CHANCE1, i]


@kernel
def black_scholes_span(
    columns: Columns, wanted: Integers, out: Floats, first: int, last: int
) -> int:
    r"""Write the wanted quantities of many options on spot prices, from one place to another.

    Derivatives are those by the spot; theta, charm and color are by calendar time, per year; rho
    and dividend_rho are per 1.00 of the rate and of the yield.

    Parameters
    ----------
    columns
        Spot, strike, volatility, years, sign (1 call, -1 put), rate and dividend yield; each of as
        many numbers as `out` has columns, or of one. As in `black76.black76_span` otherwise.
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
    Merton, R. C. (1973). Theory of rational option pricing. Bell Journal of Economics and
    Management Science 4, 141-183. Haug (2007), chapter 2.
    """
    wide()
    work = np.empty((block.LANES, block.BLOCK))
    count = 0
    for start in range(first, last, block.BLOCK):
        lanes = min(block.BLOCK, last - start)
        is_first = start == first
        spot = block.lanes_of(columns[0], start, lanes, is_first, work[SPOT])
        strike = block.lanes_of(columns[1], start, lanes, is_first, work[STRIKE])
        volatility = block.lanes_of(columns[2], start, lanes, is_first, work[VOLATILITY])
        years = block.lanes_of(columns[3], start, lanes, is_first, work[YEARS])
        sign = block.lanes_of(columns[4], start, lanes, is_first, work[SIGN])
        rate = block.lanes_of(columns[5], start, lanes, is_first, work[RATE])
        dividend = block.lanes_of(columns[6], start, lanes, is_first, work[DIVIDEND])
        count += block.wild_lanes(spot, strike, volatility, years, sign)
        forward = work[FORWARD, :lanes]
        count += _to_forward(spot, years, rate, dividend, forward, work[GROWTH], work[CARRY])
        count += block.discounts(rate, years, lanes, work[DISCOUNT])
        small, _ = block.approach(forward, strike, volatility, years, sign, work)
        block.arrive(forward, strike, sign, work, small)
        for place in range(wanted.shape[0]):
            target = out[place, start : start + lanes]
            _quantity(
                wanted[place],
                lanes,
                strike,
                volatility,
                years,
                sign,
                rate,
                work,
                target,
            )
    return count
