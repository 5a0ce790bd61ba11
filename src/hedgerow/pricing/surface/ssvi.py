r"""SSVI: one shape for all expiries, without arbitrage by its conditions alone.

.. math::
    w(k, \theta) = \tfrac{\theta}{2} \left[1 + \rho \varphi(\theta) k
    + \sqrt{(\varphi(\theta) k + \rho)^2 + 1 - \rho^2}\right]

with :math:`\theta` the total variance at the money of an expiry.

References
----------
Gatheral, J. and Jacquier, A. (2014). Arbitrage-free SVI volatility surfaces. Quantitative Finance
14, 59-71, theorems 4.1 and 4.2, examples 4.1 and 4.2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.pricing.surface.clean import POINTS, Quotes
from hedgerow.pricing.surface.expiry import Expiry
from hedgerow.pricing.surface.svi import Svi
from hedgerow.units import Floats

ROUNDS: Final = 60
PULL: Final = 0.75  # points from which on a quote pulls with constant force
LEAST_THETA: Final = 1e-8
MOST_TILT: Final = 0.999


class Curve(Protocol):
    """How the smile flattens as total variance grows."""

    def phi(self, theta: float) -> float:
        """Return the curvature at a total variance at the money above 0."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    r"""A power of total variance, :math:`\varphi = \eta\,\theta^{-\gamma} (1 + \theta)^{\gamma-1}`.

    Attributes
    ----------
    eta, gamma
        Above 0; from 0 to 1.
    """

    eta: float
    gamma: float

    def __post_init__(self) -> None:
        if not (self.eta > 0.0 and 0.0 <= self.gamma <= 1.0):
            raise ConfigError(
                f"eta = {self.eta:g}, gamma = {self.gamma:g}: eta is above 0, gamma from 0 to 1"
            )

    def phi(self, theta: float) -> float:
        """Return the curvature at a total variance at the money above 0."""
        return self.eta * math.pow(theta, -self.gamma) * math.pow(1.0 + theta, self.gamma - 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heston:
    r"""Heston's, :math:`\varphi = [1 - (1 - e^{-\lambda\theta}) / \lambda\theta] / \lambda\theta`.

    Attributes
    ----------
    speed
        :math:`\lambda`, above 0.
    """

    speed: float

    def __post_init__(self) -> None:
        if not self.speed > 0.0:
            raise ConfigError(f"speed = {self.speed:g}: it is above 0")

    def phi(self, theta: float) -> float:
        """Return the curvature at a total variance at the money above 0."""
        x = self.speed * theta
        if x < 1e-4:
            return 0.5 - x / 6.0 + x * x / 24.0
        return (1.0 + math.expm1(-x) / x) / x


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssvi:
    """A surface by its tilt and its curve.

    Attributes
    ----------
    rho
        Between -1 and 1.
    curve
        Curvature by total variance at the money.

    Examples
    --------
    >>> surface = Ssvi(rho=-0.3, curve=PowerLaw(eta=0.8, gamma=0.5))
    >>> round(surface.variance(0.2, 0.0), 12), surface.is_butterfly_free(0.2)
    (0.2, True)
    """

    rho: float
    curve: Curve

    def __post_init__(self) -> None:
        if not abs(self.rho) < 1.0:
            raise ConfigError(f"rho = {self.rho:g}: it lies between -1 and 1")

    def variance(self, theta: float, k: float) -> float:
        """Return total variance."""
        bent = self.curve.phi(theta) * k
        root = math.hypot(bent + self.rho, math.sqrt(1.0 - self.rho**2))
        return 0.5 * theta * (1.0 + self.rho * bent + root)

    def slice(self, theta: float) -> Svi:
        """Return the slice of one total variance at the money in raw parameters."""
        phi, rest = self.curve.phi(theta), 1.0 - self.rho**2
        return Svi(
            a=0.5 * theta * rest,
            b=0.5 * theta * phi,
            rho=self.rho,
            m=-self.rho / phi,
            sigma=math.sqrt(rest) / phi,
        )

    def wing_condition(self, theta: float) -> float:
        """Return what must be below 4 for no butterfly arbitrage far out."""
        return theta * self.curve.phi(theta) * (1.0 + abs(self.rho))

    def bend_condition(self, theta: float) -> float:
        """Return what must be at most 4 for no butterfly arbitrage, together with the other."""
        return self.wing_condition(theta) * self.curve.phi(theta)

    def is_butterfly_free(self, theta: float) -> bool:
        """Return whether the sufficient conditions of theorem 4.2 hold."""
        return self.wing_condition(theta) < 4.0 and self.bend_condition(theta) <= 4.0


def fit_ssvi(quotes: Quotes, expiries: Sequence[Expiry]) -> list[Svi]:
    r"""Return the slices of one SSVI surface with a power law, fitted to all expiries at once.

    With :math:`\gamma \le 1/2` and :math:`\eta \le 2/\sqrt{1 + |\rho|}` both butterfly conditions
    hold at every :math:`\theta`; with :math:`\theta` not falling, the calendar's too. The search
    cannot leave these bounds, so nothing needs repair.
    """
    if not expiries:
        return []
    used = np.concatenate([one.used for one in expiries])
    which = np.repeat(np.arange(len(expiries)), [one.used.size for one in expiries])
    years = np.array([one.years for one in expiries])
    problem = _Problem(
        k=quotes.k[used],
        volatility=quotes.middle[used],
        root_weight=np.sqrt(np.concatenate([one.weights for one in expiries])),
        which=which,
        years=years[which],
    )
    near = np.exp(-((problem.k / (problem.volatility * np.sqrt(problem.years))) ** 2))
    weight = near * problem.root_weight**2
    level = np.bincount(which, weight * problem.volatility) / np.bincount(which, weight)
    start = np.concatenate([[0.0, 0.0, 0.0], np.log(level**2 * years)])
    found = _descend(problem, start)
    surface, thetas = _surface(found)
    return [surface.slice(float(theta)) for theta in np.maximum.accumulate(thetas)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """Quotes of all expiries in one row; `which` is each one's expiry."""

    k: Floats
    volatility: Floats
    root_weight: Floats
    which: "np.typing.NDArray[np.int64]"
    years: Floats

    def off(self, x: Floats) -> Floats:
        """Return each quote's distance in points."""
        rho, eta, gamma = _shape(x)
        theta = np.exp(x[3:])[self.which]
        bent = eta * theta**-gamma * (1.0 + theta) ** (gamma - 1.0) * self.k
        root = np.sqrt((bent + rho) ** 2 + 1.0 - rho * rho)
        w = 0.5 * theta * (1.0 + rho * bent + root)
        return np.asarray(POINTS * (np.sqrt(w / self.years) - self.volatility), np.float64)


