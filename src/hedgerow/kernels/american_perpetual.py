"""What an option is worth that may be exercised at any time and never expires."""

import math

import numpy as np
import numpy.typing as npt

from hedgerow.kernels.jit import kernel

Floats = npt.NDArray[np.float64]

QUANTITIES = ("price", "boundary", "delta", "gamma", "vega")


@kernel
def american_rows(
    spot: Floats,
    strike: Floats,
    volatility: Floats,
    sign: Floats,
    quote_rate: Floats,
    coin_rate: Floats,
) -> Floats:
    r"""Return `QUANTITIES` of perpetual American options, shape ``(5, rows)``.

    With :math:`\beta` the root of :math:`\tfrac12\sigma^2\beta(\beta-1) + (r-q)\beta - r = 0`
    above one of a call, below zero of a put, the holder exercises at

    .. math::
        B = \frac{\beta K}{\beta - 1}, \qquad
        V = \phi(B - K)\Bigl(\frac SB\Bigr)^\beta \text{ before it}.

    Vega is :math:`S^2\Gamma\,|\ln(S/B)| / (\sigma s)`, with :math:`s` half the distance of the
    roots: the boundary is at its best place, so that its own move adds nothing.

    Parameters
    ----------
    spot, strike, volatility
        Above zero, shape ``(rows,)``.
    sign
        1 of a call, -1 of a put.
    quote_rate, coin_rate
        Not below zero. A call on a coin that earns nothing is never exercised, and worth the coin;
        a put at a zero rate is never exercised, and worth the strike.

    References
    ----------
    Merton, R. C. (1973). Theory of rational option pricing. Bell Journal of Economics and
    Management Science 4, 141-183, section 8.
    """
    found = np.empty((5, spot.size))
    for row in range(spot.size):
        s, k, sigma, phi = spot[row], strike[row], volatility[row], sign[row]
        r, q = quote_rate[row], coin_rate[row]
        variance = sigma * sigma
        middle = (r - q) / variance - 0.5
        product = 2.0 * r / variance
        root = math.sqrt(middle * middle + product)
        size = root + abs(middle)
        lower = -size if middle >= 0.0 else -product / size
        upper = product / size if middle >= 0.0 else size
        upper_less_one = 2.0 * q / (variance * (1.0 - lower))
        power = upper if phi > 0.0 else lower
        less_one = upper_less_one if phi > 0.0 else lower - 1.0
        if (less_one if phi > 0.0 else power) == 0.0:  # exercise never pays
            found[0, row] = s if phi > 0.0 else k
            found[1, row] = math.inf if phi > 0.0 else 0.0
            found[2, row] = 1.0 if phi > 0.0 else 0.0
            found[3, row] = 0.0
            found[4, row] = 0.0
            continue
        boundary = k * power / less_one
        found[1, row] = boundary
        if phi * (s - boundary) >= 0.0:
            found[0, row] = phi * (s - k)
            found[2, row] = phi
            found[3, row] = 0.0
            found[4, row] = 0.0
            continue
        log_distance = math.log(s / boundary)
        price = abs(k / less_one) * math.exp(power * log_distance)
        dollar_gamma = power * less_one * price
        found[0, row] = price
        found[2, row] = power * price / s
        found[3, row] = dollar_gamma / (s * s)
        found[4, row] = dollar_gamma * abs(log_distance) / (sigma * root)
    return found
