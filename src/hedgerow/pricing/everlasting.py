"""Options without expiry, whose holders pay funding on price less payoff."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, overload

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels import everlasting as kernels
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, refuse, usable
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

TOO_SLOW: Final = "funding too slow for the carry"
FASTER: Final = "no price is finite; check that the period is in years and the rates are yearly"


class Premium(StrEnum):
    """When an option's price is paid."""

    MARGINED = "margined"  # never: gains and losses are settled, as a future's are
    PAID = "paid"  # up front, and financed


@dataclass(frozen=True, slots=True, kw_only=True)
class EverlastingGreeks(Generic[Values]):
    """Price and sensitivities of everlasting options on one unit of base.

    Attributes
    ----------
    price, intrinsic, time_value
        In quote; the price is the sum of the others.
    delta, gamma
        In base, and in base per quote/base.
    vega, vanna, volga
        Of price, delta and vega, per 1.00 of volatility.
    theta
        Zero: the option does not age.
    funding_flow
        What a holder of one pays in funding, quote a year; a writer receives it.
    rows
        Which rows are valid.
    """

    price: Values
    intrinsic: Values
    time_value: Values
    delta: Values
    gamma: Values
    vega: Values
    vanna: Values
    volga: Values
    theta: Values
    funding_flow: Values
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class StripGreeks(Generic[Values]):
    """Price and sensitivities of options whose funding is paid at intervals; see `rows`."""

    price: Values
    delta: Values
    gamma: Values
    vega: Values
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExpiryStrip:
    """The dated options that an everlasting one is worth as much as.

    Attributes
    ----------
    years
        To each expiry, shape ``(expiries,)``.
    weights
        Of each, shape ``(expiries,)``.
    left_out
        Weight of the expiries beyond the last one.
    """

    years: Floats
    weights: Floats
    left_out: float


