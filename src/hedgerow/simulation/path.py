"""A random path of an index and of the perpetual's premium over it, in steps of five minutes."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.kernels.mean_reversion import mean_reverting
from hedgerow.simulation.regimes import Regime
from hedgerow.units import DAY, HOUR, MINUTE, YEAR, Floats, Integers

STEP: Final = 5 * MINUTE
WARM_UP: Final = 8 * HOUR // STEP  # steps of premium before the first price, for the first rate
VOLATILITY_HALF_LIFE: Final = 36 * HOUR
VOLATILITY_DEVIATION: Final = 0.30  # standard deviation of the log of volatility
PREMIUM_HALF_LIFE: Final = 3 * HOUR
SWAY: Final = 0.02  # part of an index return that the premium shows first


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PricePath:
    """The truth behind the bars of a simulated market; n steps have n + 1 points.

    Attributes
    ----------
    index
        Price of the coin at each point, shape ``(n + 1,)``.
    high, low
        Extremes of the index inside each step, its ends included, shape ``(n,)``.
    premium
        (perpetual - index) / index at each point, shape ``(n + 1,)``.
    warm_up
        The premium at the points of the 8 hours before the first one, oldest first.
    """

    index: Floats
    high: Floats
    low: Floats
    premium: Floats
    warm_up: Floats


def price_path(random: np.random.Generator, regimes: tuple[Regime, ...], price: float) -> PricePath:
    r"""Return one path through `regimes`, in order, that starts at `price`.

    With :math:`\Delta` a step of five minutes in years and :math:`z, z'` standard normal:

    .. math::
        \sigma_t &= \sigma_R\, e^{x_t - s^2}, \quad
            x_{t+1} = \varphi_x x_t + s\sqrt{1 - \varphi_x^2}\,z_t \\
        r_t &= \sigma_t \sqrt\Delta\, z'_t + J_t
            + w_t \Bigl(m_R - \sum_{u \in R} (\sigma_u \sqrt\Delta\, z'_u + J_u)\Bigr), \quad
            w_t = \sigma_t^2 \Big/ \sum_{u \in R} \sigma_u^2 \\
        p_{t+1} &= \varphi_p p_t + (1 - \varphi_p)\,\theta_R
            + d_R \sqrt{1 - \varphi_p^2}\,z''_t + \kappa r_t

    so that :math:`E\,\sigma_t^2 = \sigma_R^2` and the log returns of a regime add up to its
    move :math:`m_R` exactly: the seed decides the way, not the end. Jumps :math:`J_t` are compound
    Poisson with normal sizes. Inside a step the index is a Brownian bridge, whose highest point

    .. math:: \tfrac12 \bigl(r_t + \sqrt{r_t^2 - 2 \sigma_t^2 \Delta \ln U}\bigr)

    is drawn exactly from a uniform :math:`U`, and the lowest likewise from a second one.

    References
    ----------
    Glasserman, P. (2003). Monte Carlo Methods in Financial Engineering, section 6.4 (the maximum
    of a Brownian bridge).
    """
    lengths = np.array([regime.days * (DAY // STEP) for regime in regimes])
    steps = int(lengths.sum())
    volatility = _volatility(random, np.repeat([r.volatility for r in regimes], lengths))
    noise = volatility * math.sqrt(STEP / YEAR) * random.standard_normal(steps)
    noise += _jumps(random, regimes, lengths)
    moves = np.array([regime.move for regime in regimes])
    returns = _pinned(noise, volatility, lengths, moves)
    variance = volatility**2 * (STEP / YEAR)
    highest, lowest = (
        0.5 * np.sqrt(returns**2 - 2.0 * variance * np.log1p(-random.random(steps)))
        for _ in range(2)
    )
    logs = math.log(price) + np.concatenate(([0.0], np.cumsum(returns)))
    index = np.exp(logs)
    premium = _premium(random, regimes, lengths, returns)
    return PricePath(
        index=index,
        high=np.maximum(
            np.exp(logs[:-1] + 0.5 * returns + highest), np.maximum(index[:-1], index[1:])
        ),
        low=np.minimum(
            np.exp(logs[:-1] + 0.5 * returns - lowest), np.minimum(index[:-1], index[1:])
        ),
        premium=premium[WARM_UP:],
        warm_up=premium[:WARM_UP],
    )


def _volatility(random: np.random.Generator, level: Floats) -> Floats:
    decay = 0.5 ** (STEP / VOLATILITY_HALF_LIFE)
    shocks = VOLATILITY_DEVIATION * math.sqrt(1.0 - decay**2) * random.standard_normal(level.size)
    start = VOLATILITY_DEVIATION * random.standard_normal()
    wave = mean_reverting(start, decay, shocks)
    volatility: Floats = level * np.exp(wave - VOLATILITY_DEVIATION**2)
    return volatility


def _jumps(random: np.random.Generator, regimes: tuple[Regime, ...], lengths: Integers) -> Floats:
    rate = np.repeat([regime.jumps_per_day for regime in regimes], lengths) * (STEP / DAY)
    size = np.repeat([regime.jump_size for regime in regimes], lengths)
    count = random.poisson(rate)
    jumps: Floats = size * np.sqrt(count) * random.standard_normal(rate.size)
    return jumps


def _pinned(noise: Floats, volatility: Floats, lengths: Integers, moves: Floats) -> Floats:
    """Return `noise` shifted within each regime, by variance, to add up to the regime's move."""
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    missing = moves - np.add.reduceat(noise, starts)
    share = volatility**2 / np.repeat(np.add.reduceat(volatility**2, starts), lengths)
    pinned: Floats = noise + share * np.repeat(missing, lengths)
    return pinned


def _premium(
    random: np.random.Generator,
    regimes: tuple[Regime, ...],
    lengths: Integers,
    returns: Floats,
) -> Floats:
    """Return the premium at the points of the warm-up and of the path."""
    decay = 0.5 ** (STEP / PREMIUM_HALF_LIFE)
    spans = lengths.copy()
    spans[0] += WARM_UP
    level = np.repeat([regime.premium for regime in regimes], spans)
    deviation = np.repeat([regime.premium_deviation for regime in regimes], spans)
    shocks = deviation * math.sqrt(1.0 - decay**2) * random.standard_normal(level.size)
    shocks += (1.0 - decay) * level
    shocks[WARM_UP:] += SWAY * returns
    return np.concatenate(([level[0]], mean_reverting(float(level[0]), decay, shocks)))
