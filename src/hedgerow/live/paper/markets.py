"""Where a paper venue's quotes come from when no venue is asked: made up, or recorded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from hedgerow.errors import UnknownName
from hedgerow.execution.order import Listing
from hedgerow.execution.port import FeedReport, QuoteReport, StreamReport
from hedgerow.live.paper.walk import Walk, Weather
from hedgerow.market.instrument import parse_symbol
from hedgerow.units import SECOND


class PaperClock:
    """Time that may run faster than the wall's.

    Parameters
    ----------
    read
        Returns UTC nanoseconds, such as ``time.time_ns``.
    speed
        How many seconds pass in one.
    """

    def __init__(self, read: Callable[[], int], speed: float = 1.0) -> None:
        self._read = read
        self._start = self._base = read()
        self.speed = speed

    def now(self) -> int:
        """Return the time, UTC nanoseconds."""
        return self._base + round((self._read() - self._start) * self.speed)

    def not_before(self, time: int) -> None:
        """Go on from `time` where the clock is behind it: an earlier run went faster."""
        behind = time - self.now()
        if behind > 0:
            self._base += behind

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        await asyncio.sleep(seconds / self.speed)


class GeneratedFeed:
    """Quotes of a made-up market; one seed, one sequence of moves.

    Parameters
    ----------
    venue
        Whose quotes they are.
    listings
        What is quoted.
    prices
        Of each coin at the start; contracts on one coin share its walk.
    clock
        Gives the quotes their time.
    seed
        Of the walk.
    seconds
        Between two quotes of a symbol, of the clock.
    """

    def __init__(
        self,
        venue: str,
        listings: Iterable[Listing],
        prices: Mapping[str, float],
        clock: PaperClock,
        *,
        seed: int,
        weather: Weather | None = None,
        seconds: float = 1.0,
    ) -> None:
        self.venue = venue
        self._listings = {listing.symbol: listing for listing in listings if listing.venue == venue}
        self._clock = clock
        self._seconds = seconds
        now = clock.now()
        self._walks = {
            coin: Walk(price, weather or Weather(), Random(f"{seed} {venue} {coin}"), now)  # noqa: S311 - no secret
            for coin, price in sorted(prices.items())
        }

    async def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        """Yield a quote of each symbol, again and again."""
        now = self._clock.now()
        yield StreamReport(venue=self.venue, stream="quotes", alive=True, time=now)
        while True:
            for symbol in symbols:
                yield self._quote(symbol)
            await self._clock.sleep(self._seconds)

    async def quote(self, symbol: str) -> QuoteReport:
        """Return a quote of now."""
        return self._quote(symbol)

    async def close(self) -> None:
        """Nothing is held."""

    def _quote(self, symbol: str) -> QuoteReport:
        if symbol not in self._listings:
            raise UnknownName("symbol", symbol, sorted(self._listings), where=self.venue)
        walk = self._walks[parse_symbol(symbol).base]
        walk.step(self._clock.now())
        return walk.quote(self._listings[symbol])


class RecordedBar(NamedTuple):
    """One bar of one symbol; prices are quote per base, times UTC nanoseconds.

    `high` and `low` are of the mark; `funding` is due at `settlement`.
    """

    symbol: str
    open_time: int
    close_time: int
    open: float
    close: float
    mark: float  # at the close
    high: float
    low: float
    index_price: float  # at the close
    funding: float | None = None
    interval_hours: float | None = None
    settlement: int | None = None


class RecordedFeed:
    """Quotes out of recorded bars: one at each open, one at each close.

    Parameters
    ----------
    venue
        Whose they are.
    bars
        By rising opening time.
    half_spread
        Assumed about the recorded prices, fraction of price.
    until
        Waits until an instant, UTC nanoseconds: the clock of whoever replays.
    """

    def __init__(
        self,
        venue: str,
        bars: Iterable[RecordedBar],
        until: Callable[[int], Awaitable[None]],
        half_spread: float = 0.0001,
    ) -> None:
        self.venue = venue
        self._bars = bars
        self._until = until
        self._half_spread = half_spread
        self._last: dict[str, QuoteReport] = {}

    async def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        """Yield the quotes of these symbols until the bars end."""
        wanted = set(symbols)
        for bar in self._bars:
            if bar.symbol not in wanted:
                continue
            for quote in (self._opened(bar), self._closed(bar)):
                await self._until(quote.time)
                self._last[bar.symbol] = quote
                yield quote

    async def quote(self, symbol: str) -> QuoteReport:
        """Return the last quote that was given out."""
        if symbol not in self._last:
            raise UnknownName("symbol", symbol, sorted(self._last), where=self.venue)
        return self._last[symbol]

    async def close(self) -> None:
        """Nothing is held."""

    def _opened(self, bar: RecordedBar) -> QuoteReport:
        return QuoteReport(
            venue=self.venue,
            symbol=bar.symbol,
            time=bar.open_time,
            received=bar.open_time,
            bid=bar.open * (1.0 - self._half_spread),
            ask=bar.open * (1.0 + self._half_spread),
            last=bar.open,
            funding=bar.funding,
            interval_hours=bar.interval_hours,
            settlement=bar.settlement,
            mark=bar.open,
        )

    def _closed(self, bar: RecordedBar) -> QuoteReport:
        time = max(bar.close_time - SECOND, bar.open_time)
        return QuoteReport(
            venue=self.venue,
            symbol=bar.symbol,
            time=time,
            received=time,
            bid=bar.close * (1.0 - self._half_spread),
            ask=bar.close * (1.0 + self._half_spread),
            last=bar.close,
            mark=bar.mark,
            index=bar.index_price,
            high=bar.high,
            low=bar.low,
            funding=bar.funding,
            interval_hours=bar.interval_hours,
            settlement=bar.settlement,
        )
