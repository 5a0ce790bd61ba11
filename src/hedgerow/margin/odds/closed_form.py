"""The odds of liquidation when the price is a geometric Brownian motion."""

import math
from dataclasses import dataclass

import numpy as np

from hedgerow.kernels.first_passage import (
    discrete_shift,
    log_touch,
    touch_density,
    touch_time,
)
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.stake import Stake
from hedgerow.units import Floats

DAYS = 365.0
CERTAIN = 0.0  # the logarithm of 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedForm:
    """Odds of one level of the price being touched, and when.

    Attributes
    ----------
    price
        The level; NaN where no price liquidates.
    distance
        Logarithm of the level over the mark, moved away by the shift where the venue looks only
        now and then; 0 where the account is dead already.
    model, horizon
        What was asked.
    """

    price: float
    distance: float
    model: Diffusion
    horizon: Horizon

    @property
    def log_probability(self) -> float:
        """Logarithm of the odds within the horizon; it has its digits where the odds underflow."""
        return self._log_odds(self.horizon.years)

    @property
    def probability(self) -> float:
        """Odds within the horizon."""
        return math.exp(self.log_probability)

    def probability_by(self, days: Floats) -> Floats:
        """Return the odds of having died by each of `days`, any shape."""
        flat = [math.exp(self._log_odds(day / DAYS)) for day in np.ravel(days).tolist()]
        return np.reshape(np.array(flat), np.shape(days))

    def density(self, days: Floats) -> Floats:
        """Return the density of the day of death, a day, at each of `days`."""
        model = self.model
        flat = [
            touch_density(self.distance, model.log_drift, model.volatility, day / DAYS) / DAYS
            for day in np.ravel(days).tolist()
        ]
        return np.reshape(np.array(flat), np.shape(days))

    def day(self, share: float) -> float:
        """Return the day by which a `share` of the deaths within the horizon have happened.

        NaN where there are none.
        """
        log_odds = self.log_probability
        if log_odds == -math.inf:
            return math.nan
        if self.distance == 0.0:
            return 0.0
        model = self.model
        years = touch_time(
            math.log(share) + log_odds,
            self.distance,
            model.log_drift,
            model.volatility,
            self.horizon.years,
        )
        return years * DAYS

    @property
    def median_days(self) -> float:
        """Half of the deaths within the horizon happen by this day; NaN where there are none."""
        return self.day(0.5)

    def _log_odds(self, years: float) -> float:
        model = self.model
        return log_touch(self.distance, model.log_drift, model.volatility, years)


def touch_odds(price: float, mark: float, model: Diffusion, horizon: Horizon) -> ClosedForm:
    """Return the odds that a price moves from `mark` to a level within the horizon.

    A level that is looked at now and then is touched as often as one further off that is always
    looked at: see `hedgerow.kernels.first_passage.discrete_shift`.

    Examples
    --------
    >>> half_year = Horizon(days=182.5)
    >>> round(touch_odds(2.0, 1.0, Diffusion(volatility=0.8), half_year).probability, 6)
    0.152243
    """
    if math.isnan(price) or price <= 0.0 or math.isinf(price):
        distance = math.inf if math.isinf(price) or math.isnan(price) else -math.inf
        return ClosedForm(price=math.nan, distance=distance, model=model, horizon=horizon)
    distance = math.log(price / mark)
    shift = discrete_shift(model.volatility, horizon.monitor_years)
    if distance != 0.0:
        distance += math.copysign(shift, distance)
    return ClosedForm(price=price, distance=distance, model=model, horizon=horizon)


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSides:
    """The odds of dying on a rise of the price, and on a fall; each alone."""

    above: ClosedForm
    below: ClosedForm

    @property
    def worse(self) -> ClosedForm:
        """The likelier of the two."""
        above, below = self.above.log_probability, self.below.log_probability
        return self.above if above >= below else self.below


def odds_on_both_sides(stake: Stake, model: Diffusion, horizon: Horizon) -> BothSides:
    """Return the odds that a price above, and that a price below, takes the stake.

    An account dead already dies with certainty on the side that hurts its position.
    """
    mark, ends = stake.position.price, stake.safe_range()
    if ends.low == ends.high:
        long = stake.position.side > 0.0
        ends = ends._replace(high=math.inf) if long else ends._replace(low=0.0)
    return BothSides(
        above=touch_odds(ends.high, mark, model, horizon),
        below=touch_odds(ends.low, mark, model, horizon),
    )


def odds_of_liquidation(stake: Stake, model: Diffusion, horizon: Horizon) -> ClosedForm:
    """Return the odds that the account dies within the horizon, funding and top-ups left out.

    Examples
    --------
    >>> from hedgerow.margin.odds.stake import flat_stake
    >>> short = flat_stake(side=-1, leverage=5.0, maintenance=0.005)
    >>> odds = odds_of_liquidation(short, Diffusion(volatility=0.5), Horizon(days=7.0))
    >>> round(odds.probability, 6), round(odds.median_days, 2)
    (0.009545, 5.88)
    """
    return odds_on_both_sides(stake, model, horizon).worse
