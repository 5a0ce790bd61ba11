"""Questions about the past to one venue: patient, without holes of our own making."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from hedgerow.adapters.pull.missing import Span, grid
from hedgerow.adapters.pull.reach import Reach, reach_of
from hedgerow.adapters.pull.wire_rows import MILLISECOND
from hedgerow.adapters.series_key import SeriesKey, step_text
from hedgerow.adapters.venues.connection import Connection
from hedgerow.errors import ConfigError
from hedgerow.execution.port import RateLimited, Refused, VenueError
from hedgerow.units import MINUTE

T = TypeVar("T")

TRIES: Final = 4
FIRST_PAUSE: Final = 1.0  # seconds, doubled each time
LONGEST_PAUSE: Final = 60.0
METHODS: Final = {
    "trade": "fetchOHLCV",
    "mark": "fetchMarkOHLCV",
    "index": "fetchIndexOHLCV",
    "funding": "fetchFundingRateHistory",
}


class Asker:
    """The past of one venue.

    Parameters
    ----------
    pause
        How to wait, in seconds.
    """

    def __init__(
        self, connection: Connection, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._connection = connection
        self._pause = pause
        self.reach: Reach = reach_of(connection.venue)

    def can(self, kind: str) -> bool:
        """Whether the venue tells the history of this kind of series."""
        return bool(self._connection.exchange.has.get(METHODS[kind]))

    def check_step(self, step: int) -> None:
        """Raise `ConfigError` unless the venue has bars of this length."""
        text, known = step_text(step), self._connection.exchange.timeframes or {}
        if text not in known:
            raise ConfigError(
                f"--bar {text}: {self._connection.venue} has no such bars; give one of "
                f"{', '.join(known)}"
            )

    async def now(self) -> int:
        """Return the time, the venue's or ours, whichever is earlier; UTC nanoseconds."""
        ours = self._connection.now()
        exchange = self._connection.exchange
        if not exchange.has.get("fetchTime"):
            return ours
        theirs = await self._patiently("the time", exchange.fetch_time)
        return min(ours, int(theirs) * MILLISECOND)

    async def bars(self, key: SeriesKey, span: Span) -> list[Any]:
        """Return the rows of a span that one request can hold."""
        opens = grid(span, key.step)
        if not opens.size:
            return []
        first, last = int(opens[0]) // MILLISECOND, int(opens[-1]) // MILLISECOND
        # One more than the last, for venues to which the end of a span is beyond it.
        more = {"until": last + 1} | ({} if key.kind == "trade" else {"price": key.kind})
        return await self._patiently(
            str(key),
            lambda: self._connection.exchange.fetch_ohlcv(
                key.symbol, step_text(key.step), first, opens.size, dict(more)
            ),
        )

    async def settlements(self, key: SeriesKey, span: Span) -> list[Any]:
        """Return the rows of a span; one that fills a reply is asked for in halves."""
        limit, start = self.reach.settlements, span.start // MILLISECOND
        more = {self.reach.end: span.end // MILLISECOND + 1}
        rows = await self._patiently(
            str(key),
            lambda: self._connection.exchange.fetch_funding_rate_history(
                key.symbol, start, limit, dict(more)
            ),
        )
        if len(rows) < limit or span.end - span.start < MINUTE:
            return list(rows)
        middle = (span.start + span.end) // 2
        early = await self.settlements(key, Span(start=span.start, end=middle))
        late = await self.settlements(key, Span(start=middle + 1, end=span.end))
        return early + late

    async def _patiently(self, what: str, question: Callable[[], Awaitable[T]]) -> T:
        """Ask again where nothing but the way was at fault; reading changes nothing."""
        pause = FIRST_PAUSE
        for attempt in range(1, TRIES + 1):
            try:
                return await self._connection.ask(what, question)
            except VenueError as error:
                lasting = isinstance(error, Refused) and not isinstance(error, RateLimited)
                if lasting or attempt == TRIES:
                    raise
                wait = error.retry_after if isinstance(error, RateLimited) else pause
            await self._pause(min(max(wait, pause), LONGEST_PAUSE))
            pause *= 2
        raise AssertionError(what)
