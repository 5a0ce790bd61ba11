"""Perpetuals on a power of the price."""

from typing import TYPE_CHECKING, Final, overload

import numpy as np

from hedgerow.kernels import power_perpetual as kernels
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, refuse, usable
from hedgerow.pricing.power_answers import PowerGreeks, PowerVolatility, period, refuse_overflow
from hedgerow.pricing.rows import Call, Column
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

RUNAWAY: Final = "the payoff outgrows its funding"
UNREACHED: Final = "price that no volatility gives"
FLAT: Final = "power is 0 or 1, so volatility does not matter"


@overload
def power_perpetual(  # type: ignore[overload-overlap]
    spot: float,
    power: float,
    volatility: float,
    funding_years: float,
    *,
    payments: float | None = None,
    quote_rate: float = 0.0,
    coin_rate: float = 0.0,
) -> PowerGreeks[float]: ...
@overload
def power_perpetual(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    power: Column,
    volatility: Column,
    funding_years: Column,
    *,
    payments: "Column | None" = None,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerGreeks[pl.Series]": ...
@overload
def power_perpetual(
    spot: Column,
    power: Column,
    volatility: Column,
    funding_years: Column,
    *,
    payments: "Column | None" = None,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> PowerGreeks[Floats]: ...
def power_perpetual(
    spot: Column,
    power: Column,
    volatility: Column,
    funding_years: Column,
    *,
    payments: "Column | None" = None,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerGreeks[float] | PowerGreeks[Floats] | PowerGreeks[pl.Series]":
    """Return price and greeks of perpetuals on ``spot ** power``.

    Parameters
    ----------
    funding_years
        The period over which price less payoff is paid once.
    payments
        How often it is paid in that period; None if at every instant.

    Raises
    ------
    ConfigError
        If a number is outside its domain, or the payoff grows so fast that funding cannot hold
        it. In a column such a row is NaN, with its reason in ``rows``.

    Examples
    --------
    >>> short = power_perpetual(3_000.0, 2.0, 0.9, 17.5 / 365)
    >>> round(short.price), round(short.hedge(-1.0))
    (9363643, 6242)
    """
    style = kernels.CONTINUOUS if payments is None else kernels.DISCRETE
    often = 1.0 if payments is None else payments
    return _power((spot, power, volatility), funding_years, often, (quote_rate, coin_rate), style)


@overload
def dated_power(  # type: ignore[overload-overlap]
    spot: float,
    power: float,
    volatility: float,
    years: float,
    *,
    quote_rate: float = 0.0,
    coin_rate: float = 0.0,
) -> PowerGreeks[float]: ...
@overload
def dated_power(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    power: Column,
    volatility: Column,
    years: Column,
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerGreeks[pl.Series]": ...
@overload
def dated_power(
    spot: Column,
    power: Column,
    volatility: Column,
    years: Column,
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> PowerGreeks[Floats]: ...
def dated_power(
    spot: Column,
    power: Column,
    volatility: Column,
    years: Column,
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerGreeks[float] | PowerGreeks[Floats] | PowerGreeks[pl.Series]":
    """Return price and greeks of contracts that pay ``spot ** power`` in `years`.

    Examples
    --------
    >>> round(dated_power(3_000.0, 2.0, 0.5, 17.5 / 365).price)
    9108526
    """
    return _power(
        (spot, power, volatility), years, 1.0, (quote_rate, coin_rate), kernels.DATED, "years"
    )


@overload
def power_volatility(  # type: ignore[overload-overlap]
    ratio: float,
    power: float,
    funding_years: float,
    *,
    payments: float | None = None,
    quote_rate: float = 0.0,
    coin_rate: float = 0.0,
) -> PowerVolatility[float]: ...
@overload
def power_volatility(  # type: ignore[overload-overlap]
    ratio: "pl.Series",
    power: Column,
    funding_years: Column,
    *,
    payments: "Column | None" = None,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerVolatility[pl.Series]": ...
@overload
def power_volatility(
    ratio: Column,
    power: Column,
    funding_years: Column,
    *,
    payments: "Column | None" = None,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> PowerVolatility[Floats]: ...
def power_volatility(
    ratio: Column,
    power: Column,
    funding_years: Column,
    *,
    payments: "Column | None" = None,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerVolatility[float] | PowerVolatility[Floats] | PowerVolatility[pl.Series]":
    """Return the volatility that `power_perpetual` needs for a price of `ratio` payoffs.

    Examples
    --------
    >>> round(power_volatility(9_363_643 / 3_000**2, 2.0, 17.5 / 365).volatility, 4)
    0.9
    """
    style = kernels.CONTINUOUS if payments is None else kernels.DISCRETE
    often = 1.0 if payments is None else payments
    return _volatility(ratio, power, funding_years, often, (quote_rate, coin_rate), style)


@overload
def dated_power_volatility(  # type: ignore[overload-overlap]
    ratio: float,
    power: float,
    years: float,
    *,
    quote_rate: float = 0.0,
    coin_rate: float = 0.0,
) -> PowerVolatility[float]: ...
@overload
def dated_power_volatility(  # type: ignore[overload-overlap]
    ratio: "pl.Series",
    power: Column,
    years: Column,
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerVolatility[pl.Series]": ...
@overload
def dated_power_volatility(
    ratio: Column,
    power: Column,
    years: Column,
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> PowerVolatility[Floats]: ...
def dated_power_volatility(
    ratio: Column,
    power: Column,
    years: Column,
    *,
    quote_rate: Column = 0.0,
    coin_rate: Column = 0.0,
) -> "PowerVolatility[float] | PowerVolatility[Floats] | PowerVolatility[pl.Series]":
    """Return the volatility that `dated_power` needs for a price of `ratio` payoffs.

    Examples
    --------
    >>> round(dated_power_volatility(1.05, 2.0, 17.5 / 365).volatility, 4)
    1.0088
    """
    return _volatility(ratio, power, years, 1.0, (quote_rate, coin_rate), kernels.DATED, "years")


def _power(
    state: tuple[Column, Column, Column],
    span: Column,
    payments: Column,
    rates: tuple[Column, Column],
    style: int,
    period_name: str = "funding_years",
) -> PowerGreeks[Floats]:
    spot, power, volatility = state
    call = Call(
        rows.spot(spot),
        rows.finite("power", power),
        rows.volatility(volatility),
        period(period_name, span),
        rows.finite("quote_rate", rates[0]),
        rows.finite("coin_rate", rates[1]),
        rows.positive("payments", payments),
    )
    columns = usable(call)
    found = kernels.power_rows(style, *columns)
    if style != kernels.DATED:
        runaway = (found[0] < 0.0) | ~np.isfinite(found[7])
        mend = "no price is finite; shorten the period, or check that it is in years"
        refuse(call, runaway, RUNAWAY, by=(period_name, columns[3]), mend=mend)
    refuse_overflow(call, found[0], columns[1])
    return PowerGreeks(**answers(call, found, *kernels.QUANTITIES), rows=call.rows)


def _volatility(
    ratio: Column,
    power: Column,
    span: Column,
    payments: Column,
    rates: tuple[Column, Column],
    style: int,
    period_name: str = "funding_years",
) -> PowerVolatility[Floats]:
    call = Call(
        rows.positive("ratio", ratio, "price over payoff is above 0"),
        rows.finite("power", power),
        period(period_name, span),
        rows.finite("quote_rate", rates[0]),
        rows.finite("coin_rate", rates[1]),
        rows.positive("payments", payments),
    )
    ratios, powers, *_ = usable(call)
    flat = (powers == 0.0) | (powers == 1.0)
    refuse(call, flat, FLAT, by=("power", powers), mend="ask for another power")
    variance = kernels.power_variance_rows(style, *usable(call))
    mend = "the price is on the wrong side of its worth at a volatility of 0"
    refuse(call, ~(variance >= 0.0), UNREACHED, by=("ratio", ratios), mend=mend)
    found = np.sqrt(np.maximum(variance, 0.0))[np.newaxis]
    return PowerVolatility(**answers(call, found, "volatility"), rows=call.rows)
