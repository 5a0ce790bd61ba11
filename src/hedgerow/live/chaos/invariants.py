"""What must hold after every event, and what must hold once all is quiet."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hedgerow.engine.desk_worth import parts, worth
from hedgerow.execution.effects import Place
from hedgerow.execution.order import Cause, TradeReport
from hedgerow.execution.port import TransferReport
from hedgerow.ledger.journal import Record
from hedgerow.live.chaos.dangers import Dangers
from hedgerow.live.chaos.operator import Left
from hedgerow.live.chaos.process import Process
from hedgerow.live.chaos.scenario import COINS, Scenario
from hedgerow.live.chaos.trouble import opens
from hedgerow.live.chaos.truth import Truth
from hedgerow.live.controller import Controller
from hedgerow.live.effects import LiveEffect
from hedgerow.live.paper.exchange import PaperExchange
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from hedgerow.units import MINUTE, SECOND

STALE = 12 * MINUTE  # looks are written down every five minutes
CRUMBS = Decimal("0.005")  # coins that a pair may miss: what is too little for an order
FORGOTTEN = 10 * MINUTE
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
    pair: float = 5e7
    rounding: float = 1e-9


class Broken(NamedTuple):
    """An invariant that did not hold; `time` is UTC nanoseconds of the virtual clock."""

    name: str
    time: int
    text: str


@dataclass(slots=True)
class Exposed:
    """Adds up what is exposed, quote times seconds, from when it begins until it is none."""

    name: str
    worst: float = 0.0
    _now: float = 0.0

    def add(self, amount: float, passed: int, limit: float, now: int, watch: "Watch") -> None:
        """Take in what was exposed for so many nanoseconds."""
        if amount == 0.0:
            self._now = 0.0
            return
        self._now += amount * passed / SECOND
        self.worst = max(self.worst, self._now)
        watch.checked += 1
        if self._now > limit:
            watch.note(self.name, now, f"{self._now:.3g} USD s are exposed")
            self._now = 0.0

    def rest(self) -> None:
        """Begin anew."""
        self._now = 0.0


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
    _intents: set[str] = field(default_factory=set)
    _sent: set[str] = field(default_factory=set)
    _looked: dict[int, int] = field(default_factory=dict)  # last decision by leg
    _fresh: bool = False
    _steps: int = 0
    worst_double: float = 0.0  # fraction of what is to be hedged
    truth: Truth = field(init=False)
    dangers: Dangers = field(init=False)
    _hedges: Exposed = field(default_factory=lambda: Exposed("naked within its limit"))
    _pairs: Exposed = field(default_factory=lambda: Exposed("pair within its limit"))
    _naked_since: int = 0
    _killed: bool = False
    _disturbed: int = -FORGOTTEN  # when something happened last that no order caused
    _unheard: list[TradeReport] = field(default_factory=list)  # of others', perhaps known by now
    _exposures: deque[tuple[int, float]] = field(default_factory=deque)  # what there was to hedge
    _bounds: dict[int, str] = field(default_factory=dict)  # what the last decision was bound by
    _balanced: tuple[object, object, int] | None = None  # what the last look at equity was at

    def __post_init__(self) -> None:
        task, rounding = self.scenario, self.demands.rounding
        self.truth = Truth(task, self.process, self.exchanges, rounding)
        self.dangers = Dangers(task, task.care.guards.peg_after)

    @property
    def worst_naked(self) -> float:
        """The largest unhedged notional times seconds."""
        return self._hedges.worst

    @property
    def worst_alone(self) -> float:
        """The largest notional times seconds of a pair that stood on one leg."""
        return self._pairs.worst

    def recorded(self, records: Sequence[Record]) -> None:
        """Take in what became durable: the shadow folds it, and never hears anything else."""
        for record in records:
            self.shadow.apply(record)
            if record.kind == "intent":
                self._intents.add(record.key)
            elif record.kind == "decision":
                self._looked[int(record.body["leg"])] = record.time
                self._bounds[int(record.body["leg"])] = record.body["bound"]
                if record.body["exposure"]:
                    self._exposures.append((record.time, float(record.body["exposure"])))
                if "other" in record.body:
                    self._looked[int(record.body["other"])] = record.time
            elif record.kind == "difference" and record.body["reason"] == "unexplained":
                text = f"{record.body['subject']}: {record.body['ours']}, {record.body['theirs']}"
                self.note("all is explained", record.time, text)
            elif record.kind == "operator":
                self._ordered(record)
        self._fresh = True

    def _ordered(self, record: Record) -> None:
        """Remember whether an operator killed the desk, as soon as that is durable."""
        said, later = record.body["order"], record.body.get("begins_as")
        if said != Order.RESET and (record.body["done"] or later):
            self._killed = said == Order.KILL

    def carried(self, effect: LiveEffect, now: int) -> None:
        """Take in what the desk does: an order goes out once, and only as it was recorded."""
        if not isinstance(effect, Place):
            return
        request = effect.request
        self.checked += 3
        if request.client_id in self._sent:
            self.note("ordered twice", now, f"order {request.client_id} was sent again")
        self._sent.add(request.client_id)
        if request.client_id not in self._intents:
            self.note("intent first", now, f"order {request.client_id} was never recorded")
        if not opens(request):
            return
        state = self.process.controller.standing.state
        if state is not State.TRADING:
            self.note("closes only reduce", now, f"{request} was sent while {state}")
        if self._killed:
            self.note("killed opens nothing", now, f"{request} was sent by a killed desk")
        why_not = self.dangers.forbids(request, now)
        if why_not:
            self.note("no risk in danger", now, f"{request} was sent while {why_not}")

    def traded(self, trade: TradeReport, before: Decimal, now: int) -> None:
        """Take in a trade at a venue, where `before` was held."""
        if trade.cause is not Cause.OURS:
            self._disturbed = now
            self._unheard.append(trade)
            return
        order = self.exchanges[trade.venue].accounts[trade.account].orders[trade.client_id]
        if not order.request.reduce_only:
            self._check_double(trade, now)
            return
        self.checked += 1
        after = before + trade.side.sign * trade.amount
        if abs(after) > abs(before) or after * before < 0:
            self.note(
                "closes only reduce", now, f"a reduce-only trade went from {before} to {after}"
            )

    def moved(self, report: TransferReport, now: int) -> None:
        """Take in money that moved at a venue: no more comes out of a reserve than was in it."""
        accounts = self.scenario.setup.terms.accounts
        terms = next(each for each in accounts if each.name == report.account)
        account = self.exchanges[report.venue].accounts[report.account]
        self.checked += 1
        moved = float(self.truth.moved(account))
        if moved > terms.reserve * (1.0 + self.demands.rounding):
            text = f"{moved} came into {terms.name} out of a reserve of {terms.reserve}"
            self.note("transfers conserve money", now, text)

    def _is_unheard(self, trade: TradeReport) -> bool:
        """Whether the desk cannot know yet of a trade that was not its own."""
        places = [(place.account, place.symbol) for place in self.scenario.places]
        leg = places.index((trade.account, trade.symbol))
        return self.process.controller.core.dealer.position(leg) != self.truth.held(leg)

    def _check_double(self, trade: TradeReport, now: int) -> None:
        """Check that an order that opened did not hedge twice what another leg hedges already.

        Right after something that no order caused, nobody can know what is held; nor while its
        venue cannot be reached.
        """
        failover = self.scenario.care.failover
        self._unheard = [other for other in self._unheard if self._is_unheard(other)]
        if failover is None or self._unheard or now - self._disturbed < FORGOTTEN:
            return
        while len(self._exposures) > 1 and now - self._exposures[1][0] > FORGOTTEN:
            self._exposures.popleft()
        most = max((exposure for _, exposure in self._exposures), default=COINS)
        guard = float(failover.tolerance) * most + sum(
            self.truth.allowed(leg) for leg in range(self.scenario.setup.legs)
        )
        over = self.truth.over(most)
        self.checked += 1
        self.worst_double = max(self.worst_double, over / most)
        if over > guard:
            text = f"{over:.4f} BTC are hedged twice after {trade.amount} of {trade.symbol}"
            self.note("hedged once", now, text)

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
            self.note("state is the fold", now, difference(mine, folded))
        self._check_equity(now)

    def restarted(self, now: int) -> None:
        """Check a controller made from the journal against one that followed it."""
        self.checked += 1
        self._fresh = False  # what it says first may have to wait for the journal
        if not same(self.process.controller, self.shadow, whole=True):
            self.note("state is the fold", now, difference(self.process.controller, self.shadow))

    def refold(self, now: int) -> None:
        """Fold the whole journal anew and compare."""
        task = self.scenario
        anew = Controller(task.setup, self.process.tape.records, task.care)
        self.checked += 1
        if not same(anew, self.shadow, whole=True):
            self.note("state is the fold", now, "refolded: " + difference(anew, self.shadow))

    def unsettled(self, now: int, left: Left | None = None) -> str:
        """Return what is not as it must be once all is quiet; "" where all is.

        A desk that was `left` stopped must be so for the reason that was given, with books that
        agree, no leg of a pair alone, and nothing held where everything was to be closed.
        """
        if not self.process.is_up:
            return "the desk is down"
        standing = self.process.controller.standing
        if left is None and standing.state is not State.TRADING:
            return f"the desk is {standing.state} ({standing.reason})"
        if left and (standing.state is not left.state or left.reason not in standing.reason):
            return f"the desk is {standing.state} ({standing.reason}), and was left {left}"
        legs, truth = range(len(self.scenario.places)), self.truth
        if left is None and any(now - self._looked.get(leg, 0) > STALE for leg in legs):
            return "the desk has not looked at its hedge for long"
        trouble = next(filter(None, map(truth.leg_differs, legs)), "")
        trouble = trouble or self._pairs_differ(left)
        if left is None:
            trouble = trouble or next(filter(None, map(self._hedge_differs, legs)), "")
        elif left.order is Order.FLATTEN:
            trouble = trouble or next(filter(None, map(self._is_open_still, legs)), "")
        return trouble or truth.cash_differs() or truth.trades_differ()

    def _hedge_differs(self, leg: int) -> str:
        if leg in self.scenario.setup.paired:
            return ""
        if self.truth.is_lent(leg):
            return f"others still stand in for leg {leg}"
        gap = 0.0 if self._is_short(leg) else self.truth.gap(leg)
        return f"leg {leg} is {gap:.6f} BTC from its goal" if gap > self.truth.allowed(leg) else ""

    def _is_short(self, leg: int) -> bool:
        """Whether margin is what the hedge lacks: the desk says so, and the venue shows it."""
        goal = self.process.controller.core.desk.plans[leg].goal
        return self._bounds.get(leg) == "margin" and self.truth.is_short(leg, goal)

    def _is_open_still(self, leg: int) -> str:
        held = self.truth.held(leg)
        closed = self.scenario.places[leg].spot or not held
        return "" if closed else f"leg {leg} holds {held}, and everything was to be closed"

    def _pairs_differ(self, left: Left | None) -> str:
        for task in self.scenario.setup.pairs:
            first, second = (self.truth.held(leg) for leg in task.legs)
            if self.truth.naked(task):
                return f"pair {task.name} stands on one leg: {first} and {second}"
            short = any(
                self.truth.is_short(leg, float(task.size))
                for leg in task.legs
                if not self.scenario.places[leg].spot
            )
            if left is None and abs(first - task.size) > CRUMBS and not short:
                return f"pair {task.name} holds {first} of {task.size}"
        return ""

    def is_open(self) -> bool:
        """Whether a leg is farther from its goal than it may be, and the desk may mend it."""
        if not self.process.is_up:
            return False
        if any(self.truth.naked(task) for task in self.scenario.setup.pairs):
            return True
        return self._may_trade() and self._unhedged() > 0.0

    def finish(self, now: int) -> None:
        """Check what holds once all is quiet, and only then."""
        self.checked += 2
        self._hedges.rest()
        self._pairs.rest()
        for exchange in self.exchanges.values():
            for account in exchange.accounts.values():
                flows: dict[str, Decimal] = {}
                for flow in account.flows:
                    flows[flow.currency] = flows.get(flow.currency, Decimal(0)) + flow.amount
                if any(account.balance(coin) != total for coin, total in flows.items()):
                    self.note("cash is conserved", now, f"{account.name}: {flows}")

    def late(self, now: int, text: str) -> None:
        """Note that all was not well in time."""
        self.note("recovers in time", now, text)

    @property
    def orders(self) -> int:
        """How many orders were sent."""
        return len(self._sent)

    def _measure_naked(self, now: int) -> None:
        """Add up what is unhedged, and alone of pairs, while the desk could do something."""
        passed = now - self._naked_since
        if passed < SECOND:
            return
        self._naked_since = now
        if passed > 10 * MINUTE or self.hindered():
            return
        if self._may_trade():
            self._hedges.add(self._unhedged(), passed, self.demands.naked, now, self)
        if self.process.is_up and self.process.controller.standing.state is not State.STOPPED:
            self._pairs.add(self._alone(), passed, self.demands.pair, now, self)

    def _unhedged(self) -> float:
        """Return what is unhedged beyond the band, quote."""
        truth, worst = self.truth, 0.0
        for leg in range(self.scenario.setup.legs):
            gap = truth.gap(leg)
            if gap > truth.allowed(leg) and not self._is_short(leg):
                worst += gap * truth.mark(leg)
        return worst

    def _alone(self) -> float:
        """Return what stands on one leg of pairs, quote."""
        tasks = self.scenario.setup.pairs
        return sum(self.truth.naked(task) * self.truth.mark(task.second) for task in tasks)

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
            self.note("equity identity", now, f"{left:g} of {total:g} is unexplained")

    def note(self, name: str, now: int, text: str) -> None:
        """Note an invariant that did not hold."""
        if len(self.broken) < 20:
            self.broken.append(Broken(name, now, text))


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
