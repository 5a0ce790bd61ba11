"""A made-up market: a seeded walk of one coin, with a basis that comes back and funding on it."""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Final

from hedgerow.execution.order import Listing
from hedgerow.execution.port import QuoteReport
from hedgerow.units import HOUR, YEAR

PULL: Final = 1.0 / 3600.0  # of the basis back to its middle, per second
BASE_RATE: Final = 0.0001  # per eight hours: the interest part of funding


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How a made-up market behaves.

    Attributes
    ----------
    volatility
        Of the index, yearly.
    basis
        Standard deviation of the mark from the index, fraction of price.
    half_spread
        Fraction of price.
    size
        Middle size of the best prices, quote.
    jumps_a_day, jump
        How often the price jumps, and the standard deviation of a jump.
    interval_hours
        Of funding.
    """

    volatility: float = 0.6
    basis: float = 0.0005
    half_spread: float = 0.0001
    size: float = 2_000_000.0
    jumps_a_day: float = 0.0
    jump: float = 0.02
    interval_hours: float = 8.0


@dataclass(slots=True)
class Walk:
    """The price of one coin, from quote to quote; the same seed gives the same prices."""

    price: float
    weather: Weather
    random: Random
    time: int
    basis: float = field(init=False, default=0.0)

    def step(self, now: int) -> None:
        """Let the index and the basis move until now."""
        passed = max(now - self.time, 0)
        self.time = max(now, self.time)
        weather, years, seconds = self.weather, passed / YEAR, passed / 1e9
        if passed == 0:
            return
        moved = weather.volatility * math.sqrt(years) * self.random.gauss(0.0, 1.0)
        moved -= 0.5 * weather.volatility**2 * years
        if self.random.random() < weather.jumps_a_day * seconds / 86_400.0:
            moved += weather.jump * self.random.gauss(0.0, 1.0)
        self.price *= math.exp(moved)
        kept = math.exp(-PULL * seconds)
        shock = weather.basis * math.sqrt(1.0 - kept * kept)
        self.basis = self.basis * kept + shock * self.random.gauss(0.0, 1.0)

    def quote(self, listing: Listing) -> QuoteReport:
        """Return what a venue shows of a contract on the coin now; spot has no basis."""
        weather, now = self.weather, self.time
        mark = self.price * (1.0 + (0.0 if listing.spot else self.basis))
        tick = float(listing.tick)
        bid = math.floor(mark * (1.0 - weather.half_spread) / tick) * tick
        ask = max(math.ceil(mark * (1.0 + weather.half_spread) / tick) * tick, bid + tick)
        bid_size, ask_size = (self._size(listing, mark) for _ in range(2))
        funding = interval = settlement = None
        if not listing.spot:
            interval = weather.interval_hours
            step = round(interval * HOUR)
            settlement = (now // step + 1) * step
            funding = round(BASE_RATE * interval / 8.0 + self.basis, 8)
        return QuoteReport(
            venue=listing.venue,
            symbol=listing.symbol,
            time=now,
            received=now,
            bid=_shown(bid, listing.tick),
            ask=_shown(ask, listing.tick),
            bid_size=bid_size,
            ask_size=ask_size,
            last=_shown(bid if self.random.random() < 0.5 else ask, listing.tick),
            mark=mark,
            index=self.price,
            funding=funding,
            interval_hours=interval,
            settlement=settlement,
        )

    def _size(self, listing: Listing, mark: float) -> float:
        worth = self.weather.size * self.random.lognormvariate(0.0, 0.5)
        size = worth if listing.inverse else worth / mark
        lot = float(listing.lot)
        return max(round(size / lot), 1) * lot


def _shown(price: float, tick: Decimal) -> float:
    """Return a price without the crumbs of its multiplication by the tick."""
    places = -int(tick.normalize().as_tuple().exponent)
    return round(price, max(places, 0))
