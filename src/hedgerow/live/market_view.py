"""From quotes as they come to the bars that the engine lives by: open, range, close."""

import math
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from hedgerow.engine.events import MarketClosed, MarketOpened, MarketRanged, Quote
from hedgerow.engine.terms import Terms
from hedgerow.execution.order import Listing
from hedgerow.execution.port import QuoteReport
from hedgerow.market.instrument import MONEY
from hedgerow.units import DAY, YEAR

TINY: Final = 1e-9  # of a price, where the spread is nothing


class Seen(NamedTuple):
    """The last numbers of one leg; a number that a quote lacks keeps its last value and age."""

    bid: float
    ask: float
    mark: float
    index_price: float
    last: float
    funding: float
    interval: float
    settlement: int
    touch_time: int  # when we received the best prices, the mark, the index and the rate
    mark_time: int
    index_time: int
    funding_time: int
    before_settlement: float | None = None  # what was predicted last for the settlement before
    depth: float = 0.0  # the smaller of the best sizes, unit of the lot; 0 where nobody says

    @property
    def liquidity(self) -> float:
        """How easily it trades: what lies at the best prices, over the spread."""
        spread = max(self.ask - self.bid, 0.0) / self.mark if self.mark else 0.0
        return (self.depth or 1.0) / (spread + TINY)


@dataclass(slots=True)
class _Leg:
    seen: Seen | None = None
    waiting: QuoteReport | None = None  # newer than `seen`
    high: float = -math.inf
    low: float = math.inf
    variance: float = 0.0  # a year
    before: float = 0.0  # mark at the last close
    before_time: int = 0
    lender: "_Leg | None" = None  # whose prices stand in while it has shown none


@dataclass(slots=True)
class MarketView:
    """What is known of the markets of all legs, and bars of those that the terms know.

    Volatility is the root of an exponential average of squared returns with a half-life of one
    day, by the time that passed, as cadences differ.
    """

    terms: Terms
    listings: tuple[Listing, ...]
    pegs: dict[str, float] = field(default_factory=dict)  # dollars for a unit of other money
    _legs: list[_Leg] = field(init=False)
    _places: dict[tuple[str, str], list[int]] = field(init=False)
    _quotes: tuple[str, ...] = field(init=False)  # what each leg's price is in

    def __post_init__(self) -> None:
        pairs = (listing.symbol.partition(":")[0] for listing in self.listings)
        self._quotes = tuple(pair.partition("/")[2] for pair in pairs)
        self._legs = [_Leg() for _ in self.listings]
        self._places = {}
        for number, listing in enumerate(self.listings):
            self._places.setdefault((listing.venue, listing.symbol), []).append(number)

    def take(self, quote: QuoteReport) -> None:
        """Take in a quote; symbols of no leg are passed over."""
        mark, high, low = quote.mark, quote.high, quote.low
        for number in self._places.get((quote.venue, quote.symbol), ()):
            leg = self._legs[number]
            before = leg.waiting
            if before is not None and not _renews(quote, before):
                _merge(leg, before)
            leg.waiting = quote
            if mark is not None:
                if mark > leg.high:  # noqa: PLR1730 - a call takes as long as all of this
                    leg.high = mark
                if mark < leg.low:  # noqa: PLR1730
                    leg.low = mark
            if high is not None and high > leg.high:
                leg.high = high
            if low is not None and low < leg.low:
                leg.low = low

    def legs_of(self, venue: str, symbol: str) -> tuple[int, ...]:
        """Return the legs that a symbol of a venue is."""
        return tuple(self._places.get((venue, symbol), ()))

    def seen(self, leg: int) -> Seen | None:
        """Return the last numbers of a leg, None before the first."""
        return _seen(self._legs[leg])

    @property
    def complete(self) -> bool:
        """Whether every leg has a mark and an index."""
        for leg in self._legs:
            seen = _shown(leg)
            if seen is None or seen.mark <= 0.0 or seen.index_price <= 0.0:
                return False
        return True

    def lend(self, leg: int, lender: int) -> None:
        """Let a leg go by the prices of another one of its asset until it shows some of its own."""
        self._legs[leg].lender = self._legs[lender]

    def opened(self, time: int) -> MarketOpened:
        """Return the open of the next bar, which begins anew."""
        for leg in self._legs:
            mark = _known(leg).mark
            leg.high = leg.low = mark
        return MarketOpened(
            time=time,
            index=tuple(_known(leg).index_price for leg in self._own()),
            mark=tuple(_known(leg).mark for leg in self._own()),
            worth=self.worth(),
        )

    def ranged(self, time: int) -> MarketRanged:
        """Return how far the marks went since the open."""
        return MarketRanged(
            time=time,
            high=tuple(leg.high for leg in self._own()),
            low=tuple(leg.low for leg in self._own()),
        )

    def closed(self, time: int) -> MarketClosed:
        """Return the close at `time`."""
        quotes = []
        for leg in self._own():
            seen = _known(leg)
            _learn(leg, seen.mark, time)
            quotes.append(
                Quote(
                    mark=seen.mark,
                    index_price=seen.index_price,
                    volatility=math.sqrt(leg.variance),
                    funding=seen.funding,
                    interval=seen.interval,
                )
            )
        return MarketClosed(time=time, quotes=tuple(quotes), worth=self.worth())

    def dollars(self, asset: str) -> float:
        """Return what one unit of an asset is worth in dollars: money is one, or its peg."""
        if asset in MONEY:
            return self.pegs.get(asset, 1.0)
        for number, (leg, seen) in enumerate(zip(self.terms.legs, self._own(), strict=True)):
            if leg.asset == asset:
                return _known(seen).index_price * self.pegs.get(self._quotes[number], 1.0)
        return math.nan

    def worth(self) -> tuple[float, ...]:
        """Return the worth of one unit of each asset in numeraire: money is a dollar or its peg."""
        dollars = {asset: self.dollars(asset) for asset in self.terms.assets}
        coin = self.terms.numeraire_coin
        unit = 1.0 if coin is None else dollars[coin]
        return tuple(1.0 if asset == coin else dollars[asset] / unit for asset in self.terms.assets)

    def _own(self) -> list[_Leg]:
        """Return the legs of the terms: those that follow are spot."""
        return self._legs[: len(self.terms.legs)]