def _shape(x: Floats) -> tuple[float, float, float]:
    """Return rho, eta and gamma inside the bounds, from three free numbers."""
    rho = MOST_TILT * math.tanh(x[0])
    eta = 2.0 / math.sqrt(1.0 + abs(rho)) / (1.0 + math.exp(-x[1]))
    gamma = 0.5 / (1.0 + math.exp(-x[2]))
    return rho, eta, gamma


def _surface(x: Floats) -> tuple[Ssvi, Floats]:
    rho, eta, gamma = _shape(x)
    return Ssvi(rho=rho, curve=PowerLaw(eta=eta, gamma=gamma)), np.exp(x[3:])


def _descend(problem: _Problem, x: Floats) -> Floats:
    """Return the least of the robust cost, by Levenberg and Marquardt with arrow-shaped slopes."""
    count = x.size - 3
    damping, small = 1e-3, 0
    off = problem.off(x)
    cost = _cost(problem, off)
    for _ in range(ROUNDS):
        slopes = _slopes(problem, x, off)
        pull = problem.root_weight * np.sqrt(np.minimum(1.0, PULL / np.maximum(np.abs(off), 1e-12)))
        design = np.zeros((off.size, 3 + count))
        design[:, :3] = slopes[:, :3]
        design[np.arange(off.size), 3 + problem.which] = slopes[:, 3]
        design *= pull[:, None]
        normal = design.T @ design
        step = np.linalg.solve(
            normal + np.diag(damping * np.diag(normal) + 1e-12), -design.T @ (pull * off)
        )
        trial = x + np.clip(step, -2.0, 2.0)
        trial[1:3] = np.clip(trial[1:3], -12.0, 12.0)
        trial[3:] = np.maximum(trial[3:], math.log(LEAST_THETA))
        there = problem.off(trial)
        found = _cost(problem, there)
        if found < cost:
            small = small + 1 if cost - found < 1e-7 * cost else 0
            x, off, cost, damping = trial, there, found, damping * 0.2
            if small >= 2:
                break
        else:
            damping *= 5.0
            if damping > 1e9:
                break
    return x


def _slopes(problem: _Problem, x: Floats, off: Floats) -> Floats:
    """Return derivatives by the three of the shape and by each quote's own theta, ``(n, 4)``."""
    found = np.empty((off.size, 4))
    step = 1e-6
    for place in range(4):
        moved = x.copy()
        moved[place if place < 3 else slice(3, None)] += step
        found[:, place] = (problem.off(moved) - off) / step
    return found


def _cost(problem: _Problem, off: Floats) -> float:
    size = np.abs(off)
    each = np.where(size <= PULL, size * size, PULL * (2.0 * size - PULL))
    return float(np.sum(problem.root_weight**2 * each))
