"""What a perpetual on a power of the price is worth, and the volatility that its price implies."""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import inlined, kernel

Floats = npt.NDArray[np.float64]

QUANTITIES = ("price", "delta", "gamma", "vega", "theta", "vanna", "volga", "funding_flow")

DATED, CONTINUOUS, DISCRETE = 0, 1, 2


@inlined
def _grown(style: int, growth: float, payments: float) -> tuple[float, float, float]:
    """Return worth over payoff at log growth `growth` a period, with two derivatives."""
    if style == DATED:
        worth = math.exp(growth)
        return worth, worth, worth
    if style == CONTINUOUS:
        worth = 1.0 / (1.0 - growth)
        return worth, worth * worth, 2.0 * worth * worth * worth
    step = growth / payments
    worth = 1.0 / (1.0 + (payments + 1.0) * math.expm1(-step))
    fall = (1.0 + 1.0 / payments) * math.exp(-step)
    slope = fall * worth * worth
    return worth, slope, slope * (2.0 * fall * worth - 1.0 / payments)


@kernel
def power_rows(
    style: int,
    spot: Floats,
    power: Floats,
    volatility: Floats,
    years: Floats,
    quote_rate: Floats,
    coin_rate: Floats,
    payments: Floats,
) -> Floats:
    r"""Return `QUANTITIES` of contracts on :math:`S^p`, shape ``(8, rows)``.

    The payoff's worth grows by :math:`g = (p-1)(r + p\sigma^2/2) - pq` a year, so

    .. math::
        V = S^p e^{gT}, \qquad V = \frac{S^p}{1 - gT}, \qquad
        V = \frac{S^p}{(f+1)e^{-gT/f} - f}

    of the contract that pays at :math:`T`, of the perpetual with funding paid at every
    instant, and of the one that pays it :math:`f` times a period :math:`T`.

    Parameters
    ----------
    style
        `DATED`, `CONTINUOUS` or `DISCRETE`.
    spot, power, volatility, years, quote_rate, coin_rate, payments
        Shape ``(rows,)``; the perpetuals exist only where the divisor is above zero.

    References
    ----------
    White, D., Robinson, D., Koticha, Z., Leone, A., Gauba, A. and Krishnan, A. (2021). Power
    perpetuals. Paradigm.
    """
    found = np.empty((8, spot.size))
    for row in range(spot.size):
        s, p, sigma, period = spot[row], power[row], volatility[row], years[row]
        r, q = quote_rate[row], coin_rate[row]
        growth = (p - 1.0) * (r + 0.5 * p * sigma * sigma) - p * q
        worth, slope, bend = _grown(style, growth * period, payments[row])
        payoff = math.pow(s, p)
        price = payoff * worth
        curve = p * (p - 1.0) * period  # growth over the period, derived twice by volatility
        tilt = curve * sigma
        vega = payoff * slope * tilt
        found[0, row] = price
        found[1, row] = p * price / s
        found[2, row] = p * (p - 1.0) * price / (s * s)
        found[3, row] = vega
        found[4, row] = -growth * price if style == DATED else 0.0
        found[5, row] = p * vega / s
        found[6, row] = payoff * (bend * tilt * tilt + slope * curve)
        found[7, row] = 0.0 if style == DATED else payoff * (worth - 1.0) / period
    return found


@kernel
def power_variance_rows(
    style: int,
    ratio: Floats,
    power: Floats,
    years: Floats,
    quote_rate: Floats,
    coin_rate: Floats,
    payments: Floats,
) -> Floats:
    r"""Return :math:`\sigma^2` at which price over payoff is `ratio`, shape ``(rows,)``.

    It is below zero where the price is under the worth at zero volatility.
    """
    found = np.empty(ratio.size)
    for row in range(ratio.size):
        p, period, often = power[row], years[row], payments[row]
        if style == DATED:
            growth = math.log(ratio[row])
        elif style == CONTINUOUS:
            growth = 1.0 - 1.0 / ratio[row]
        else:
            growth = -often * math.log1p((1.0 / ratio[row] - 1.0) / (often + 1.0))
        yearly = growth / period
        carry = (yearly + p * coin_rate[row]) / (p - 1.0) - quote_rate[row]
        found[row] = 2.0 * carry / p
    return found
