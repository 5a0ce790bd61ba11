"""What happens to an account that the desk did not cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from hedgerow.execution.port import QuoteReport, Refused
from hedgerow.live.chaos.desks import COIN, Place
from hedgerow.live.chaos.faults import Fault, Faults
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.paper.port import PaperVenue


@dataclass(slots=True)
class Foreign:
    """Liquidates, deleverages, and trades by hand."""

    clock: VirtualClock
    faults: Faults
    venues: Mapping[str, PaperVenue]
    places: tuple[Place, ...]

    def happen(self, fault: Fault) -> None:
        """Let something happen at one of the places, if it can."""
        place = self.faults.random.choice([each for each in self.places if not each.spot])
        venue = self.venues[place.venue]
        venue.advance()
        exchange = venue.exchange
        before = len(exchange.trades(place.account, place.symbol, 0))
        held = exchange.accounts[place.account].position(place.symbol).amount
        if not held or not exchange.book(place.symbol).is_open:
            return
        match fault:
            case Fault.MANUAL_TRADE:
                self._trade(place, held)
            case Fault.DELEVERAGING:
                self._deleverage(place, held)
            case _ if COIN not in self.places or place.account != COIN.account:
                self._liquidate(place)
            case _:
                return  # what a venue sells of an account's coins then is no trade of the desk's
        if len(exchange.trades(place.account, place.symbol, 0)) > before:
            self.faults.count(fault)

    def _trade(self, place: Place, held: Decimal) -> None:
        venue, random = self.venues[place.venue], self.faults.random
        lot = venue.exchange.lot(place.symbol)
        part = Decimal(random.randrange(1, 30)) / 100
        size = max(abs(held) * part // lot, Decimal(1)) * lot
        amount = random.choice([-1, 1]) * size
        try:
            reports = venue.exchange.manual(place.account, place.symbol, amount, self.clock.now)
        except Refused:
            return
        venue.tell(reports, "")

    def _deleverage(self, place: Place, held: Decimal) -> None:
        venue = self.venues[place.venue]
        exchange = venue.exchange
        mark = exchange.book(place.symbol).mark
        entry = exchange.accounts[place.account].position(place.symbol).entry
        price = min(mark, entry * 0.99) if held < 0 else max(mark, entry * 1.01)
        share = self.faults.random.uniform(0.05, 0.6)
        venue.tell(exchange.deleverage(place.symbol, share, self.clock.now, price), "")

    def _liquidate(self, place: Place) -> None:
        """Let the mark jump to where an account dies, and come back, between two quotes."""
        venue = self.venues[place.venue]
        snapshot = venue.exchange.snapshot(place.account, self.clock.now)
        price = next(
            (each.liquidation_price for each in snapshot.positions if each.symbol == place.symbol),
            None,
        )
        book = venue.exchange.book(place.symbol)
        if price is None or abs(float(price) / book.mark - 1.0) > 0.8:
            return
        wick = float(price) * (1.0002 if float(price) > book.mark else 0.9998)
        quote = QuoteReport(
            venue=place.venue,
            symbol=place.symbol,
            time=self.clock.now,
            received=self.clock.now,
            mark=book.mark,
            index=book.index,
            high=max(wick, book.mark),
            low=min(wick, book.mark),
        )
        venue.hear(quote)
