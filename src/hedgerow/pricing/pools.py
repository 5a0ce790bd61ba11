"""Liquidity in automated market makers: worth, hedge, and what arbitrage takes from it."""

import math
from typing import TYPE_CHECKING, Final, overload

import numpy as np
import numpy.typing as npt

from hedgerow.errors import ConfigError
from hedgerow.kernels import pool as kernels
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, refuse, usable
from hedgerow.pricing.pool_answers import (
    ExpectedPool,
    HedgeCost,
    PoolGreeks,
    PoolLiquidity,
    PoolLoss,
)
from hedgerow.pricing.rows import Call, Column
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

MOST_TICK: Final = 887_272  # of the pools' contracts
EMPTY: Final = "upper not above lower"


@overload
def pool(  # type: ignore[overload-overlap]
    price: float,
    liquidity: float,
    *,
    lower: float = 0.0,
    upper: float = math.inf,
    volatility: float = 0.0,
) -> PoolGreeks[float]: ...
@overload
def pool(  # type: ignore[overload-overlap]
    price: "pl.Series",
    liquidity: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
    volatility: Column = 0.0,
) -> "PoolGreeks[pl.Series]": ...
@overload
def pool(
    price: Column,
    liquidity: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
    volatility: Column = 0.0,
) -> PoolGreeks[Floats]: ...
def pool(
    price: Column,
    liquidity: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
    volatility: Column = 0.0,
) -> "PoolGreeks[float] | PoolGreeks[Floats] | PoolGreeks[pl.Series]":
    """Return worth, holdings, greeks and loss to arbitrage of positions in pools.

    Parameters
    ----------
    liquidity
        L of a range; of a pool without ranges the root of coins times cash, one's share of it.
    lower, upper
        Prices between which the liquidity lies.
    volatility
        Only for `PoolGreeks.loss_rate`.

    Examples
    --------
    >>> range_ = pool(3_000.0, 1_000.0, lower=2_500.0, upper=3_600.0, volatility=0.8)
    >>> round(range_.value, 2), round(range_.hedge(), 4), round(range_.break_even_fee, 4)
    (9544.51, -1.5908, 0.9182)
    """
    call = Call(*_position(price, liquidity, lower, upper), rows.volatility(volatility))
    _refuse_empty(call)
    table = kernels.pool_rows(*usable(call))
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        fee = np.where(table[5] > 0.0, table[5] / table[2], 0.0)
    names = (*kernels.QUANTITIES, "break_even_fee")
    return PoolGreeks(**answers(call, np.vstack((table, fee)), *names), rows=call.rows)


