"""Options without expiry that may be exercised at any time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, overload

from hedgerow.kernels import american_perpetual as kernels
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, usable
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class AmericanGreeks(Generic[Values]):
    """Price and sensitivities of perpetual American options on one unit of base.

    Attributes
    ----------
    price
        In quote.
    boundary
        The spot price at which to exercise: at or above it a call, at or below it a put; infinite,
        or zero, if it never pays.
    delta, gamma, vega
        In base, in base per quote/base, and in quote per 1.00 of volatility.
    rows
        Which rows are valid.
    """

    price: Values
    boundary: Values
    delta: Values
    gamma: Values
    vega: Values
    rows: Rows


@overload
def american_perpetual(  # type: ignore[overload-overlap]
    spot: float,
    strike: float,
    volatility: float,
    kind: str | float = "call",
    *,
    quote_rate: float,
    coin_rate: float = 0.0,
) -> AmericanGreeks[float]: ...
@overload
def american_perpetual(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    strike: Column,
    volatility: Column,
    kind: Kind = "call",
    *,
    quote_rate: Column,
    coin_rate: Column = 0.0,
) -> "AmericanGreeks[pl.Series]": ...
@overload
def american_perpetual(
    spot: Column,
    strike: Column,
    volatility: Column,
    kind: Kind = "call",
    *,
    quote_rate: Column,
    coin_rate: Column = 0.0,
) -> AmericanGreeks[Floats]: ...
def american_perpetual(
    spot: Column,
    strike: Column,
    volatility: Column,
    kind: Kind = "call",
    *,
    quote_rate: Column,
    coin_rate: Column = 0.0,
) -> "AmericanGreeks[float] | AmericanGreeks[Floats] | AmericanGreeks[pl.Series]":
    """Return price, boundary and greeks of perpetual American options.

    Parameters
    ----------
    quote_rate, coin_rate
        Of the quote currency and of the coin, a year; not below zero.

    Examples
    --------
    >>> put = american_perpetual(60_000.0, 50_000.0, 0.7, "put", quote_rate=0.04)
    >>> round(put.price, 2), round(put.boundary, 2)
    (30278.44, 7017.54)
    """
    lasting = "a rate below 0 leaves an option without end without a price"
    call = Call(
        rows.spot(spot),
        rows.strike(strike),
        rows.positive("volatility", volatility, "write 0.6 for 60 % a year; it is above 0"),
        rows.option_sign(kind),
        rows.not_negative("quote_rate", quote_rate, lasting),
        rows.not_negative("coin_rate", coin_rate, lasting),
    )
    found = kernels.american_rows(*usable(call))
    return AmericanGreeks(
        **answers(call, found, *kernels.QUANTITIES, unbounded=("boundary",)), rows=call.rows
    )
