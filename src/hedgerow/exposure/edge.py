"""What a short hedge in a perpetual is expected to earn beyond one in dated futures."""

import math
from typing import NamedTuple

import numpy as np

from hedgerow.errors import ConfigError
from hedgerow.exposure.line import NEVER
from hedgerow.exposure.view import MarketView
from hedgerow.market.instrument import parse_symbol
from hedgerow.pricing.carry_edge import between_expiries, carry_edge


class Edge(NamedTuple):
    """The edge of one perpetual until one expiry of its coin's forwards.

    Attributes
    ----------
    instrument, expiry
        The perpetual, and the forward's expiry, UTC nanoseconds.
    years, forward
        Until then, and the market's forward.
    implied, expected, edge
        The forward's carry, the funding expected on average until then, and the difference; a year.
    alone
        The edge between the expiry before and this one alone, a year: when it is earned.
    quote
        What the edge comes to until then on one coin, in quote.
    """

    instrument: str
    expiry: int
    years: float
    forward: float
    implied: float
    expected: float
    edge: float
    alone: float
    quote: float


def edges(market: MarketView, perpetual: str) -> tuple[Edge, ...]:
    """Return the edge of a perpetual over its coin's forwards, by expiry.

    None if the market has no funding of it, no spot, or no forward that is still to come.

    Raises
    ------
    ConfigError
        If `perpetual` is no perpetual's symbol.

    Examples
    --------
    >>> from datetime import UTC, date, datetime
    >>> market = MarketView(
    ...     time=datetime(2026, 1, 2, tzinfo=UTC),
    ...     spot={"BTC": 60_000.0},
    ...     forwards={"BTC": {date(2026, 3, 27): 60_500.0, date(2026, 6, 26): 61_500.0}},
    ...     funding={"BTC/USD:BTC": 0.10},
    ... )
    >>> [(round(one.implied, 4), round(one.edge, 4)) for one in edges(market, "BTC/USD:BTC")]
    [(0.0359, 0.0641), (0.0514, 0.0486)]
    """
    symbol = parse_symbol(perpetual)
    if symbol.is_spot:
        raise ConfigError(f"{perpetual}: write a perpetual, such as {symbol.base}/USDT:USDT")
    times, forwards = market.line_of(symbol.base)
    spot, ahead = market.spot_of(symbol.base), (times > market.now) & (times != NEVER)
    if math.isnan(market.funding_now(perpetual)) or not spot > 0.0 or not ahead.any():
        return ()
    years = market.years_to(times[ahead])
    expected = np.array([market.funding_until(perpetual, float(one)) for one in years])
    found = carry_edge(spot, forwards[ahead], years, expected)
    columns = (times[ahead], years, forwards[ahead], found.implied, expected, found.edge)
    alone = between_expiries(found).edge
    return tuple(
        Edge(perpetual, *row)
        for row in zip(*(each.tolist() for each in (*columns, alone, found.quote)), strict=True)
    )
