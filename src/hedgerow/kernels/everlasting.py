"""What an option without expiry is worth, held to its payoff by funding."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import inlined, kernel, rowwise
from hedgerow.kernels.quick_functions import quick_exp, quick_log

Floats = npt.NDArray[np.float64]

QUANTITIES = (
    "price",
    "intrinsic",
    "time_value",
    "delta",
    "gamma",
    "vega",
    "vanna",
    "volga",
    "theta",
    "funding_flow",
)
STRIP_QUANTITIES = ("price", "delta", "gamma", "vega")

_ROOT_HALF = math.sqrt(0.5)
_DENSITY = 1.0 / math.sqrt(2.0 * math.pi)
_NOTHING = 1e-300
_REST = 1e-18  # of the price: what the expiries that are left out may still weigh


class Everlasting(NamedTuple):
    """Price and sensitivities of one everlasting option on one unit of base."""

    price: float
    intrinsic: float
    time_value: float
    delta: float
    gamma: float
    vega: float
    vanna: float
    volga: float
    theta: float
    funding_flow: float


@inlined
def everlasting_greeks(
    spot: float,
    strike: float,
    volatility: float,
    years: float,
    sign: float,
    quote_rate: float,
    coin_rate: float,
    financed: float,
) -> Everlasting:
    r"""Return price and greeks of an option whose holder pays V − payoff over each funding period.

    The price is that of a payoff at a random time, exponential with intensity
    :math:`\kappa = 1/T`, so it solves

    .. math::
        \tfrac12\sigma^2 S^2 V'' + \mu S V' - cV + \kappa(\phi(S - K))^+ = 0,
        \qquad \mu = r - q

    with :math:`c = \kappa` if the option is margined like a future, :math:`\kappa + r` if its
    premium is paid. With the roots :math:`p_\pm = -b \pm s` of the equation's power solutions,
    :math:`b = \mu/\sigma^2 - 1/2` and :math:`s^2 = b^2 + 2c/\sigma^2`,

    .. math::
        S^2\Gamma = \frac{\kappa K}{\sigma^2 s}\Bigl(\frac SK\Bigr)^{p}, \qquad
        V = \frac{S^2\Gamma}{p(p-1)} + \Bigl[\phi\Bigl(\frac{\kappa S}{c-\mu}
        - \frac{\kappa K}{c}\Bigr)\Bigr]_{\text{in the money}}, \qquad
        \mathcal V = \frac{S^2\Gamma}{\sigma s}\Bigl(\frac1s + \Bigl|\ln\frac SK\Bigr|\Bigr)

    where :math:`p` is :math:`p_+` below the strike, :math:`p_-` above it.

    Parameters
    ----------
    spot, strike
        :math:`S` and :math:`K`, above zero, quote per base.
    volatility
        :math:`\sigma`, above zero, a year.
    years
        :math:`T`, above zero: the funding period.
    sign
        :math:`\phi`, 1 of a call and -1 of a put.
    quote_rate, coin_rate
        :math:`r` and :math:`q` a year; :math:`c > \max(\mu, 0)`.
    financed
        1 if the premium is paid up front, 0 if the option is margined.

    Notes
    -----
    No term is a difference of larger ones, so far out of the money all digits are kept. Theta is
    zero; what time costs is ``funding_flow``, :math:`\kappa(V - \text{payoff})` a year.

    References
    ----------
    White, D. and Bankman-Fried, S. (2021). Everlasting options. Paradigm. At zero rates the time
    value is that of Deri Protocol's EverlastingOptionPricing contract.
    """
    intensity = 1.0 / years
    carry = quote_rate - coin_rate
    variance = volatility * volatility
    decay = intensity + financed * quote_rate
    middle = carry / variance - 0.5
    product = 2.0 * decay / variance
    root = math.sqrt(middle * middle + product)
    sum_of_sizes = root + abs(middle)
    lower = -sum_of_sizes if middle >= 0.0 else -product / sum_of_sizes
    upper = product / sum_of_sizes if middle >= 0.0 else sum_of_sizes

    distance = sign * (spot - strike)
    inside = 1.0 if distance > 0.0 else 0.0
    falls = sign * (inside - 0.5) > 0.0  # above the strike, where the power is the lower root
    power = lower if falls else upper
    less_one = lower - 1.0 if falls else 2.0 * (decay - carry) / (variance * (1.0 - lower))
    log_moneyness = quick_log(spot / strike)
    away = abs(log_moneyness)
    bend = intensity * strike / (variance * root) * quick_exp(power * log_moneyness)
    slope = bend / (less_one * spot)

    per_spot = intensity / (decay - carry)
    surplus = (carry - financed * quote_rate) / (decay - carry) * spot
    surplus += financed * quote_rate / decay * strike
    time_value = slope * spot / power + inside * sign * surplus

    per_root = 1.0 / (volatility * root)
    vega = bend * (1.0 / root + away) * per_root
    skew = carry / variance
    short = (0.25 - skew * skew) / (root * root)
    reach = root * away
    stretch = power * less_one * away / root - 2.0 * short - (reach + short) / (1.0 + reach)
    intrinsic = max(distance, 0.0)
    return Everlasting(
        intrinsic + time_value,
        intrinsic,
        time_value,
        slope + inside * sign * per_spot,
        bend / (spot * spot),
        vega,
        bend / spot * per_root * (power * away - middle / root),
        vega / volatility * stretch,
        0.0,
        intensity * time_value,
    )


@rowwise
def _everlasting_rows(
    financed: float,
    spot: Floats,
    strike: Floats,
    volatility: Floats,
    years: Floats,
    sign: Floats,
    quote_rate: Floats,
    coin_rate: Floats,
    found: Floats,
) -> None:
    for row in range(spot.size):
        one = everlasting_greeks(
            spot[row],
            strike[row],
            volatility[row],
            years[row],
            sign[row],
            quote_rate[row],
            coin_rate[row],
            financed,
        )
        found[0, row] = one.price
        found[1, row] = one.intrinsic
        found[2, row] = one.time_value
        found[3, row] = one.delta
        found[4, row] = one.gamma
        found[5, row] = one.vega
        found[6, row] = one.vanna
        found[7, row] = one.volga
        found[8, row] = one.theta
        found[9, row] = one.funding_flow


@kernel
def everlasting_rows(
    financed: float,
    spot: Floats,
    strike: Floats,
    volatility: Floats,
    years: Floats,
    sign: Floats,
    quote_rate: Floats,
    coin_rate: Floats,
) -> Floats:
    """Return `QUANTITIES` of many everlasting options, shape ``(10, rows)``.

    All arrays are contiguous, shape ``(rows,)``; `everlasting_greeks` says what they hold.
    """
    found = np.empty((10, spot.size))
    _everlasting_rows(financed, spot, strike, volatility, years, sign, quote_rate, coin_rate, found)
    return found


@kernel
def everlasting_strip_rows(
    financed: float,
    spot: Floats,
    strike: Floats,
    volatility: Floats,
    years: Floats,
    sign: Floats,
    quote_rate: Floats,
    coin_rate: Floats,
    payments: Floats,
) -> Floats:
    r"""Return `STRIP_QUANTITIES` of options that pay funding `payments` times a period.

    Such an option is the strip of dated ones
    :math:`V = \sum_{i \ge 1} \frac1f \bigl(\frac f{f+1}\bigr)^i V_{\text{dated}}(iT/f)`.

    Parameters
    ----------
    payments
        :math:`f`, shape ``(rows,)``, with the weights outrunning what the payoff grows by.

    Returns
    -------
    Floats
        Shape ``(4, rows)``.

    References
    ----------
    White, D. and Bankman-Fried, S. (2021). Everlasting options. Paradigm.
    """
    found = np.zeros((4, spot.size))
    for row in range(spot.size):
        s, k, phi, often = spot[row], strike[row], sign[row], payments[row]
        carry = quote_rate[row] - coin_rate[row]
        discount_rate = financed * quote_rate[row]
        step = years[row] / often
        keep = often / (often + 1.0)
        log_moneyness = math.log(s / k)
        bound = s if phi > 0.0 else k
        faster = max(0.0, (carry if phi > 0.0 else 0.0) - discount_rate)
        weight = 1.0 / often
        price, delta, gamma, vega = 0.0, 0.0, 0.0, 0.0
        number = 0
        while True:
            number += 1
            weight *= keep
            time = step * number
            ratio = math.exp(carry * time)
            worth = weight * math.exp(-discount_rate * time)
            forward = s * ratio
            deviation = volatility[row] * math.sqrt(time)
            centre = (log_moneyness + carry * time) / deviation
            d1 = centre + 0.5 * deviation
            side = -1.0 if forward > k else 1.0
            above = 0.5 * math.erfc(-side * d1 * _ROOT_HALF)
            below = 0.5 * math.erfc(-side * (centre - 0.5 * deviation) * _ROOT_HALF)
            out = max(side * (forward * above - k * below), 0.0)
            density = _DENSITY * math.exp(-0.5 * d1 * d1)
            price += worth * (max(phi * (forward - k), 0.0) + out)
            delta += worth * ratio * phi * 0.5 * math.erfc(-phi * d1 * _ROOT_HALF)
            gamma += worth * ratio * density / (s * deviation)
            vega += worth * forward * density * math.sqrt(time)
            rest = weight * often * math.exp(faster * time)
            if not (rest * bound > _REST * price and rest > _NOTHING):
                break
        found[0, row] = price
        found[1, row] = delta
        found[2, row] = gamma
        found[3, row] = vega
    return found
