r"""The last minutes: an option that settles on an average loses its delta while it is taken.

An option that pays on the average :math:`A` of the price over its last `window` is, once part
:math:`e` of the window has passed with the average :math:`\bar A` so far, :math:`1 - e` options on
the average of the rest with the strike :math:`(K - e \bar A) / (1 - e)`. The rest's average is
taken as lognormal with its own second moment

.. math::
    M = \frac{2 (e^{x} - 1 - x)}{x^2}, \qquad x = \sigma^2 \tau,

so that a fixing of 30 minutes has a third of the variance that its end would have.

References
----------
Turnbull, S. M. and Wakeman, L. M. (1991). A quick algorithm for pricing European average options.
Journal of Financial and Quantitative Analysis 26, 377-389.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, overload

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.black76 import DELTA, GAMMA, PRICE, VEGA, black76_rows
from hedgerow.pricing import rows as given
from hedgerow.pricing.answers import answers, usable
from hedgerow.pricing.rows import Call, Column, Kind, Rows, Values
from hedgerow.units import YEAR, Floats

if TYPE_CHECKING:
    import polars as pl

WINDOW: Final = 1800.0  # seconds: the average of the index that Deribit delivers at
SECONDS: Final = YEAR / 1e9
MISSING: Final = "average is missing, and the window has begun"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowGreeks(Generic[Values]):
    """An option on the average over its last minutes; each a number or a column.

    Attributes
    ----------
    price, delta, gamma, vega
        Of the worth in quote, by the price now.
    open_part
        What part of the window is still to come, 1 before it begins: no delta exceeds it.
    rows
        Which rows are valid, and what is wrong with the others.
    """

    price: Values
    delta: Values
    gamma: Values
    vega: Values
    open_part: Values
    rows: Rows


@overload
def settlement_window(  # type: ignore[overload-overlap]
    spot: float,
    strike: float,
    volatility: float,
    seconds: float,
    kind: str | float = "call",
    *,
    average: float | None = None,
    window: float = WINDOW,
) -> WindowGreeks[float]: ...
@overload
def settlement_window(  # type: ignore[overload-overlap]
    spot: "pl.Series",
    strike: Column,
    volatility: Column,
    seconds: Column,
    kind: Kind = "call",
    *,
    average: "Column | None" = None,
    window: float = WINDOW,
) -> "WindowGreeks[pl.Series]": ...
@overload
def settlement_window(
    spot: Column,
    strike: Column,
    volatility: Column,
    seconds: Column,
    kind: Kind = "call",
    *,
    average: "Column | None" = None,
    window: float = WINDOW,
) -> WindowGreeks[Floats]: ...
def settlement_window(
    spot: Column,
    strike: Column,
    volatility: Column,
    seconds: Column,
    kind: Kind = "call",
    *,
    average: "Column | None" = None,
    window: float = WINDOW,
) -> "WindowGreeks[float] | WindowGreeks[Floats] | WindowGreeks[pl.Series]":
    """Return worth and sensitivities of options that settle on an average.

    Parameters
    ----------
    spot
        The index now, quote per base.
    strike, volatility, kind
        As in `options.black76`.
    seconds
        To expiry, above 0.
    average
        Of the index since the window began; needed, and looked at, only inside it.
    window
        Seconds of the average, up to expiry.

    Examples
    --------
    >>> half_way = settlement_window(60_000.0, 60_000.0, 0.6, 900.0, average=60_000.0)
    >>> round(half_way.delta, 3), half_way.open_part
    (0.25, 0.5)
    """
    if not 0.0 < window < np.inf:
        raise ConfigError(f"window = {window:g}: the average is taken over some seconds, above 0")
    call = Call(
        given.spot(spot),
        given.strike(strike),
        given.volatility(volatility),
        given.positive("seconds", seconds, "an option that lives has time left"),
        given.option_sign(kind),
        *([] if average is None else [given.positive("average", average)]),
    )
    columns = usable(call)
    at, level, sigma, left, sign = columns[:5]
    inside = left < window
    if average is None:
        call.also(
            inside & call.rows.valid.ravel(), MISSING, f"seconds = {left[0]:g}" if left.size else ""
        )
    so_far = columns[5] if average is not None else at
    with np.errstate(all="ignore"):  # a row that no double can hold is marked by `answers`
        out = _rows(at, level, sigma, left, sign, np.where(inside, so_far, at), window)
    return WindowGreeks(
        **answers(call, out, "price", "delta", "gamma", "vega", "open_part"), rows=call.rows
    )


def _rows(
    at: Floats,
    level: Floats,
    sigma: Floats,
    left: Floats,
    sign: Floats,
    so_far: Floats,
    window: float,
) -> Floats:
    """Return price, delta, gamma, vega and the open part, ``(5, n)``."""
    part = np.minimum(left / window, 1.0)
    strike = (level - (1.0 - part) * so_far) / part
    total = _deviation(sigma, left, window)
    step = 1e-5 * np.maximum(sigma, 1e-6)
    by_sigma = (_deviation(sigma + step, left, window) - total) / step
    # One year of `total`: black76 needs a volatility, and only their product counts.
    open_ended = strike > 0.0
    found = np.empty((4, at.size))
    wanted = np.array([PRICE, DELTA, GAMMA, VEGA], dtype=np.int64)
    ones, zeros = np.ones(at.size), np.zeros(1)
    black76_rows((at, np.where(open_ended, strike, 1.0), total, ones, sign, zeros), wanted, found)
    # What is already averaged alone exceeds the strike: a call is a forward, a put is nothing.
    is_call = sign > 0.0
    sure = np.array([np.where(is_call, at - strike, 0.0), np.where(is_call, 1.0, 0.0)])
    price = np.where(open_ended, found[0], sure[0])
    delta = np.where(open_ended, found[1], sure[1])
    gamma = np.where(open_ended, found[2], 0.0)
    vega = np.where(open_ended, found[3] * by_sigma, 0.0)
    return np.array([part * price, part * delta, part * gamma, part * vega, part])


def _deviation(sigma: Floats, left: Floats, window: float) -> Floats:
    """Return the total volatility of the average of what is left of the window."""
    rest = np.minimum(left, window) / SECONDS
    before = np.maximum(left - window, 0.0) / SECONDS
    x = sigma * sigma * rest
    # (2 (e^x - 1 - x) / x^2 - 1) without the loss of digits at small x.
    series = x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        direct = 2.0 * (np.expm1(x) - x) / (x * x) - 1.0
    more = np.where(x < 0.05, series, direct)
    return np.asarray(np.sqrt(sigma * sigma * before + np.log1p(more)), np.float64)
