"""A child order: what was asked, what the venue said since, and what may still happen."""

from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from hedgerow.execution.order import OrderKind, OrderReport, OrderRequest, OrderStatus
from hedgerow.units import SECOND

ZERO: Final = Decimal(0)
TAKING: Final = frozenset({OrderKind.IMMEDIATE, OrderKind.MARKET})
GRACE: Final = SECOND  # trades often follow the report that counts them


def back_off(tries: int, first: int = SECOND, most: int = 30 * SECOND) -> int:
    """Return how long to wait after so many tries: 1, 2, 4 ... 30 s, nanoseconds.

    >>> [back_off(tries) // SECOND for tries in range(1, 8)]
    [1, 2, 4, 8, 16, 30, 30]
    """
    return min(first << min(max(tries - 1, 0), 16), most)


class Source(StrEnum):
    """Who says so."""

    VENUE = "venue"
    FAILURE = "failure"  # the request failed, for certain
    NEVER_SEEN = "never_seen"  # the venue does not know the order, asked twice


class Child(NamedTuple):
    """One order of an aim; a tuple, as it changes at every fact of it.

    Attributes
    ----------
    aim, number
        Which aim it serves, and which of its orders it is.
    sent
        When its intent was recorded, UTC nanoseconds.
    opening
        Whether it may add risk.
    pause
        How long the next one waits after this one ended, nanoseconds.
    status, filled, source
        The last that is known; None before the first word.
    traded, trades
        Sum of its trades, and their keys.
    unknown_since
        When its outcome became unknown; 0 where it is not.
    probes, probe_at, denied_at
        Questions asked, when the next is due, and when the venue first denied all knowledge.
    told
        Whether a person heard that it is missing.
    cancels, cancel_at
        Times it was cancelled, and when to try again.
    fetches, fetch_at
        Times its trades were asked for, and when to ask (again); 0 where all are known.
    ended
        When it ended.
    """

    request: OrderRequest
    leg: int
    aim: int
    number: int
    sent: int
    opening: bool
    pause: int = 0
    status: OrderStatus | None = None
    filled: Decimal = ZERO
    source: Source = Source.VENUE
    traded: Decimal = ZERO
    trades: tuple[str, ...] = ()
    unknown_since: int = 0
    probes: int = 0
    probe_at: int = 0
    denied_at: int = 0
    told: bool = False
    cancels: int = 0
    cancel_at: int = 0
    fetches: int = 0
    fetch_at: int = 0
    ended: int = 0

    @property
    def is_final(self) -> bool:
        """Whether the venue is done with it."""
        return self.status is not None and self.status.is_final

    @property
    def is_settled(self) -> bool:
        """Whether it ended and all its trades are known."""
        return self.is_final and self.filled <= self.traded

    @property
    def is_unresolved(self) -> bool:
        """Whether it may or may not exist."""
        return self.status is None and self.unknown_since > 0

    @property
    def takes(self) -> bool:
        """Whether it takes and never rests."""
        return self.request.kind in TAKING

    @property
    def untold(self) -> Decimal:
        """What traded for certain, in trades that nobody told us; > 0."""
        return max(self.filled - self.traded, ZERO)

    @property
    def rest(self) -> Decimal:
        """What may still trade beyond `untold`; >= 0."""
        if self.is_final:
            return ZERO
        return max(self.request.amount - max(self.filled, self.traded), ZERO)

    @property
    def pending(self) -> Decimal:
        """What may still change the position, signed."""
        return self.request.side.sign * (self.rest + self.untold)


def reported(child: Child, report: OrderReport, source: Source, now: int) -> Child | None:
    """Return a child after a report; None where it says nothing new.

    A status never goes back; but one that we only concluded (`Source`) gives way to the venue.
    """
    filled = max(child.filled, report.filled, child.traded)
    status: OrderStatus = report.status
    concluded = child.is_final and child.source is not Source.VENUE
    if child.is_final and not (concluded and source is Source.VENUE):
        status, source = child.status or status, child.source
    elif status is OrderStatus.FILLED:
        filled = max(filled, child.request.amount) if report.filled == ZERO else filled
    if (status, filled, source) == (child.status, child.filled, child.source) and (
        child.unknown_since == 0
    ):
        return None
    ended = (child.ended or now) if status.is_final else 0
    fetches, fetch_at = _follow(child, filled, child.traded, now)
    return child._replace(
        status=status,
        filled=filled,
        source=source,
        unknown_since=0,
        denied_at=0,
        ended=ended,
        fetches=fetches,
        fetch_at=fetch_at,
    )


def traded(child: Child, key: str, amount: Decimal, now: int) -> Child:
    """Return a child after one trade of it."""
    total = child.traded + amount
    status = child.status or OrderStatus.OPEN
    if total >= child.request.amount and not child.is_final:
        status = OrderStatus.FILLED
    filled = max(child.filled, total)
    fetches, fetch_at = _follow(child, filled, total, now)
    return child._replace(
        traded=total,
        trades=(*child.trades, key),
        status=status,
        filled=filled,
        unknown_since=0,
        denied_at=0,
        ended=(child.ended or now) if status.is_final else 0,
        fetches=fetches,
        fetch_at=fetch_at,
    )


def _follow(child: Child, filled: Decimal, told: Decimal, now: int) -> tuple[int, int]:
    """Return how often a child's trades were asked for, and when to ask (again)."""
    if filled <= told:
        return (0, 0) if child.fetch_at else (child.fetches, 0)
    return child.fetches, child.fetch_at or now + GRACE
