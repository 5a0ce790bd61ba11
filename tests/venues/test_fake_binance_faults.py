"""Each scripted fault of the fake Binance looks to the unmodified ccxt client as the real one."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import ccxt
import pytest

from fake_venue.binance import BinanceServer
from fake_venue.client import Client, connected

BTC = "BTC/USDT:USDT"
ORDER = "POST /fapi/v1/order"


def told(story: Callable[[BinanceServer, Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with BinanceServer() as venue, connected(venue, timeout=300) as client:
            await story(venue, client)

    asyncio.run(run())


async def buy(client: Client, name: str = "mine", price: float = 50_000) -> Client:
    return await client.create_order(BTC, "limit", "buy", 0.01, price, {"clientOrderId": name})


async def listen(venue: BinanceServer, client: Client) -> Client:
    """Open the private stream and return what first comes."""
    task = asyncio.create_task(client.watch_orders(BTC))
    await venue.until(venue.hears)
    return task


def test_an_order_taken_before_the_connection_died_is_there_once() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.drop_reply(ORDER)
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await buy(client)
        assert len(venue.seen(ORDER)) == 1
        assert venue.exchange.placed("mine") == 1
        order = await client.fetch_order(None, BTC, {"clientOrderId": "mine"})
        assert order["status"] == "open"

    told(story)


def test_a_lost_order_is_not_there() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.lose(ORDER)
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await buy(client)
        with pytest.raises(ccxt.OrderNotFound):
            await client.fetch_order(None, BTC, {"clientOrderId": "mine"})

    told(story)


def test_a_late_reply_and_a_late_order_both_time_out() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.delay(ORDER, 0.5)
        with pytest.raises(ccxt.RequestTimeout):
            await buy(client, "answered late")
        assert venue.exchange.placed("answered late") == 1
        venue.faults.stall(ORDER, 0.5)
        with pytest.raises(ccxt.RequestTimeout):
            await buy(client, "done late")
        assert venue.exchange.placed("done late") == 0
        await venue.until(lambda: venue.exchange.placed("done late") == 1)

    told(story)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (-2019, ccxt.InsufficientFunds),
        (-2010, ccxt.ExchangeError),
        (-4116, ccxt.InvalidOrder),
        (-1021, ccxt.InvalidNonce),
        (-1001, ccxt.OperationFailed),
        (-1008, ccxt.OperationFailed),
    ],
)
def test_a_scripted_no_carries_its_code(code: int, error: type[Exception]) -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.reject(ORDER, code)
        with pytest.raises(error, match=str(code)):
            await buy(client)
        assert venue.exchange.orders == {}
        await buy(client)

    told(story)


@pytest.mark.parametrize("status", [429, 418])
def test_a_venue_that_asks_for_patience_says_for_how_long(status: int) -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.busy(ORDER, status, retry_after=7)
        with pytest.raises(ccxt.DDoSProtection):
            await buy(client)
        assert client.last_response_headers["Retry-After"] == "7"
        assert venue.exchange.orders == {}

    told(story)


@pytest.mark.parametrize(
    ("status", "error"), [(503, ccxt.ExchangeNotAvailable), (504, ccxt.NetworkError)]
)
def test_a_failing_gateway_leaves_open_whether_the_order_was_done(
    status: int, error: type[Exception]
) -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.fail(ORDER, status)
        with pytest.raises(error):
            await buy(client, "not done")
        venue.faults.fail_done(ORDER, status)
        with pytest.raises(error):
            await buy(client, "done")
        assert [venue.exchange.placed(name) for name in ("not done", "done")] == [0, 1]

    told(story)


def test_a_page_for_people_with_status_200_is_taken_for_an_order_without_id() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.faults.html(ORDER)
        order = await buy(client)
        assert (order["id"], order["status"]) == (None, None)
        assert venue.exchange.orders == {}

    told(story)


def test_maintenance_answers_nothing_and_ends() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.maintenance = True
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await buy(client)
        venue.maintenance = False
        assert (await buy(client))["status"] == "open"

    told(story)


def test_half_an_order_trades_on_arrival() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.partial(Decimal("0.5"))
        order = await buy(client, price=61_000)
        assert (order["status"], order["filled"]) == ("open", 0.005)

    told(story)


def test_messages_come_twice_in_the_wrong_order_or_never() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        heard: list[tuple[str, str]] = []
        handle = client.handle_order_update

        def noting(wire: Client, message: Client) -> None:
            heard.append((message["o"]["c"], message["o"]["x"]))
            handle(wire, message)

        client.handle_order_update = noting
        task = await listen(venue, client)
        venue.faults.repeat_message("ORDER_TRADE_UPDATE")
        await buy(client, "twice")
        venue.faults.hold_message("ORDER_TRADE_UPDATE")
        await buy(client, "turned", 61_000)
        venue.faults.lose_message("ORDER_TRADE_UPDATE")
        await buy(client, "lost")
        await task
        await venue.until(lambda: len(heard) == 4)
        assert heard[:2] == [("twice", "NEW"), ("twice", "NEW")]
        assert sorted(heard[2:]) == [("turned", "NEW"), ("turned", "TRADE")]
        assert heard[-1] == ("turned", "TRADE")

    told(story)


def test_a_silent_socket_is_not_noticed_by_the_client_and_a_closed_one_is() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await client.watch_mark_price(BTC)
        venue.silent = True
        venue.exchange.mark("BTCUSDT", Decimal(1))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.watch_mark_price(BTC), 0.3)
        venue.silent = False
        task = asyncio.create_task(client.watch_mark_price(BTC))
        await asyncio.sleep(0.05)
        await venue.hang_up()
        with pytest.raises(ccxt.NetworkError):
            await task
        assert (await client.watch_mark_price(BTC))["markPrice"] == 1

    told(story)


def test_a_socket_that_dies_without_a_word_is_noticed() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await client.watch_mark_price(BTC)
        task = asyncio.create_task(client.watch_mark_price(BTC))
        await asyncio.sleep(0.05)
        venue.cut()
        with pytest.raises(ccxt.NetworkError):
            await task

    told(story)


@pytest.mark.parametrize("forced", ["liquidation", "deleveraging"])
def test_a_close_by_force_while_away_is_told_by_its_client_id(forced: str) -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await buy(client, "held", 61_000)
        if forced == "liquidation":
            venue.exchange.liquidate("BTCUSDT", Decimal(50_000))
        else:
            venue.exchange.deleverage("BTCUSDT", Decimal("0.004"), Decimal(59_000))
        trades = await client.fetch_my_trades(BTC)
        assert len(trades) == 2
        orders = {o["id"]: o["clientOrderId"] for o in await client.fetch_orders(BTC)}
        name = orders[trades[-1]["order"]]
        assert name.startswith("autoclose-" if forced == "liquidation" else "adl_autoclose")
        held = [p["contracts"] for p in await client.fetch_positions([BTC])]
        assert held == ([] if forced == "liquidation" else [0.006])

    told(story)


def test_a_position_mode_that_changed_refuses_one_way_orders_and_books_two_sides() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.account.hedge_mode = True
        with pytest.raises(ccxt.ExchangeError, match="-4061"):
            await buy(client)
        for side, which in (("buy", "LONG"), ("sell", "SHORT")):
            more = {"positionSide": which}
            await client.create_order(BTC, "market", side, 0.01, None, more)
        found = {p["side"]: p["contracts"] for p in await client.fetch_positions([BTC])}
        assert found == {"long": 0.01, "short": 0.01}
        assert venue.account.net("BTCUSDT") == 0

    told(story)
