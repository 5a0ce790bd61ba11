"""The rate of one funding settlement, from the premium of the perpetual over its index."""

from typing import NamedTuple

from hedgerow.kernels.jit import kernel
from hedgerow.units import Floats


class FundingTerms(NamedTuple):
    """A venue's funding rule in floats."""

    interest: float  # per 8 hours
    clamp: float  # how far interest may pull the rate away from the premium, per 8 hours, >= 0
    cap: float  # highest rate of one settlement
    floor: float  # lowest rate of one settlement
    interval_hours: float  # between settlements


@kernel
def funding_rate(premium: float, terms: FundingTerms) -> float:
    r"""Return the fraction of notional that longs pay shorts (> 0) for one interval.

    .. math::
        F = \mathrm{clip}\Bigl(\bigl[\bar P + \mathrm{clip}(I - \bar P, \pm c)\bigr]
            \tfrac{N}{8},\ \text{floor},\ \text{cap}\Bigr)

    Parameters
    ----------
    premium
        :math:`\bar P`: premium of the interval, see `average_premium`.
    terms
        :math:`I`, :math:`c` and the bounds, with :math:`N` hours between settlements.

    References
    ----------
    Binance, announcement of 2025-09-18 on the funding rate of USD-M perpetuals; before it the
    same rule without :math:`N/8` for contracts that settle every 8 hours.
    """
    pull = min(max(terms.interest - premium, -terms.clamp), terms.clamp)
    rate = (premium + pull) * terms.interval_hours / 8.0
    return min(max(rate, terms.floor), terms.cap)


@kernel
def average_premium(premiums: Floats) -> float:
    r"""Return the average of an interval's premiums, weighted towards the settlement.

    .. math:: \bar P = \sum_{k=1}^{n} k P_k \Big/ \sum_{k=1}^{n} k

    Parameters
    ----------
    premiums
        :math:`P_k`, fractions of the index, oldest first, shape ``(n,)``, n >= 1.
    """
    total = 0.0
    for position in range(premiums.size):
        total += (position + 1.0) * premiums[position]
    return total / (0.5 * premiums.size * (premiums.size + 1.0))
