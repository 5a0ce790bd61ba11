"""What is answered about liquidity in automated market makers."""

from dataclasses import dataclass
from typing import Generic

from hedgerow.pricing.rows import Rows, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolGreeks(Generic[Values]):
    """What positions in pools hold and how their worth moves.

    Attributes
    ----------
    coin, cash
        What the position holds of each side.
    value
        In quote, without fees earned.
    delta, gamma
        In base, and in base per quote/base; gamma is never above zero.
    loss_rate
        What arbitrage takes, quote a year, at the volatility given (loss versus rebalancing).
    break_even_fee
        The fees, as a fraction of `value` a year, that make up for it: a volatility of s in a pool
        without a range needs s² / 8.
    rows
        Which rows are valid.
    """

    coin: Values
    cash: Values
    value: Values
    delta: Values
    gamma: Values
    loss_rate: Values
    break_even_fee: Values
    rows: Rows

    def hedge(self) -> Values:
        """Return the perpetual position, in coins, that takes the delta away: a short one."""
        return -self.delta


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLoss(Generic[Values]):
    """A position against what it held before the price moved.

    Attributes
    ----------
    loss
        Worth now less worth of what was held then, quote; never above zero. It is also the gain of
        the position with a short perpetual of its delta then, held still.
    fraction
        Of what was held, at the price now (impermanent loss).
    rows
        Which rows are valid.
    """

    loss: Values
    fraction: Values
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedPool(Generic[Values]):
    """What to expect of a position while the price moves without drift.

    Attributes
    ----------
    loss
        What arbitrage takes, quote.
    value
        Worth at the end, quote.
    mean_value
        Worth on average over the time, which fees are earned on.
    break_even_fee
        Fees as a fraction of the worth a year that make up for the loss.
    years
        As given.
    rows
        Which rows are valid.
    """

    loss: Values
    value: Values
    mean_value: Values
    break_even_fee: Values
    years: Values
    rows: Rows

    def net(self, fee: float) -> Values:
        """Return what fees of `fee` times the worth a year leave after the loss, quote."""
        return fee * self.mean_value * self.years - self.loss


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolLiquidity(Generic[Values]):
    """The liquidity that amounts of both sides buy."""

    liquidity: Values
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeCost(Generic[Values]):
    """What it costs to keep a hedge in step, quote a year."""

    per_year: Values
    rows: Rows
