"""The least deposit that keeps the odds of liquidation at or below a given number."""

import math
from dataclasses import dataclass

from hedgerow.errors import ConfigError
from hedgerow.kernels.first_passage import discrete_shift, distance_for
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.stake import Stake


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallestDeposit:
    """What the account must hold.

    Attributes
    ----------
    deposit
        In settlement currency.
    leverage
        Notional over equity with that deposit.
    liquidation_price
        With that deposit; NaN where there is none.
    opening
        Whether it is the venue's margin for opening that asks for so much, and not the odds.
    """

    deposit: float
    leverage: float
    liquidation_price: float
    opening: bool


def smallest_deposit(
    stake: Stake, model: Diffusion, horizon: Horizon, at_most: float
) -> SmallestDeposit:
    """Return the least deposit, and so the highest leverage, for odds of `at_most` or less.

    The level that is touched with just these odds lies at a distance that depends on the model
    alone; the deposit is what the venue's own brackets ask for there.

    Examples
    --------
    >>> from hedgerow.margin.odds.stake import flat_stake
    >>> short = flat_stake(side=-1, leverage=1.0, maintenance=0.005)
    >>> answer = smallest_deposit(short, Diffusion(volatility=0.8), Horizon(days=7.0), 0.01)
    >>> round(answer.leverage, 6), round(answer.liquidation_price, 6)
    (3.033631, 1.323023)
    """
    check_odds(at_most)
    mark, way = stake.position.price, -stake.position.side
    distance = distance_for(
        math.log(at_most), way, model.log_drift, model.volatility, horizon.years
    )
    shift = discrete_shift(model.volatility, horizon.monitor_years)
    distance = way * max(abs(distance) - shift, 0.0)
    return backed(stake, stake.deposit_at(mark * math.exp(distance)))


def backed(stake: Stake, deposit: float) -> SmallestDeposit:
    """Return `deposit`, or what opening asks for where that is more, with what it means."""
    least = stake.least_deposit
    enough = stake.with_deposit(max(deposit, least))
    return SmallestDeposit(
        deposit=enough.deposit,
        leverage=enough.leverage,
        liquidation_price=enough.liquidation_price(),
        opening=least > deposit,
    )


def check_odds(at_most: float) -> None:
    """Raise `ConfigError` unless `at_most` is a probability that some deposit can keep."""
    if not 0.0 < at_most < 1.0:
        raise ConfigError(
            f"at_most = {at_most}: odds lie between 0 and 1, neither of them; 0.01 is one in a "
            "hundred"
        )
