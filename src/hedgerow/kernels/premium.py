"""How far a perpetual trades from its index: one sample, and the average of an interval."""

import math

from hedgerow.kernels.jit import kernel
from hedgerow.units import Floats


@kernel
def impact_price(prices: Floats, sizes: Floats, notional: float, inverse: bool) -> float:
    r"""Return the average price at which `notional` trades against one side of a book.

    Linear :math:`N / \sum q`; inverse, where sizes are quote face and the notional is in coins,
    :math:`\sum Q / N`. NaN where the side holds less than the notional.

    Parameters
    ----------
    prices, sizes
        Levels from the best on, shape ``(levels,)``; sizes in base coin if linear, else in quote.
    notional
        Worth walked, > 0: quote if linear, base coin if inverse.

    References
    ----------
    dYdX help center, article 166992; Binance FAQ on the premium index.
    """
    left = notional
    size = 0.0
    for level in range(prices.size):
        worth = sizes[level] / prices[level] if inverse else sizes[level] * prices[level]
        if worth >= left:
            size += left * prices[level] if inverse else left / prices[level]
            return size / notional if inverse else notional / size
        size += sizes[level]
        left -= worth
    return math.nan


@kernel
def impact_premium(bid: float, ask: float, index: float) -> float:
    r"""Return the premium of one sample of impact prices, as a fraction of the index.

    .. math:: P = \bigl[\max(0, B - i) - \max(0, i - A)\bigr] / i
    """
    return (max(0.0, bid - index) - max(0.0, index - ask)) / index


@kernel
def mid_premium(bid: float, ask: float, index: float) -> float:
    """Return the premium of the middle of the book, as a fraction of the index."""
    return (0.5 * (bid + ask) - index) / index


@kernel
def equal_average(premiums: Floats) -> float:
    """Return the plain average of an interval's premiums, shape ``(n,)``, n >= 1."""
    total = 0.0
    for position in range(premiums.size):
        total += premiums[position]
    return total / premiums.size


@kernel
def projected_average(
    average: float, newest: float, seen: float, samples: float, rising: bool
) -> float:
    r"""Return the average that an interval ends with if its newest premium persists.

    .. math:: \bar P = \frac{w_n}{w_N} \bar P_n + \Bigl(1 - \frac{w_n}{w_N}\Bigr) P_n

    with :math:`w_n = n(n+1)/2` if later samples weigh more, else :math:`w_n = n`.

    Parameters
    ----------
    average
        Of the `seen` samples so far, under the same weights.
    samples
        Of the whole interval, >= `seen`.
    """
    weight = seen * (seen + 1.0) / (samples * (samples + 1.0)) if rising else seen / samples
    return weight * average + (1.0 - weight) * newest
