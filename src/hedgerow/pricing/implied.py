"""The volatility at which an option is worth its price, in quote or in coin."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, cast, overload

import numpy as np

from hedgerow.kernels.implied_volatility import ABOVE, AT_BOUND, BELOW, implied_rows
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Argument, Call, Column, Kind, Reason, Rows, Values, share_out
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

_MEND = "a price in {unit} is 0 or above"


@dataclass(frozen=True, slots=True, eq=False)
class ImpliedVolatility(Generic[Values]):
    """Volatilities, each a number or a column.

    Attributes
    ----------
    volatility
        Yearly, 0.6 for 60 per cent. NaN in a bad row, but infinite where the price is at its upper
        bound; 0 where the price is the intrinsic value.
    rows
        Which rows are valid, and what is wrong with the others: a price below the intrinsic value,
        at or above its upper bound, or arguments outside their domains.
    """

    volatility: Values
    rows: Rows


# A float is a Column too, so mypy sees overlaps: the first signature that fits is the true one.
@overload
def implied_volatility(  # type: ignore[overload-overlap]
    price: float,
    forward: float,
    strike: float,
    years: float,
    kind: str | float = "call",
    *,
    workers: int = 1,
) -> ImpliedVolatility[float]: ...
@overload
def implied_volatility(  # type: ignore[overload-overlap]
    price: "pl.Series",
    forward: Column,
    strike: Column,
    years: Column,
    kind: Kind = "call",
    *,
    workers: int = 1,
) -> "ImpliedVolatility[pl.Series]": ...
@overload
def implied_volatility(
    price: Column,
    forward: Column,
    strike: Column,
    years: Column,
    kind: Kind = "call",
    *,
    workers: int = 1,
) -> ImpliedVolatility[Floats]: ...
def implied_volatility(
    price: Column,
    forward: Column,
    strike: Column,
    years: Column,
    kind: Kind = "call",
    *,
    workers: int = 1,
) -> "ImpliedVolatility[float] | ImpliedVolatility[Floats] | ImpliedVolatility[pl.Series]":
    """Return the Black-76 volatilities of undiscounted prices in quote.

    A discounted price is divided by its discount factor first.

    Parameters
    ----------
    price
        In quote, from the intrinsic value up to, but not at, its bound: the forward for a call and
        the strike for a put.
    forward, strike, years, kind, workers
        As in `options.black76`.

    Raises
    ------
    ConfigError
        If all arguments are numbers and there is no such volatility; at the upper bound it is
        infinite.

    Examples
    --------
    >>> round(implied_volatility(1962.16, 60_000.0, 66_000.0, 30 / 365, "call").volatility, 5)
    0.6
    >>> chain = implied_volatility([1962.16, 70_000.0], 60_000.0, 66_000.0, 30 / 365)
    >>> chain.volatility.round(5).tolist(), chain.rows.problems()
    ([0.6, nan], [(1, 'price above its upper bound')])
    """
    call = Call(
        given.not_negative("price", price, _MEND.format(unit="quote")),
        given.forward(forward),
        *_others(strike, years, kind),
    )
    return _solved(call, call.columns, workers)


@overload
def implied_volatility_from_coin(  # type: ignore[overload-overlap]
    price_coin: float,
    forward: float,
    strike: float,
    years: float,
    kind: str | float = "call",
    *,
    workers: int = 1,
) -> ImpliedVolatility[float]: ...
@overload
def implied_volatility_from_coin(  # type: ignore[overload-overlap]
    price_coin: "pl.Series",
    forward: Column,
    strike: Column,
    years: Column,
    kind: Kind = "call",
    *,
    workers: int = 1,
) -> "ImpliedVolatility[pl.Series]": ...
@overload
def implied_volatility_from_coin(
    price_coin: Column,
    forward: Column,
    strike: Column,
    years: Column,
    kind: Kind = "call",
    *,
    workers: int = 1,
) -> ImpliedVolatility[Floats]: ...
def implied_volatility_from_coin(
    price_coin: Column,
    forward: Column,
    strike: Column,
    years: Column,
    kind: Kind = "call",
    *,
    workers: int = 1,
) -> "ImpliedVolatility[float] | ImpliedVolatility[Floats] | ImpliedVolatility[pl.Series]":
    """Return the volatilities of coin-settled options from prices in coin.

    Parameters
    ----------
    price_coin
        As the venue quotes it; times the forward it is the undiscounted price in quote.
    forward, strike, years, kind, workers
        As in `options.black76`.

    Examples
    --------
    >>> round(implied_volatility_from_coin(0.1585194, 60_000.0, 60_000.0, 0.25).volatility, 6)
    0.8
    """
    call = Call(
        given.not_negative("price_coin", price_coin, _MEND.format(unit="coin")),
        given.forward(forward),
        *_others(strike, years, kind),
    )
    price, at, *rest = call.columns
    with np.errstate(over="ignore", invalid="ignore"):
        quote = price * at
    return _solved(call, (quote, at, *rest), workers)


def _others(strike: Column, years: Column, kind: Kind) -> tuple[Argument, Argument, Argument]:
    return given.strike(strike), given.years(years), given.option_sign(kind)


def _solved(
    call: Call, columns: tuple[Floats, ...], workers: int
) -> "ImpliedVolatility[float] | ImpliedVolatility[Floats] | ImpliedVolatility[pl.Series]":
    volatility = np.empty(call.size)
    marks = np.empty(call.size, dtype=np.uint8)

    def one(start: int, stop: int) -> None:
        part = tuple(column if column.size == 1 else column[start:stop] for column in columns)
        implied_rows(part, volatility[start:stop], marks[start:stop])

    share_out(one, call.size, workers)
    if marks.any():
        shown = _shown(columns) if call.is_number else ""
        call.also(marks == BELOW, Reason.BELOW_INTRINSIC, shown)
        call.also(marks == ABOVE, Reason.ABOVE_BOUND, shown)
        if not call.is_number:
            call.also(marks == AT_BOUND, Reason.AT_BOUND)
    infinite = (marks == AT_BOUND) & (volatility == np.inf)
    call.void(volatility)
    if not call.is_number and infinite.any():
        meant = np.isin(call.rows.reasons.ravel(), (Reason.AT_BOUND,))
        volatility[infinite & meant] = np.inf
    answer = call.answer("volatility", volatility)
    return ImpliedVolatility(cast("Floats", answer), call.rows)


def _shown(columns: tuple[Floats, ...]) -> str:
    """Return what a refused price is measured against."""
    price, forward, strike, _, sign = (float(column[0]) for column in columns)
    intrinsic = max(sign * (forward - strike), 0.0)
    bound = forward if sign > 0.0 else strike
    return (
        f"price = {price:g} in quote has no volatility, it must lie between {intrinsic:g} and "
        f"{bound:g}; check the kind, and the unit of the price"
    )
