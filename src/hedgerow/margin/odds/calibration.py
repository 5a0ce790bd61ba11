"""The numbers of the models, from recorded returns."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from hedgerow.errors import MarketDataError
from hedgerow.kernels.volatility import ewma_deviation
from hedgerow.margin.odds.models import Diffusion, FundingPath, Heston, Jumps
from hedgerow.units import DAY, HOUR, YEAR, Floats, Times

HALF_LIFE_DAYS: Final = 30.0
THRESHOLD: Final = 4.0  # deviations beyond which a return is called a jump
ROUNDS: Final = 100
FEWEST: Final = 200  # returns below which nothing is estimated
LAGS: Final = (1, 5)  # days at which the memory of the variance is read


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Returns:
    """Log returns of consecutive bars; a hole in the record is left out, never bridged.

    Attributes
    ----------
    time
        Close of each bar, UTC nanoseconds, ``(n,)``.
    value
        Log return from the close before, ``(n,)``.
    step
        Length of a bar, nanoseconds.
    holes
        Returns left out because the bar before is missing.
    """

    time: Times
    value: Floats
    step: int
    holes: int

    @property
    def per_year(self) -> float:
        """Bars in a year."""
        return YEAR / self.step

    @property
    def step_hours(self) -> float:
        """Length of a bar, hours."""
        return self.step / HOUR


def returns_of(time: Times, close: Floats, step: int) -> Returns:
    """Return the log returns of bars that open at `time` and end at `close`.

    Raises
    ------
    MarketDataError
        If there are too few.

    Examples
    --------
    >>> prices = np.exp(np.arange(300.0))
    >>> prices[10] = np.nan
    >>> found = returns_of(np.arange(300) * HOUR, prices, HOUR)
    >>> found.value.size, found.holes
    (297, 2)
    """
    known = np.isfinite(close) & (close > 0.0)
    next_to = (np.diff(time) == step) & known[1:] & known[:-1]
    log = np.log(np.where(known, close, 1.0))
    value = np.diff(log)[next_to]
    if value.size < FEWEST:
        raise MarketDataError(
            f"{value.size} returns are too few to say how much the price moves; import {FEWEST} "
            "bars or more, or give the volatility yourself"
        )
    return Returns(
        time=time[1:][next_to] + step,
        value=value,
        step=step,
        holes=int(next_to.size - value.size),
    )


def volatility_of(returns: Returns) -> float:
    """Return the volatility of the whole record, a year; the mean is taken to be zero."""
    return math.sqrt(float(np.mean(np.square(returns.value))) * returns.per_year)


def volatility_now(returns: Returns, half_life_days: float = HALF_LIFE_DAYS) -> float:
    """Return the volatility at the end of the record, a year, the weight of a bar halving.

    Examples
    --------
    >>> ones = Returns(time=np.arange(500) * HOUR, value=np.full(500, 0.01), step=HOUR, holes=0)
    >>> round(volatility_now(ones), 6) == round(0.01 * 8760**0.5, 6)
    True
    """
    close = np.exp(np.concatenate([[0.0], np.cumsum(returns.value)]))
    out = np.empty(close.size)
    ewma_deviation(close, half_life_days * DAY / returns.step, out)
    return float(out[-1]) * math.sqrt(returns.per_year)


def diffusion_of(returns: Returns, drift: float = 0.0) -> Diffusion:
    """Return a diffusion of the volatility at the end of the record."""
    return Diffusion(volatility=volatility_now(returns), drift=drift)


def jumps_of(returns: Returns, drift: float = 0.0) -> Jumps:
    """Return a diffusion with jumps whose variance is that of the whole record.

    A return beyond four deviations is a jump, the deviation being that of the others: found by
    taking the largest out until nothing changes. Rate, mean and deviation are those of the jumps,
    the volatility that of the rest.

    References
    ----------
    Mancini, C. (2009). Non-parametric threshold estimation for models with stochastic diffusion
    coefficient and jumps. Scandinavian Journal of Statistics 36, 270-296; here with one threshold
    for the whole record.
    """
    value = returns.value
    calm = np.ones(value.size, dtype=np.bool_)
    for _ in range(ROUNDS):
        deviation = math.sqrt(float(np.mean(np.square(value[calm]))))
        kept = np.abs(value) <= THRESHOLD * deviation
        if np.array_equal(kept, calm):
            break
        calm = kept
    jumps = value[~calm]
    years = value.size / returns.per_year
    rest = float(np.sum(np.square(value[calm]))) / years
    return Jumps(
        volatility=math.sqrt(rest),
        per_year=jumps.size / years,
        mean=float(jumps.mean()) if jumps.size else 0.0,
        deviation=float(jumps.std()) if jumps.size else 0.0,
        drift=drift,
    )


def heston_of(returns: Returns, drift: float = 0.0) -> Heston:
    r"""Return a wandering variance from the memory of realised daily variance.

    With :math:`c_k` the covariance of a day's realised variance with that `k` days later:
    :math:`\kappa = \ln(c_1 / c_5) / 4\,\text{days}`, :math:`\mathrm{Var}\,v = c_1 e^{\kappa\,
    \text{day}}` and :math:`\xi^2 = 2 \kappa \mathrm{Var}\,v / \theta`; covariances are free of the
    noise of one day's estimate. The correlation is that of a day's return with the change of the
    realised variance to the next day.

    Raises
    ------
    MarketDataError
        If the record shows no memory of the variance that fades.
    """
    bars = round(DAY / returns.step)
    days = returns.value[: returns.value.size // bars * bars].reshape(-1, bars)
    realised = np.square(days).sum(axis=1) * (YEAR / DAY)
    centred = realised - realised.mean()
    near, far = (float(np.mean(centred[lag:] * centred[:-lag])) for lag in LAGS)
    if not near > far > 0.0:
        raise MarketDataError(
            "the record shows no memory of the variance that fades from one day to five; give "
            "--reversion and --wobble yourself, or take another model"
        )
    reversion = math.log(near / far) / (LAGS[1] - LAGS[0]) * (YEAR / DAY)
    spread = near * math.exp(reversion * DAY / YEAR)
    level = float(realised.mean())
    moves = days.sum(axis=1)[:-1]
    correlation = float(np.corrcoef(moves, np.diff(realised))[0, 1])
    return Heston(
        volatility=volatility_now(returns),
        long_run=math.sqrt(level),
        reversion=reversion,
        wobble=math.sqrt(2.0 * reversion * spread / level),
        correlation=correlation,
        drift=drift,
    )


def funding_of(rates: Floats, interval_hours: float) -> FundingPath:
    """Return funding that wanders as a record of settlements of one interval did.

    Level and deviation are those of the record, the half-life that of its memory from one
    settlement to the next; the last rate is where it starts.

    Examples
    --------
    >>> path = funding_of(np.tile([1e-4, 3e-4], 200), 8.0)
    >>> round(path.level, 6), path.now, round(path.deviation, 6)
    (0.0002, 0.0003, 0.0001)
    """
    rates = rates[np.isfinite(rates)]
    if rates.size < FEWEST:
        raise MarketDataError(
            f"{rates.size} settlements are too few to say how funding moves; give the rate yourself"
        )
    centred = rates - rates.mean()
    deviation = float(rates.std())
    memory = float(np.mean(centred[1:] * centred[:-1])) / deviation**2 if deviation else 0.0
    memory = min(max(memory, 1e-6), 1.0 - 1e-6)
    return FundingPath(
        interval_hours=interval_hours,
        level=float(rates.mean()),
        now=float(rates[-1]),
        half_life_hours=-interval_hours * math.log(2.0) / math.log(memory),
        deviation=deviation,
    )