@overload
def everlasting(  # type: ignore[overload-overlap]
    spot: float,
    strike: float,
    volatility: float,
    funding_years: float,
    kind: str | float = "call",
    *,
    quote_rate: float = 0.0,
    coin_rate: float = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> EverlastingGreeks[float]: ...
@overload
def everlasting(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    strike: Column,
    volatility: Column,
    funding_years: Column,
    kind: Kind = "call",
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> "EverlastingGreeks[pl.Series]": ...
@overload
def everlasting(
    spot: Column,
    strike: Column,
    volatility: Column,
    funding_years: Column,
    kind: Kind = "call",
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> EverlastingGreeks[Floats]: ...
def everlasting(
    spot: Column,
    strike: Column,
    volatility: Column,
    funding_years: Column,
    kind: Kind = "call",
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> "EverlastingGreeks[float] | EverlastingGreeks[Floats] | EverlastingGreeks[pl.Series]":
    """Return price and greeks of everlasting options with continuous funding.

    Parameters
    ----------
    funding_years
        The period over which price less payoff is paid once: a day is 1/365.
    quote_rate, coin_rate
        Of the quote currency and of the coin, a year, continuously compounded.
    premium
        See `Premium`.

    Raises
    ------
    ConfigError
        If a number is outside its domain, or funding is too slow for the carry: then no price is
        finite. In a column such a row is NaN, with its reason in ``rows``.

    Examples
    --------
    >>> weekly = everlasting(60_000.0, 60_000.0, 0.8, 7 / 365, "call")
    >>> round(weekly.price, 2), round(weekly.delta, 4)
    (2348.37, 0.5196)
    """
    call = Call(
        rows.spot(spot),
        rows.strike(strike),
        _moving(volatility),
        _period(funding_years),
        rows.option_sign(kind),
        rows.finite("quote_rate", quote_rate),
        rows.finite("coin_rate", coin_rate),
    )
    financed = _financed(premium)
    _refuse_slow(call, financed)
    found = kernels.everlasting_rows(financed, *usable(call))
    return EverlastingGreeks(**answers(call, found, *kernels.QUANTITIES), rows=call.rows)


@overload
def everlasting_strip(  # type: ignore[overload-overlap]
    spot: float,
    strike: float,
    volatility: float,
    funding_years: float,
    kind: str | float = "call",
    *,
    payments: float,
    quote_rate: float = 0.0,
    coin_rate: float = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> StripGreeks[float]: ...
@overload
def everlasting_strip(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    strike: Column,
    volatility: Column,
    funding_years: Column,
    kind: Kind = "call",
    *,
    payments: Column,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> "StripGreeks[pl.Series]": ...
@overload
def everlasting_strip(
    spot: Column,
    strike: Column,
    volatility: Column,
    funding_years: Column,
    kind: Kind = "call",
    *,
    payments: Column,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> StripGreeks[Floats]: ...
def everlasting_strip(
    spot: Column,
    strike: Column,
    volatility: Column,
    funding_years: Column,
    kind: Kind = "call",
    *,
    payments: Column,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
    premium: Premium | str = Premium.MARGINED,
) -> "StripGreeks[float] | StripGreeks[Floats] | StripGreeks[pl.Series]":
    """Return price and greeks of everlasting options whose funding is paid at intervals.

    Parameters
    ----------
    payments
        How often funding is paid in the period `funding_years`, at most 10,000 times; ever more
        often it comes to `everlasting`.

    Examples
    --------
    >>> daily = everlasting_strip(60_000.0, 60_000.0, 0.8, 1 / 365, "put", payments=1)
    >>> round(daily.price, 2)
    1350.13
    """
    call = Call(
        rows.spot(spot),
        rows.strike(strike),
        _moving(volatility),
        _period(funding_years),
        rows.option_sign(kind),
        rows.finite("quote_rate", quote_rate),
        rows.finite("coin_rate", coin_rate),
        rows.between("payments", payments, 0.0, 10_001.0),
    )
    financed = _financed(premium)
    *_, quote, coin, often = columns = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        step = columns[3] / often
        faster = np.maximum((quote - coin) * (columns[4] > 0.0), 0.0) - financed * quote
        slow = step * faster >= np.log1p(1.0 / often)
    refuse(call, slow, TOO_SLOW, by=("funding_years", columns[3]), mend=FASTER)
    columns = usable(call)
    found = kernels.everlasting_strip_rows(financed, *columns)
    return StripGreeks(**answers(call, found, *kernels.STRIP_QUANTITIES), rows=call.rows)


def expiry_strip(funding_years: float, payments: float, *, left_out: float = 1e-3) -> ExpiryStrip:
    """Return the dated options that hedge an everlasting one, up to a weight of `left_out`.

    Examples
    --------
    >>> expiry_strip(1 / 365, 1.0, left_out=0.1).weights.tolist()
    [0.5, 0.25, 0.125, 0.0625]
    """
    funding_years = _period(funding_years).number()
    payments = rows.between("payments", payments, 0.0, 10_001.0).number()
    left_out = rows.between("left_out", left_out, 0.0, 1.0, "a weight between 0 and 1").number()
    keep = payments / (payments + 1.0)
    count = int(np.ceil(np.log(left_out) / np.log(keep)))
    numbers = np.arange(1, count + 1, dtype=np.float64)
    if not np.isfinite(count * (funding_years / payments)):
        raise ConfigError(f"payments = {payments:g}: so rare that the expiries have no end")
    return ExpiryStrip(
        years=numbers * (funding_years / payments),
        weights=keep**numbers / payments,
        left_out=float(keep**count),
    )


def _moving(volatility: Column) -> rows.Argument:
    return rows.positive("volatility", volatility, "write 0.6 for 60 % a year; it is above 0")


def _period(funding_years: Column) -> rows.Argument:
    return rows.positive("funding_years", funding_years, "a day is 1/365")


def _financed(premium: Premium | str) -> float:
    try:
        return 1.0 if Premium(premium) is Premium.PAID else 0.0
    except ValueError:
        known = ", ".join(Premium)
        raise ConfigError(f"premium = {premium!r}: write one of {known}") from None


def _refuse_slow(call: Call, financed: float) -> None:
    *_, years, _, quote, coin = call.columns
    with np.errstate(all="ignore"):  # of rows that are bad already
        slow = 1.0 / years + financed * quote <= np.maximum(quote - coin, 0.0)
    refuse(call, slow, TOO_SLOW, by=("funding_years", years), mend=FASTER)
