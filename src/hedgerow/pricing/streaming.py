"""Options whose premium streams, as fees or as what fair fees would be, while price is in range.

The writer lends liquidity to a range of a pool; the buyer takes it out and owes what it would have
earned there. Along a path the premium is counted twice: as the fees of the swaps that moved the
price, and at a volatility, as what arbitrage would have taken from the liquidity. The volatility
at which both agree is the one that the fees imply.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, overload

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels import streaming as kernels
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, usable
from hedgerow.pricing.reading import numbers_of
from hedgerow.pricing.rows import Call, Column, Rows, Values
from hedgerow.units import DAYS_PER_YEAR, Floats

if TYPE_CHECKING:
    import polars as pl

BACKWARD: Final = "years before those of an earlier row"
NO_LIQUIDITY: Final = "no liquidity left in the pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidityRange:
    """Liquidity between two prices, which is a written put, or a covered call, of fixed gamma.

    Attributes
    ----------
    lower, upper
        Prices, quote per base; the option's strike is the root of their product.
    liquidity
        In the range.
    """

    lower: float
    upper: float
    liquidity: float

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            rows.finite(name, getattr(self, name), "write a price, quote per base").number()
        rows.positive("liquidity", self.liquidity, "write a number above 0").number()
        if not 0.0 < self.lower < self.upper < math.inf:
            raise ConfigError(
                f"lower = {self.lower}, upper = {self.upper}: a range has 0 < lower < upper"
            )

    @classmethod
    def of_coins(cls, coins: float, *, lower: float, upper: float) -> "LiquidityRange":
        """Return the range that holds `coins` when the price is below it.

        Examples
        --------
        >>> round(LiquidityRange.of_coins(1.0, lower=2_500.0, upper=3_600.0).liquidity, 6)
        300.0
        """
        coins = rows.positive("coins", coins).number()
        empty = cls(lower=lower, upper=upper, liquidity=1.0)
        depth = 1.0 / math.sqrt(lower) - 1.0 / math.sqrt(upper)
        return cls(lower=empty.lower, upper=empty.upper, liquidity=coins / depth)

    @property
    def strike(self) -> float:
        """The middle of the range, by ratio."""
        return math.sqrt(self.lower) * math.sqrt(self.upper)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamedPremium:
    """Premium along a path, so far at each time; rows that are not valid hold NaN.

    Attributes
    ----------
    coin, cash
        Fees of the swaps that moved the price, in each currency, shape ``(times,)``.
    quote
        Both in quote, at the price of the time.
    depth
        The premium in quote that a yearly variance of 1 would have streamed.
    rows
        Which rows of the path are valid; the others are left out of it.
    """

    coin: Floats
    cash: Floats
    quote: Floats
    depth: Floats
    rows: Rows

    @property
    def volatility(self) -> Floats:
        """The volatility that the fees so far imply, a year; NaN before the range was touched."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(np.where(self.depth > 0.0, self.quote / self.depth, np.nan))

    def fair(self, volatility: float) -> Floats:
        """Return the premium in quote that a fair option streams at `volatility`."""
        sigma = rows.volatility(volatility).number()
        return sigma * sigma * self.depth