def _seen(leg: _Leg) -> Seen | None:
    """Return the last numbers of a leg; the newest quote is merged when somebody asks."""
    if leg.waiting is not None:
        _merge(leg, leg.waiting)
        leg.waiting = None
    return leg.seen


def _merge(leg: _Leg, quote: QuoteReport) -> None:
    leg.seen = seen = _merged(leg.seen, quote)
    leg.high = max(leg.high, seen.mark)
    leg.low = min(leg.low, seen.mark)


def _shown(leg: _Leg) -> Seen | None:
    seen = _seen(leg)
    return _seen(leg.lender) if seen is None and leg.lender is not None else seen


def _known(leg: _Leg) -> Seen:
    seen = _shown(leg)
    if seen is None:
        raise LookupError  # asked before `complete`: a defect of the caller
    return seen


def _renews(new: QuoteReport, old: QuoteReport) -> bool:
    """Whether a quote with all prices says anew the rest that another one said: that is done."""
    return (
        new.bid is not None
        and new.ask is not None
        and new.mark is not None
        and new.index is not None
        and (new.funding is not None or old.funding is None)
        and (new.last is not None or old.last is None)
        and new.settlement == old.settlement
        and new.interval_hours == old.interval_hours
    )


def _merged(before: Seen | None, quote: QuoteReport) -> Seen:
    old = before or Seen(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0)
    touched = quote.bid is not None and quote.ask is not None
    bid, ask = (quote.bid or 0.0, quote.ask or 0.0) if touched else (old.bid, old.ask)
    middle = (bid + ask) / 2.0
    mark = quote.mark if quote.mark is not None else (old.mark if old.mark_time else middle)
    index = old.index_price if old.index_time else mark  # spot has neither mark nor index
    sized = touched and quote.bid_size is not None and quote.ask_size is not None
    depth = min(quote.bid_size or 0.0, quote.ask_size or 0.0) if sized else 0.0
    due = quote.settlement
    passed = due is not None and 0 < old.settlement < due
    return Seen(
        before_settlement=old.funding if passed else old.before_settlement,
        depth=depth if touched else old.depth,
        bid=bid,
        ask=ask,
        mark=mark,
        index_price=quote.index if quote.index is not None else index,
        last=quote.last if quote.last is not None else old.last,
        funding=quote.funding if quote.funding is not None else old.funding,
        interval=quote.interval_hours if quote.interval_hours is not None else old.interval,
        settlement=quote.settlement if quote.settlement is not None else old.settlement,
        touch_time=quote.received if touched else old.touch_time,
        mark_time=quote.received if quote.mark is not None else old.mark_time,
        index_time=quote.received if quote.index is not None else old.index_time,
        funding_time=quote.received if quote.funding is not None else old.funding_time,
    )


def _learn(leg: _Leg, mark: float, time: int) -> None:
    if leg.before > 0.0 and time > leg.before_time:
        passed = time - leg.before_time
        keep = math.exp2(-passed / DAY)
        square = math.log(mark / leg.before) ** 2 * (YEAR / passed)
        leg.variance = square if leg.variance == 0.0 else keep * leg.variance + (1 - keep) * square
    leg.before, leg.before_time = mark, time
