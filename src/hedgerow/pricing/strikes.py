"""The strike at which an option has a wanted delta, Black's or the premium-adjusted one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, cast, overload

import numpy as np

from hedgerow.kernels.coin_option import DELTA, DELTA_NET, coin_option_rows
from hedgerow.pricing import rows as given
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values
from hedgerow.units import Floats

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

HALVINGS = 64
WIDE = 39.0  # standard deviations: beyond, a delta is 0 or 1 in doubles
OUT_OF_REACH = "no strike has this delta"


@dataclass(frozen=True, slots=True, eq=False)
class Strikes(Generic[Values]):
    """Strikes, each a number or a column.

    Attributes
    ----------
    strike
        Quote per base; NaN in a bad row.
    rows
        Which rows are valid, and what is wrong with the others.
    """

    strike: Values
    rows: Rows


@overload
def strike_of_delta(  # type: ignore[overload-overlap]
    delta: float,
    forward: float,
    volatility: float,
    years: float,
    kind: str | float = "call",
    *,
    premium_adjusted: bool = False,
) -> Strikes[float]: ...
@overload
def strike_of_delta(  # type: ignore[overload-overlap]
    delta: "pl.Series",
    forward: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    premium_adjusted: bool = False,
) -> "Strikes[pl.Series]": ...
@overload
def strike_of_delta(
    delta: Column,
    forward: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    premium_adjusted: bool = False,
) -> Strikes[Floats]: ...
def strike_of_delta(
    delta: Column,
    forward: Column,
    volatility: Column,
    years: Column,
    kind: Kind = "call",
    *,
    premium_adjusted: bool = False,
) -> "Strikes[float] | Strikes[Floats] | Strikes[pl.Series]":
    r"""Return strikes at which undiscounted options have the wanted deltas.

    Parameters
    ----------
    delta
        Above 0 for a call and below 0 for a put.
    forward, volatility, years, kind
        As in `options.black76`, with a volatility above 0.
    premium_adjusted
        Whether :math:`\phi (K/F) N(\phi d_2)` is meant. A call's rises with the strike before it
        falls: of its two strikes the larger is returned, which is the one out of the money.

    Examples
    --------
    >>> round(strike_of_delta(0.25, 60_000.0, 0.6, 30 / 365).strike, 1)
    68385.5
    """
    call = Call(
        given.finite("delta", delta, "a call's delta lies between 0 and 1"),
        given.forward(forward),
        given.positive("volatility", volatility, "write 0.6 for 60 % a year", 1e4),
        given.years(years),
        given.option_sign(kind),
    )
    wanted, at, sigma, time, sign = call.full()
    with np.errstate(all="ignore"):  # of rows that are bad already
        deviation = sigma * np.sqrt(time)
    place = np.array([DELTA_NET if premium_adjusted else DELTA], dtype=np.int64)

    def strike_at(shift: Floats) -> Floats:
        return at * np.exp(np.clip(shift * deviation, -230.0, 230.0))

    def delta_at(shift: Floats) -> Floats:
        found = np.empty((1, call.size))
        coin_option_rows((at, strike_at(shift), sigma, time, sign), place, found)
        return found.reshape(call.size)

    low = np.full(call.size, -WIDE) - deviation
    high = np.full(call.size, WIDE) + deviation
    with np.errstate(all="ignore"):
        if premium_adjusted:
            rising = sign > 0.0
            peak = _halve(low, high, lambda shift: _still_rises(shift, deviation))
            low = np.where(rising, peak, low)
        top, bottom = delta_at(low), delta_at(high)
        reached = (wanted <= top) & (wanted >= bottom) & (wanted * sign > 0.0)
        found = strike_at(_halve(low, high, lambda shift: delta_at(shift) > wanted))
    shown = f"delta = {float(wanted[0]):g}" if call.size else ""
    call.also(~reached & call.rows.valid.ravel(), OUT_OF_REACH, shown)
    call.void(found)
    call.void_overflow(found)
    return Strikes(cast("Floats", call.answer("strike", found)), call.rows)


def _still_rises(shift: Floats, deviation: Floats) -> "np.typing.NDArray[np.bool_]":
    """Return where a call's premium-adjusted delta rises with the strike: N(d2) > n(d2) / s."""
    second = -shift - 0.5 * deviation
    chance = np.empty((1, second.size))
    ones = np.ones(1)
    # N(d2) as the net delta of an option of total volatility 1 over its strike.
    strike = np.exp(np.clip(-second - 0.5, -230.0, 230.0))
    coin_option_rows((ones, strike, ones, ones, ones), np.array([DELTA_NET]), chance)
    density = np.exp(-0.5 * second**2) / np.sqrt(2.0 * np.pi)
    return cast("np.typing.NDArray[np.bool_]", chance[0] / strike > density / deviation)


def _halve(
    low: Floats, high: Floats, is_left: "Callable[[Floats], np.typing.NDArray[np.bool_]]"
) -> Floats:
    """Return where `is_left` turns from true to false, by halving the bracket."""
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        left = is_left(middle)
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    return 0.5 * (low + high)
