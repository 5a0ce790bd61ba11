"""One market of a fake venue: its book, its mark, its funding."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from fake_venue.contracts import Contract
from fake_venue.orders import BookEvent, Level

ZERO = Decimal(0)


@dataclass(slots=True, kw_only=True)
class Market:
    """What a fake venue shows of one contract.

    The quoted levels are what `tick` of the exchange restores; the standing ones are what
    takers have left of them.
    """

    contract: Contract
    mark: Decimal
    index: Decimal
    last: Decimal
    funding_rate: Decimal = Decimal("0.0001")
    next_funding: int = 0
    update: int = 1_000
    listed: bool = True
    quoted_bids: tuple[Level, ...] = ()
    quoted_asks: tuple[Level, ...] = ()
    bids: dict[Decimal, Decimal] = field(default_factory=dict)
    asks: dict[Decimal, Decimal] = field(default_factory=dict)

    def quote(self, bids: Iterable[Level], asks: Iterable[Level], time: int) -> BookEvent:
        """Replace the book and return what changed."""
        self.quoted_bids, self.quoted_asks = tuple(bids), tuple(asks)
        return self.restore(time)

    def restore(self, time: int) -> BookEvent:
        """Put back what takers took and return what changed."""
        bids, asks = dict(self.quoted_bids), dict(self.quoted_asks)
        event = self.changed(bids, asks, time)
        self.bids, self.asks = bids, asks
        return event

    def changed(
        self, bids: dict[Decimal, Decimal], asks: dict[Decimal, Decimal], time: int
    ) -> BookEvent:
        """Return the step from the standing book to this one."""
        before, self.update = self.update, self.update + 2
        return BookEvent(
            name=self.contract.name,
            bids=_difference(self.bids, bids),
            asks=_difference(self.asks, asks),
            before=before,
            last=self.update,
            time=time,
        )

    def best_bid(self) -> Level:
        """Return the highest bid; zeros where there is none."""
        price = max(self.bids, default=ZERO)
        return price, self.bids.get(price, ZERO)

    def best_ask(self) -> Level:
        """Return the lowest ask; zeros where there is none."""
        price = min(self.asks, default=ZERO)
        return price, self.asks.get(price, ZERO)

    def against(self, side: str) -> list[Decimal]:
        """Return the prices that an order of `side` meets, best first."""
        return sorted(self.asks) if side == "buy" else sorted(self.bids, reverse=True)

    def crosses(self, side: str, price: Decimal) -> bool:
        """Whether an order of `side` at `price` would take."""
        prices = self.against(side)
        return bool(prices) and (price >= prices[0] if side == "buy" else price <= prices[0])


def _difference(old: dict[Decimal, Decimal], new: dict[Decimal, Decimal]) -> tuple[Level, ...]:
    return tuple(
        (price, new.get(price, ZERO))
        for price in sorted({*old, *new})
        if old.get(price, ZERO) != new.get(price, ZERO)
    )
