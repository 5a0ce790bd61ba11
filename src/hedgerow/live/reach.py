"""Which venues can be reached, by what becomes of the calls to them."""

from collections.abc import Iterable, Iterator
from typing import Final

from hedgerow.execution.order import AccountSnapshot
from hedgerow.execution.port import Failure
from hedgerow.live.signals import CallFailed, Checked, Fetched, Signal
from hedgerow.units import SECOND

ENOUGH: Final = 3  # calls in a row that must fail before a venue counts as away
AGAIN: Final = 10 * SECOND  # between two questions to a venue that did not answer the last one
_AWAY: Final = frozenset({Failure.UNREACHABLE, Failure.UNKNOWN, Failure.GARBLED})


class Reach:
    """Counts calls that failed in a row; the first answer that comes ends the count."""

    __slots__ = ("_asked", "_failed")

    def __init__(self, venues: Iterable[str]) -> None:
        self._failed = dict.fromkeys(venues, 0)
        self._asked = dict.fromkeys(self._failed, 0)

    def observe(self, signal: Signal) -> None:
        """Take in an answer, or that there is none."""
        match signal:
            case CallFailed(failure=failure, venue=venue) if failure in _AWAY:
                if venue in self._failed:
                    self._failed[venue] += 1
            case AccountSnapshot(venue=venue) | Fetched(venue=venue):
                self._failed[venue] = 0
            case Checked(facts=facts):
                self._failed[facts.venue] = 0

    def is_away(self, venue: str) -> bool:
        """Return whether a venue has not answered for several calls."""
        return self._failed[venue] >= ENOUGH

    def doubted(self, now: int) -> Iterator[str]:
        """Yield the venues to ask again: they did not answer the last time."""
        for venue, failed in self._failed.items():
            if failed and now - self._asked[venue] >= AGAIN:
                self._asked[venue] = now
                yield venue
