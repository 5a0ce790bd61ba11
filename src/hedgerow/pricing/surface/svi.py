r"""SVI: five numbers for the total variance of one expiry, in raw and in jump-wing form.

.. math::
    w(k) = a + b\,[\rho (k - m) + \sqrt{(k - m)^2 + \sigma^2}], \qquad k = \ln(K / F)
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.smile import butterfly_rows, svi_rows
from hedgerow.units import Floats

ROOT_TWO_PI: Final = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class Svi:
    """A smile in raw parameters, of total variance.

    Attributes
    ----------
    a, b, rho, m, sigma
        Level, mean slope of the wings, tilt, middle and width; `b` not below 0, `rho` from -1 to
        1, `sigma` above 0.

    Examples
    --------
    >>> smile = Svi(a=0.04, b=0.4, rho=-0.4, m=0.05, sigma=0.1)
    >>> smile.variance(0.05).round(6).tolist()
    [0.08]
    """

    a: float
    b: float
    rho: float
    m: float
    sigma: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(one) for one in (self.a, self.b, self.rho, self.m, self.sigma)):
            raise ConfigError("SVI's parameters are finite numbers")
        if self.b < 0.0 or abs(self.rho) > 1.0 or self.sigma <= 0.0:
            raise ConfigError(
                f"SVI with b = {self.b:g}, rho = {self.rho:g}, sigma = {self.sigma:g}: b is not "
                "below 0, rho lies from -1 to 1, sigma is above 0"
            )

    @property
    def raw(self) -> Floats:
        """The parameters, ``(5,)``."""
        return np.array([self.a, self.b, self.rho, self.m, self.sigma])

    @property
    def least_variance(self) -> float:
        """The least total variance of any strike."""
        return self.a + self.b * self.sigma * math.sqrt(1.0 - self.rho * self.rho)

    @property
    def wing_slopes(self) -> tuple[float, float]:
        """What total variance grows by, per unit of `k`, far to the left and to the right."""
        return self.b * (1.0 - self.rho), self.b * (1.0 + self.rho)

    def rows(self, k: "float | Floats") -> Floats:
        """Return total variance and its first two derivatives by `k`, ``(3, n)``."""
        at = np.ascontiguousarray(np.atleast_1d(np.asarray(k, dtype=np.float64)))
        out = np.empty((3, at.size))
        svi_rows(self.raw, at, out)
        return out

    def variance(self, k: "float | Floats") -> Floats:
        """Return total variance, ``(n,)``."""
        return np.asarray(self.rows(k)[0], np.float64)

    def volatility(self, ratio: float, years: float) -> tuple[float, float]:
        """Return the volatility of a strike over the forward, and its derivative by `k`."""
        w, slope, _ = (float(one) for one in self.rows(math.log(ratio))[:, 0])
        volatility = math.sqrt(w / years)
        return volatility, slope / (2.0 * volatility * years)

    def butterfly(self, k: "float | Floats") -> Floats:
        """Return g, which is below 0 where a butterfly costs less than nothing, ``(n,)``."""
        at = np.ascontiguousarray(np.atleast_1d(np.asarray(k, dtype=np.float64)))
        out = np.empty(at.size)
        butterfly_rows(self.raw, at, out)
        return out

    def density(self, k: "float | Floats") -> Floats:
        """Return the density of the logarithm of price over forward at expiry, ``(n,)``.

        References
        ----------
        Gatheral and Jacquier (2014), equation 2.2.
        """
        at = np.atleast_1d(np.asarray(k, dtype=np.float64))
        w = self.variance(at)
        second = -at / np.sqrt(w) - 0.5 * np.sqrt(w)
        found = self.butterfly(at) / (ROOT_TWO_PI * np.sqrt(w)) * np.exp(-0.5 * second * second)
        return np.asarray(found, np.float64)

    def jump_wings(self, years: float) -> "JumpWings":
        """Return the smile in jump-wing form.

        References
        ----------
        Gatheral and Jacquier (2014), equation 3.5.
        """
        at_money = float(self.variance(0.0)[0])
        root = math.sqrt(at_money)
        reach = math.hypot(self.m, self.sigma)
        return JumpWings(
            v=at_money / years,
            psi=0.5 * self.b / root * (self.rho - self.m / reach),
            p=self.b * (1.0 - self.rho) / root,
            c=self.b * (1.0 + self.rho) / root,
            least=self.least_variance / years,
            years=years,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JumpWings:
    """A smile in numbers that a trader reads.

    Attributes
    ----------
    v, least
        Variance per year at the money, and the least of any strike.
    psi
        Skew at the money.
    p, c
        Slopes of the put's and the call's wing.
    years
        To expiry.
    """

    v: float
    psi: float
    p: float
    c: float
    least: float
    years: float

    def raw(self) -> Svi:
        """Return the smile in raw form.

        References
        ----------
        Gatheral and Jacquier (2014), lemma 3.2.
        """
        at_money = self.v * self.years
        root = math.sqrt(at_money)
        b = 0.5 * root * (self.c + self.p)
        if b == 0.0:
            return Svi(a=at_money, b=0.0, rho=0.0, m=0.0, sigma=1.0)
        rho = 1.0 - self.p * root / b
        beta = min(max(rho - 2.0 * self.psi * root / b, -1.0), 1.0)
        depth = (self.v - self.least) * self.years / b
        if beta == 0.0:
            sigma = depth / (1.0 - math.sqrt(1.0 - rho * rho)) if rho != 0.0 else 1.0
            a = self.least * self.years - b * sigma * math.sqrt(1.0 - rho * rho)
            return Svi(a=a, b=b, rho=rho, m=0.0, sigma=sigma)
        # m = beta / sqrt(1 - beta^2) sigma, from alpha = sigma / m.
        alpha = math.copysign(math.sqrt(1.0 / (beta * beta) - 1.0), beta)
        m = depth / (
            -rho
            + math.copysign(math.sqrt(1.0 + alpha * alpha), alpha)
            - alpha * math.sqrt(1.0 - rho * rho)
        )
        sigma = alpha * m
        a = self.least * self.years - b * sigma * math.sqrt(1.0 - rho * rho)
        return Svi(a=a, b=b, rho=rho, m=m, sigma=sigma)

    def repaired(self) -> "JumpWings":
        r"""Return the smile with the call's wing and the least variance that SSVI would have.

        .. math:: c' = p + 2\psi, \qquad \tilde v' = v\, \frac{4 p c'}{(p + c')^2}

        It has no butterfly arbitrage wherever SSVI's own condition on the wings holds.

        References
        ----------
        Gatheral and Jacquier (2014), section 5.1.
        """
        call = self.p + 2.0 * self.psi
        put = self.p
        if call < 0.0:  # the mirror's formula keeps both wings rising
            call, put = self.c, self.c - 2.0 * self.psi
        total = put + call
        least = self.v * 4.0 * put * call / (total * total) if total > 0.0 else self.v
        return JumpWings(v=self.v, psi=self.psi, p=put, c=call, least=least, years=self.years)
