"""Where a paper venue's quotes come from when no venue is asked: made up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from random import Random

from hedgerow.errors import UnknownName
from hedgerow.execution.order import Listing
from hedgerow.execution.port import FeedReport, QuoteReport, StreamReport
from hedgerow.live.paper.walk import Walk, Weather
from hedgerow.market.instrument import parse_symbol


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
