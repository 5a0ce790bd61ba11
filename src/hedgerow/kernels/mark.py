"""The mark price: an index, and how much of the perpetual's own price is let in."""

import math

from hedgerow.kernels.jit import kernel
from hedgerow.units import Floats


@kernel
def median_of_three(first: float, second: float, third: float) -> float:
    """Return the middle of three numbers; NaN if one of them is."""
    if first != first or second != second or third != third:  # noqa: PLR0124 - NaN
        return math.nan
    return max(min(first, second), min(max(first, second), third))


@kernel
def funding_price(index: float, rate: float, hours_left: float, interval_hours: float) -> float:
    r"""Return the index and the part of the next funding still to come: :math:`i(1 + F h/N)`.

    References
    ----------
    Binance FAQ, mark price of USD-M futures, "Price 1"; BitMEX, fair price marking.
    """
    return index * (1.0 + rate * hours_left / interval_hours)


@kernel
def smoothed(values: Floats, step: float, decay: float) -> float:
    r"""Return the exponentially weighted average of samples `step` seconds apart, oldest first.

    .. math::
        n \leftarrow n e^{-\Delta/\tau} + x \Delta, \qquad
        d \leftarrow d e^{-\Delta/\tau} + \Delta, \qquad \text{EMA} = n / d

    Without a start value, so that the first samples weigh as much as later ones would.

    Parameters
    ----------
    values
        :math:`x`, shape ``(n,)``, n >= 1.
    step, decay
        :math:`\Delta` and :math:`\tau`, seconds.

    References
    ----------
    Hyperliquid documentation, robust price indices.
    """
    kept = math.exp(-step / decay)
    above = 0.0
    below = 0.0
    for position in range(values.size):
        above = above * kept + values[position] * step
        below = below * kept + step
    return above / below
