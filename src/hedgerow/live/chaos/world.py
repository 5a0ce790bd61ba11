"""One simulated stretch of a desk's life: markets, venues, wires, faults and the desk itself."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from hedgerow.engine.events import HoldingFlow
from hedgerow.execution.effects import Place
from hedgerow.execution.order import Cause, Listing, TradeReport
from hedgerow.execution.port import PrivateReport, TransferReport
from hedgerow.live.chaos.faults import Faults, Odds
from hedgerow.live.chaos.foreign import Foreign
from hedgerow.live.chaos.hazards import Hazards
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.invariants import Broken, Demands, Watch
from hedgerow.live.chaos.operator import Operator
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.scenario import COINS, PRICE, scenario
from hedgerow.live.chaos.streams import LoudVenue, Streams, WalkFeed
from hedgerow.live.chaos.trouble import Trouble
from hedgerow.live.chaos.wire import ChaosWire, wires_of
from hedgerow.live.controller import Controller
from hedgerow.live.effects import LiveEffect
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.walk import Walk, Weather
from hedgerow.live.signals import Clock, Signal, Venue
from hedgerow.live.view import State
from hedgerow.units import DAY, HOUR, MINUTE, SECOND

START: Final = 1_704_067_200 * SECOND
BUSY: Final = "busy"  # orders are out
NEAR: Final = "near"  # the desk is not where it wants to be, or is to be looked at
IDLE: Final = "idle"
TICKS: Final = {BUSY: (0.5, 5.0), NEAR: (5.0, 20.0), IDLE: (600.0, 800.0)}  # seconds between
QUOTES: Final = {BUSY: (3.0, 10.0), NEAR: (10.0, 50.0), IDLE: (600.0, 800.0)}
END: Final = 2**63  # later than any tick
LOOK: Final = 5 * SECOND  # between two looks whether all is well again
CALM_EVERY: Final = 4 * HOUR
FLOWS: Final = 16.0  # a day: coins come and go


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What became of one seed.

    Attributes
    ----------
    days
        Of virtual time.
    events, checked
        That happened, and invariants that were looked at.
    faults
        Done, by their names.
    recoveries
        Seconds until all was well, each time that faults stopped.
    naked
        Worst unhedged notional times seconds.
    orders, trades
        Sent, and made at the venues.
    traits
        What the desk is like.
    alone
        The worst of a pair on one leg, notional times seconds.
    double
        Most that was hedged twice, fraction of what was to be hedged.
    left
        Calms through which an operator left the desk stopped.
    """

    seed: int
    days: float
    events: int
    checked: int
    faults: Counter[str]
    recoveries: tuple[float, ...]
    naked: float
    orders: int
    trades: int
    broken: tuple[Broken, ...]
    traits: tuple[str, ...] = ()
    alone: float = 0.0
    double: float = 0.0
    left: int = 0


