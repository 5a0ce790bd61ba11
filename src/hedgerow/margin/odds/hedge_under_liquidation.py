r"""The hedge ratio of least variance when the hedge may be liquidated on the way.

Per unit of the hedge, its gain against the coin is

.. math:: X = (S_T - S_0) 1_{\tau > T} + d\,1_{\tau \le T}

with :math:`d` what a liquidation takes: the equity of now per coin, with the sign of the price
move that caused it. The hedge of least variance and its effectiveness are

.. math::
    \theta^* = \frac{\mathrm{Cov}(S_T, X)}{\mathrm{Var}(X)}, \qquad
    1 - \frac{\mathrm{Var}(S_T - \theta^* X)}{\mathrm{Var}(S_T)}
        = \frac{\mathrm{Cov}(S_T, X)^2}{\mathrm{Var}(S_T)\,\mathrm{Var}(X)}

and every moment follows from the odds of a touch under a shifted drift, as
:math:`E[S_T^n 1_{\tau \le T}] = E[S_T^n]\,P_n(\tau \le T)` where :math:`P_n` adds
:math:`n \sigma^2` to the drift.
"""

import math
from dataclasses import dataclass

from hedgerow.errors import ConfigError
from hedgerow.kernels.first_passage import log_touch
from hedgerow.margin.odds.closed_form import odds_of_liquidation
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.stake import Stake


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeUnderLiquidation:
    """The best hedge of one coin.

    Attributes
    ----------
    ratio
        Coins of hedge per coin of exposure.
    effectiveness
        The part of the variance that it takes away.
    probability
        Of liquidation within the horizon.
    liquidation_price
        Quote per base.
    """

    ratio: float
    effectiveness: float
    probability: float
    liquidation_price: float


def hedge_under_liquidation(
    stake: Stake, model: Diffusion, horizon: Horizon
) -> HedgeUnderLiquidation:
    """Return the hedge ratio of least variance at the horizon, the stake being one hedge of many.

    The position of `stake` says how each coin of hedge is margined; after a liquidation nothing
    is opened again.

    Raises
    ------
    ConfigError
        If the contract is inverse or the collateral moves with the price: their gain is no
        function of these moments.

    References
    ----------
    The question is that of Alexander, C., Deng, J. and Zou, B. (2023). Hedging with automatic
    liquidation and leverage selection on bitcoin futures. European Journal of Operational Research
    306, 478-493. The moments are those of absorbed Brownian motion.

    Examples
    --------
    >>> from hedgerow.margin.odds.stake import flat_stake
    >>> short = flat_stake(side=-1, leverage=5.0, maintenance=0.005)
    >>> best = hedge_under_liquidation(short, Diffusion(volatility=0.9), Horizon(days=30.0))
    >>> round(best.ratio, 4), round(best.effectiveness, 4)
    (0.988, 0.6247)
    """
    position = stake.position
    if position.terms.inverse or stake.coins:
        raise ConfigError(
            f"{position.terms.symbol}: the best ratio is known in closed form for a linear "
            "contract margined in cash alone; take another contract or collateral"
        )
    odds = odds_of_liquidation(stake, model, horizon)
    variance = model.volatility**2
    years = horizon.years
    died = [
        math.exp(log_touch(odds.distance, model.log_drift + n * variance, model.volatility, years))
        for n in range(3)
    ]
    equity = stake.deposit + position.pnl()
    lost = -position.side * equity / abs(position.size) / position.price
    moments = _moments(model.drift * years, variance * years, died, lost)
    return HedgeUnderLiquidation(
        ratio=moments.covariance / moments.of_hedge if moments.of_hedge else math.nan,
        effectiveness=_squared(moments),
        probability=died[0],
        liquidation_price=odds.price,
    )


def best_hedge(stake: Stake, model: Diffusion, horizon: Horizon) -> HedgeUnderLiquidation | None:
    """Return `hedge_under_liquidation` of a short, None where it has no closed form or no hedge.

    A short that is dead already hedges nothing; nor does one of a price that does not move.

    Examples
    --------
    >>> from hedgerow.margin.odds.stake import flat_stake
    >>> long = flat_stake(side=1, leverage=5.0, maintenance=0.005)
    >>> best_hedge(long, Diffusion(volatility=0.9), Horizon(days=30.0)) is None
    True
    """
    position = stake.position
    if position.side > 0.0 or position.terms.inverse or stake.coins or not stake.alive:
        return None
    try:
        best = hedge_under_liquidation(stake, model, horizon)
    except OverflowError:  # the second moment of the price is beyond every number
        return None
    return best if math.isfinite(best.ratio) and math.isfinite(best.effectiveness) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moments:
    covariance: float
    of_hedge: float
    of_coin: float


def _squared(moments: _Moments) -> float:
    below = moments.of_hedge * moments.of_coin
    return moments.covariance**2 / below if below else math.nan


def _moments(growth: float, variance: float, died: list[float], lost: float) -> _Moments:
    """Return (co)variances of the price, S_0 = 1, and the hedge, without losing digits.

    `growth` is mu T, `variance` sigma^2 T, `died` the odds under the three drifts.
    """
    first = math.exp(growth)
    second = math.exp(2.0 * growth + variance)
    gain = math.expm1(growth)  # E[S - 1]
    square = math.expm1(2.0 * growth + variance) - 2.0 * gain  # E[(S - 1)^2]
    gain_dead = first * died[1] - died[0]  # E[(S - 1) 1_dead]
    square_dead = second * died[2] - 2.0 * first * died[1] + died[0]
    mean_hedge = gain - gain_dead + lost * died[0]
    return _Moments(
        covariance=square - square_dead + lost * gain_dead - gain * mean_hedge,
        of_hedge=square - square_dead + lost**2 * died[0] - mean_hedge**2,
        of_coin=square - gain**2,
    )
