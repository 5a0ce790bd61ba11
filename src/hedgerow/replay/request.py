"""What a world is asked for: which markets, over which span, with what allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from hedgerow.errors import SpanError
from hedgerow.units import DAY, HOUR, MINUTE, iso, nanoseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A window in which a venue takes no orders, or fills them late; the rest goes on.

    `start` and `end` are UTC nanoseconds; `late` orders wait for the end, others are refused.
    """

    venue: str
    start: int
    end: int
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketLeg:
    """What one hedging leg trades, and which price its funding multiplies.

    `listed` is None where unknown; `funding_price` is ``"mark"``, ``"index"`` or ``"oracle"``.
    `ranking` is how the venue orders its queue of deleveraging, ``"none"`` where it has none;
    `hedged` the coins that the leg covers at the start, `backing` what is behind them, by asset.
    """

    venue: str
    instrument: str
    listed: date | None
    interval_hours: int
    funding_price: str = "mark"
    ranking: str = "profit_leverage"
    hedged: float = 0.0
    backing: Mapping[str, float] = field(default_factory=dict)


class Place(NamedTuple):
    """A recorded market: where, and which."""

    venue: str
    symbol: str


def stand_in(text: str, venue: str) -> Place:
    """Return the market that a proxy names: a symbol at `venue`, or ``venue:symbol``.

    >>> stand_in("binance:BTC/USDT:USDT", "okx"), stand_in("BTC/USDT:USDT", "okx")
    (Place(venue='binance', symbol='BTC/USDT:USDT'), Place(venue='okx', symbol='BTC/USDT:USDT'))
    """
    head, colon, rest = text.partition(":")
    if colon and "/" not in head:
        return Place(head, rest)
    return Place(venue, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowEvent:
    """A change of the holding from outside at an instant, in units of the asset."""

    time: int
    asset: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The span, in whole UTC days, both included, and what the run may put up with.

    Attributes
    ----------
    step
        Bar length, nanoseconds.
    proxies
        Recorded market, ``symbol`` or ``venue:symbol``, that stands in for an instrument's own.
    allow_gaps
        Whether settlements may be missing (they are counted, never made up).
    needs_volume
        Whether the costs read bar volume.
    """

    start: date
    end: date
    step: int
    legs: tuple[MarketLeg, ...]
    assets: tuple[str, ...]
    cash: frozenset[str]
    numeraire_coin: str | None
    flows: tuple[FlowEvent, ...] = ()
    outages: tuple[Outage, ...] = ()
    proxies: Mapping[str, str] = field(default_factory=dict)
    allow_gaps: bool = False
    needs_volume: bool = False

    @property
    def first(self) -> int:
        """The open of the first bar."""
        return _midnight(self.start)

    @property
    def last(self) -> int:
        """The close of the last bar."""
        return _midnight(self.end) + DAY

    @property
    def steps(self) -> int:
        """Number of bars.

        Raises
        ------
        SpanError
            If the span is empty, or the bar does not divide a day.
        """
        if self.end < self.start:
            raise SpanError(f"the span ends on {self.end}, before it starts on {self.start}")
        if self.step <= 0 or DAY % self.step:
            raise SpanError(f"bars of {step_name(self.step)} do not divide a day")
        return (self.last - self.first) // self.step

    def recorded_as(self, leg: MarketLeg) -> Place:
        """Return whose prices a leg goes by."""
        named = self.proxies.get(leg.instrument)
        own = Place(leg.venue, leg.instrument)
        return own if named is None else stand_in(named, leg.venue)

    def describe(self) -> str:
        """Return the span in words."""
        return f"{iso(self.first)} to {iso(self.last)}"


def _midnight(day: date) -> int:
    return nanoseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def step_name(step: int) -> str:
    """Return a bar length as people write it.

    >>> step_name(8 * HOUR), step_name(15 * MINUTE), step_name(DAY)
    ('8h', '15m', '1d')
    """
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if step % unit == 0:
            return f"{step // unit}{letter}"
    return f"{step / 1e9:g}s"


def parse_step(text: str) -> int:
    """Return the length of a bar written as ``15m``, ``1h``, ``8h`` or ``1d``.

    >>> parse_step("8h") == 8 * HOUR
    True
    """
    units = {"m": MINUTE, "h": HOUR, "d": DAY}
    number, letter = text[:-1], text[-1:]
    if letter not in units or not number.isdigit() or int(number) == 0:
        raise SpanError(f"bar = {text!r}: write a number and m, h or d, such as 15m, 1h, 8h")
    return int(number) * units[letter]
