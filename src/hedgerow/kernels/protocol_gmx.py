"""The adaptive funding, borrowing fee and price impact of a pool that takes the other side."""

import math
from typing import NamedTuple

from hedgerow.kernels.jit import kernel


class SkewNumbers(NamedTuple):
    """How a rate that adapts to the skew moves; fractions of notional per second."""

    exponent: float  # of the difference of both sides' open interest
    increase: float  # per second, times the skew, above `stable`
    decrease: float  # per second, below `decreasing`
    stable: float  # skew above which the rate grows
    decreasing: float  # skew below which it decays
    minimum: float  # smallest size of the rate that is charged
    maximum: float  # largest size of the rate


class SkewRate(NamedTuple):
    """The rate per second that is charged (> 0: longs pay), and the one that is kept."""

    rate: float
    saved: float


@kernel
def next_skew_rate(
    saved: float, long: float, short: float, seconds: float, terms: SkewNumbers
) -> SkewRate:
    r"""Return the rate per second after `seconds` with these open interests.

    With the skew :math:`k = |L - S|^e / (L + S)`, the saved rate grows towards the larger side
    by :math:`k\,a\,\Delta t` while :math:`k` is above the stable threshold or the rate still
    points the other way; it decays by :math:`b\,\Delta t`, not beyond zero, while :math:`k` is
    below the decreasing threshold. What is charged lies between minimum and maximum in size.

    Parameters
    ----------
    saved
        The rate kept before.
    long, short
        Open interest of both sides, quote.

    References
    ----------
    gmx-synthetics, MarketUtils.getNextFundingFactorPerSecond.
    """
    if long + short == 0.0:
        return SkewRate(0.0, saved)
    skew = math.pow(abs(long - short), terms.exponent) / (long + short)
    agrees = (saved > 0.0 and long > short) or (saved < 0.0 and short > long)
    kept = saved
    if not agrees or skew > terms.stable:
        step = skew * terms.increase * seconds
        kept = saved + (step if long >= short else -step)
    elif skew < terms.decreasing:
        kept = math.copysign(max(abs(saved) - terms.decrease * seconds, 0.0), saved)
    kept = min(max(kept, -terms.maximum), terms.maximum)
    charged = math.copysign(max(abs(kept), terms.minimum), kept)
    return SkewRate(charged, kept)


class Sides(NamedTuple):
    """What a unit of notional of each side gets (> 0) or pays (< 0)."""

    long: float
    short: float


@kernel
def skew_payments(rate: float, long: float, short: float, seconds: float) -> Sides:
    """Return what a unit of notional of each side gets over `seconds` at `rate`.

    The rate is charged on the larger side's notional; the side that pays shares that sum, the
    other receives just that sum, so that nothing is left in the pool.

    References
    ----------
    gmx-synthetics, MarketUtils.getNextFundingAmountPerSize.
    """
    if long == 0.0 or short == 0.0:
        return Sides(0.0, 0.0)
    moved = rate * seconds * max(long, short)
    return Sides(-moved / long, moved / short)


@kernel
def borrowing_rate(reserved: float, pool: float, factor: float, exponent: float) -> float:
    r"""Return the borrowing fee per second and unit of notional: :math:`f R^e / V`.

    References
    ----------
    gmx-synthetics, MarketUtils.getBorrowingFactorPerSecond.
    """
    return factor * math.pow(reserved, exponent) / pool


@kernel
def kinked_borrowing_rate(usage: float, base: float, above: float, optimal: float) -> float:
    r"""Return the borrowing fee per second where it rises faster beyond the optimal usage.

    .. math:: b u + (u > u^*)\,\max(a - b, 0)\,\frac{u - u^*}{1 - u^*}

    References
    ----------
    gmx-synthetics, MarketUtils.getKinkBorrowingFactor.
    """
    rate = base * usage
    if usage > optimal and optimal < 1.0:
        rate += max(above - base, 0.0) * (usage - optimal) / (1.0 - optimal)
    return rate


class ImpactFactors(NamedTuple):
    """What moving the skew costs: factors for lowering and for raising it, and an exponent."""

    positive: float
    negative: float
    exponent: float


@kernel
def price_impact(before: float, after: float, crosses: bool, factors: ImpactFactors) -> float:
    r"""Return what a trade gets (> 0) or pays (< 0) for moving the skew of the pool, quote.

    On one side :math:`f d_0^e - f d_1^e` with the factor of the direction; a trade that makes
    the other side the larger one gains :math:`f_+ d_0^e` and pays :math:`f_- d_1^e`.

    Parameters
    ----------
    before, after
        :math:`d_0, d_1 \ge 0`: difference of both sides' open interest, quote.
    crosses
        Whether the larger side becomes the smaller one.

    References
    ----------
    gmx-synthetics, PricingUtils.
    """
    first = math.pow(before, factors.exponent)
    second = math.pow(after, factors.exponent)
    if crosses:
        return factors.positive * first - factors.negative * second
    factor = factors.positive if after < before else factors.negative
    return factor * first - factor * second
