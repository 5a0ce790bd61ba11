"""How the price may move: the models that odds are reckoned under."""

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.units import Floats

ModelName = Literal["gbm", "jumps", "heston", "history"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diffusion:
    """Geometric Brownian motion.

    Attributes
    ----------
    volatility
        A year, as a fraction.
    drift
        Expected return a year, as a fraction; of the price, not of its logarithm.
    """

    volatility: float
    drift: float = 0.0

    name: ClassVar[ModelName] = "gbm"

    def __post_init__(self) -> None:
        _at_least_zero("volatility", self.volatility)
        _finite("drift", self.drift)

    @property
    def log_drift(self) -> float:
        """Drift of the log price, a year."""
        return self.drift - 0.5 * self.volatility**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Jumps:
    """Geometric Brownian motion with normal jumps of the log price.

    The drift is that of the whole: what jumps add on average is taken out of the rest.

    Attributes
    ----------
    volatility
        Of the part without jumps, a year.
    per_year
        Expected number of jumps.
    mean, deviation
        Of one jump's log return.

    References
    ----------
    Merton, R. C. (1976). Option pricing when underlying stock returns are discontinuous. Journal
    of Financial Economics 3, 125-144.
    """

    volatility: float
    per_year: float
    mean: float
    deviation: float
    drift: float = 0.0

    name: ClassVar[ModelName] = "jumps"

    def __post_init__(self) -> None:
        for key in ("volatility", "per_year", "deviation"):
            _at_least_zero(key, getattr(self, key))
        for key in ("mean", "drift"):
            _finite(key, getattr(self, key))

    @property
    def log_drift(self) -> float:
        """Drift of the log price between jumps, a year."""
        growth = math.exp(self.mean + 0.5 * self.deviation**2) - 1.0
        return self.drift - 0.5 * self.volatility**2 - self.per_year * growth

    @property
    def total_volatility(self) -> float:
        """Root of the variance of a year's log return, jumps included."""
        jumps = self.per_year * (self.mean**2 + self.deviation**2)
        return math.sqrt(self.volatility**2 + jumps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heston:
    """A price whose variance wanders around a level.

    Attributes
    ----------
    volatility
        Now, a year; the root of the variance.
    long_run
        The volatility that it returns to.
    reversion
        How fast, a year: half of the way takes ``ln 2 / reversion`` years.
    wobble
        Volatility of the variance.
    correlation
        Of the variance with the price.

    References
    ----------
    Heston, S. L. (1993). A closed-form solution for options with stochastic volatility. Review of
    Financial Studies 6, 327-343.
    """

    volatility: float
    long_run: float
    reversion: float = 6.0
    wobble: float = 1.0
    correlation: float = 0.0
    drift: float = 0.0

    name: ClassVar[ModelName] = "heston"

    def __post_init__(self) -> None:
        for key in ("volatility", "long_run", "reversion", "wobble"):
            _at_least_zero(key, getattr(self, key))
        _finite("drift", self.drift)
        _correlation(self.correlation)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class History:
    """Blocks of recorded returns, drawn anywhere with equal odds and put end to end.

    Attributes
    ----------
    returns
        Log returns of consecutive bars, ``(n,)``; blocks wrap around the end.
    step_hours
        Length of a bar.
    block
        Bars in a block: what follows what stays together that long.

    References
    ----------
    Politis, D. N. and Romano, J. P. (1992). A circular block-resampling procedure for stationary
    data. In: Exploring the Limits of Bootstrap, 263-270. Wiley.
    """

    returns: Floats
    step_hours: float = 1.0
    block: int = 24

    name: ClassVar[ModelName] = "history"

    def __post_init__(self) -> None:
        if self.returns.ndim != 1 or self.returns.size < self.block:
            raise ConfigError(
                f"{self.returns.size} recorded returns are fewer than a block of {self.block}; "
                "give a longer history or a shorter block"
            )
        if not np.isfinite(self.returns).all():
            raise ConfigError(
                "recorded returns have holes; leave out the bars on both sides of a hole"
            )
        if self.block < 1 or not self.step_hours > 0.0:
            raise ConfigError(
                f"block = {self.block}, step_hours = {self.step_hours}: both must be positive"
            )

    @property
    def volatility(self) -> float:
        """Of the whole record, a year."""
        return float(self.returns.std()) * math.sqrt(8_760.0 / self.step_hours)


Model = Diffusion | Jumps | Heston | History


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPath:
    r"""Funding that wanders around a level, paid at each settlement.

    .. math::
        f_{k+1} = \bar f + \varphi (f_k - \bar f) + s \left(\rho\,\frac{r_k}{\sigma \sqrt{\Delta}}
        + \sqrt{1 - \rho^2}\,\xi_k\right)

    with :math:`r_k` the log return since the last settlement, :math:`\Delta` apart.

    Attributes
    ----------
    interval_hours
        From one settlement to the next; always given, never assumed.
    level
        Average rate of one interval; > 0 means longs pay shorts.
    now
        The last rate; the level by default.
    half_life_hours
        In which half of a departure from the level is gone.
    deviation
        Of the rate around its level, in the long run.
    correlation
        Of its surprises with the price.
    """

    interval_hours: float
    level: float
    now: float | None = None
    half_life_hours: float = 24.0
    deviation: float = 0.0
    correlation: float = 0.0

    def __post_init__(self) -> None:
        for key in ("interval_hours", "half_life_hours"):
            if not (math.isfinite(getattr(self, key)) and getattr(self, key) > 0.0):
                raise ConfigError(f"funding {key} = {getattr(self, key)}: it must be positive")
        _finite("funding level", self.level)
        _at_least_zero("funding deviation", self.deviation)
        _correlation(self.correlation)

    @property
    def decay(self) -> float:
        """What is left of a departure after one interval."""
        return math.pow(2.0, -self.interval_hours / self.half_life_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Cash off the venue, and the rule that sends it.

    Attributes
    ----------
    amount
        In settlement currency.
    top_up_below, top_up_to
        Headroom (equity less maintenance, over notional) that calls for cash, and that a call
        restores.
    transfer_hours
        How long a transfer takes; one is under way at a time.
    """

    amount: float
    top_up_below: float = 0.05
    top_up_to: float = 0.10
    transfer_hours: float = 1.0

    def __post_init__(self) -> None:
        for key in ("amount", "top_up_below", "transfer_hours"):
            _at_least_zero(key, getattr(self, key))
        if not self.top_up_to > self.top_up_below:
            raise ConfigError(
                f"top_up_to = {self.top_up_to} is not above top_up_below = {self.top_up_below}: a "
                "top-up could never end the call; raise top_up_to"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """How long, and how often the venue looks.

    Attributes
    ----------
    days
        Length.
    monitor_hours
        From one look to the next; 0 for a venue that looks all the time.
    """

    days: float
    monitor_hours: float = 0.0
    YEAR: ClassVar[float] = 365.0
    years: float = field(init=False)

    def __post_init__(self) -> None:
        _at_least_zero("days", self.days)
        _at_least_zero("monitor_hours", self.monitor_hours)
        object.__setattr__(self, "years", self.days / self.YEAR)

    @property
    def monitor_years(self) -> float:
        """From one look to the next, in years."""
        return self.monitor_hours / (24.0 * self.YEAR)


def _finite(key: str, value: float) -> None:
    if not math.isfinite(value):
        raise ConfigError(f"{key} = {value} is not a number; give one")


def _at_least_zero(key: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0.0):
        raise ConfigError(f"{key} = {value}: it must be a number >= 0")


def _correlation(value: float) -> None:
    if not -1.0 <= value <= 1.0:
        raise ConfigError(f"correlation = {value}: it lies between -1 and 1")
