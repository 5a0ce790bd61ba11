"""What must hold after every event, and what must hold once all is quiet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hedgerow.engine.desk_worth import parts, worth
from hedgerow.execution.effects import Place
from hedgerow.execution.order import Cause, TradeReport
from hedgerow.kernels.contract import base_size
from hedgerow.ledger.journal import Record
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.scenario import BAND, COINS, PRICE, Scenario
from hedgerow.live.controller import Controller
from hedgerow.live.effects import LiveEffect
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.view import State
from hedgerow.units import MINUTE, SECOND

STALE = 12 * MINUTE  # looks are written down every five minutes
WHOLE_EVERY = 64  # steps that record something, between two comparisons of the whole state


@dataclass(frozen=True, slots=True, kw_only=True)
class Demands:
    """What a desk is held to.

    Attributes
    ----------
    recovery
        Longest time to be hedged and reconciled once nothing goes wrong any more, nanoseconds.
    naked
        Largest unhedged notional beyond the band times seconds, while the desk is up and may
        trade, before it is hedged again; quote times seconds.
    rounding
        What cash and equity may be off by, fraction of what was turned over.
    """

    recovery: int = 15 * MINUTE
    naked: float = 1e9
    rounding: float = 1e-9


class Broken(NamedTuple):
    """An invariant that did not hold; `time` is UTC nanoseconds of the virtual clock."""

    name: str
    time: int
    text: str


@dataclass(slots=True)
class Watch:
    """Looks at a desk from outside: at what it sends, records and holds, and at the venues.

    `hindered` says whether the desk cannot do anything about a hedge that is missing: a venue, the
    quotes or the journal are away.
    """

    scenario: Scenario
    process: Process
    exchanges: dict[str, PaperExchange]
    demands: Demands
    shadow: Controller
    hindered: Callable[[], bool]
    broken: list[Broken] = field(default_factory=list)
    checked: int = 0
    worst_naked: float = 0.0
    _intents: set[str] = field(default_factory=set)
    _sent: set[str] = field(default_factory=set)
    _looked: dict[int, int] = field(default_factory=dict)  # last decision by leg
    _fresh: bool = False
    _steps: int = 0
    _naked: float = 0.0
    _naked_since: int = 0
    _balanced: tuple[object, object, int] | None = None  # what the last look at equity was at

    def recorded(self, records: Sequence[Record]) -> None:
        """Take in what became durable: the shadow folds it, and never hears anything else."""
        for record in records:
            self.shadow.apply(record)
            if record.kind == "intent":
                self._intents.add(record.key)
            elif record.kind == "decision":
                self._looked[int(record.body["leg"])] = record.time
            elif record.kind == "difference" and record.body["reason"] == "unexplained":
                text = f"{record.body['subject']}: {record.body['ours']}, {record.body['theirs']}"
                self._break("all is explained", record.time, text)
        self._fresh = True

    def carried(self, effect: LiveEffect, now: int) -> None:
        """Take in what the desk does: an order goes out once, and only as it was recorded."""
        if not isinstance(effect, Place):
            return
        request = effect.request
        self.checked += 3
        if request.client_id in self._sent:
            self._break("ordered twice", now, f"order {request.client_id} was sent again")
        self._sent.add(request.client_id)
        if request.client_id not in self._intents:
            self._break("intent first", now, f"order {request.client_id} was never recorded")
        state = self.process.controller.standing.state
        if state is not State.TRADING and not request.reduce_only:
            self._break("closes only reduce", now, f"{request} was sent while {state}")

    def traded(self, trade: TradeReport, before: Decimal, now: int) -> None:
        """Take in a trade at a venue, where `before` was held."""
        if trade.cause is not Cause.OURS:
            return
        order = self.exchanges[trade.venue].accounts[trade.account].orders[trade.client_id]
        if not order.request.reduce_only:
            return
        self.checked += 1
        after = before + trade.side.sign * trade.amount
        if abs(after) > abs(before) or after * before < 0:
            self._break(
                "closes only reduce", now, f"a reduce-only trade went from {before} to {after}"
            )

    def after_event(self, now: int) -> None:
        """Check what holds after every event."""
        self._measure_naked(now)
        if not self._fresh or not self.process.is_up:
            return
        self._fresh = False
        self._steps += 1
        self.checked += 1
        mine, folded = self.process.controller, self.shadow
        if not same(mine, folded, whole=self._steps % WHOLE_EVERY == 0):
            self._break("state is the fold", now, difference(mine, folded))
        self._check_equity(now)

    def restarted(self, now: int) -> None:
        """Check a controller made from the journal against one that followed it."""
        self.checked += 1
        self._fresh = False  # what it says first may have to wait for the journal
        if not same(self.process.controller, self.shadow, whole=True):
            self._break("state is the fold", now, difference(self.process.controller, self.shadow))

    def refold(self, now: int) -> None:
        """Fold the whole journal anew and compare."""
        task = self.scenario
        anew = Controller(task.setup, self.process.tape.records, task.care)
        self.checked += 1
        if not same(anew, self.shadow, whole=True):
            self._break("state is the fold", now, "refolded: " + difference(anew, self.shadow))

    def unsettled(self, now: int) -> str:
        """Return what is not as it must be once all is quiet; "" where all is."""
        if not self.process.is_up:
            return "the desk is down"
        state = self.process.controller.standing.state
        if state is not State.TRADING:
            return f"the desk is {state}"
        legs = range(len(self.scenario.places))
        if any(now - self._looked.get(leg, 0) > STALE for leg in legs):
            return "the desk has not looked at its hedge for long"
        trouble = next(filter(None, map(self._leg_differs, legs)), "")
        return trouble or self._cash_differs() or self._trades_differ()

    def _leg_differs(self, leg: int) -> str:
        core, held, gap = self.process.controller.core, self._held(leg), self._gap(leg)
        if not core.dealer.settled(leg):
            return f"leg {leg} has orders out"
        if core.dealer.position(leg) != held:
            return f"leg {leg}: the dealer has {core.dealer.position(leg)}, the venue {held}"
        lot = self.scenario.setup.listings[leg].lot
        booked = Decimal(repr(core.desk.books.positions[leg].lots)) * lot
        if booked != held:
            return f"leg {leg}: the books have {booked}, the venue {held}"
        if self._is_lent(leg):
            return f"others still stand in for leg {leg}"
        if gap > self._allowed(leg):
            return f"leg {leg} is {gap:.6f} BTC from its goal"
        return ""

    def is_open(self) -> bool:
        """Whether a leg is farther from its goal than it may be, and the desk may mend it."""
        return self._may_trade() and any(
            self._gap(leg) > self._allowed(leg) for leg in range(len(self.scenario.places))
        )

    def finish(self, now: int) -> None:
        """Check what holds once all is quiet, and only then."""
        self.checked += 2
        self._naked = 0.0
        for exchange in self.exchanges.values():
            for account in exchange.accounts.values():
                flows: dict[str, Decimal] = {}
                for flow in account.flows:
                    flows[flow.currency] = flows.get(flow.currency, Decimal(0)) + flow.amount
                if any(account.balance(coin) != total for coin, total in flows.items()):
                    self._break("cash is conserved", now, f"{account.name}: {flows}")

    def late(self, now: int, text: str) -> None:
        """Note that all was not well in time."""
        self._break("recovers in time", now, text)

    @property
    def orders(self) -> int:
        """How many orders were sent."""
        return len(self._sent)

    def _cash_differs(self) -> str:
        """Compare wallets with all open positions closed at their entries.

        That does not depend on the order in which trades are heard of, as the wallet alone does.
        """
        setup = self.scenario.setup
        books = self.process.controller.core.desk.books
        for purse, terms in zip(books.purses, setup.terms.accounts, strict=True):
            account = self.exchanges[setup.venues[terms.name]].accounts[terms.name]
            mine, theirs = purse.wallet, float(account.balance(terms.collateral))
            scale = max(abs(theirs), terms.deposit, books.sums.turnover / PRICE)
            for number, leg in enumerate(setup.terms.legs):
                if leg.account == terms.name:
                    position, held = books.positions[number], account.position(leg.instrument)
                    size = position.lots * leg.lot_size
                    mine -= signed_worth(size, position.entry, inverse=leg.inverse)
                    theirs -= signed_worth(float(held.amount), held.entry, inverse=leg.inverse)
            if abs(mine - theirs) > self.demands.rounding * scale:
                return f"account {terms.name}: the books have {mine}, the venue {theirs}"
        return ""

    def _trades_differ(self) -> str:
        known = {
            record.key
            for record in self.process.tape.records
            if record.kind in {"trade", "foreign"}
        }
        for place in self.scenario.places:
            trades = self.exchanges[place.venue].trades(place.account, place.symbol, 0)
            for trade in trades:
                key = f"{trade.venue} {trade.account} {trade.symbol} {trade.trade_id}"
                if key not in known:
                    return f"trade {key} ({trade.cause}) is not in the journal"
        return ""

    def _is_lent(self, leg: int) -> bool:
        warden = self.process.controller.warden
        failover = None if warden is None else warden.failover
        return failover is not None and failover.cover(leg).total != 0

    def _held(self, leg: int) -> Decimal:
        place = self.scenario.places[leg]
        held = self.exchanges[place.venue].accounts[place.account].held.get(place.symbol)
        return Decimal(0) if held is None else held.amount

    def _gap(self, leg: int) -> float:
        """Return how far the venue's position is from the desk's goal, base coin."""
        desk = self.process.controller.core.desk
        if leg >= len(desk.plans) or not desk.market.quotes:
            return 0.0
        place = self.scenario.places[leg]
        mark = self.exchanges[place.venue].book(place.symbol).mark
        return abs(base_size(float(self._held(leg)), mark, place.inverse) - desk.plans[leg].goal)

    def _allowed(self, leg: int) -> float:
        """Return how far it may be: the band, a few lots, and what moves between two looks."""
        exposure = abs(self.process.controller.core.desk.plans[leg].exposure)
        place = self.scenario.places[leg]
        mark = max(self.exchanges[place.venue].book(place.symbol).mark, 1.0)
        lots = 20.0 / mark if place.inverse else 0.002
        least = self.scenario.setup.terms.legs[leg].minimum / mark
        return 1.5 * BAND * max(exposure, 0.1 * COINS) + lots + least

    def _measure_naked(self, now: int) -> None:
        """Add up what is unhedged beyond the band while the desk could do something about it."""
        passed = now - self._naked_since
        if passed < SECOND:
            return
        self._naked_since = now
        if passed > 10 * MINUTE or not self._may_trade() or self.hindered():
            return
        worst = 0.0
        for leg, place in enumerate(self.scenario.places):
            gap = self._gap(leg)
            if gap > self._allowed(leg):
                worst += gap * self.exchanges[place.venue].book(place.symbol).mark
        if worst == 0.0:
            self._naked = 0.0
            return
        self._naked += worst * passed / SECOND
        self.worst_naked = max(self.worst_naked, self._naked)
        self.checked += 1
        if self._naked > self.demands.naked:
            self._break("naked within its limit", now, f"{self._naked:.3g} USD s are unhedged")
            self._naked = 0.0

    def _may_trade(self) -> bool:
        up, state = self.process.is_up, self.process.controller.standing.state
        return up and state is State.TRADING

    def _check_equity(self, now: int) -> None:
        desk = self.process.controller.core.desk
        if not desk.market.worth or not desk.market.quotes:
            return
        self.checked += 1
        balanced = desk, desk.market, len(desk.ledger)
        if balanced == self._balanced:
            return  # neither money nor prices moved; that books follow the ledger is checked above
        self._balanced = balanced
        sums = desk.books.sums
        total = worth(desk.books, desk.market) - sums.opening - sums.flows
        left = total - sum(parts(desk.books, desk.market))
        if not abs(left) <= self.demands.rounding * max(sums.turnover, sums.opening):
            self._break("equity identity", now, f"{left:g} of {total:g} is unexplained")

    def _break(self, name: str, now: int, text: str) -> None:
        if len(self.broken) < 20:
            self.broken.append(Broken(name, now, text))


def signed_worth(size: float, entry: float, *, inverse: bool) -> float:
    """Return what a position cost, settle asset: what a wallet gives up for it at its entry.

    >>> signed_worth(2.0, 100.0, inverse=False), signed_worth(100.0, 50.0, inverse=True)
    (200.0, -2.0)
    """
    return -size / entry if inverse else size * entry


def same(one: Controller, two: Controller, *, whole: bool) -> bool:
    """Return whether two controllers are in the same state; `whole` compares all of it."""
    if whole:
        return one.snapshot() == two.snapshot()
    first, second = one.core, two.core
    if one.standing != two.standing or first.desk.books != second.desk.books:
        return False
    mine, folded = first.dealer, second.dealer
    for leg in range(len(one.setup.listings)):
        if mine.bounds(leg) != folded.bounds(leg) or mine.target(leg) != folded.target(leg):
            return False
        if mine.position(leg) != folded.position(leg):
            return False
    return True


def difference(one: Controller, two: Controller) -> str:
    """Return in words where two controllers differ."""
    if one.standing != two.standing:
        return f"state {one.standing} against {two.standing}"
    if one.core.desk.books != two.core.desk.books:
        return f"books {one.core.desk.books} against {two.core.desk.books}"
    for leg in range(len(one.setup.listings)):
        mine = one.core.dealer.bounds(leg), one.core.dealer.target(leg)
        theirs = two.core.dealer.bounds(leg), two.core.dealer.target(leg)
        if mine != theirs:
            return f"leg {leg}: {mine} against {theirs}"
    return f"{one.snapshot()} against {two.snapshot()}"
