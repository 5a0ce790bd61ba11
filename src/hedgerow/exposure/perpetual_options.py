"""What has no expiry and is no future: everlasting options, power perpetuals and pools."""

from typing import Final

import numpy as np

from hedgerow.exposure.columns import Group
from hedgerow.exposure.futures import NO_SPOT
from hedgerow.exposure.line import Kind
from hedgerow.exposure.valued import Place, Valued, checked, empty
from hedgerow.kernels import everlasting as everlasting_kernels
from hedgerow.kernels import pool as pool_kernels
from hedgerow.kernels import power_perpetual as power_kernels
from hedgerow.kernels.book_lines import held_rows
from hedgerow.pricing.everlasting import TOO_SLOW
from hedgerow.pricing.power import RUNAWAY
from hedgerow.pricing.rows import Reason, Rows
from hedgerow.units import YEAR, Floats

NO_VOLATILITY: Final = "volatility is missing"
LONGEST: Final = 100.0 * YEAR  # period whose volatility is asked for
MOST: Final = float(np.finfo(np.float64).max)

_HELD: Final = ("price", "delta", "gamma", "vega", "theta", "vanna", "volga", "funding_flow")
_FROM_EVERLASTING: Final = np.array(
    [everlasting_kernels.QUANTITIES.index(name) for name in _HELD], dtype=np.int64
)


def value_everlasting(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what everlasting options are worth and how that moves."""
    spot = place.spot(group)
    sigma = volatilities(group, place)
    found = everlasting_prices(group, place, spot, sigma)
    return _held(group, found, cells, spot, sigma, TOO_SLOW)


def volatilities(group: Group, place: Place) -> Floats:
    """Return the volatility of each row: of a smile, that after one period of its funding."""
    period = np.clip(group["period"] * YEAR, 1.0, LONGEST).astype(np.int64)
    strike = place.spot(group) if group.kind is Kind.POWER else group["strike"]
    return place.volatilities(group, strike, place.view.now + period)


def everlasting_prices(group: Group, place: Place, spot: Floats, sigma: Floats) -> Floats:
    """Return price, seven sensitivities and funding of everlasting options, ``(8, rows)``."""
    money = np.full(spot.size, place.view.rate or 0.0)
    coin = coin_rates(group, place)
    found = np.full((len(_HELD), spot.size), np.nan)
    can = (spot > 0.0) & (sigma > 0.0)
    for financed in (0.0, 1.0):
        # Funding holds a price only where it is quicker than what the payoff grows by.
        quick = 1.0 / group["period"] + financed * money > np.maximum(money - coin, 0.0)
        here = can & (group["paid"] == financed) & quick
        if here.any():
            columns = (spot, group["strike"], sigma, group["period"], group["sign"], money, coin)
            if not here.all():
                columns = tuple(one[here] for one in columns)
            rows = everlasting_kernels.everlasting_rows(financed, *columns)[_FROM_EVERLASTING]
            if here.all():
                return rows
            found[:, here] = rows
    return found


def value_powers(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what power perpetuals are worth and how that moves."""
    spot = place.spot(group)
    sigma = volatilities(group, place)
    return _held(group, power_prices(group, place, spot, sigma), cells, spot, sigma, RUNAWAY)


def power_prices(group: Group, place: Place, spot: Floats, sigma: Floats) -> Floats:
    """Return price, seven sensitivities and funding of power perpetuals, ``(8, rows)``."""
    paid = group["paid"] > 0.0
    rate, coin = place.view.rate or 0.0, coin_rates(group, place)
    # What is margined is not discounted: the spot's growth is all that is left of the rates.
    money = np.where(paid, rate, 0.0)
    coin = np.where(paid, coin, coin - rate)
    columns = (spot, group["power"], sigma, group["period"], money, coin)
    found = power_kernels.power_rows(power_kernels.CONTINUOUS, *columns, np.ones(spot.size))
    found[:, ~(np.isfinite(found).all(axis=0) & (found[0] > 0.0))] = np.nan
    return found


def value_pools(group: Group, place: Place, cells: Floats) -> Valued:
    """Return what liquidity is worth and how that moves."""
    spot = place.spot(group)
    found = np.zeros((len(_HELD), spot.size))
    found[:3] = pool_values(group, spot)
    found[-1] = -group["rate"] * found[0]
    table = empty(group)
    none = np.zeros(spot.size)
    bad = held_rows(group.segments, (none + 1.0, none + 1.0, none), found, table, cells)
    rows = Rows(spot.shape)
    if bad:
        rows = checked(spot.size, (np.isnan(spot), NO_SPOT), (np.isnan(found[0]), Reason.OVERFLOW))
    return Valued(group=group, table=table, rows=rows)


def pool_values(group: Group, spot: Floats) -> Floats:
    """Return worth, delta and gamma of liquidity, ``(3, rows)``."""
    high = np.minimum(group["high"], MOST)
    none = np.zeros(spot.size)
    found = pool_kernels.pool_rows(spot, group["low"], high, group["size"], none)
    return np.asarray(found[2:5], dtype=np.float64)


def coin_rates(group: Group, place: Place) -> Floats:
    """Return the rate of each row's coin."""
    rates = [place.view.coin_rates.get(coin, 0.0) for coin in place.underlyings]
    return np.array(rates, dtype=np.float64)[group.codes]


def worth_of(group: Group, price: Floats, mark: Floats) -> Floats:
    """Return the worth of positions at `price`: of those not paid for, the gain since entry.

    `mark` stands for an entry that is not known.
    """
    entry = np.where(np.isnan(group["entry"]), mark, group["entry"])
    return group["size"] * np.where(group["paid"] > 0.0, price, price - entry)


def _held(
    group: Group, found: Floats, cells: Floats, spot: Floats, sigma: Floats, reason: str
) -> Valued:
    table = empty(group)
    columns = (group["size"], group["paid"], group["entry"])
    bad = held_rows(group.segments, columns, found, table, cells)
    rows = Rows((spot.size,))
    if bad:
        rows = checked(
            spot.size,
            (np.isnan(spot), NO_SPOT),
            (np.isnan(sigma), NO_VOLATILITY),
            (np.isnan(found[0]), reason),
        )
    return Valued(group=group, table=table, rows=rows)
