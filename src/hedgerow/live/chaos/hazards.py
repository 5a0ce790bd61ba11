"""Hours in which things go wrong for a while, moments that nobody announced, and calms between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from hedgerow.execution.port import QuoteReport, Refused, StreamReport
from hedgerow.live.chaos.faults import MOMENT_FAULTS, WINDOW_FAULTS, Fault, Faults
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.scenario import Place
from hedgerow.live.chaos.streams import Streams, feed_of
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.paper.walk import Walk
from hedgerow.live.signals import Order, Told
from hedgerow.live.view import State
from hedgerow.units import DAY, SECOND

_STOPS: Final = (Order.PAUSE, Order.ARM, Order.FLATTEN, Order.KILL)
AGAIN: Final = 5 * SECOND  # between two orders to go on
SHARE: Final = 0.4  # of the deaths during which something happens at a venue


@dataclass(slots=True)
class Hazards:
    """Plans them, begins them, and ends them all when it is to be calm."""

    clock: VirtualClock
    faults: Faults
    process: Process
    streams: Streams
    venues: Mapping[str, PaperVenue]
    places: tuple[Place, ...]
    walk: Walk
    away: set[str]  # venues in maintenance
    stirred: Callable[[], None] = lambda: None  # something was said that the desk should act on
    _ends: list[Callable[[], None]] = field(default_factory=list)

    def plan(self, start: int, days: float) -> None:
        """Spread windows and moments over some days."""
        odds, random = self.faults.odds, self.faults.random
        plans = (
            (self._window, odds.windows),
            (self._moment, odds.moments),
            (self._operate, odds.orders),
        )
        for begin, rate in plans:
            for _ in range(round(rate * days)):
                self.clock.at(start + round(random.random() * days * DAY), begin)

    def died(self, fault: Fault) -> None:
        """Bring a desk that died up again after a while, in which things may happen."""
        self.faults.count(fault)
        away = self.faults.between(0.5, 120.0)
        life = self.process.life
        if self.faults.random.random() < SHARE:
            self.clock.after(away // 2, self._foreign)
        self.clock.after(away, lambda: self._up(life))

    def calm(self) -> None:
        """End all windows, and let nothing go wrong until `resume`."""
        self.faults.quiet = True
        for end in [*self._ends]:
            end()
        self._up(self.process.life)

    def resume(self) -> None:
        """Let things go wrong again."""
        self.faults.quiet = False

    def hinders(self) -> bool:
        """Whether a venue, its quotes or the journal are away."""
        feeds = {feed_of(place.venue) for place in self.places}
        return bool(self.away or self.process.tape.is_away or feeds & self.streams.deaf)

    def _up(self, life: int) -> None:
        if not self.process.is_up and self.process.life == life:
            self.process.start()

    def _window(self) -> None:
        if self.faults.quiet:
            return
        fault, place = self.faults.one_of(WINDOW_FAULTS), self.faults.random.choice(self.places)
        if fault is None:
            return
        self.faults.count(fault)
        self._for_a_while(*self._switches(fault, place))

    def _operate(self) -> None:
        """Let an operator stop the desk in some way, and let it trade again after a while."""
        if self.faults.quiet:
            return
        order = self.faults.random.choice(_STOPS)
        self._for_a_while(lambda: self._say(order), self._set_going)

    def _say(self, order: Order) -> None:
        self.process.hear(Told(time=self.clock.now, order=order, by="simulation"))
        self.stirred()

    def _set_going(self) -> None:
        """Say "resume" until it trades: a desk that dies may forget what it was just told."""
        if self.process.is_up and self.process.controller.standing.state is State.TRADING:
            return
        self._say(Order.RESUME)
        self.clock.after(AGAIN, self._set_going)

    def _for_a_while(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        done: list[bool] = []

        def close() -> None:
            if not done:
                done.append(True)
                self._ends.remove(close)
                end()

        self._ends.append(close)
        begin()
        self.clock.after(self.faults.between(10.0, 600.0), close)

    def _switches(
        self, fault: Fault, place: Place
    ) -> tuple[Callable[[], None], Callable[[], None]]:
        deaf, away, tape = self.streams.deaf, self.away, self.process.tape
        match fault:
            case Fault.SILENT_STREAM:
                return lambda: deaf.add(place.account), lambda: deaf.discard(place.account)
            case Fault.BROKEN_STREAM:
                return lambda: self._break(place), lambda: self._mend(place)
            case Fault.SILENT_FEED:
                name = feed_of(place.venue)
                return lambda: deaf.add(name), lambda: deaf.discard(name)
            case Fault.MAINTENANCE:
                return lambda: away.add(place.venue), lambda: away.discard(place.venue)
            case _:
                return lambda: setattr(tape, "is_away", True), lambda: setattr(
                    tape, "is_away", False
                )

    def _break(self, place: Place) -> None:
        self.streams.deaf.add(place.account)
        self.process.hear(self._stream(place, alive=False))

    def _mend(self, place: Place) -> None:
        self.streams.deaf.discard(place.account)
        self.process.hear(self._stream(place, alive=True))

    def _stream(self, place: Place, *, alive: bool) -> StreamReport:
        return StreamReport(
            venue=place.venue,
            stream=f"account {place.account}",
            alive=alive,
            time=self.clock.now,
            reason="" if alive else "closed (simulated)",
        )

    def _moment(self) -> None:
        if self.faults.quiet:
            return
        fault = self.faults.one_of(MOMENT_FAULTS)
        if fault is None:
            return
        if fault is Fault.CRASH_IDLE:
            self.process.kill(fault)
        elif fault is Fault.SPIKE:
            self.faults.count(fault)
            self.walk.price *= 1.0 + self.faults.random.uniform(-0.04, 0.04)
        else:
            self._happen(fault)

    def _foreign(self) -> None:
        if not self.faults.quiet:
            fault = self.faults.one_of((Fault.LIQUIDATION, Fault.DELEVERAGING, Fault.MANUAL_TRADE))
            if fault is not None:
                self._happen(fault)

    def _happen(self, fault: Fault) -> None:
        """Let something happen to an account that the desk did not cause."""
        place = self.faults.random.choice(self.places)
        venue = self.venues[place.venue]
        exchange, now = venue.exchange, self.clock.now
        venue.advance()
        book = exchange.book(place.symbol)
        before = len(exchange.trades(place.account, place.symbol, 0))
        held = exchange.accounts[place.account].position(place.symbol).amount
        if not held or not book.is_open:
            return
        match fault:
            case Fault.MANUAL_TRADE:
                lot = exchange.lot(place.symbol)
                part = Decimal(self.faults.random.randrange(1, 30)) / 100
                size = max(abs(held) * part // lot, Decimal(1)) * lot
                sign = self.faults.random.choice([-1, 1])
                try:
                    venue.tell(exchange.manual(place.account, place.symbol, sign * size, now), "")
                except Refused:
                    return
            case Fault.DELEVERAGING:
                entry = exchange.accounts[place.account].position(place.symbol).entry
                price = min(book.mark, entry * 0.99) if held < 0 else max(book.mark, entry * 1.01)
                share = self.faults.random.uniform(0.05, 0.6)
                venue.tell(exchange.deleverage(place.symbol, share, now, price), "")
            case _:
                self._liquidate(place)
        if len(exchange.trades(place.account, place.symbol, 0)) > before:
            self.faults.count(fault)

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
