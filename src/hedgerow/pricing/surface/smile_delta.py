r"""Deltas of an option on a smile: what is held fixed while the price moves.

With the strike's volatility fixed the delta is Black's. A smile that moves along with the forward
changes the strike's volatility by :math:`-\sigma'(k)/F`, one that local volatility would give by
about :math:`+\sigma'(k)/F` (twice the skew, less the once of the strike's own).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, overload

import numpy as np

from hedgerow.kernels.coin_option import DELTA, PRICE_COIN, VEGA, coin_option_rows
from hedgerow.pricing import rows as given
from hedgerow.pricing.answers import answers, usable
from hedgerow.pricing.reading import numbers_of
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values
from hedgerow.units import Floats

if TYPE_CHECKING:
    import polars as pl

    from hedgerow.pricing.surface.surface import Moment, Moments, Surface


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SmileDeltas(Generic[Values]):
    """Deltas in coin for one coin of option; each a number or a column.

    Attributes
    ----------
    sticky_strike
        The strike keeps its volatility: Black's delta.
    sticky_moneyness
        The smile moves along with the forward.
    sticky_local_volatility
        The smile moves against it, as a local volatility has it to first order.
    net_sticky_strike, net_sticky_moneyness, net_sticky_local_volatility
        The same less the premium in coin: for an account that is counted in coin.
    rows
        Which rows are valid, and what is wrong with the others.
    """

    sticky_strike: Values
    sticky_moneyness: Values
    sticky_local_volatility: Values
    net_sticky_strike: Values
    net_sticky_moneyness: Values
    net_sticky_local_volatility: Values
    rows: Rows


@overload
def smile_deltas(  # type: ignore[overload-overlap]
    forward: float,
    strike: float,
    volatility: float,
    years: float,
    kind: str | float = "call",
    *,
    slope: float,
) -> SmileDeltas[float]: ...
@overload
def smile_deltas(  # type: ignore[overload-overlap]
    forward: "pl.Series",
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    slope: Column,
) -> "SmileDeltas[pl.Series]": ...
@overload
def smile_deltas(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    slope: Column,
) -> SmileDeltas[Floats]: ...
def smile_deltas(
    forward: Column,
    strike: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    slope: Column,
) -> "SmileDeltas[float] | SmileDeltas[Floats] | SmileDeltas[pl.Series]":
    r"""Return an option's deltas under three rules for its smile.

    .. math::
        \Delta_{strike} = \Delta, \qquad
        \Delta_{moneyness} = \Delta - \mathcal V \sigma'(k) / F, \qquad
        \Delta_{local} \approx \Delta + \mathcal V \sigma'(k) / F

    Parameters
    ----------
    forward, strike, volatility, years, kind
        As in `options.black76`.
    slope
        Derivative of volatility by :math:`k = \ln(K/F)` at the strike.

    Examples
    --------
    >>> found = smile_deltas(60_000.0, 66_000.0, 0.6, 30 / 365, slope=-0.2)
    >>> round(found.sticky_strike, 4), round(found.sticky_moneyness, 4)
    (0.3199, 0.3404)

    References
    ----------
    Derman, E. (1999). Regimes of volatility. Risk, April 1999, 55-59.
    """
    call = Call(
        given.forward(forward),
        given.strike(strike),
        given.volatility(volatility),
        given.years(years),
        given.option_sign(kind),
        given.finite("slope", slope),
    )
    *columns, bend = usable(call)
    black = np.empty((3, call.size))
    wanted = np.array([DELTA, VEGA, PRICE_COIN], dtype=np.int64)
    coin_option_rows(tuple(columns), wanted, black)
    delta, vega, premium = black
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        moved = vega * bend / columns[0]
        sorts = np.array([delta, delta - moved, delta + moved])
        table = np.vstack((sorts, sorts - premium))
    names = ("sticky_strike", "sticky_moneyness", "sticky_local_volatility")
    found = answers(call, table, *names, *(f"net_{name}" for name in names))
    return SmileDeltas(**found, rows=call.rows)


def surface_deltas(
    surface: "Surface", strike: Column, expiry: "Moment | Moments", kind: Kind = "call"
) -> "SmileDeltas[float] | SmileDeltas[Floats] | SmileDeltas[pl.Series]":
    """Return the deltas of options on a surface's own forward, volatility and slope."""
    at = numbers_of("strike", strike)
    known = np.where((at > 0.0) & (at < np.inf), at, 1.0)  # the others are named below
    return smile_deltas(
        surface.forward(expiry),
        strike,
        surface.volatility(known, expiry),
        surface.years(expiry),
        kind,
        slope=surface.slope(known, expiry),
    )
