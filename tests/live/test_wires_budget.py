"""Requests share a venue's budget: closing orders go first, and a ban keeps everybody away."""

import asyncio
from decimal import Decimal
from typing import Any, cast

from hedgerow.execution.budget import Rate, RateBudget
from hedgerow.execution.effects import Place
from hedgerow.execution.order import OrderKind, OrderReport, OrderRequest, OrderStatus, Side
from hedgerow.execution.port import Failure, RateLimited
from hedgerow.live.effects import FetchSnapshot
from hedgerow.live.signals import CallFailed
from hedgerow.live.wires import Wire, Wires
from hedgerow.units import MINUTE, SECOND

LOOK = FetchSnapshot(venue="binance", account="main")


def order(*, reduce_only: bool) -> Place:
    request = OrderRequest(
        client_id="hg1",
        venue="binance",
        account="main",
        symbol="BTC/USDT:USDT",
        side=Side.SELL,
        amount=Decimal(1),
        kind=OrderKind.MARKET,
        price=Decimal(60_000),
        reduce_only=reduce_only,
    )
    return Place(request=request)


class Exchange:
    """Takes every order; refuses for too many requests once told to."""

    def __init__(self) -> None:
        self.limited = False
        self.asked = 0

    async def place(self, request: OrderRequest) -> OrderReport:
        self.asked += 1
        if self.limited:
            raise RateLimited("429", retry_after=30.0)
        return OrderReport(
            venue=request.venue,
            client_id=request.client_id,
            venue_id="1",
            symbol=request.symbol,
            status=OrderStatus.OPEN,
            filled=Decimal(0),
            average=None,
            time=0,
        )

    async def snapshot(self) -> str:
        self.asked += 1
        return "held"


def wires(exchange: Exchange, weight: float) -> Wires:
    wire = Wire(gateway=cast("Any", exchange), account=cast("Any", exchange))
    budget = RateBudget({"binance": Rate(weight=weight, window=MINUTE)})
    return Wires({}, {"main": wire}, {"main": ()}, lambda: SECOND, budget)


def test_what_the_budget_cannot_pay_is_not_asked_and_says_for_how_long() -> None:
    exchange = Exchange()
    desk = wires(exchange, weight=20.0)  # ten at once, and a look costs ten
    assert asyncio.run(desk.carry(LOOK)) == "held"
    failed = asyncio.run(desk.carry(LOOK))
    assert isinstance(failed, CallFailed)
    assert failed.failure is Failure.RATE_LIMITED
    assert failed.retry_after > 5.0
    assert exchange.asked == 1


def test_a_closing_order_takes_what_an_opening_one_must_leave() -> None:
    exchange = Exchange()
    desk = wires(exchange, weight=2.0)  # one at once
    opening = asyncio.run(desk.carry(order(reduce_only=False)))
    assert isinstance(opening, OrderReport)
    again = asyncio.run(desk.carry(order(reduce_only=False)))
    assert isinstance(again, CallFailed)
    fresh = wires(exchange, weight=4.0)
    assert isinstance(asyncio.run(fresh.carry(order(reduce_only=True))), OrderReport)
    assert isinstance(asyncio.run(fresh.carry(order(reduce_only=False))), CallFailed)
    assert isinstance(asyncio.run(fresh.carry(order(reduce_only=True))), OrderReport)


def test_a_venue_that_asks_for_patience_is_left_alone_by_everybody() -> None:
    exchange = Exchange()
    desk = wires(exchange, weight=2_400.0)
    exchange.limited = True
    first = asyncio.run(desk.carry(order(reduce_only=True)))
    assert isinstance(first, CallFailed)
    assert first.failure is Failure.RATE_LIMITED
    exchange.limited = False
    assert isinstance(asyncio.run(desk.carry(order(reduce_only=True))), CallFailed)
    assert isinstance(asyncio.run(desk.carry(LOOK)), CallFailed)
    assert exchange.asked == 1
