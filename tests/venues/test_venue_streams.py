"""Streams heal by themselves: silence is noticed, what closed comes back, doubles are dropped."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal

import pytest
from on_loopback import Fake, Opened, first, opened

from fake_venue.binance import BinanceServer
from fake_venue.deribit import DeribitServer
from hedgerow.execution.order import (
    Cause,
    OrderKind,
    OrderReport,
    OrderStatus,
    Side,
    TradeReport,
)
from hedgerow.execution.port import QuoteReport, StreamReport

BOTH = pytest.mark.parametrize("server", [BinanceServer, DeribitServer])
SIZES = {"binance": "0.01", "deribit": "100"}


def lived(server: Fake, story: Callable[[Fake, Opened], Awaitable[None]], age: float = 0.6) -> None:
    """Run a story on a market that beats, with streams that may be silent for `age` seconds."""

    async def run() -> None:
        async with server() as venue, opened(venue) as desk:
            quirks = desk.feed._connection.quirks
            streams = quirks.quote_streams

            def hurried(scopes: Fake) -> Fake:
                return tuple(replace(stream, age=age) for stream in streams(scopes))

            quirks.quote_streams = hurried  # type: ignore[method-assign]
            venue.pulse(0.05)
            await story(venue, desk)

    asyncio.run(run())


def is_quote(report: object) -> bool:
    return isinstance(report, QuoteReport)


def has_mark(report: object) -> bool:
    return isinstance(report, QuoteReport) and report.mark is not None


def went(*, alive: bool) -> Callable[[object], bool]:
    return lambda report: isinstance(report, StreamReport) and report.alive is alive


@BOTH
def test_quotes_come_with_touch_mark_index_and_funding(server: Fake) -> None:
    async def story(_: Fake, desk: Opened) -> None:
        reports = await first(desk.feed.watch([desk.symbol]), has_mark)
        quotes = [report for report in reports if isinstance(report, QuoteReport)]
        marked = quotes[-1]
        assert (marked.mark, marked.index) == (60_000.0, 60_000.0)
        assert marked.funding == pytest.approx(0.0001)
        assert marked.interval_hours == 8.0
        touch = await desk.feed.quote(desk.symbol)
        assert touch.bid is not None
        assert touch.ask is not None
        assert touch.bid < 60_000 < touch.ask
        assert abs(touch.received - touch.time) < 5_000_000_000

    lived(server, story)


@BOTH
def test_a_silent_socket_is_noticed_and_opened_again(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        async with aclosing(desk.feed.watch([desk.symbol])) as stream:  # type: ignore[type-var]
            await until(stream, is_quote)
            venue.silent = True
            down = await until(stream, went(alive=False))
            assert "silent for 0.6 s" in down.reason
            venue.silent = False
            assert (await until(stream, went(alive=True))).venue == venue.name
            await until(stream, is_quote)

    lived(server, story)


@BOTH
@pytest.mark.parametrize("how", ["hang_up", "cut"])
def test_a_socket_that_closes_comes_back(server: Fake, how: str) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        async with aclosing(desk.feed.watch([desk.symbol])) as stream:  # type: ignore[type-var]
            await until(stream, is_quote)
            await hang_up(venue, how)
            assert not (await until(stream, went(alive=False))).alive
            await until(stream, went(alive=True))
            await until(stream, is_quote)

    lived(server, story)


async def hang_up(venue: Fake, how: str) -> None:
    if how == "hang_up":
        await venue.hang_up()
    else:
        venue.cut()


async def until(stream: Fake, wanted: Callable[[Fake], bool], seconds: float = 6.0) -> Fake:
    async with asyncio.timeout(seconds):
        async for report in stream:
            if wanted(report):
                return report
    raise AssertionError("the stream ended")


@BOTH
def test_orders_and_trades_of_the_account_come_by_stream(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        async with aclosing(desk.account.watch()) as stream:  # type: ignore[type-var]
            await until(stream, went(alive=True))
            await until(stream, went(alive=True))
            await desk.gateway.place(
                desk.order("hgone", SIZES[venue.name], "60500", kind=OrderKind.IMMEDIATE)
            )
            found: list[Fake] = []
            while not (some(found, OrderReport) and some(found, TradeReport)):
                found.append(await until(stream, lambda report: not is_stream(report)))
            trade = some(found, TradeReport)[0]
            assert (trade.client_id, trade.cause) == ("hgone", Cause.OURS)
            assert trade.amount == Decimal(SIZES[venue.name])
            assert trade.fee < 0
            assert {order.client_id for order in some(found, OrderReport)} == {"hgone"}

    lived(server, story)


def some(reports: list[Fake], kind: type) -> list[Fake]:
    return [report for report in reports if isinstance(report, kind)]


def is_stream(report: object) -> bool:
    return isinstance(report, StreamReport)


def test_a_message_told_twice_is_told_on_once() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        async with aclosing(desk.account.watch()) as stream:  # type: ignore[type-var]
            await until(stream, went(alive=True))
            await until(stream, went(alive=True))
            venue.faults.repeat_message("ORDER_TRADE_UPDATE", times=4)
            for name in ("hgone", "hgtwo"):
                await desk.gateway.place(
                    desk.order(name, "0.01", "60500", kind=OrderKind.IMMEDIATE)
                )
            trades: list[TradeReport] = []
            while len(trades) < 2:
                report = await until(stream, lambda each: isinstance(each, TradeReport))
                trades.append(report)
            assert [trade.client_id for trade in trades] == ["hgone", "hgtwo"]
            assert len({trade.trade_id for trade in trades}) == 2

    lived(BinanceServer, story)


def test_a_liquidation_comes_by_stream_with_its_cause() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.gateway.place(
            desk.order("hgone", "0.01", "59500", kind=OrderKind.IMMEDIATE, side=Side.SELL)
        )
        async with aclosing(desk.account.watch()) as stream:  # type: ignore[type-var]
            await until(stream, went(alive=True))
            await until(stream, went(alive=True))
            venue.exchange.liquidate("BTCUSDT")
            trade = await until(stream, lambda each: isinstance(each, TradeReport))
            assert (trade.cause, trade.client_id) == (Cause.LIQUIDATION, "")

    lived(BinanceServer, story)


def test_a_private_socket_that_dies_is_reported_and_replaced() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        async with aclosing(desk.account.watch()) as stream:  # type: ignore[type-var]
            await until(stream, went(alive=True))
            await until(stream, went(alive=True))
            venue.cut()
            await until(stream, went(alive=False))
            await until(stream, went(alive=True))
            await asyncio.sleep(0.3)
            await desk.gateway.place(
                desk.order("hgafter", "0.01", "60500", kind=OrderKind.IMMEDIATE)
            )
            order = await until(
                stream,
                lambda each: isinstance(each, OrderReport) and each.status is OrderStatus.FILLED,
            )
            assert order.client_id == "hgafter"

    lived(BinanceServer, story)


def test_a_reader_who_stops_leaves_no_task_behind() -> None:
    async def story(_: Fake, desk: Opened) -> None:
        await first(desk.feed.watch([desk.symbol]), is_quote)
        await asyncio.sleep(0)
        names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
        assert not [name for name in names if name.startswith("Runner")]

    lived(BinanceServer, story)
