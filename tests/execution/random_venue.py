"""A venue, its wires and a crash now and then, all drawn from one seed."""

import heapq
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Protocol

from desk_makers import TOUCH, reported, traded

from hedgerow.execution.dealer import Dealer, Permission
from hedgerow.execution.effects import Cancel, Effect, FetchTrades, Given, Place, Probe
from hedgerow.execution.machine import Step
from hedgerow.execution.order import (
    Listing,
    OrderKind,
    OrderReport,
    OrderRequest,
    OrderStatus,
    TradeReport,
)
from hedgerow.execution.port import Failure
from hedgerow.ledger.journal import Draft, canonical
from hedgerow.units import SECOND

ZERO = Decimal(0)


@dataclass
class Resting:
    """An order at the venue."""

    request: OrderRequest
    filled: Decimal = ZERO
    status: OrderStatus = OrderStatus.OPEN


@dataclass
class RandomVenue:
    """All symbols of one venue; `down` refuses every connection, `fills` is the odds to trade."""

    random: Random
    listing: Sequence[Listing]
    down: bool = False
    fills: float = 0.6
    position: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, Resting] = field(default_factory=dict)
    trades: list[TradeReport] = field(default_factory=list)

    def take(self, request: OrderRequest, now: int) -> list[OrderReport | TradeReport]:
        """Take an order; a name that was there before is the failure of the whole test."""
        assert request.client_id not in self.orders, "ordered twice"
        order = self.orders[request.client_id] = Resting(request)
        if request.reduce_only and self._reducible(request) == ZERO:
            order.status = OrderStatus.REJECTED
            return [reported(request, order.status, 0, now, "ReduceOnly Order is rejected")]
        events: list[OrderReport | TradeReport] = []
        if request.kind is OrderKind.POST_ONLY:
            return [self._said(order, now)]
        events += self._trade(order, now)
        if order.status is OrderStatus.OPEN:
            order.status = OrderStatus.CANCELLED
        return [*events, self._said(order, now)]

    def move(self, now: int) -> list[OrderReport | TradeReport]:
        """Trade against what rests."""
        events: list[OrderReport | TradeReport] = []
        for order in self.orders.values():
            if order.status is OrderStatus.OPEN and self.random.random() < self.fills / 3:
                events += self._trade(order, now)
                events.append(self._said(order, now))
        return events

    def cancel(self, client_id: str, now: int) -> OrderReport | None:
        """Cancel an order, if there is one."""
        order = self.orders.get(client_id)
        if order is None:
            return None
        if order.status is OrderStatus.OPEN:
            order.status = OrderStatus.CANCELLED
        return self._said(order, now)

    def probe(self, client_id: str, now: int) -> OrderReport | None:
        """Return what an order is."""
        order = self.orders.get(client_id)
        return None if order is None else self._said(order, now)

    def _said(self, order: Resting, now: int) -> OrderReport:
        return reported(order.request, order.status, str(order.filled), now)

    def _reducible(self, request: OrderRequest) -> Decimal:
        held = self.position.get(request.symbol, ZERO)
        return abs(held) if held * request.side.sign < ZERO else ZERO

    def _trade(self, order: Resting, now: int) -> list[TradeReport]:
        request = order.request
        most = request.amount - order.filled
        if request.reduce_only:
            most = min(most, self._reducible(request))
        share = self.random.choice((0, 1, 1, 0.5)) if self.random.random() < self.fills else 0
        (lot,) = {each.lot for each in self.listing if each.symbol == request.symbol}
        amount = (most * Decimal(str(share)) / lot).to_integral_value("ROUND_DOWN") * lot
        if amount > ZERO:
            trade = traded(request, str(amount), now, f"{len(self.trades)}")
            self.trades.append(trade)
            order.filled += amount
            held = self.position.get(request.symbol, ZERO)
            self.position[request.symbol] = held + request.side.sign * amount
        else:
            trade = None
        done = order.filled == request.amount or (
            request.reduce_only and not self._reducible(request)
        )
        if done and order.status is OrderStatus.OPEN:
            full = order.filled == request.amount
            order.status = OrderStatus.FILLED if full else OrderStatus.CANCELLED
        return [] if trade is None else [trade]


