"""What a trade costs: spread, impact, latency and fee."""

import math

from hedgerow.kernels.jit import kernel

WORST_SLIPPAGE = 0.5


@kernel
def slippage_fraction(
    half_spread: float, impact: float, drift: float, deviation: float, participation: float
) -> float:
    r"""Return the price given up, as a fraction of the reference price, at most one half.

    .. math:: s = h + d + Y \sigma \sqrt{Q/V}

    Parameters
    ----------
    half_spread
        :math:`h`, fraction.
    impact
        :math:`Y`, about 1 in the data of Donier and Bonart; 0 turns impact off.
    drift
        :math:`d`, what the price is expected to move away during the latency, fraction.
    deviation
        :math:`\sigma` of the return over the bar whose volume is meant.
    participation
        :math:`Q/V`, the order over the bar's volume, both in the same unit.

    References
    ----------
    Donier, J. and Bonart, J. (2015). A million metaorder analysis of market impact on the
    Bitcoin. Market Microstructure and Liquidity 1(2). arXiv:1412.4503
    """
    fraction = half_spread + drift
    if impact > 0.0:
        fraction += impact * deviation * math.sqrt(participation)
    return min(fraction, WORST_SLIPPAGE)


@kernel
def fill_price(reference: float, traded: float, fraction: float) -> float:
    """Return the price paid: above the reference for a buy, below it for a sale."""
    if traded > 0.0:
        return reference * (1.0 + fraction)
    return reference * (1.0 - fraction)
