"""Makers for the tests of the dealer: a desk's end of the wire, and what a venue answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from hedgerow.execution.dealer import Dealer, Permission, Touch
from hedgerow.execution.effects import Cancel, Effect, Given, Moved, Notice, Place, Probe
from hedgerow.execution.machine import Step
from hedgerow.execution.order import (
    Listing,
    OrderReport,
    OrderRequest,
    OrderStatus,
    TradeReport,
)
from hedgerow.execution.port import Failure
from hedgerow.execution.style import Limits, Style
from hedgerow.ledger.journal import Draft
from hedgerow.units import SECOND

START = 1_700_000_000 * SECOND
TOUCH = Touch(bid=99.9, ask=100.1, time=START)
PERP = Listing(
    venue="binance",
    account="main",
    symbol="BTC/USDT:USDT",
    tick=Decimal("0.1"),
    lot=Decimal("0.001"),
    minimum_size=Decimal("0.001"),
    minimum_notional=Decimal(5),
)
SPOT = replace(PERP, symbol="BTC/USDT", spot=True)
INVERSE = Listing(
    venue="deribit",
    account="main",
    symbol="BTC/USD:BTC",
    tick=Decimal("0.5"),
    lot=Decimal(10),
    minimum_size=Decimal(10),
    inverse=True,
)
E = TypeVar("E", bound=Effect)


def number(text: str | int) -> Decimal:
    return Decimal(text)


@dataclass
class Hand:
    """A dealer with a clock in hand: each method does one thing at `now` and returns its step.

    Every step is folded into a second dealer, which must be equal to the first at once.
    """

    listings: Sequence[Listing] = (PERP,)
    style: Style = field(default_factory=Style)
    limits: Limits = field(default_factory=Limits)
    permission: Permission = Permission.ALL
    touch: Touch = TOUCH
    now: int = START
    drafts: list[Draft] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    trades: int = 0

    def __post_init__(self) -> None:
        self.dealer = self.another()
        self.shadow = self.another()

    def another(self) -> Dealer:
        styles = [self.style] * len(self.listings)
        return Dealer(self.listings, styles, self.limits, "treasury")

    def did(self, step: Step) -> Step:
        for draft in step.drafts:
            self.shadow.apply(draft)
        assert self.shadow.snapshot() == self.dealer.snapshot()
        self.drafts += step.drafts
        self.effects += step.effects
        intents = [draft.key for draft in step.drafts if draft.kind == "intent"]
        assert [request.client_id for request in placed(step)] == intents
        return step

    def wait(self, seconds: float) -> Step:
        self.now += int(seconds * SECOND)
        return self.tick()

    def tick(self) -> Step:
        touches = dict.fromkeys(range(len(self.listings)), self.touch)
        return self.did(self.dealer.tick(self.now, touches, self.permission))

    def aim(self, target: str | int, leg: int = 0, *, hurry: bool = False) -> Step:
        step = self.dealer.aim(
            leg, number(target), self.touch, self.now, self.permission, hurry=hurry
        )
        return self.did(step)

    def report(
        self,
        request: OrderRequest,
        status: OrderStatus,
        filled: str | int = 0,
        reason: str = "",
    ) -> Step:
        return self.did(
            self.dealer.report(reported(request, status, filled, self.now, reason), self.now)
        )

    def trade(self, request: OrderRequest, amount: str | int, name: str = "") -> Step:
        self.trades += 1
        report = traded(request, amount, self.now, name or f"t{self.trades}")
        return self.did(self.dealer.trade(report, self.now))

    def fill(self, request: OrderRequest) -> Step:
        first = self.trade(request, str(request.amount))
        return first.then(self.report(request, OrderStatus.FILLED, str(request.amount)))

    def failed(
        self,
        request: OrderRequest,
        failure: Failure,
        reason: str = "no",
        call: str = "place",
        retry_after: float = 0.0,
    ) -> Step:
        return self.did(
            self.dealer.failed(
                request.client_id, call, failure, reason, self.now, retry_after=retry_after
            )
        )

    def denied(self, request: OrderRequest) -> Step:
        return self.did(self.dealer.probed(request.client_id, None, (), self.now))

    def holds(self, position: str | int, leg: int = 0) -> None:
        self.did(self.dealer.adopt(leg, number(position), self.now))

    @property
    def position(self) -> Decimal:
        return self.dealer.position(0)


def reported(
    request: OrderRequest, status: OrderStatus, filled: str | int, now: int, reason: str = ""
) -> OrderReport:
    return OrderReport(
        venue=request.venue,
        client_id=request.client_id,
        venue_id="v" + request.client_id,
        symbol=request.symbol,
        status=status,
        filled=number(filled),
        average=None,
        time=now,
        reason=reason,
    )


def traded(request: OrderRequest, amount: str | int, now: int, name: str) -> TradeReport:
    return TradeReport(
        venue=request.venue,
        account=request.account,
        symbol=request.symbol,
        trade_id=name,
        client_id=request.client_id,
        side=request.side,
        amount=number(amount),
        price=request.price,
        fee=Decimal("-0.01"),
        fee_currency="USDT",
        time=now,
    )


def of(step: Step, kind: type[E]) -> list[E]:
    return [effect for effect in step.effects if isinstance(effect, kind)]


def placed(step: Step) -> list[OrderRequest]:
    return [effect.request for effect in of(step, Place)]


def the_order(step: Step) -> OrderRequest:
    (request,) = placed(step)
    return request


def cancelled(step: Step) -> list[str]:
    return [effect.client_id for effect in of(step, Cancel)]


def probes(step: Step) -> list[str]:
    return [effect.client_id for effect in of(step, Probe)]


def given(step: Step) -> list[str]:
    return [effect.reason for effect in of(step, Given)]


def moves(step: Step) -> list[tuple[Decimal, Decimal]]:
    return [(effect.lots, effect.left) for effect in of(step, Moved)]


def notices(step: Step) -> list[tuple[str, str]]:
    return [(effect.level, effect.topic) for effect in of(step, Notice)]
