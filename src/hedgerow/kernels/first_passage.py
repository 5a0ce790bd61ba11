r"""The first time a geometric Brownian motion touches a level.

Scalars in plain Python: a question asks for a few hundred values, not for millions. With
:math:`b = \ln(B / S)`, :math:`e` its sign, :math:`\nu = \mu - \sigma^2 / 2`:

.. math::
    P(\tau \le T) = N\!\left(\frac{-|b| + e \nu T}{\sigma \sqrt T}\right)
        + e^{2 \nu b / \sigma^2} N\!\left(\frac{-|b| - e \nu T}{\sigma \sqrt T}\right)

Everything is computed as a logarithm, so that odds of 1e-300 keep their digits.
"""

import math

TAIL = -25.0  # under which the distribution function is its asymptotic series
DISCRETE_SHIFT = 0.5825971579390106  # -zeta(1/2) / sqrt(2 pi)
HALVINGS = 200


def log_normal_cdf(x: float) -> float:
    """Return the logarithm of the standard normal distribution function, in the far tail too.

    >>> round(log_normal_cdf(-40.0), 9)
    -804.608442014
    """
    if x > TAIL:
        return math.log(0.5 * math.erfc(-x / math.sqrt(2.0)))
    square = x * x
    term, series = 1.0, 1.0
    for order in range(1, 12):
        term *= -(2 * order - 1) / square
        series += term
    return -0.5 * square - math.log(-x * math.sqrt(2.0 * math.pi)) + math.log(series)


def log_touch(distance: float, drift: float, volatility: float, years: float) -> float:
    r"""Return the logarithm of the odds that the level is touched within `years`.

    Parameters
    ----------
    distance
        :math:`b = \ln(B / S)`; 0 is touched at once.
    drift
        :math:`\nu`, of the log price, a year.
    volatility
        :math:`\sigma \ge 0`, a year. At 0 the price moves along its drift.

    References
    ----------
    Borodin, A. N. and Salminen, P. (2002). Handbook of Brownian Motion, 2.2.0.2 (part II).

    Examples
    --------
    >>> round(math.exp(log_touch(0.1, 0.0, 0.5, 0.04)), 12)  # twice the odds of ending beyond
    0.317310507863
    """
    if distance == 0.0:
        return 0.0
    way = math.copysign(1.0, distance)
    far = abs(distance)
    if years <= 0.0 or math.isinf(far):
        return -math.inf
    deviation = volatility * math.sqrt(years)
    pull = way * drift * years
    if deviation == 0.0:
        return 0.0 if pull >= far else -math.inf
    direct = log_normal_cdf((pull - far) / deviation)
    mirrored = 2.0 * (pull / deviation) * (far / deviation)
    mirrored += log_normal_cdf((-pull - far) / deviation)
    largest = max(direct, mirrored)
    if largest == -math.inf:
        return largest
    both = largest + math.log1p(math.exp(min(direct, mirrored) - largest))
    return min(both, 0.0)


def touch_density(distance: float, drift: float, volatility: float, years: float) -> float:
    r"""Return the density, a year, of the first touch at `years`.

    .. math:: \frac{|b|}{\sigma \sqrt{2 \pi t^3}} \exp\!\left(-\frac{(b - \nu t)^2}{2 \sigma^2 t}
        \right)
    """
    if years <= 0.0 or volatility <= 0.0 or distance == 0.0 or math.isinf(distance):
        return 0.0
    variance = volatility * volatility * years
    gap = distance - drift * years
    scale = abs(distance) / (years * math.sqrt(2.0 * math.pi * variance))
    return scale * math.exp(-0.5 * gap * gap / variance)


def touch_time(
    log_odds: float, distance: float, drift: float, volatility: float, horizon: float
) -> float:
    """Return the years by which the odds of a touch have grown to exp(`log_odds`).

    NaN where they do not within `horizon`.
    """
    if log_touch(distance, drift, volatility, horizon) < log_odds:
        return math.nan
    early, late = 0.0, horizon
    for _ in range(HALVINGS):
        middle = 0.5 * (early + late)
        if middle in {early, late}:
            break
        if log_touch(distance, drift, volatility, middle) < log_odds:
            early = middle
        else:
            late = middle
    return late


def distance_for(
    log_odds: float, way: float, drift: float, volatility: float, years: float
) -> float:
    """Return how far a level must lie for odds of exp(`log_odds`) of a touch within `years`.

    `way` is +1 for a level above the price, -1 below. The answer has its sign; it is 0 where
    even the nearest level is safer than that.
    """
    if log_odds >= 0.0:
        return 0.0
    near, far = 0.0, volatility * math.sqrt(years) + abs(drift) * years + 1e-9
    while log_touch(way * far, drift, volatility, years) > log_odds:
        near, far = far, 2.0 * far
    for _ in range(HALVINGS):
        middle = 0.5 * (near + far)
        if middle in {near, far}:
            break
        if log_touch(way * middle, drift, volatility, years) > log_odds:
            near = middle
        else:
            far = middle
    return way * far


def discrete_shift(volatility: float, interval: float) -> float:
    r"""Return how much further off, in log price, a level is that is looked at now and then.

    :math:`\beta \sigma \sqrt{\Delta t}` for looks :math:`\Delta t` years apart.

    References
    ----------
    Broadie, M., Glasserman, P. and Kou, S. (1997). A continuity correction for discrete barrier
    options. Mathematical Finance 7, 325-349.
    """
    return DISCRETE_SHIFT * volatility * math.sqrt(interval)
