"""What a simulated desk hears of its venues, and what goes wrong on the way."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from hedgerow.execution.order import Listing
from hedgerow.execution.port import Feed, FeedReport, PrivateReport, QuoteReport
from hedgerow.live.chaos.faults import Fault, Faults
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.trouble import Trouble
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.paper.walk import Walk
from hedgerow.units import SECOND

TRAVEL = SECOND // 20  # of a message that nothing happens to


class WalkFeed:
    """What a venue answers who asks for a price; its stream is the world's own affair."""

    def __init__(
        self,
        venue: str,
        listings: Iterable[Listing],
        walk_of: Callable[[str], Walk],
        now: Callable[[], int],
    ) -> None:
        self.venue = venue
        self._listings = {one.symbol: one for one in listings if one.venue == venue}
        self._walk_of = walk_of
        self._now = now

    async def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        """Yield a quote of each symbol, once."""
        for symbol in symbols:
            yield await self.quote(symbol)

    async def quote(self, symbol: str) -> QuoteReport:
        """Return a quote of now."""
        walk = self._walk_of(symbol)
        walk.step(self._now())
        return walk.quote(self._listings[symbol])

    async def close(self) -> None:
        """Nothing is held."""


class LoudVenue(PaperVenue):
    """A paper venue whose reports go to a simulated stream instead of queues."""

    def __init__(
        self,
        exchange: PaperExchange,
        source: Feed,
        now: Callable[[], int],
        tell: Callable[[str, PrivateReport], None],
    ) -> None:
        super().__init__(exchange, source, now)
        self._tell = tell

    def send(self, report: PrivateReport, owner: str) -> None:
        """Give a report to the stream of an account."""
        self._tell(owner, report)


@dataclass(slots=True)
class Streams:
    """Carries quotes and reports to the desk; `deaf` names accounts and feeds that are silent."""

    clock: VirtualClock
    faults: Faults
    process: Process
    trouble: Trouble
    deaf: set[str] = field(default_factory=set)
    _gaps: dict[str, int] = field(default_factory=dict)  # messages that will be lost, by account

    def quote(self, quote: QuoteReport) -> None:
        """Carry a quote."""
        if feed_of(quote.venue) in self.deaf:
            return
        quote = self.trouble.stamped(quote)
        match self.faults.quote():
            case None:
                self.process.hear(quote)
            case Fault.LATE_QUOTE:
                self._late(quote, self.faults.between(0.5, 30.0))
            case Fault.DOUBLE_QUOTE:
                self.process.hear(quote)
                self._late(quote, self.faults.between(0.0, 5.0))
            case _:
                return

    def report(self, account: str, report: PrivateReport) -> None:
        """Carry a message of an account's stream, to this life of the desk only."""
        if account in self.deaf or not self.process.is_up:
            return
        if self._gaps.get(account, 0) > 0:
            self._gaps[account] -= 1
            return
        hear = self.process.hearer()
        delays = [TRAVEL]
        match self.faults.message():
            case None:
                pass
            case Fault.LATE_MESSAGE:
                delays = [self.faults.between(1.0, 60.0)]
            case Fault.SWAPPED_MESSAGE:
                delays = [self.faults.between(0.06, 2.0)]
            case Fault.DOUBLE_MESSAGE:
                delays = [TRAVEL, TRAVEL + self.faults.between(0.0, 20.0)]
            case Fault.SEQUENCE_GAP:
                self._gaps[account] = self.faults.random.randrange(2, 10)
                delays = []
            case _:
                delays = []
        for delay in delays:
            self.clock.after(delay, lambda: hear(report))

    def _late(self, quote: QuoteReport, delay: int) -> None:
        hear = self.process.hearer()
        late = replace(quote, received=quote.received + delay)
        self.clock.after(delay, lambda: hear(late))


def feed_of(venue: str) -> str:
    """Return the name of a venue's public stream."""
    return f"quotes {venue}"
