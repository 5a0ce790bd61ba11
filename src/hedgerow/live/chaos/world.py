"""One simulated stretch of a desk's life: markets, venues, wires, faults and the desk itself."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Final

from hedgerow.engine.events import HoldingFlow
from hedgerow.execution.order import TradeReport
from hedgerow.execution.port import PrivateReport, QuoteReport, Refused, StreamReport
from hedgerow.ledger.journal import Record
from hedgerow.live.chaos.faults import MOMENT_FAULTS, WINDOW_FAULTS, Fault, Faults, Odds
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.invariants import Broken, Demands, Watch
from hedgerow.live.chaos.process import Build, Process
from hedgerow.live.chaos.scenario import PRICE, Place, Scenario, scenario
from hedgerow.live.chaos.wire import ChaosWire, wires_of
from hedgerow.live.controller import Controller
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.markets import GeneratedFeed, PaperClock
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.paper.walk import Walk, Weather
from hedgerow.live.setup import Setup
from hedgerow.live.signals import Clock, Venue
from hedgerow.units import DAY, HOUR, MINUTE, SECOND

START: Final = 1_704_067_200 * SECOND
BUSY: Final = SECOND  # between two ticks while orders are out
IDLE: Final = MINUTE
CALMS: Final = 4  # a day: nothing goes wrong until all is well again
FLOWS: Final = 80.0  # a day: coins come and go


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
        Seconds until all was well, of each time that faults stopped.
    naked
        Worst unhedged notional times seconds.
    orders, trades
        Sent, and made at the venues.
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


class LoudVenue(PaperVenue):
    """A paper venue whose reports go to the simulated wire instead of queues."""

    tell_world: Callable[[str, PrivateReport], None]

    def send(self, report: PrivateReport, owner: str) -> None:
        """Give a report to the world."""
        self.tell_world(owner, report)


class World:
    """Everything of one seed.

    Parameters
    ----------
    seed
        Decides all: scenario, market, faults.
    build
        Makes the desk; tests plant bugs here.
    """

    def __init__(
        self,
        seed: int,
        *,
        odds: Odds | None = None,
        demands: Demands | None = None,
        build: Build = Controller,
    ) -> None:
        self.seed = seed
        random = Random(f"scenario {seed}")  # noqa: S311 - reproducible, not secret
        self.scenario: Scenario = scenario(random)
        self.clock = VirtualClock(START)
        self.faults = Faults(Random(f"faults {seed}"), odds or Odds())  # noqa: S311
        self.walk = Walk(
            PRICE,
            Weather(size=400_000.0, jumps_a_day=2.0),
            Random(f"market {seed}"),  # noqa: S311
            START,
        )
        self.exchanges = {venue: self._exchange(venue) for venue in self.scenario.venues}
        self.venues = {name: self._venue(each) for name, each in self.exchanges.items()}
        places = {place.account: place.venue for place in self.scenario.places}
        wires = wires_of(self.venues, places, self.clock)
        wire = ChaosWire(self.clock, self.faults, wires, lambda name: name in self._away)
        self.process = Process(self.scenario.setup, build, self.clock, self.faults, wire)
        self.watch = Watch(
            self.scenario, self.process, self.exchanges, demands or Demands(), _shadow(self.scenario)
        )
        self.process.recorded = self.watch.recorded
        self.process.carried = lambda effect: self.watch.carried(effect, self.clock.now)
        self.process.died = self._died
        self.recoveries: list[float] = []
        self._away: set[str] = set()  # venues in maintenance
        self._deaf: set[str] = set()  # accounts and feeds that nothing is heard of
        self._ends: list[Callable[[], None]] = []  # of windows that are open
        self._held: dict[tuple[str, str], Decimal] = {}
        self._calm_since: int | None = None
        self._owed: list[float] = []  # flows that wait for the desk to come up

    def run(self, days: float = 1.0) -> Life:
        """Live through some days; return what became of it."""
        end = START + round(days * DAY)
        for place in self.scenario.places:
            self._quotes(place, end)
        self.clock.at(START, self.process.start)
        self._ticks(end)
        self._plan(days)
        while self.clock.now < end and not self.watch.broken and self.clock.step():
            self.watch.after_event(self.clock.now)
        self.watch.refold(self.clock.now)
        self.watch.finish(self.clock.now)
        return Life(
            seed=self.seed,
            days=days,
            events=self.clock.events,
            checked=self.watch.checked,
            faults=self.faults.tally,
            recoveries=tuple(self.recoveries),
            naked=self.watch.worst_naked,
            orders=len(self.watch.sent),
            trades=sum(
                len(self.exchanges[place.venue].trades(place.account, place.symbol, 0))
                for place in self.scenario.places
            ),
            broken=tuple(self.watch.broken),
        )
