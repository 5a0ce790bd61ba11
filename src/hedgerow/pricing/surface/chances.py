r"""What a smile says of the price at expiry: its density and its quantiles.

.. math::
    P(S \le K) = N(-d_2) + n(d_2)\,\frac{w'(k)}{2 \sqrt{w}}, \qquad
    p(k) = \frac{g(k)}{\sqrt{2 \pi w}}\, e^{-d_2^2 / 2}

They are the prices of digital options, under which the forward is the mean; not a forecast.

References
----------
Gatheral, J. and Jacquier, A. (2014). Arbitrage-free SVI volatility surfaces. Quantitative Finance
14, 59-71, equation 2.2.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.pricing.surface.arbitrage import Smile, butterfly
from hedgerow.pricing.surface.crossing import crossing
from hedgerow.units import Floats

REACH: Final = 12.0  # standard deviations of the money
ROOT_TWO_PI: Final = math.sqrt(2.0 * math.pi)


def density(smile: Smile, k: Floats) -> Floats:
    """Return the density of the logarithm of price over forward at expiry, ``(n,)``.

    Below 0 where a butterfly would cost less than nothing.
    """
    w, slope, bend = smile.rows(k)
    g = butterfly(k, w, slope, bend)
    second = -k / np.sqrt(w) - 0.5 * np.sqrt(w)
    return np.asarray(g / (ROOT_TWO_PI * np.sqrt(w)) * np.exp(-0.5 * second**2), np.float64)


def chance_below(smile: Smile, k: Floats) -> Floats:
    """Return the chance that the logarithm of price over forward ends at or below `k`, ``(n,)``."""
    w, slope, _ = smile.rows(k)
    root = np.sqrt(w)
    second = -k / root - 0.5 * root
    normal = np.array([0.5 * math.erfc(one / math.sqrt(2.0)) for one in second])
    bent = np.exp(-0.5 * second**2) / ROOT_TWO_PI * slope / (2.0 * root)
    return np.asarray(normal + bent, np.float64)


def quantiles(smile: Smile, chances: Sequence[float]) -> Floats:
    """Return the logarithms of price over forward below which it ends with the wanted chances.

    Examples
    --------
    >>> from hedgerow.pricing.surface.svi import Svi
    >>> flat = Svi(a=0.04, b=0.0, rho=0.0, m=0.0, sigma=1.0)  # 20 % for a year
    >>> quantiles(flat, (0.5, 0.95)).round(6).tolist()
    [-0.02, 0.308971]
    """
    if not all(0.0 < one < 1.0 for one in chances):
        raise ConfigError("a chance lies between 0 and 1; write 0.05 for one in twenty")
    wanted = np.array(chances)
    reach = REACH * math.sqrt(float(smile.variance(0.0)[0]))
    low, high = np.full(wanted.size, -reach), np.full(wanted.size, reach)
    return crossing(lambda k: chance_below(smile, k) - wanted, low, high)
