"""A whole desk on paper at recorded books, on a virtual clock."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

from hedgerow.execution.port import FeedReport, QuoteReport, Unreachable
from hedgerow.live.drill.stage import Stage, Task
from hedgerow.live.signals import Clock
from hedgerow.units import SECOND


class ShownFeed:
    """What a recorded venue answers who asks for a price: the last book that it showed."""

    def __init__(self, venue: str, shown: Mapping[tuple[str, str], QuoteReport]) -> None:
        self.venue = venue
        self._shown = shown

    async def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        """Yield the last book of each symbol, once: the stream is the stage's own affair."""
        for symbol in symbols:
            yield await self.quote(symbol)

    async def quote(self, symbol: str) -> QuoteReport:
        """Return the last book; raises `Unreachable` where the record has shown none yet."""
        found = self._shown.get((self.venue, symbol))
        if found is None:
            raise Unreachable(f"{self.venue}: the record has shown no book of {symbol} yet")
        return found

    async def close(self) -> None:
        """Nothing is held."""


class BookStage(Stage):
    """One desk and its venues, whose books are those that were recorded, each at its time.

    Parameters
    ----------
    task
        It starts where the record does.
    quotes
        By rising time; a venue hears each before the desk does.
    """

    def __init__(self, task: Task, quotes: Iterable[QuoteReport]) -> None:
        self.heard = 0
        self._quotes: Iterator[QuoteReport] = iter(quotes)
        self._over = False
        self._shown: dict[tuple[str, str], QuoteReport] = {}
        super().__init__(task)
        for name, venue in self.venues.items():
            venue.source = ShownFeed(name, self._shown)
        self._plan()

    def live_through(self) -> None:
        """Live until the record ends."""
        self.start()
        while not self._over:
            self.clock.step()

    def _plan(self) -> None:
        """Wait for the next book."""
        quote = next(self._quotes, None)
        if quote is None:
            self._over = True
            return
        self.clock.at(quote.time, lambda: self._show(quote))

    def _show(self, quote: QuoteReport) -> None:
        self.heard += 1
        self._shown[quote.venue, quote.symbol] = quote
        self.venues[quote.venue].hear(quote)
        self.hear(quote)
        self._plan()

    def _second(self) -> None:
        """One second of venues and desk; prices move only by the record."""
        for venue in self.venues.values():
            venue.advance()
        self.hear(Clock(time=self.now))
        self.clock.after(SECOND, self._second)
