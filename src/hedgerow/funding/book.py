"""One look at an order book, and what a large order would pay there."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hedgerow.errors import MarketDataError
from hedgerow.kernels.premium import impact_price
from hedgerow.units import Floats

Level = tuple[float, float]


class ImpactPrices(NamedTuple):
    """Average prices at which a notional sells and buys."""

    bid: float
    ask: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """Both sides of an order book, the best level first.

    Attributes
    ----------
    bid_prices, bid_sizes, ask_prices, ask_sizes
        Shape ``(levels,)``; sizes in base coin if linear, in quote if inverse.
    """

    bid_prices: Floats
    bid_sizes: Floats
    ask_prices: Floats
    ask_sizes: Floats

    @classmethod
    def of(cls, bids: Iterable[Level], asks: Iterable[Level]) -> "Book":
        """Return the book of these levels of price and size, checked.

        Raises
        ------
        MarketDataError
            If a side is empty or out of order, a number is not positive, or the sides cross.

        Examples
        --------
        >>> Book.of([(99.0, 2.0)], [(101.0, 1.0)]).best()
        (99.0, 101.0)
        """
        bid_prices, bid_sizes = _side("bids", bids, 1.0)
        ask_prices, ask_sizes = _side("asks", asks, -1.0)
        if bid_prices[0] >= ask_prices[0]:
            raise MarketDataError(
                f"the book crosses: best bid {bid_prices[0]:g}, best ask {ask_prices[0]:g}; "
                "its sides are not of one instant"
            )
        return cls(
            bid_prices=bid_prices, bid_sizes=bid_sizes, ask_prices=ask_prices, ask_sizes=ask_sizes
        )

    def best(self) -> tuple[float, float]:
        """Return the best bid and the best ask."""
        return float(self.bid_prices[0]), float(self.ask_prices[0])

    def impact_prices(self, notional: float, *, inverse: bool = False) -> ImpactPrices:
        """Return what selling and buying `notional` at once would get and pay on average.

        Parameters
        ----------
        notional
            Quote if linear, base coin if inverse.

        Raises
        ------
        MarketDataError
            If a side holds less than that.
        """
        if not notional > 0.0:
            raise MarketDataError(f"impact notional = {notional}: write an amount above zero")
        sides = (
            ("bids", self.bid_prices, self.bid_sizes),
            ("asks", self.ask_prices, self.ask_sizes),
        )
        found = []
        for name, prices, sizes in sides:
            price = impact_price(prices, sizes, notional, inverse)
            if math.isnan(price):
                depth = float(np.sum(sizes / prices if inverse else sizes * prices))
                raise MarketDataError(
                    f"the {name} are too thin: {prices.size} levels hold {depth:.10g} of the "
                    f"impact notional of {notional:.10g}; give more levels"
                )
            found.append(price)
        return ImpactPrices(*found)


def _side(name: str, levels: Iterable[Level], falling: float) -> tuple[Floats, Floats]:
    rows = np.array([tuple(level) for level in levels], dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != 2:
        raise MarketDataError(f"the {name} are empty or no pairs of price and size")
    prices, sizes = np.ascontiguousarray(rows[:, 0]), np.ascontiguousarray(rows[:, 1])
    if not (np.isfinite(rows).all() and (prices > 0.0).all() and (sizes >= 0.0).all()):
        raise MarketDataError(f"the {name} hold a price or a size that is not a positive number")
    if (falling * np.diff(prices) >= 0.0).any():
        raise MarketDataError(f"the {name} are out of order; the best level comes first")
    return prices, sizes
