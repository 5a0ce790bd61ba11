"""Requests share a venue's budget: closing orders go first, and a ban keeps everybody away."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from on_loopback import QUICK

from fake_venue.binance import BinanceServer
from hedgerow.adapters.venues.connection import Connection, connect
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.known import VENUES, quirks_of, rate_budget
from hedgerow.adapters.venues.opening import Where, open_venue
from hedgerow.adapters.venues.pace import Pace, going_as
from hedgerow.execution.budget import Priority, Rate, RateBudget
from hedgerow.execution.order import OrderKind, OrderRequest, Side
from hedgerow.execution.port import RateLimited
from hedgerow.execution.secret import Secret
from hedgerow.units import MINUTE, SECOND

BTC = "BTC/USDT:USDT"
Story = Callable[[BinanceServer, Connection], Awaitable[None]]


def lived(budget: RateBudget, story: Story) -> None:
    async def run() -> None:
        async with BinanceServer() as venue:
            connection = connect(
                "binance", symbols=[BTC], loopback_url=venue.url, budget=budget, timeout=2_000
            )
            try:
                await story(venue, connection)
            finally:
                await connection.close()

    asyncio.run(run())


async def clock(connection: Connection, priority: Priority = Priority.LOOK) -> object:
    return await connection.ask("clock", connection.exchange.fetch_time, priority=priority)


def spent(priority: Priority) -> RateBudget:
    """Return a budget from which only more urgent requests than `priority` can pay."""
    budget = RateBudget({"binance": Rate(weight=100.0, window=60 * MINUTE)})
    pace = Pace(budget=budget, venue="binance")
    while not budget.ask("binance", 1.0, priority, pace.now()):
        pass
    return budget


def test_a_request_that_the_budget_cannot_pay_is_never_sent() -> None:
    async def story(venue: BinanceServer, connection: Connection) -> None:
        with pytest.raises(RateLimited, match="not sent: the budget of requests is spent") as why:
            await clock(connection)
        assert why.value.retry_after > 5.0
        assert not venue.requests

    lived(spent(Priority.LOOK), story)


def test_what_closes_goes_out_where_what_opens_must_wait() -> None:
    async def story(venue: BinanceServer, connection: Connection) -> None:
        with pytest.raises(RateLimited):
            await clock(connection, Priority.OPEN)
        assert await clock(connection, Priority.CLOSE)
        assert len(venue.requests) == 1

    lived(spent(Priority.OPEN), story)


def test_a_short_wait_is_waited() -> None:
    budget = RateBudget({"binance": Rate(weight=4.0, window=SECOND // 2)})

    async def story(_: BinanceServer, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for _each in range(4):
            await clock(connection, Priority.CLOSE)
        assert loop.time() - began > 0.4  # two at once, then four a second

    lived(budget, story)


def test_a_ban_is_kept_by_every_connection() -> None:
    budget = rate_budget()

    async def story(venue: BinanceServer, connection: Connection) -> None:
        venue.faults.busy("", 418, retry_after=30)
        with pytest.raises(RateLimited) as banned:
            await clock(connection)
        assert banned.value.retry_after == 30.0
        keys = Keys(key=Secret(venue.key), secret=Secret(venue.secret))
        where = Where(loopback_url=venue.url, patience=QUICK, budget=budget)
        feed, _, accounts = open_venue("binance", {"main": (BTC,)}, {"main": keys}, where)
        with pytest.raises(RateLimited) as also:
            await accounts["main"].snapshot()
        assert 25.0 < also.value.retry_after <= 30.0
        assert len(venue.requests) == 1
        await feed.close()
        await accounts["main"].close()

    lived(budget, story)


def test_a_request_that_was_held_back_here_is_no_ban_of_the_venue() -> None:
    budget = spent(Priority.LOOK)

    async def story(_: BinanceServer, connection: Connection) -> None:
        with pytest.raises(RateLimited):
            await clock(connection)
        assert await clock(connection, Priority.CLOSE)

    lived(budget, story)


def test_an_order_that_closes_goes_out_where_one_that_opens_must_wait() -> None:
    budget = spent(Priority.OPEN)

    async def story(venue: BinanceServer, _: Connection) -> None:
        keys = Keys(key=Secret(venue.key), secret=Secret(venue.secret))
        free = Where(loopback_url=venue.url, patience=QUICK, budget=budget)
        feed, gateways, accounts = open_venue("binance", {"main": (BTC,)}, {"main": keys}, free)
        with going_as(Priority.CLOSE):  # the markets, which an order needs
            await accounts["main"]._connection.exchange.load_markets()
        opening = OrderRequest(
            client_id="hg0001",
            venue="binance",
            account="main",
            symbol=BTC,
            side=Side.BUY,
            amount=Decimal("0.1"),
            kind=OrderKind.IMMEDIATE,
            price=Decimal(60_100),
        )
        venue.account.position(venue.exchange.market("BTCUSDT").contract).trade(
            Decimal(-1), Decimal(60_000)
        )
        with pytest.raises(RateLimited):
            await gateways["main"].place(opening)
        assert not venue.exchange.orders
        closing = replace(opening, client_id="hg0002", reduce_only=True)
        assert (await gateways["main"].place(closing)).filled == Decimal("0.1")
        (order,) = venue.exchange.orders.values()
        assert order.ticket.client_id == "hg0002"
        await feed.close()
        await accounts["main"].close()

    lived(budget, story)


@pytest.mark.parametrize("venue", sorted(VENUES))
def test_one_look_at_an_account_fits_into_what_a_venue_takes_at_once(venue: str) -> None:
    rate = quirks_of(venue).rate
    heaviest = 5.0 if venue != "hyperliquid" else 20.0
    assert rate.weight / 2.0 * 0.6 >= heaviest
