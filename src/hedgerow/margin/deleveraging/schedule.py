"""The hedge that is taken away: auto-deleveraging of the own position in a crash."""

import math
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.kernels.deleveraging import crash_levels
from hedgerow.margin.deleveraging.crowd import Crash, Crowd, Own, expected_taking
from hedgerow.units import HOUR, Floats, Times

MOST_HOURS: Final = 87_600.0  # ten years


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleveragingRule:
    """When a venue takes a winning position away, how much of it, and at which price.

    Attributes
    ----------
    side
        The own position's: a ``"short"`` is taken in falls, a ``"long"`` in rises.
    fall
        How far the market must fall (rise) to set it off, as a fraction.
    window_hours
        Within how many hours.
    share
        Part of the position that is taken each time, in (0, 1]; None asks the `crowd` and the
        depth of the fall.
    price
        ``"bankruptcy"``: that of the positions that are taken over. With a given `share` it is
        the level that set the crash off. ``"mark"``: the bar's close.
    own
        How the own position stands in the queue; only without a given `share`. A replay that is
        not told takes it from the account: what it hedges over what backs it at the start.
    crowd
        Everybody else; only without a given `share`.
    """

    side: Literal["short", "long"] = "short"
    fall: float = 0.15
    window_hours: float = 24.0
    share: float | None = None
    price: Literal["bankruptcy", "mark"] = "bankruptcy"
    own: Own | None = None
    crowd: Crowd = field(default_factory=Crowd)

    def __post_init__(self) -> None:
        if self.side not in {"short", "long"}:
            raise ConfigError(f"deleveraging: side = {self.side!r}: write 'short' or 'long'")
        if self.price not in {"bankruptcy", "mark"}:
            raise ConfigError(f"deleveraging: price = {self.price!r}: 'bankruptcy' or 'mark'")
        if not 0.0 < self.fall < 1.0:
            raise ConfigError(
                f"deleveraging: fall = {self.fall}: a fraction between 0 and 1, e.g. 0.15"
            )
        if not 0.0 < self.window_hours <= MOST_HOURS:
            raise ConfigError(
                f"deleveraging: window_hours = {self.window_hours}: it must be above 0, at most "
                f"{MOST_HOURS:g}"
            )
        if self.share is not None and not 0.0 < self.share <= 1.0:
            raise ConfigError(
                f"deleveraging: share = {self.share}: a fraction in (0, 1]; leave it out to have "
                "it estimated"
            )


def deleveraging_schedule(
    times: Times, highs: Floats, lows: Floats, closes: Floats, rule: DeleveragingRule
) -> tuple[Floats, Floats]:
    """Return for each bar the part of the own position that is taken, and at which price.

    Bar t knows prices up to its own close and nothing later. A crash is counted once: after it the
    search begins anew at the close of its bar.

    Parameters
    ----------
    times
        Opening instants of the bars, UTC nanoseconds, rising, ``(bars,)`` as all arrays.
    highs, lows, closes
        Mark prices, NaN where a bar is missing.

    Returns
    -------
    tuple
        Share in [0, 1], 0 in calm bars; price, NaN where nothing is taken.

    Examples
    --------
    >>> times = np.arange(4, dtype=np.int64) * HOUR
    >>> closes = np.array([100.0, 99.0, 80.0, 82.0])
    >>> rule = DeleveragingRule(fall=0.15, share=0.25)
    >>> share, price = deleveraging_schedule(times, closes + 1.0, closes - 1.0, closes, rule)
    >>> share.tolist(), float(round(price[2], 2))
    ([0.0, 0.0, 0.25, 0.0], 85.85)
    """
    falling = rule.side == "short"
    window = round(rule.window_hours * HOUR)
    start, level = crash_levels((times, highs, lows, closes), rule.fall, window, falling)
    share = np.zeros(times.shape[0])
    price = np.full(times.shape[0], np.nan)
    for bar in np.flatnonzero(~np.isnan(level)).tolist():
        part, at = rule.share, float(level[bar])
        if part is None:
            extreme = lows[bar] if falling else highs[bar]
            crash = Crash(float(start[bar]), float(extreme))
            part, at, *_ = expected_taking(crash, rule.own or Own(), rule.crowd)
        if part > 0.0:
            share[bar] = part
            price[bar] = at if rule.price == "bankruptcy" else closes[bar]
    return share, price


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehedge:
    """What it takes to have the hedge back.

    Attributes
    ----------
    cost
        Fee, half spread and impact of the new position, as a fraction of its notional.
    naked_hours
        How long the exposure stands without it.
    volatility
        Of the asset in that time, annualised.
    """

    cost: float
    naked_hours: float
    volatility: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleveragingCost:
    """What being deleveraged costs, in quote currency; costs are > 0.

    Attributes
    ----------
    forced
        ``quantity * (deleveraging price - market)`` for a short, the opposite for a long: what is
        lost against closing at the market.
    rehedge
        Fee, spread and impact of opening the position again.
    naked
        One standard deviation of what the bare exposure may gain or lose meanwhile. A risk, not
        an expected cost, so it is not in the total.
    """

    forced: float
    rehedge: float
    naked: float

    @property
    def total(self) -> float:
        """Forced close and new hedge together."""
        return self.forced + self.rehedge


def deleveraging_cost(
    quantity: float, price: float, market: float, rehedge: Rehedge
) -> DeleveragingCost:
    """Return what it costs when `quantity` of the hedge is taken at `price`.

    Parameters
    ----------
    quantity
        What is taken, base coin, signed as the position: a short's is < 0.
    price, market
        Deleveraging price, and the price at which the position could have been closed or can be
        opened again; quote per base.

    Examples
    --------
    >>> back = Rehedge(cost=0.0006, naked_hours=1.0, volatility=1.2)
    >>> cost = deleveraging_cost(-2.0, 90.0, 85.0, back)
    >>> cost.forced, round(cost.rehedge, 4), round(cost.naked, 2)
    (10.0, 0.102, 2.18)
    """
    worth = abs(quantity) * market
    years = rehedge.naked_hours / (24.0 * 365.0)
    return DeleveragingCost(
        forced=quantity * (market - price),
        rehedge=worth * rehedge.cost,
        naked=worth * rehedge.volatility * math.sqrt(years),
    )