@overload
def pool_liquidity(  # type: ignore[overload-overlap]
    price: float,
    coin: float,
    cash: float,
    *,
    lower: float = 0.0,
    upper: float = math.inf,
) -> PoolLiquidity[float]: ...
@overload
def pool_liquidity(  # type: ignore[overload-overlap]
    price: "pl.Series",
    coin: Column,
    cash: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> "PoolLiquidity[pl.Series]": ...
@overload
def pool_liquidity(
    price: Column,
    coin: Column,
    cash: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> PoolLiquidity[Floats]: ...
def pool_liquidity(
    price: Column,
    coin: Column,
    cash: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> "PoolLiquidity[float] | PoolLiquidity[Floats] | PoolLiquidity[pl.Series]":
    """Return the most liquidity that `coin` and `cash` buy in a range; the rest stays over.

    What a contract would cut to whole numbers is in `kernels.protocol_uniswap`.

    Examples
    --------
    >>> round(pool_liquidity(1.0, 100.0, 200.0, lower=1 / 1.1, upper=1.1).liquidity, 3)
    2148.809
    """
    call = Call(
        *_ends(price, lower, upper),
        rows.not_negative("coin", coin),
        rows.not_negative("cash", cash),
    )
    _refuse_empty(call)
    prices, lows, highs, coins, money = usable(call)
    bottom, top = np.sqrt(lows), np.sqrt(highs)
    at = np.clip(np.sqrt(prices), bottom, top)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        by_coin = np.where(at < top, coins * at * (top / (top - at)), math.inf)
        by_cash = np.where(at > bottom, money / (at - bottom), math.inf)
    found = np.minimum(by_coin, by_cash)[np.newaxis]
    return PoolLiquidity(**answers(call, found, "liquidity"), rows=call.rows)


@overload
def pool_loss(  # type: ignore[overload-overlap]
    price: float,
    later: float,
    liquidity: float = 1.0,
    *,
    lower: float = 0.0,
    upper: float = math.inf,
) -> PoolLoss[float]: ...
@overload
def pool_loss(  # type: ignore[overload-overlap]
    price: "pl.Series",
    later: Column,
    liquidity: Column = 1.0,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> "PoolLoss[pl.Series]": ...
@overload
def pool_loss(
    price: Column,
    later: Column,
    liquidity: Column = 1.0,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> PoolLoss[Floats]: ...
def pool_loss(
    price: Column,
    later: Column,
    liquidity: Column = 1.0,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> "PoolLoss[float] | PoolLoss[Floats] | PoolLoss[pl.Series]":
    """Return what positions lost against holding still while the price went to `later`.

    Examples
    --------
    >>> round(pool_loss(1.0, 4.0).fraction, 12)
    -0.2
    """
    call = Call(*_position(price, liquidity, lower, upper), rows.positive("later", later))
    _refuse_empty(call)
    found = kernels.pool_loss_rows(*usable(call))
    return PoolLoss(**answers(call, found, "loss", "fraction"), rows=call.rows)


@overload
def expected_pool(  # type: ignore[overload-overlap]
    price: float,
    liquidity: float,
    volatility: float,
    years: float,
    *,
    lower: float = 0.0,
    upper: float = math.inf,
) -> ExpectedPool[float]: ...
@overload
def expected_pool(  # type: ignore[overload-overlap]
    price: "pl.Series",
    liquidity: Column,
    volatility: Column,
    years: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> "ExpectedPool[pl.Series]": ...
@overload
def expected_pool(
    price: Column,
    liquidity: Column,
    volatility: Column,
    years: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> ExpectedPool[Floats]: ...
def expected_pool(
    price: Column,
    liquidity: Column,
    volatility: Column,
    years: Column,
    *,
    lower: Column = 0.0,
    upper: Column = math.inf,
) -> "ExpectedPool[float] | ExpectedPool[Floats] | ExpectedPool[pl.Series]":
    """Return loss and worth to expect over `years`.

    Examples
    --------
    >>> year = expected_pool(3_000.0, 100.0, 0.8, 1.0)
    >>> round(year.break_even_fee, 4), round(year.net(0.2) / year.mean_value, 4)
    (0.08, 0.12)
    """
    call = Call(
        *_position(price, liquidity, lower, upper),
        rows.volatility(volatility),
        rows.positive("years", years, "how long the position stays, in years of 365 days"),
    )
    _refuse_empty(call)
    columns = usable(call)
    found = kernels.pool_expected_rows(*columns)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        fee = np.where(found[2] > 0.0, found[0] / (found[2] * columns[5]), 0.0)
    names = ("loss", "value", "mean_value", "break_even_fee", "years")
    table = np.vstack((found, fee, columns[5]))
    return ExpectedPool(**answers(call, table, *names), rows=call.rows)


@overload
def hedge_cost(  # type: ignore[overload-overlap]
    price: float,
    gamma: float,
    volatility: float,
    cost: float,
    interval_years: float,
) -> HedgeCost[float]: ...
@overload
def hedge_cost(  # type: ignore[overload-overlap]
    price: "pl.Series",
    gamma: Column,
    volatility: Column,
    cost: Column,
    interval_years: Column,
) -> "HedgeCost[pl.Series]": ...
@overload
def hedge_cost(
    price: Column,
    gamma: Column,
    volatility: Column,
    cost: Column,
    interval_years: Column,
) -> HedgeCost[Floats]: ...
def hedge_cost(
    price: Column, gamma: Column, volatility: Column, cost: Column, interval_years: Column
) -> "HedgeCost[float] | HedgeCost[Floats] | HedgeCost[pl.Series]":
    r"""Return what trading back to the delta at fixed times costs.

    .. math:: \lambda S^2 |\Gamma| \sigma \sqrt{2 / (\pi\,\delta t)}

    Parameters
    ----------
    cost
        :math:`\lambda`, of what is traded.
    interval_years
        :math:`\delta t`.

    Examples
    --------
    >>> round(hedge_cost(3_000.0, -0.003, 0.8, 0.0005, 1 / 365).per_year, 2)
    164.63
    """
    call = Call(
        rows.positive("price", price),
        rows.finite("gamma", gamma),
        rows.volatility(volatility),
        rows.not_negative("cost", cost),
        rows.positive("interval_years", interval_years),
    )
    prices, gammas, sigma, costs, interval = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        traded = prices * prices * np.abs(gammas) * sigma * np.sqrt(2.0 / (math.pi * interval))
        found = (costs * traded)[np.newaxis]
    return HedgeCost(**answers(call, found, "per_year"), rows=call.rows)


def tick_price(tick: float) -> float:
    """Return the price of a tick, 1.0001 to its power, in the pool's raw units.

    Examples
    --------
    >>> round(tick_price(69_081), 3)
    999.999
    """
    number = rows.finite("tick", tick).number()
    if abs(number) > MOST_TICK:
        raise ConfigError(f"tick = {number:g}: ticks end at {MOST_TICK} below and above 0")
    return math.pow(1.0001, number)


def _position(
    price: Column, liquidity: Column, lower: Column, upper: Column
) -> tuple[rows.Argument, ...]:
    return (*_ends(price, lower, upper), rows.positive("liquidity", liquidity))


def _ends(price: Column, lower: Column, upper: Column) -> tuple[rows.Argument, ...]:
    return (
        rows.positive("price", price, "a price is above 0, in quote per base"),
        rows.not_negative("lower", lower, "a range starts at 0 or above"),
        rows.positive("upper", _ended(upper), "a range ends above 0; without an end, at infinity"),
    )


def _ended(upper: Column) -> object:
    """Return `upper` with the largest double for infinity."""
    if isinstance(upper, int | float):
        return np.finfo(np.float64).max if upper == math.inf else upper
    if type(upper).__module__.partition(".")[0] == "polars":
        import polars as pl  # noqa: PLC0415 - only for those who have asked in polars

        return pl.Series(_capped(np.asarray(upper)))
    return _capped(np.asarray(upper))


def _capped(upper: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    return np.where(upper == math.inf, np.finfo(np.float64).max, upper)


def _refuse_empty(call: Call) -> None:
    _, lower, upper, *_ = usable(call)
    refuse(call, upper <= lower, EMPTY, by=("upper", upper), mend="a range has lower < upper")
