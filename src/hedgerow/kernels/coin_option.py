"""What an option that settles in its own coin is worth, in coin and in quote, and how it moves."""

from typing import Final

import numpy as np
import numpy.typing as npt

from hedgerow.kernels import lognormal as block
from hedgerow.kernels.jit import kernel, rowwise
from hedgerow.kernels.lognormal import (
    CHANCE1,
    CHANCE2,
    D1,
    DENSITY,
    FORWARD,
    INVERSE,
    OVER_FORWARD,
    ROOT,
    SIGN,
    STRIKE,
    VALUE,
    VOLATILITY,
    YEARS,
)
from hedgerow.kernels.wide import wide

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Columns = tuple[Floats, ...]

QUANTITIES: Final = (
    "price_coin",
    "price",
    "delta",
    "delta_net",
    "gamma",
    "gamma_net",
    "gamma_coin",
    "vega",
    "vega_coin",
    "theta",
    "theta_coin",
    "vanna_net",
)
"""What `coin_option_span` works out, in the order of its numbers."""

PRICE_COIN, PRICE, DELTA, DELTA_NET, GAMMA, GAMMA_NET = 0, 1, 2, 3, 4, 5
GAMMA_COIN, VEGA, VEGA_COIN, THETA, THETA_COIN, VANNA_NET = 6, 7, 8, 9, 10, 11


@rowwise
def _quantity(
    name: int,
    lanes: int,
    forward: Floats,
    strike: Floats,
    volatility: Floats,
    sign: Floats,
    work: Floats,
    out: Floats,
) -> None:
    """Write one quantity of a prepared block."""
    wide()
    if name == PRICE_COIN:
        for i in range(lanes):
            out[i] = work[VALUE, i] * work[OVER_FORWARD, i]
    elif name == PRICE:
        for i in range(lanes):
            out[i] = work[VALUE, i]
    elif name == DELTA:
        for i in range(lanes):
            out[i] = sign[i] * work[CHANCE1, i]
    elif name == DELTA_NET:
        for i in range(lanes):
            out[i] = sign[i] * work[CHANCE2, i] * (strike[i] * work[OVER_FORWARD, i])
    elif name == GAMMA:
        for i in range(lanes):
            out[i] = work[DENSITY, i] * work[INVERSE, i] * work[OVER_FORWARD, i]
    elif name == GAMMA_NET:
        for i in range(lanes):
            net = sign[i] * work[CHANCE2, i] * (strike[i] * work[OVER_FORWARD, i])
            out[i] = (work[DENSITY, i] * work[INVERSE, i] - net) * work[OVER_FORWARD, i]
    elif name == GAMMA_COIN:
        for i in range(lanes):
            net = sign[i] * work[CHANCE2, i] * (strike[i] * work[OVER_FORWARD, i])
            bend = work[DENSITY, i] * work[INVERSE, i] - 2.0 * net
            out[i] = bend * work[OVER_FORWARD, i] * work[OVER_FORWARD, i]
    elif name == VEGA:
        for i in range(lanes):
            out[i] = forward[i] * work[DENSITY, i] * work[ROOT, i]
    elif name == VEGA_COIN:
        for i in range(lanes):
            out[i] = work[DENSITY, i] * work[ROOT, i]
    elif name == THETA:
        for i in range(lanes):
            fading = work[DENSITY, i] * volatility[i] * (volatility[i] * work[INVERSE, i])
            out[i] = -0.5 * forward[i] * fading
    elif name == THETA_COIN:
        for i in range(lanes):
            out[i] = -0.5 * work[DENSITY, i] * volatility[i] * (volatility[i] * work[INVERSE, i])
    elif name == VANNA_NET:
        for i in range(lanes):
            out[i] = -work[DENSITY, i] * work[D1, i] * (work[ROOT, i] * work[INVERSE, i])


@kernel
def coin_option_span(columns: Columns, wanted: Integers, out: Floats, first: int, last: int) -> int:
    r"""Write the wanted quantities of many coin-settled options, from one place to another.

    .. math::
        p = V / F, \qquad
        \Delta_{net} = F\,\partial p / \partial F = \Delta - p = \phi \frac{K}{F} N(\phi d_2)

    with the undiscounted Black value :math:`V` and delta :math:`\Delta`. The net delta is written
    as a product: in the wings delta and price are nearly equal.

    Parameters
    ----------
    columns
        Forward, strike, volatility, years and sign; each of as many numbers as `out` has columns,
        or of one. As in `black76.black76_span` otherwise.
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
    Black (1976). Castagna, A. (2010). FX options and smile risk, section 1.4, for the premium in
    the foreign currency.
    """
    wide()
    work = np.empty((block.LANES, block.BLOCK))
    count = 0
    for start in range(first, last, block.BLOCK):
        lanes = min(block.BLOCK, last - start)
        is_first = start == first
        forward = block.lanes_of(columns[0], start, lanes, is_first, work[FORWARD])
        strike = block.lanes_of(columns[1], start, lanes, is_first, work[STRIKE])
        volatility = block.lanes_of(columns[2], start, lanes, is_first, work[VOLATILITY])
        years = block.lanes_of(columns[3], start, lanes, is_first, work[YEARS])
        sign = block.lanes_of(columns[4], start, lanes, is_first, work[SIGN])
        small, wild = block.approach(forward, strike, volatility, years, sign, work)
        count += wild
        block.arrive(forward, strike, sign, work, small)
        for place in range(wanted.shape[0]):
            target = out[place, start : start + lanes]
            _quantity(
                wanted[place],
                lanes,
                forward,
                strike,
                volatility,
                sign,
                work,
                target,
            )
    return count


def coin_option_rows(columns: Columns, wanted: Integers, out: Floats) -> None:
    """Write the wanted quantities of all rows, as `coin_option_span`."""
    coin_option_span(columns, wanted, out, 0, out.shape[1])
