"""A whole desk on a virtual clock: paper venues, a journal in memory, and switches for faults.

Time moves in steps of a second; a call takes a twentieth of one there and as long back. The same
seed and the same switches give the same records.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from hedgerow.execution.effects import Notice, Place
from hedgerow.execution.order import Listing, TradeReport
from hedgerow.execution.port import Failure, PrivateReport, StreamReport
from hedgerow.ledger.journal import Draft, JournalUnavailable, Record
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.streams import LoudVenue, WalkFeed
from hedgerow.live.chaos.tape import Tape
from hedgerow.live.chaos.wire import PaperWires, wires_of
from hedgerow.live.controller import Care, Controller
from hedgerow.live.drill.switches import Switches, venue_of
from hedgerow.live.effects import LiveEffect, Outcome, SendTransfer
from hedgerow.live.paper.contract import PaperContract, balances_of, contracts_of
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.paper.walk import Walk, Weather
from hedgerow.live.setup import Setup
from hedgerow.live.signals import CallFailed, Checked, Clock, JournalBack, JournalFailed, Signal
from hedgerow.market.instrument import parse_symbol
from hedgerow.units import SECOND

START: Final = 1_704_067_200 * SECOND
TRAVEL: Final = SECOND // 20  # of a call or a message, one way
ROUND: Final = 100.0  # what a coin costs at the start where nobody says


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is put on the stage.

    Attributes
    ----------
    prices
        Of each coin at the start.
    contracts
        By venue: what is traded there; from the setup alone where none is given.
    """

    setup: Setup
    care: Care
    prices: Mapping[str, float] = field(default_factory=dict)
    weather: Weather = field(default_factory=Weather)
    contracts: Mapping[str, tuple[PaperContract, ...]] = field(default_factory=dict)
    start: int = START


