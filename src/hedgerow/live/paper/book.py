"""The best prices of one contract, how much is offered there, and what we took of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

from hedgerow.execution.order import Side
from hedgerow.execution.port import QuoteReport

ENDLESS: Final = Decimal("1e18")


class Level(NamedTuple):
    """So much may be traded at a price."""

    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """What is assumed of a book where only its best prices are known.

    Attributes
    ----------
    refill
        Part of what we took that is there again with the next quote at the same price; a better
        or a worse price is always a fresh one.
    levels, step
        How many levels of the size of the first one lie behind it, and how far apart they are,
        fraction of price.
    """

    refill: float = 1.0
    levels: int = 10
    step: float = 0.0001


@dataclass(slots=True)
class Book:
    """What a venue last showed of one contract; sizes in the unit of its lot.

    Without a mark the middle is taken for it, without an index the mark.
    """

    tick: Decimal
    lot: Decimal
    depth: Depth = field(default_factory=Depth)
    bid: Decimal | None = None
    ask: Decimal | None = None
    mark: float = 0.0
    index: float = 0.0
    last: float | None = None
    time: int = 0
    _sizes: list[float | None] = field(default_factory=lambda: [None, None])
    _taken: list[Decimal] = field(default_factory=lambda: [Decimal(0), Decimal(0)])
    _fresh_last: bool = False

    @property
    def is_open(self) -> bool:
        """Whether both sides are known."""
        return self.bid is not None and self.ask is not None

    @property
    def middle(self) -> float:
        """Between the best prices; the mark where they are not known."""
        if self.bid is None or self.ask is None:
            return self.mark
        return 0.5 * (float(self.bid) + float(self.ask))

    def update(self, quote: QuoteReport) -> None:
        """Take in what the venue shows now; what it does not say stays."""
        self.time = quote.time
        bid = self.bid if quote.bid is None else self._on_tick(quote.bid, ROUND_FLOOR)
        ask = self.ask if quote.ask is None else self._on_tick(quote.ask, ROUND_CEILING)
        self._refill(0, moved=ask != self.ask)
        self._refill(1, moved=bid != self.bid)
        self.bid, self.ask = bid, ask
        self._sizes = [quote.ask_size, quote.bid_size]
        self._fresh_last = quote.last is not None and quote.last != self.last
        self.last = self.last if quote.last is None else quote.last
        if quote.mark is not None:
            self.mark = quote.mark
        elif self.mark == 0.0 or (quote.bid is not None and quote.ask is not None):
            self.mark = self.middle
        if quote.index is not None:
            self.index = quote.index
        elif self.index == 0.0 or quote.mark is None:
            self.index = self.mark

    def opposite(self, side: Side) -> Decimal | None:
        """Return the best price that an order of this side would take."""
        return self.ask if side is Side.BUY else self.bid

    def takes(self, side: Side, price: Decimal) -> bool:
        """Return whether an order at this price would trade at once."""
        best = self.opposite(side)
        return best is not None and (price >= best if side is Side.BUY else price <= best)

    def trades_through(self, side: Side, price: Decimal) -> bool:
        """Return whether the market has come to an order that rests at this price.

        Either the other side is there now, or somebody has just traded beyond it.
        """
        if self.takes(side, price):
            return True
        if not self._fresh_last or self.last is None:
            return False
        return self.last < price if side is Side.BUY else self.last > price

    def levels(self, side: Side, limit: Decimal) -> Iterator[Level]:
        """Yield what an order of this side can take up to its limit, best first."""
        best = self.opposite(side)
        if best is None:
            return
        number = 0 if side is Side.BUY else 1
        shown = self._sizes[number]
        if shown is None:
            if self.takes(side, limit):
                yield Level(best, ENDLESS)
            return
        size = (Decimal(repr(shown)) / self.lot).to_integral_value(ROUND_FLOOR) * self.lot
        gone = self._taken[number]
        for step in range(self.depth.levels):
            price = best if step == 0 else self._away(side, best, step)
            if price > limit if side is Side.BUY else price < limit:
                return
            left = max(size - gone, Decimal(0))
            gone = max(gone - size, Decimal(0))
            if left > 0:
                yield Level(price, left)

    def take(self, side: Side, amount: Decimal) -> None:
        """Remember that so much was taken; the next quote refills it."""
        self._taken[0 if side is Side.BUY else 1] += amount

    def offered(self, side: Side) -> Decimal:
        """Return how much a resting order of this side may trade against now."""
        number = 0 if side is Side.BUY else 1
        shown = self._sizes[number]
        if shown is None:
            return ENDLESS
        size = (Decimal(repr(shown)) / self.lot).to_integral_value(ROUND_FLOOR) * self.lot
        return max(size - self._taken[number], Decimal(0))

    def _refill(self, number: int, *, moved: bool) -> None:
        if moved or self.depth.refill >= 1.0:
            self._taken[number] = Decimal(0)
        elif self._taken[number]:
            left = self._taken[number] * Decimal(repr(1.0 - self.depth.refill))
            self._taken[number] = (left / self.lot).to_integral_value(ROUND_FLOOR) * self.lot

    def _away(self, side: Side, best: Decimal, step: int) -> Decimal:
        move = Decimal(repr(self.depth.step * step))
        price = best * (1 + move) if side is Side.BUY else best * (1 - move)
        rounding = ROUND_CEILING if side is Side.BUY else ROUND_FLOOR
        return (price / self.tick).to_integral_value(rounding) * self.tick

    def _on_tick(self, price: float, rounding: str) -> Decimal:
        return (Decimal(repr(price)) / self.tick).to_integral_value(rounding) * self.tick
