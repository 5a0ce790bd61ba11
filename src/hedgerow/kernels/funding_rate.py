"""The rate of one funding settlement, from the premium of the perpetual over its index."""

from typing import NamedTuple

from hedgerow.kernels.jit import kernel
from hedgerow.units import Floats


class FundingTerms(NamedTuple):
    """A venue's funding rule in floats."""

    interest: float  # per 8 hours
    clamp: float  # how far interest may pull the rate away from the premium, >= 0; or the damper
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
def clamped_rate(premium: float, terms: FundingTerms) -> float:
    r"""Return the rate where the premium is paid in full every interval, however long.

    .. math::
        F = \mathrm{clip}\bigl(\bar P + \mathrm{clip}(I N / 8 - \bar P, \pm c),\
            \text{floor},\ \text{cap}\bigr)

    References
    ----------
    Bybit help center, "What is funding rate": :math:`I = 0.03\,\%/(24/N)`; BitMEX, perpetual
    contracts guide.
    """
    interest = terms.interest * terms.interval_hours / 8.0
    pull = min(max(interest - premium, -terms.clamp), terms.clamp)
    return min(max(premium + pull, terms.floor), terms.cap)


@kernel
def premium_rate(premium: float, terms: FundingTerms) -> float:
    r"""Return the rate that is the premium less the interest, within its bounds.

    .. math:: F = \mathrm{clip}(\bar P - I N / 8,\ \text{floor},\ \text{cap})

    References
    ----------
    OKX help center, article 360053909272, in force until April 2025, with :math:`I = 0`.
    """
    rate = premium - terms.interest * terms.interval_hours / 8.0
    return min(max(rate, terms.floor), terms.cap)


@kernel
def damped_rate(premium: float, terms: FundingTerms) -> float:
    r"""Return the rate that is zero while the premium stays within the damper :math:`d`.

    .. math:: F = \mathrm{clip}\bigl(\max(d, p) + \min(-d, p),\ \text{floor},\ \text{cap}\bigr)

    It is quoted for `interval_hours` and accrues at every instant, see `funding.accrual`.

    References
    ----------
    Deribit support, article 31424939178397.
    """
    rate = max(terms.clamp, premium) + min(-terms.clamp, premium)
    return min(max(rate, terms.floor), terms.cap)


@kernel
def spread_rate(premium: float, terms: FundingTerms, hours: float) -> float:
    r"""Return the rate where a premium that persists is paid once every `hours`.

    .. math:: F = \mathrm{clip}\bigl(\bar P\, N / H + I N / 8,\ \text{floor},\ \text{cap}\bigr)

    References
    ----------
    dYdX v4-chain, x/perpetuals (:math:`H = 8`); Drift protocol-v2, funding.rs (:math:`H = 24`,
    with 1/5000 of the oracle's price a day for interest); Perpetual Protocol, Funding.sol
    (:math:`H = 24`); Derive v2-core, PerpAsset.sol (:math:`H` the convergence period).
    """
    rate = premium * terms.interval_hours / hours + terms.interest * terms.interval_hours / 8.0
    return min(max(rate, terms.floor), terms.cap)


@kernel
def limited_change(rate: float, previous: float, limit: float) -> float:
    """Return `rate`, but no further than `limit` from the rate of the interval before.

    References
    ----------
    BitMEX blog, 2020-04-17: the change is at most 75 % of the maintenance margin rate.
    """
    return min(max(rate, previous - limit), previous + limit)


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