class World:
    """Everything of one seed.

    Parameters
    ----------
    seed
        Decides all: scenario, market, faults.
    kind
        Of desk; tests plant bugs here.
    """

    def __init__(
        self,
        seed: int,
        *,
        odds: Odds | None = None,
        demands: Demands | None = None,
        kind: type[Controller] = Controller,
    ) -> None:
        self.seed = seed
        self.demands = demands or Demands()
        self.scenario = scenario(_random("scenario", seed))
        self.clock = VirtualClock(START)
        self.faults = Faults(_random("faults", seed), odds or Odds())
        self._random = _random("flows", seed)
        weather = Weather(size=400_000.0, jumps_a_day=2.0)
        self.walk = Walk(PRICE, weather, _random("market", seed), START)
        self._listings = {
            (listing.venue, listing.symbol): listing for listing in self.scenario.setup.listings
        }
        self._amounts: dict[tuple[str, str], Decimal] = {}
        self.venues = {name: self._venue(name) for name in self.scenario.venues}
        exchanges = {name: venue.exchange for name, venue in self.venues.items()}
        accounts = {place.account: place.venue for place in self.scenario.places}
        self.trouble = Trouble()
        wires = wires_of(self.venues, accounts, self.clock)
        wire = ChaosWire(self.clock, self.faults, wires, self.trouble)
        self.process = Process(self.scenario, kind, self.clock, self.faults, wire)
        self.streams = Streams(self.clock, self.faults, self.process, self.trouble)
        self.operator = Operator(self.clock, self.faults, self.process)
        self.hazards = Hazards(
            clock=self.clock,
            faults=self.faults,
            scenario=self.scenario,
            process=self.process,
            streams=self.streams,
            foreign=Foreign(self.clock, self.faults, self.venues, self.scenario.places),
            operator=self.operator,
            walk=self.walk,
            trouble=self.trouble,
        )
        shadow = Controller(self.scenario.setup, (), self.scenario.care)
        self.watch = Watch(
            self.scenario, self.process, exchanges, self.demands, shadow, self.hazards.hinders
        )
        self.process.recorded = self.watch.recorded
        self.process.carried = self._carried
        self.process.died = self.hazards.died
        self.process.heard = self._heard
        self.operator.stirred = lambda: self._tick_next(NEAR)
        self.process.started = self._started
        self.recoveries: list[float] = []
        self._is_calm = False  # it is looked whether all is well again
        self._left = 0  # calms through which an operator left the desk stopped
        self._ticks = 0  # number of the tick that comes next
        self._next_tick = START + 2

    def run(self, days: float = 1.0) -> Life:
        """Live through some days; return what became of it."""
        end = START + round(days * DAY)
        for listing in self._listings.values():
            self.clock.at(START, lambda listing=listing: self._quote(listing))  # type: ignore[misc]
        self.clock.at(START + 1, self.process.start)
        self.clock.at(START + 2, lambda: self._tick(0))
        for _ in range(round(FLOWS * days)):
            self.clock.at(START + round(self._random.random() * days * DAY), self._flow)
        self.hazards.plan(START, days)
        self.clock.at(START + CALM_EVERY - 30 * MINUTE, self._calm)
        while self.clock.now < end and not self.watch.broken and self.clock.step():
            self.watch.after_event(self.clock.now)
        self.watch.refold(self.clock.now)
        self.watch.finish(self.clock.now)
        return self.life(tuple(self.watch.broken))

    def life(self, broken: tuple[Broken, ...]) -> Life:
        """Return what has become of it so far."""
        return Life(
            seed=self.seed,
            days=(self.clock.now - START) / DAY,
            events=self.clock.events,
            checked=self.watch.checked,
            faults=self.faults.tally,
            recoveries=tuple(self.recoveries),
            naked=self.watch.worst_naked,
            orders=self.watch.orders,
            trades=sum(
                len(self.venues[place.venue].exchange.trades(place.account, place.symbol, 0))
                for place in self.scenario.places
            ),
            broken=broken,
            traits=tuple(sorted(self.scenario.traits)),
            alone=self.watch.worst_alone,
            double=self.watch.worst_double,
            left=self._left,
        )

    # --- what goes on by itself -------------------------------------------------------------------

    def _quote(self, listing: Listing) -> None:
        self._show(listing)
        pause = self.faults.between(*QUOTES[self._pace()])
        self.clock.after(pause, lambda: self._quote(listing))

    def _started(self) -> None:
        """Tell a desk that comes up the last prices, as the streams do that it opens."""
        self.watch.restarted(self.clock.now)
        for listing in self._listings.values():
            soon = self.faults.between(0.1, 3.0)
            self.clock.after(soon, lambda listing=listing: self._show(listing))  # type: ignore[misc]

    def _show(self, listing: Listing) -> None:
        self.walk.step(self.clock.now)
        quote = self.trouble.shown(self.walk.quote(listing), listing.account)
        self.venues[listing.venue].hear(quote)
        self.streams.quote(quote)

    def _tick(self, number: int) -> None:
        if number != self._ticks:
            return  # another came sooner
        for venue in self.venues.values():
            venue.advance()
        self.process.hear(Clock(time=self.clock.now))
        self._next_tick = END
        self._tick_next(self._pace())

    def _tick_next(self, pace: str) -> None:
        """Plan the next tick, unless one comes sooner."""
        time = self.clock.now + self.faults.between(*TICKS[pace])
        if time < self._next_tick:
            self._next_tick = time
            self._ticks = number = self._ticks + 1
            self.clock.at(time, lambda: self._tick(number))

    def _pace(self) -> str:
        """Return how fast time must pass in ticks: where nothing is to do, slowly."""
        if not self.process.is_up:
            return NEAR
        controller = self.process.controller
        dealer = controller.core.dealer
        legs = range(len(self.scenario.places))
        if any(not dealer.settled(leg) or dealer.target(leg) is not None for leg in legs):
            return BUSY
        begins = controller.standing.state is State.STOPPED
        return NEAR if begins or self._is_calm or self.watch.is_open() else IDLE

    def _flow(self) -> None:
        """Let coins come or go; the treasury tells a desk that is up, or tries again."""
        desk = self.process.controller.core.desk
        if not self.process.is_up or self.process.tape.is_away or not desk.market.worth:
            self.clock.after(MINUTE, self._flow)
            return
        holding = desk.books.stocks[0].holding
        pull = (COINS - holding) / COINS  # back to where it began
        amount = COINS * (0.03 * self._random.gauss(0.0, 1.0) + 0.1 * pull)
        event = HoldingFlow(time=self.clock.now, asset=0, amount=round(amount, 6))
        self.process.hear(Venue(time=self.clock.now, event=event))
        self._tick_next(NEAR)

    def _heard(self, signal: Signal) -> None:
        begun = self.process.controller.standing.state is not State.STOPPED
        self.watch.dangers.heard(signal, self.process.life, begun=begun)

    def _carried(self, effect: LiveEffect) -> None:
        self.watch.carried(effect, self.clock.now)
        if isinstance(effect, Place):
            self._tick_next(BUSY)  # whatever made the desk send it, it is busy now

    # --- calms ------------------------------------------------------------------------------------

    def _calm(self) -> None:
        self._is_calm = True
        self.hazards.calm()
        self._tick_next(NEAR)
        self._look(self.clock.now)

    def _look(self, since: int) -> None:
        """Look whether all is well; it must be in time."""
        trouble = self.watch.unsettled(self.clock.now, self.operator.left)
        passed = self.clock.now - since
        if passed % MINUTE < LOOK:
            self.operator.retry()
        if not trouble:
            self.recoveries.append(passed / SECOND)
            self.watch.finish(self.clock.now)
            self._is_calm = False
            self._left += self.operator.left is not None
            self.hazards.resume()
            self.clock.after(CALM_EVERY, self._calm)
        elif passed > self.demands.recovery:
            self.watch.late(self.clock.now, f"after {passed / SECOND:.0f} s of calm: {trouble}")
        else:
            self.clock.after(LOOK, lambda: self._look(since))

    # --- venues -----------------------------------------------------------------------------------

    def _venue(self, name: str) -> LoudVenue:
        task = self.scenario
        exchange = PaperExchange(
            venue=name,
            contracts=task.contracts(name),
            terms=task.setup.terms,
            balances=task.balances(name),
            depth=task.depth,
            latency=task.latency,
        )
        listings = [listing for listing in task.setup.listings if listing.venue == name]
        source = WalkFeed(name, listings, lambda _: self.walk, lambda: self.clock.now)
        return LoudVenue(exchange, source, lambda: self.clock.now, self._told)

    def _told(self, account: str, report: PrivateReport) -> None:
        if isinstance(report, TradeReport):
            key = report.account, report.symbol
            before = self._amounts.get(key, Decimal(0))
            self._amounts[key] = before + report.side.sign * report.amount
            self.watch.traded(report, before, self.clock.now)
            if report.cause is not Cause.OURS:
                self._tick_next(NEAR)
        elif isinstance(report, TransferReport):
            self.watch.moved(report, self.clock.now)
        self.streams.report(account, report)


def _random(what: str, seed: int) -> Random:
    return Random(f"{what} {seed}")  # noqa: S311 - reproducible, not secret
