"""A paper venue behind the protocols of a real one, on made-up and recorded quotes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from itertools import pairwise
from math import log
from random import Random
from statistics import stdev

import pytest
from paper_makers import LINEAR, SPOT, T0, contract, exchange, order, shown

from hedgerow.execution.order import FundingReport, OrderKind, OrderStatus
from hedgerow.execution.port import (
    Account,
    Feed,
    FeedReport,
    Gateway,
    PrivateReport,
    QuoteReport,
    StreamReport,
)
from hedgerow.live.paper.markets import GeneratedFeed, PaperClock
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.paper.walk import Walk, Weather
from hedgerow.units import DAY, HOUR, SECOND, YEAR


class Script:
    """A feed that shows what it is given, one quote for each turn of the loop."""

    venue = "acme"

    def __init__(self, *quotes: QuoteReport) -> None:
        self.quotes = quotes
        self.time = T0

    async def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        for quote in self.quotes:
            if quote.symbol in symbols:
                self.time = quote.time
                yield quote
                await asyncio.sleep(0)

    async def quote(self, symbol: str) -> QuoteReport:
        return next(quote for quote in self.quotes if quote.symbol == symbol)

    async def close(self) -> None:
        """Nothing is held."""


async def _all(feed: Feed, symbols: Sequence[str], most: int) -> list[QuoteReport]:
    found: list[QuoteReport] = []
    async for report in feed.watch(symbols):
        if isinstance(report, QuoteReport):
            found.append(report)
        if len(found) == most:
            break
    return found


def test_an_order_through_the_ports_is_heard_on_the_stream_of_its_account() -> None:
    async def session() -> tuple[list[PrivateReport], Decimal]:
        script = Script(shown(100.0, 101.0), shown(98.0, 99.0, time=T0 + 1))
        venue = PaperVenue(exchange(), script, lambda: script.time)
        gateway: Gateway = venue.gateway("main")
        port = venue.account("main")
        account: Account = port
        heard: list[PrivateReport] = []
        stream = port.watch()
        heard.append(await anext(stream))
        quotes = venue.feed().watch([LINEAR])
        await anext(quotes)
        report = await gateway.place(order("a", "2", "100", kind=OrderKind.POST_ONLY))
        assert report.status is OrderStatus.OPEN
        await anext(quotes)
        heard.extend([await anext(stream) for _ in range(3)])
        probed = await gateway.probe("a", LINEAR)
        assert probed is not None
        assert probed.status is OrderStatus.FILLED
        assert await gateway.probe("never", LINEAR) is None
        assert (await gateway.cancel("a", LINEAR)).status is OrderStatus.FILLED
        assert len(await account.trades(LINEAR, T0)) == 1
        snapshot = await account.snapshot()
        await stream.aclose()
        await quotes.aclose()
        return heard, snapshot.positions[0].amount

    heard, position = asyncio.run(session())
    assert position == 2
    assert isinstance(heard[0], StreamReport)
    assert [type(each).__name__ for each in heard[1:]] == [
        "OrderReport",
        "TradeReport",
        "OrderReport",
    ]


def test_an_account_hears_its_funding_while_nobody_trades() -> None:
    async def session() -> FundingReport:
        now = [T0]
        venue = PaperVenue(exchange(), Script(), lambda: now[0])
        venue.hear(shown(100.0, funding=0.001, interval_hours=1.0))
        await venue.gateway("main").place(order("a", "1", "100"))
        stream = venue.account("main").watch()
        await anext(stream)
        now[0] += HOUR
        report = await anext(stream)
        await stream.aclose()
        assert isinstance(report, FundingReport)
        assert await venue.account("main").funding(LINEAR, T0) == (report,)
        return report

    assert asyncio.run(session()).amount == Decimal("-0.1")


def test_each_account_hears_of_its_own_trades_only() -> None:
    async def session() -> tuple[int, int]:
        venue = PaperVenue(
            exchange(one={"USDT": "1000"}, two={"USDT": "1000"}), Script(), lambda: T0
        )
        venue.hear(shown(100.0, symbol=SPOT))
        queues = venue.listen("one"), venue.listen("two")
        await venue.gateway("one").place(order("a", "1", "100", symbol=SPOT, account="one"))
        return queues[0].qsize(), queues[1].qsize()

    assert asyncio.run(session()) == (3, 0)


def test_facts_and_transfers_pass_through() -> None:
    async def session() -> None:
        venue = PaperVenue(exchange(), Script(), lambda: T0)
        account = venue.account("main")
        facts = await account.facts([LINEAR])
        assert (facts.one_way, facts.may_withdraw) == (True, False)
        assert facts.taker == {LINEAR: 0.0005}
        moved = await account.transfer("USDT", Decimal(5), "t1")
        assert (moved.amount, moved.transfer_id) == (Decimal(5), "t1")
        assert await venue.gateway("main").cancel_all_after(10.0)

    asyncio.run(session())


def _made(seed: int, weather: Weather | None = None) -> GeneratedFeed:
    ticks = iter(range(1_000_000))
    clock = PaperClock(lambda: T0 + next(ticks) * SECOND)
    listings = [contract(symbol).listing for symbol in (LINEAR, SPOT)]
    return GeneratedFeed(
        "acme", listings, {"BTC": 60_000.0}, clock, seed=seed, weather=weather, seconds=0.0
    )


def test_a_seed_gives_one_market_and_another_seed_another() -> None:
    one, same, other = (asyncio.run(_all(_made(seed), [LINEAR, SPOT], 60)) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_a_made_up_market_is_one_that_could_be() -> None:
    quotes = asyncio.run(_all(_made(7), [LINEAR, SPOT], 2000))
    for quote in quotes:
        assert quote.bid is not None
        assert quote.ask is not None
        assert quote.mark is not None
        assert quote.index is not None
        assert 0.0 < quote.bid < quote.mark < quote.ask
        assert round(quote.bid * 10) == pytest.approx(quote.bid * 10, abs=1e-6)
        assert abs(quote.mark / quote.index - 1.0) < 0.005
        if quote.symbol == LINEAR:
            assert quote.settlement is not None
            assert quote.time < quote.settlement <= quote.time + 8 * HOUR
            assert quote.settlement % (8 * HOUR) == 0


def test_a_walk_moves_as_much_as_it_was_told() -> None:
    walk = Walk(100.0, Weather(volatility=0.8), Random(3), 0)  # noqa: S311 - no secret
    prices = []
    for day in range(4000):
        walk.step(day * DAY)
        prices.append(walk.price)
    moves = [log(after / before) for before, after in pairwise(prices)]
    assert stdev(moves) * (YEAR / DAY) ** 0.5 == pytest.approx(0.8, rel=0.03)


def test_accelerated_time_runs_as_fast_as_it_was_told() -> None:
    wall = [T0]
    clock = PaperClock(lambda: wall[0], speed=60.0)
    wall[0] += SECOND
    assert clock.now() == T0 + 60 * SECOND
