"""The squeeth: a token that holds the square of the price, whose funding lowers what it holds."""

from typing import TYPE_CHECKING, Final, overload

import numpy as np

from hedgerow.kernels import power_perpetual as kernels
from hedgerow.pricing import rows
from hedgerow.pricing.answers import answers, refuse, usable
from hedgerow.pricing.power_answers import (
    PowerGreeks,
    PowerVolatility,
    SqueethFunding,
    period,
    refuse_overflow,
)
from hedgerow.pricing.rows import Call, Column
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

BELOW_INDEX: Final = "mark not above its index"

SQUEETH_YEARS: Final = 17.5 / 365.0
"""The squeeth's funding period."""

SQUEETH_SCALE: Final = 10_000.0
"""Ether squared that one squeeth began as a 1/10,000 of."""

LOWEST_MARK, HIGHEST_MARK = 0.8, 1.4  # of the index: what the squeeth's funding counts


@overload
def squeeth(  # type: ignore[overload-overlap]
    spot: float,
    volatility: float,
    norm: float = 1.0,
    *,
    years: float = SQUEETH_YEARS,
) -> PowerGreeks[float]: ...
@overload
def squeeth(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    volatility: Column,
    norm: Column = 1.0,
    *,
    years: Column = SQUEETH_YEARS,
) -> "PowerGreeks[pl.Series]": ...
@overload
def squeeth(
    spot: Column,
    volatility: Column,
    norm: Column = 1.0,
    *,
    years: Column = SQUEETH_YEARS,
) -> PowerGreeks[Floats]: ...
def squeeth(
    spot: Column,
    volatility: Column,
    norm: Column = 1.0,
    *,
    years: Column = SQUEETH_YEARS,
) -> "PowerGreeks[float] | PowerGreeks[Floats] | PowerGreeks[pl.Series]":
    r"""Return price and greeks of one squeeth token: :math:`\text{norm}\,S^2 e^{\sigma^2T}/10^4`.

    Its hedge is twice its worth in ether; its funding lowers the norm and is no cash flow of the
    holder, so ``funding_flow`` is what the token loses to it at first, quote a year.

    Examples
    --------
    >>> token = squeeth(3_000.0, 0.9, 0.8)
    >>> round(token.price, 2), round(token.hedge(-1.0), 4)
    (748.51, 0.499)

    References
    ----------
    Opyn (2022). Squeeth primer; squeeth-monorepo, Power2Base.
    """
    call = Call(
        rows.spot(spot),
        rows.volatility(volatility),
        rows.positive("norm", norm),
        period("years", years),
    )
    spots, volatilities, norms, periods = usable(call)
    none = np.zeros(call.size)
    one, two = none + 1.0, none + 2.0
    found = kernels.power_rows(kernels.DATED, spots, two, volatilities, periods, none, none, one)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        found *= norms / SQUEETH_SCALE
        found[4] = 0.0
        found[7] = found[0] * volatilities * volatilities
    refuse_overflow(call, found[0], two)
    return PowerGreeks(**answers(call, found, *kernels.QUANTITIES), rows=call.rows)


@overload
def squeeth_funding(  # type: ignore[overload-overlap]
    index: float,
    mark: float,
    norm: float,
    elapsed_years: float,
    *,
    years: float = SQUEETH_YEARS,
) -> SqueethFunding[float]: ...
@overload
def squeeth_funding(  # type: ignore[overload-overlap]
    index: "pl.Series",
    mark: Column,
    norm: Column,
    elapsed_years: Column,
    *,
    years: Column = SQUEETH_YEARS,
) -> "SqueethFunding[pl.Series]": ...
@overload
def squeeth_funding(
    index: Column,
    mark: Column,
    norm: Column,
    elapsed_years: Column,
    *,
    years: Column = SQUEETH_YEARS,
) -> SqueethFunding[Floats]: ...
def squeeth_funding(
    index: Column,
    mark: Column,
    norm: Column,
    elapsed_years: Column,
    *,
    years: Column = SQUEETH_YEARS,
) -> "SqueethFunding[float] | SqueethFunding[Floats] | SqueethFunding[pl.Series]":
    """Return the squeeth's norm after `elapsed_years` at one `index` and one `mark`.

    Parameters
    ----------
    index, mark
        Of ether squared, in the same unit; a mark beyond 0.8 or 1.4 indices counts as those.

    Examples
    --------
    >>> round(squeeth_funding(9e6, 9.45e6, 0.9, 1 / 365).norm, 6)
    0.897494

    References
    ----------
    Opyn, squeeth-monorepo, Controller and Power2Base.
    """
    call = Call(
        rows.positive("index", index),
        rows.positive("mark", mark),
        rows.positive("norm", norm),
        rows.not_negative("elapsed_years", elapsed_years),
        period("years", years),
    )
    indices, marks, norms, elapsed, periods = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        counted = np.clip(marks, LOWEST_MARK * indices, HIGHEST_MARK * indices)
        found = np.vstack((counted, norms * np.power(indices / counted, elapsed / periods)))
    return SqueethFunding(**answers(call, found, "clamped_mark", "norm"), rows=call.rows)


@overload
def squeeth_volatility(  # type: ignore[overload-overlap]
    index: float,
    mark: float,
    *,
    years: float = SQUEETH_YEARS,
) -> PowerVolatility[float]: ...
@overload
def squeeth_volatility(  # type: ignore[overload-overlap]
    index: "pl.Series",
    mark: Column,
    *,
    years: Column = SQUEETH_YEARS,
) -> "PowerVolatility[pl.Series]": ...
@overload
def squeeth_volatility(
    index: Column,
    mark: Column,
    *,
    years: Column = SQUEETH_YEARS,
) -> PowerVolatility[Floats]: ...
def squeeth_volatility(
    index: Column, mark: Column, *, years: Column = SQUEETH_YEARS
) -> "PowerVolatility[float] | PowerVolatility[Floats] | PowerVolatility[pl.Series]":
    r"""Return the volatility a squeeth's mark implies: :math:`\sqrt{\ln(\text{mark}/I)/T}`.

    Examples
    --------
    >>> round(squeeth_volatility(9e6, 9.45e6).volatility, 4)
    1.0088
    """
    call = Call(rows.positive("index", index), rows.positive("mark", mark), period("years", years))
    indices, marks, periods = usable(call)
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        growth = np.log(np.clip(marks, LOWEST_MARK * indices, HIGHEST_MARK * indices) / indices)
    mend = "only a mark above the index implies a volatility"
    refuse(call, growth <= 0.0, BELOW_INDEX, by=("mark", marks), mend=mend)
    with np.errstate(all="ignore"):
        found = np.sqrt(np.maximum(growth, 0.0) / periods)[np.newaxis]
    return PowerVolatility(**answers(call, found, "volatility"), rows=call.rows)