class Driven(Protocol):
    """What the world drives: a dealer, or something on top of one."""

    dealer: Dealer

    def hear(self, message: object, now: int) -> Step:
        """Take in one message of the wires."""
        ...

    def tick(self, now: int) -> Step:
        """Take in the clock."""
        ...

    def resume(self, now: int) -> Step:
        """Begin again."""
        ...

    def apply(self, draft: Draft) -> None:
        """Fold one fact."""
        ...

    def snapshot(self) -> object:
        """Return the state."""
        ...


@dataclass(frozen=True)
class Failed:
    """A call failed."""

    client_id: str
    call: str
    failure: Failure
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """A probe was answered."""

    client_id: str
    report: OrderReport | None
    trades: tuple[TradeReport, ...]


@dataclass
class RandomWorld:
    """A desk (made by `make`), venues by name, and wires that fail with odds `faults`."""

    random: Random
    make: Callable[[], Driven]
    venues: dict[str, RandomVenue]
    faults: float = 0.3
    now: int = 1_700_000_000 * SECOND
    queue: list[tuple[int, int, int, object]] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    given: list[Given] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    epoch: int = 0
    count: int = 0
    on_place: Callable[[OrderRequest], None] = lambda _request: None
    flying: dict[str, OrderRequest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.desk = self.make()
        self.shadow = self.make()

    def hits(self) -> bool:
        """Return whether something goes wrong now."""
        return self.random.random() < self.faults

    def do(self, step: Step, *, lost: bool = False) -> None:
        """Fold the facts into the shadow, then carry the effects out (unless a crash is first)."""
        self.drafts += step.drafts
        for draft in step.drafts:
            self.shadow.apply(draft)
        assert self.shadow.snapshot() == self.desk.snapshot()
        self.effects += step.effects
        for effect in step.effects:
            if isinstance(effect, Given):
                self.given.append(effect)
            elif not lost:
                self._carry_out(effect)

    def crash(self, step: Step) -> None:
        """Lose a step's effects and all answers on their way; begin again from the facts."""
        self.do(step, lost=True)
        self.epoch += 1
        self.desk = self.make()
        for draft in self.drafts:
            self.desk.apply(replace(draft, body=json.loads(canonical(draft.body))))
        assert self.desk.snapshot() == self.shadow.snapshot()
        self.do(self.desk.resume(self.now))

    def say(self, message: object, delay: float = 0.0, *, answer: bool = False) -> None:
        """Put a message on its way to the desk; answers die with the desk that asked."""
        self.count += 1
        due = self.now + int(delay * SECOND)
        epoch = self.epoch if answer else -1
        heapq.heappush(self.queue, (due, self.count, epoch, message))

    def stream(self, events: Sequence[OrderReport | TradeReport]) -> None:
        """Send events of the private stream, some late, twice, in another order or never."""
        for event in events:
            if not self.hits():
                self.say(event, 0.01)
                continue
            for _ in range(self.random.choice((0, 1, 2))):
                self.say(event, self.random.choice((0.0, 0.5, 3.0)))

    def run(self, seconds: float) -> None:
        """Let time pass: venues move, messages arrive, the clock ticks."""
        end = self.now + int(seconds * SECOND)
        while self.now < end:
            self.now += SECOND // 2
            for venue in self.venues.values():
                self.stream(venue.move(self.now))
            while self.queue and self.queue[0][0] <= self.now:
                _, _, epoch, message = heapq.heappop(self.queue)
                if callable(message):
                    message()
                elif epoch in {-1, self.epoch}:
                    self.turn(self.desk.hear(message, self.now))
            self.turn(self.desk.tick(self.now))

    def turn(self, step: Step) -> None:
        """Do a step; now and then the desk crashes in it."""
        if self.faults and self.random.random() < 0.01:
            self.crash(step)
        else:
            self.do(step)

    def _carry_out(self, effect: Effect) -> None:
        if isinstance(effect, Place):
            self.on_place(effect.request)
            self._place(effect.request)
        elif isinstance(effect, Cancel):
            self._cancel(effect)
        elif isinstance(effect, Probe):
            self._probe(effect)
        elif isinstance(effect, FetchTrades) and not self.hits():
            venue = self.venues[effect.venue]
            for trade in () if venue.down else tuple(venue.trades):
                if trade.symbol == effect.symbol and trade.time >= effect.since:
                    self.say(trade, 0.1, answer=True)

    def _place(self, request: OrderRequest) -> None:
        venue, name = self.venues[request.venue], request.client_id
        if venue.down:
            self.say(Failed(name, "place", Failure.UNREACHABLE), 0.1, answer=True)
        elif not self.hits():
            self._accept(request, answer=True)
        else:
            fate = self.random.choice(
                ("refused", "unreachable", "limited", "lost", "dropped", "garbled", "late")
            )
            certain = {
                "refused": Failure.REFUSED,
                "unreachable": Failure.UNREACHABLE,
                "limited": Failure.RATE_LIMITED,
            }
            if fate in certain:
                self.say(Failed(name, "place", certain[fate], "busy"), 0.1, answer=True)
                return
            failure = Failure.GARBLED if fate == "garbled" else Failure.UNKNOWN
            self.say(Failed(name, "place", failure), self.random.choice((0.1, 9.0)), answer=True)
            if fate == "late":
                self.flying[name] = request
                self.say(lambda: self._accept(request, answer=False), 4.0)
            elif fate != "lost":
                self._accept(request, answer=False)

    def _accept(self, request: OrderRequest, *, answer: bool) -> None:
        self.flying.pop(request.client_id, None)
        events = self.venues[request.venue].take(request, self.now)
        self.stream(events)
        if answer:
            self.say(events[-1], 0.05, answer=True)

    def _cancel(self, effect: Cancel) -> None:
        venue, name = self.venues[effect.venue], effect.client_id
        if venue.down:
            self.say(Failed(name, "cancel", Failure.UNREACHABLE), 0.1, answer=True)
            return
        fault = self.hits()
        if fault and self.random.random() < 0.5:
            self.say(Failed(name, "cancel", Failure.UNKNOWN), 0.5, answer=True)
            return
        report = venue.cancel(name, self.now)
        if fault:
            self.say(Failed(name, "cancel", Failure.UNKNOWN), 0.5, answer=True)
        elif report is None:
            self.say(Failed(name, "cancel", Failure.REFUSED, "unknown order"), 0.1, answer=True)
        else:
            self.say(report, 0.05, answer=True)

    def _probe(self, effect: Probe) -> None:
        venue = self.venues[effect.venue]
        if venue.down or self.hits():
            self.say(Failed(effect.client_id, "probe", Failure.UNKNOWN), 0.5, answer=True)
            return
        trades = tuple(
            trade
            for trade in venue.trades
            if trade.symbol == effect.symbol and trade.time >= effect.since
        )
        report = venue.probe(effect.client_id, self.now)
        self.say(Answer(effect.client_id, report, trades), 0.1, answer=True)


@dataclass
class DealerDesk:
    """A dealer alone at the end of the wires."""

    dealer: Dealer
    legs: int

    def hear(self, message: object, now: int) -> Step:
        return hear(self.dealer, message, now)

    def tick(self, now: int) -> Step:
        return self.dealer.tick(now, dict.fromkeys(range(self.legs), TOUCH), Permission.ALL)

    def resume(self, now: int) -> Step:
        return self.dealer.resume(now)

    def apply(self, draft: Draft) -> None:
        self.dealer.apply(draft)

    def snapshot(self) -> object:
        return self.dealer.snapshot()


def hear(dealer: Dealer, message: object, now: int) -> Step:
    """Hand a message of the wires to a dealer."""
    if isinstance(message, OrderReport):
        return dealer.report(message, now)
    if isinstance(message, TradeReport):
        return dealer.trade(message, now)
    if isinstance(message, Answer):
        return dealer.probed(message.client_id, message.report, message.trades, now)
    assert isinstance(message, Failed)
    return dealer.failed(message.client_id, message.call, message.failure, message.reason, now)