class Stage:
    """One desk and its venues, which live on without it; `start` it, then let time `pass_by`."""

    def __init__(self, task: Task, seed: int = 7, *, kind: type[Controller] = Controller) -> None:
        self.task = task
        self.clock = VirtualClock(task.start)
        self.switches = Switches()
        self.tape = Tape()
        self.sent: list[Place] = []
        self.notices: list[tuple[int, Notice]] = []
        self.signals: list[Signal] = []  # what the desk heard since `signals` was cleared
        self.keeps_signals = False
        self.is_up = False
        self.checks: Callable[[], None] = lambda: None  # called after every signal
        self._kind = kind
        self._life = 0
        self._unwritten: list[Draft] = []
        setup = task.setup
        coins = sorted({parse_symbol(listing.symbol).base for listing in setup.listings})
        self.walks = {
            coin: Walk(
                task.prices.get(coin, ROUND),
                task.weather,
                Random(f"{seed} {coin}"),  # noqa: S311 - reproducible, not secret
                task.start,
            )
            for coin in coins
        }
        self.venues = {name: self._venue(name) for name in dict.fromkeys(setup.venues.values())}
        self._wires: PaperWires = wires_of(self.venues, setup.venues, self.clock)
        self.controller = kind(setup, (), task.care)
        self.clock.after(1, self._second)

    @property
    def now(self) -> int:
        """The virtual clock, UTC nanoseconds."""
        return self.clock.now

    @property
    def life(self) -> int:
        """How often the desk came up or died."""
        return self._life

    @property
    def records(self) -> Sequence[Record]:
        """What is durable."""
        return self.tape.records

    # --- the process ------------------------------------------------------------------------------

    def start(self) -> None:
        """Bring the desk up, out of what the journal holds."""
        self._life += 1
        self._unwritten = []
        self.is_up = True
        self.switches.dies = ""
        self.controller = self._kind(self.task.setup, tuple(self.tape.records), self.task.care)
        self._do(self.controller.start(self.now))
        for venue in self.venues:
            self.say(venue, alive=True)

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        self.is_up = False
        self._life += 1

    def hear(self, signal: Signal) -> None:
        """Give the desk a signal, if it is up."""
        if not self.is_up:
            return
        if self.keeps_signals:
            self.signals.append(signal)
        self._do(self.controller.handle(signal))
        self.checks()

    def say(self, venue: str, *, alive: bool, reason: str = "") -> None:
        """Tell the desk what became of a venue's quotes."""
        report = StreamReport(
            venue=venue, stream="quotes", alive=alive, time=self.now, reason=reason
        )
        self.hear(report)

    def pass_by(self, seconds: float) -> None:
        """Let so much time pass."""
        self.wait_for(lambda: False, seconds)

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> float | None:
        """Let time pass until a condition holds; return the seconds it took, None if too long."""
        begun, end = self.now, self.now + round(seconds * SECOND)
        while self.now < end:
            if condition():
                return (self.now - begun) / SECOND
            self.clock.step()
        return (self.now - begun) / SECOND if condition() else None

    # --- facts first, then effects ----------------------------------------------------------------

    def _do(self, outcome: Outcome) -> None:
        dies = self.switches.dies if any(isinstance(e, Place) for e in outcome.effects) else ""
        if dies == "before":
            self.kill()
            return
        durable = self._commit(outcome.drafts)
        if dies == "between":
            self.kill()
            return
        for effect in outcome.effects:
            self._begin(effect, durable=durable)
        if dies:
            self.kill()

    def _commit(self, drafts: Sequence[Draft]) -> bool:
        if not drafts and not self._unwritten:
            return True
        waiting = [*self._unwritten, *drafts]
        was_down = bool(self._unwritten)
        try:
            self.tape.append(waiting)
        except JournalUnavailable as error:
            self._unwritten = waiting
            if not was_down:
                failed = JournalFailed(time=self.now, reason=str(error))
                self._do(self.controller.handle(failed))
            return False
        self._unwritten = []
        if was_down:
            self._do(self.controller.handle(JournalBack(time=self.now)))
        return True

    def _begin(self, effect: LiveEffect, *, durable: bool) -> None:
        if isinstance(effect, Notice):
            self.notices.append((self.now, effect))
            return
        if isinstance(effect, SendTransfer) and effect.opening:
            return  # the deposit lies there already
        if not durable and isinstance(effect, Place | SendTransfer):
            self._answer(effect, Failure.UNREACHABLE, 1)
            return
        if isinstance(effect, Place):
            self.sent.append(effect)
        failure = self.switches.before(effect)
        if failure is not None:
            patience = 20 * SECOND if venue_of(effect) in self.switches.hung else TRAVEL
            self._answer(effect, failure, patience)
            return
        life, takes = self._life, TRAVEL
        if isinstance(effect, SendTransfer):
            takes += round(effect.delay_seconds * SECOND)
        self.clock.after(takes, lambda: self._arrive(effect, life))

    def _arrive(self, effect: LiveEffect, life: int) -> None:
        answer = self._wires.act(effect)
        if self.switches.loses_answer(effect):
            self._answer(effect, Failure.UNKNOWN, 20 * SECOND, life)
        elif answer is not None:
            if isinstance(answer, Checked):
                offset = self.switches.skew / SECOND
                answer = replace(answer, facts=replace(answer.facts, clock_offset=offset))
            self._later(TRAVEL, answer, life)

    def _answer(
        self, effect: LiveEffect, failure: Failure, delay: int, life: int | None = None
    ) -> None:
        self._later(delay, self._wires.broken(effect, failure), life)

    def _later(self, delay: int, signal: Signal, life: int | None = None) -> None:
        """Let this life of the desk hear something later."""
        mine = self._life if life is None else life

        def hear() -> None:
            if self._life == mine:
                self.hear(_stamped(signal, self.now))

        self.clock.after(delay, hear)

    # --- what goes on by itself -------------------------------------------------------------------

    def _second(self) -> None:
        """One second of all markets, then of the desk."""
        for walk in self.walks.values():
            walk.step(self.now)
        for listing in _once(self.task.setup):
            venue = self.venues[listing.venue]
            quote = self._walk_of(listing.symbol).quote(listing)
            venue.hear(quote)
            if listing.venue not in self.switches.silent:
                stamp = quote.time + self.switches.skew
                self.hear(replace(quote, time=stamp))
        for venue in self.venues.values():
            venue.advance()
        self.hear(Clock(time=self.now))
        self.clock.after(SECOND, self._second)

    def _venue(self, name: str) -> LoudVenue:
        setup = self.task.setup
        exchange = PaperExchange(
            venue=name,
            contracts=self.task.contracts.get(name)
            or contracts_of(name, setup.terms, setup.listings),
            terms=setup.terms,
            balances=balances_of(setup.terms, setup.venues, name),
        )
        source = WalkFeed(name, setup.listings, self._walk_of, lambda: self.now)
        return LoudVenue(exchange, source, lambda: self.now, self._told)

    def _walk_of(self, symbol: str) -> Walk:
        return self.walks[parse_symbol(symbol).base]

    def _told(self, account: str, report: PrivateReport) -> None:
        if account not in self.switches.mute and self.is_up:
            self._later(TRAVEL, report)

    def trades(self) -> list[TradeReport]:
        """Return all trades of all legs, oldest first."""
        setup = self.task.setup
        found = [
            trade
            for listing in _once(setup)
            for account, venue in setup.venues.items()
            if venue == listing.venue
            for trade in self.venues[venue].exchange.trades(account, listing.symbol, 0)
        ]
        return sorted(found, key=lambda trade: trade.time)


def _once(setup: Setup) -> list[Listing]:
    """Return a listing of each symbol of each venue."""
    found = {(listing.venue, listing.symbol): listing for listing in setup.listings}
    return [*found.values()]


def _stamped(signal: Signal, now: int) -> Signal:
    """Return a failure as of the moment in which it is heard."""
    return replace(signal, time=now) if isinstance(signal, CallFailed) else signal
