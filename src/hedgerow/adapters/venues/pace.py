"""Requests to a venue go out by one budget for all who ask: closing orders first."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from hedgerow.adapters.venues.loader import error_kind
from hedgerow.execution.budget import Priority, RateBudget
from hedgerow.units import SECOND

LONGEST: Final = 5.0  # seconds that an order waits for its turn; then it was not sent
AT_LEISURE: Final = 15.0  # and that a look does
PRIORITY: ContextVar[Priority] = ContextVar("PRIORITY", default=Priority.LOOK)


@contextmanager
def going_as(priority: Priority) -> Iterator[None]:
    """Let the requests of a block go with this priority."""
    token = PRIORITY.set(priority)
    try:
        yield
    finally:
        PRIORITY.reset(token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The turns of one connection to a venue; the budget is that of all connections.

    Attributes
    ----------
    budget
        Weights are those of ccxt.
    now
        Nanoseconds.
    """

    budget: RateBudget
    venue: str
    now: Callable[[], int] = time.monotonic_ns

    async def turn(self, weight: float) -> None:
        """Wait until a request may go out; raise ccxt's own error where that takes too long."""
        priority = PRIORITY.get()
        longest = AT_LEISURE if priority is Priority.LOOK else LONGEST
        end = self.now() + round(longest * SECOND)
        while wait := self.budget.ask(self.venue, weight, priority, self.now()):
            if self.now() + wait > end:
                raise _too_many(self.venue, wait / SECOND)
            await asyncio.sleep(wait / SECOND)

    def banned(self, seconds: float) -> None:
        """Take in that the venue asked for patience."""
        self.budget.banned(self.venue, self.now() + round(seconds * SECOND))


def _too_many(venue: str, seconds: float) -> Exception:
    error: Any = error_kind("RateLimitExceeded")(
        f"{venue}: not sent: the budget of requests is spent for {seconds:.1f} s"
    )
    error.status, error.headers, error.sent = 0, {"Retry-After": f"{seconds:.3f}"}, False
    found: Exception = error
    return found
