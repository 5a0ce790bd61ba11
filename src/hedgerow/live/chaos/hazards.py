"""Hours in which things go wrong for a while, moments that nobody announced, and calms between."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from hedgerow.execution.port import QuoteReport, StreamReport
from hedgerow.live.chaos.desks import Place, Trait
from hedgerow.live.chaos.faults import LEG_FAULTS, MOMENT_FAULTS, WINDOW_FAULTS, Fault, Faults
from hedgerow.live.chaos.foreign import Foreign
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.operator import Operator
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.scenario import Scenario
from hedgerow.live.chaos.streams import Streams, feed_of
from hedgerow.live.chaos.trouble import Trouble
from hedgerow.live.paper.walk import Walk
from hedgerow.units import DAY

Switches: TypeAlias = tuple[Callable[[], None], Callable[[], None]]  # what begins it, and ends it
SHARE: Final = 0.4  # of the deaths during which something happens at a venue
LEAVES: Final = 0.4  # of the calms, those in which an operator at random leaves a desk stopped
OPERATED: Final = 2.0  # times as many orders come from an operator at random
LASTS: Final[Mapping[Fault, tuple[float, float]]] = {  # seconds
    Fault.LONG_OUTAGE: (1_200.0, 7_200.0),
    Fault.LOST_PEG: (300.0, 1_800.0),
}
WHILE: Final = (10.0, 600.0)  # of all others
PEG: Final = "USDT/USD"
PEG_EVERY: Final = (20.0, 60.0)  # seconds between two quotes of a stablecoin
AIMED: Final[Mapping[Trait, tuple[Fault, ...]]] = {  # what a desk is tried with beside all others
    Trait.FAILOVER: (Fault.LONG_OUTAGE,) * 6,
    Trait.CARRY: LEG_FAULTS * 3,
    Trait.SPREAD: (*LEG_FAULTS * 3, Fault.LONG_OUTAGE),
}


@dataclass(slots=True)
class Hazards:
    """Plans them, begins them, and ends them all when it is to be calm."""

    clock: VirtualClock
    faults: Faults
    scenario: Scenario
    process: Process
    streams: Streams
    foreign: Foreign
    operator: Operator
    walk: Walk
    trouble: Trouble
    _ends: list[Callable[[], None]] = field(default_factory=list)
    _kinds: tuple[Fault, ...] = ()

    def plan(self, start: int, days: float) -> None:
        """Spread windows and moments over some days."""
        odds, random, traits = self.faults.odds, self.faults.random, self.scenario.traits
        aimed = (fault for trait in sorted(traits) for fault in AIMED.get(trait, ()))
        self._kinds = (*WINDOW_FAULTS, *aimed)
        operated = OPERATED if Trait.OPERATED in traits else 1.0
        plans = (
            (self._window, odds.windows),
            (self._moment, odds.moments),
            (self._operate, odds.orders * operated),
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
        operated = Trait.OPERATED in self.scenario.traits and self.faults.odds.orders > 0.0
        leaves = operated and self.faults.random.random() < LEAVES
        self.faults.quiet = True
        for end in [*self._ends]:
            end()
        self._up(self.process.life)
        if leaves:
            self.operator.leave()
        self.operator.retry()

    def resume(self) -> None:
        """Let things go wrong again."""
        self.faults.quiet = False
        self.operator.go_on()

    def hinders(self) -> bool:
        """Whether a venue, its quotes, a stablecoin or the journal are away."""
        trouble = self.trouble
        feeds = {feed_of(place.venue) for place in self.scenario.places}
        gone = trouble.unreachable or trouble.two_way or trouble.legs or trouble.peg != 1.0
        return bool(gone or self.process.tape.is_away or feeds & self.streams.deaf)

    def _up(self, life: int) -> None:
        if not self.process.is_up and self.process.life == life:
            self.process.start()

    def _window(self) -> None:
        if self.faults.quiet:
            return
        fault = self.faults.one_of(self._kinds)
        place = self.faults.random.choice(self.scenario.places)
        if fault is None:
            return
        self.faults.count(fault)
        begin, end = self._switches(fault, place)
        self._for_a_while(begin, end, LASTS.get(fault, WHILE))

    def _operate(self) -> None:
        """Let an operator stop the desk in some way, and let it trade again after a while."""
        if not self.faults.quiet:
            self._for_a_while(self.operator.stop, self.operator.set_going, WHILE)

    def _for_a_while(
        self, begin: Callable[[], None], end: Callable[[], None], lasts: tuple[float, float]
    ) -> None:
        done: list[bool] = []

        def close() -> None:
            if not done:
                done.append(True)
                self._ends.remove(close)
                end()

        self._ends.append(close)
        begin()
        self.clock.after(self.faults.between(*lasts), close)

    def _switches(self, fault: Fault, place: Place) -> Switches:
        deaf, away, tape = self.streams.deaf, self.trouble.away, self.process.tape
        match fault:
            case Fault.SILENT_STREAM:
                return lambda: deaf.add(place.account), lambda: deaf.discard(place.account)
            case Fault.BROKEN_STREAM:
                return lambda: self._break(place), lambda: self._mend(place)
            case Fault.SILENT_FEED:
                name = feed_of(place.venue)
                return lambda: deaf.add(name), lambda: deaf.discard(name)
            case Fault.MAINTENANCE | Fault.LONG_OUTAGE:
                return lambda: away.add(place.venue), lambda: away.discard(place.venue)
            case Fault.JOURNAL_DOWN:
                return lambda: setattr(tape, "is_away", True), lambda: setattr(
                    tape, "is_away", False
                )
            case _:
                return self._troubles(fault, place)

    def _troubles(self, fault: Fault, place: Place) -> Switches:
        """Return what begins and ends something wrong at a venue."""
        trouble, random = self.trouble, self.faults.random
        match fault:
            case Fault.CLOCK_OFF:
                off = random.choice([-1.0, 1.0]) * random.uniform(1.1, 5.0)
                return lambda: trouble.skew.update({place.venue: off}), lambda: self._in_time(place)
            case Fault.RATE_STORM:
                now = self.clock.now
                storms = trouble.storms
                return lambda: storms.update({place.venue: now}), storms.clear
            case Fault.WRONG_MODE:
                return lambda: self._switch_mode(place), lambda: self._switch_back(place)
            case Fault.LOST_PEG:
                return self._lose_peg, lambda: setattr(trouble, "peg", 1.0)
            case _:
                return self._strike_legs(fault, place)

    # --- one at a time ----------------------------------------------------------------------------

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

    def _in_time(self, place: Place) -> None:
        self.trouble.skew.pop(place.venue, None)
        self.operator.set_going()  # a clock that was refused has paused the desk

    def _switch_mode(self, place: Place) -> None:
        """Let somebody switch an account's position mode while the desk restarts."""
        self.trouble.two_way.add(place.account)
        self.process.kill(Fault.CRASH_IDLE)

    def _switch_back(self, place: Place) -> None:
        self.trouble.two_way.discard(place.account)
        self.operator.set_going()

    def _lose_peg(self) -> None:
        random = self.faults.random
        self.trouble.peg = 1.0 + random.choice([-1.0, 1.0]) * random.uniform(0.01, 0.08)
        self._show_peg(3)

    def _show_peg(self, more: int) -> None:
        """Show what a stablecoin is worth while that is wrong, and a few times when it is not."""
        peg, now = self.trouble.peg, self.clock.now
        self.streams.quote(
            QuoteReport(
                venue=self.scenario.places[0].venue, symbol=PEG, time=now, received=now, last=peg
            )
        )
        left = more - 1 if peg == 1.0 else more
        if left:
            again = self.faults.between(*PEG_EVERY)
            self.clock.after(again, lambda: self._show_peg(left))

    def _strike_legs(self, fault: Fault, place: Place) -> Switches:
        """Strike a leg; of a pair, the other one in a way of its own, or not at all."""
        struck = {(place.account, place.symbol): fault}
        for task in self.scenario.setup.pairs:
            legs = [self.scenario.places[leg] for leg in task.legs]
            if place in legs:
                other = legs[1 - legs.index(place)]
                also = self.faults.random.choice([*LEG_FAULTS, None])
                if also is not None and also in self.faults.odds.kinds:
                    self.faults.count(also)
                    struck[other.account, other.symbol] = also
        legs_now = self.trouble.legs
        return lambda: legs_now.update(struck), legs_now.clear

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
            self.foreign.happen(fault)

    def _foreign(self) -> None:
        if not self.faults.quiet:
            fault = self.faults.one_of((Fault.LIQUIDATION, Fault.DELEVERAGING, Fault.MANUAL_TRADE))
            if fault is not None:
                self.foreign.happen(fault)