def streamed(
    prices: Column, years: Column, position: LiquidityRange, *, fee: float
) -> StreamedPremium:
    """Return the premium that an option in a pool's range streams along a path of prices.

    Parameters
    ----------
    prices, years
        The path: price, and when, in years of 365 days, not falling.
    fee
        Of the pool, fraction of what is swapped in.

    Notes
    -----
    Fees are those of the path's own moves: swaps to and fro between two of its prices come on top.

    Examples
    --------
    >>> put = LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=1_000.0)
    >>> path = streamed([3_000.0, 3_100.0, 3_000.0], [0.0, 0.001, 0.002], put, fee=0.003)
    >>> path.quote.round(4).tolist()
    [0.0, 2.7243, 5.4044]
    """
    mend = "a fraction, 0.003 is 30 basis points"
    fee = rows.Argument(
        name="fee", given=fee, above=0.0, closed=True, below=1.0, mend=mend
    ).number()
    path = np.atleast_1d(numbers_of("prices", prices))
    call = Call(rows.positive("price", path), rows.finite("years", numbers_of("years", years)))
    path, times = call.full()
    valid = call.rows.valid.ravel()
    latest = np.maximum.accumulate(np.where(valid, times, -math.inf))
    call.also(valid & (times < latest), BACKWARD, "years")
    valid = call.rows.valid.ravel()
    found = np.full((4, call.size), np.nan)
    if valid.any():
        known, at = np.ascontiguousarray(path[valid]), np.ascontiguousarray(times[valid])
        coin, cash = kernels.fees_along(
            known, position.lower, position.upper, position.liquidity, fee
        )
        depth = kernels.depth_along(known, at, position.lower, position.upper, position.liquidity)
        found[:, valid] = coin, cash, coin * known + cash, depth
    call.void_overflow(found)
    return StreamedPremium(
        coin=found[0], cash=found[1], quote=found[2], depth=found[3], rows=call.rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeVolatility(Generic[Values]):
    """The volatility that a pool's fees imply, a year."""

    volatility: Values
    rows: Rows


@overload
def fee_volatility(  # type: ignore[overload-overlap]
    fee: float,
    daily_volume: float,
    tick_liquidity: float,
) -> FeeVolatility[float]: ...
@overload
def fee_volatility(  # type: ignore[overload-overlap]
    fee: "pl.Series",
    daily_volume: Column,
    tick_liquidity: Column,
) -> "FeeVolatility[pl.Series]": ...
@overload
def fee_volatility(
    fee: Column,
    daily_volume: Column,
    tick_liquidity: Column,
) -> FeeVolatility[Floats]: ...
def fee_volatility(
    fee: Column, daily_volume: Column, tick_liquidity: Column
) -> "FeeVolatility[float] | FeeVolatility[Floats] | FeeVolatility[pl.Series]":
    r"""Return the volatility at which a pool's fees pay for what arbitrage takes.

    .. math:: \sigma = 2\varphi\sqrt{365\,\text{volume} / \text{tick liquidity}}

    Parameters
    ----------
    fee
        :math:`\varphi`, fraction of what is swapped.
    daily_volume, tick_liquidity
        Swapped in a day, and lying in the tick of the price, in the same currency.

    Examples
    --------
    >>> round(fee_volatility(0.003, 50e6, 20e6).volatility, 4)
    0.1812

    References
    ----------
    Lambert, G. (2021). On-chain volatility and Uniswap v3; Panoptic's documentation.
    """
    call = Call(
        rows.not_negative("fee", fee),
        rows.not_negative("daily_volume", daily_volume),
        rows.positive("tick_liquidity", tick_liquidity),
    )
    fees, volumes, depths = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        found = (2.0 * fees * np.sqrt(volumes / depths) * math.sqrt(DAYS_PER_YEAR))[np.newaxis]
    return FeeVolatility(**answers(call, found, "volatility"), rows=call.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumSplit(Generic[Values]):
    """Who pays and who gets what a range of a pool has earned.

    Attributes
    ----------
    owed
        By the buyers together, in the currency of what was collected.
    earned
        By the writers together: what was collected, and what the buyers owe.
    multiplier
        What a buyer owes over what the same liquidity in the pool has earned.
    rows
        Which rows are valid.
    """

    owed: Values
    earned: Values
    multiplier: Values
    rows: Rows


@overload
def premium_split(  # type: ignore[overload-overlap]
    collected: float,
    left: float,
    taken: float,
    *,
    spread: float = 0.25,
) -> PremiumSplit[float]: ...
@overload
def premium_split(  # type: ignore[overload-overlap]
    collected: "pl.Series",
    left: Column,
    taken: Column,
    *,
    spread: Column = 0.25,
) -> "PremiumSplit[pl.Series]": ...
@overload
def premium_split(
    collected: Column,
    left: Column,
    taken: Column,
    *,
    spread: Column = 0.25,
) -> PremiumSplit[Floats]: ...
def premium_split(
    collected: Column, left: Column, taken: Column, *, spread: Column = 0.25
) -> "PremiumSplit[float] | PremiumSplit[Floats] | PremiumSplit[pl.Series]":
    r"""Return the premium of a range whose liquidity is partly taken out by option buyers.

    A buyer's unit of liquidity owes :math:`\frac CN\bigl(1 + \nu\frac RN\bigr)`.

    Parameters
    ----------
    collected
        :math:`C`, fees that the liquidity left in the pool has earned.
    left, taken
        :math:`N > 0` and :math:`R`, liquidity in the pool and in buyers' hands.
    spread
        :math:`\nu`; in Panoptic's first contracts a quarter.

    Examples
    --------
    >>> split = premium_split(100.0, 50.0, 50.0)
    >>> split.owed, split.earned, split.multiplier
    (125.0, 225.0, 1.25)

    References
    ----------
    Panoptic, SemiFungiblePositionManager, premia of long and short positions.
    """
    call = Call(
        rows.not_negative("collected", collected),
        rows.positive("left", left, NO_LIQUIDITY),
        rows.not_negative("taken", taken),
        rows.not_negative("spread", spread),
    )
    fees, net, removed, steepness = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        multiplier = 1.0 + steepness * removed / net
        owed = fees * removed / net * multiplier
        table = np.vstack((owed, fees + owed, multiplier))
    return PremiumSplit(**answers(call, table, "owed", "earned", "multiplier"), rows=call.rows)
