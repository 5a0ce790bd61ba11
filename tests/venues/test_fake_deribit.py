"""The fake Deribit is believed by the unmodified ccxt client, its double-sent orders included."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from itertools import pairwise

import ccxt
import pytest

from fake_venue.client import Client, connected
from fake_venue.deribit import DeribitServer

BTC = "BTC/USD:BTC"
Story = Callable[[DeribitServer, Client], Awaitable[None]]


def told(story: Story) -> None:
    async def run() -> None:
        async with DeribitServer() as venue, connected(venue, timeout=300) as client:
            await story(venue, client)
            assert venue.unknown == []

    asyncio.run(run())


async def buy(client: Client, amount: float, label: str, price: float | None = None) -> Client:
    kind = "market" if price is None else "limit"
    return await client.create_order(BTC, kind, "buy", amount, price, {"label": label})


def test_markets_are_inverse_and_linear() -> None:
    async def story(_: DeribitServer, client: Client) -> None:
        inverse, linear = client.market(BTC), client.market("BTC/USDC:USDC")
        assert (inverse["inverse"], inverse["contractSize"]) == (True, 10)
        assert (linear["linear"], linear["precision"]["amount"]) == (True, 0.001)

    told(story)


def test_an_order_rests_trades_in_part_and_is_cancelled() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        venue.book("BTC-PERPETUAL", Decimal(59_999), Decimal(60_000), Decimal(100), levels=1)
        order = await buy(client, 300, "one", 60_000)
        assert (order["status"], order["filled"], order["info"]["label"]) == ("open", 100, "one")
        (waiting,) = await client.fetch_open_orders(BTC)
        assert waiting["id"] == order["id"]
        await client.cancel_order(order["id"], BTC)
        order = await client.fetch_order(order["id"], BTC)
        assert (order["status"], order["filled"]) == ("canceled", 100)
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order(order["id"], BTC)

    told(story)


def test_an_inverse_position_earns_in_coin() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        await client.create_order(BTC, "market", "sell", 60_000)
        entry = Decimal("59999.5")
        venue.exchange.mark("BTC-PERPETUAL", Decimal(50_000))
        (position,) = await client.fetch_positions([BTC])
        assert (position["side"], position["info"]["size"]) == ("short", -60_000)
        profit = 60_000 / Decimal(50_000) - 60_000 / entry
        assert position["unrealizedPnl"] == pytest.approx(float(profit))
        fee = Decimal("0.0005") * 60_000 / entry
        balance = await client.fetch_balance()
        assert balance["BTC"]["total"] == pytest.approx(float(5 - fee + profit))

    told(story)


def test_funding_and_fees_stand_in_the_transaction_log() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        await buy(client, 60_000, "long")
        paid = venue.exchange.settle_funding("BTC-PERPETUAL", Decimal("0.0001"))
        assert paid == Decimal("-0.0001")
        now = venue.now()
        reply = await client.private_get_get_transaction_log(
            {"currency": "BTC", "start_timestamp": now - 60_000, "end_timestamp": now + 1}
        )
        settled, traded = reply["result"]["logs"]
        assert (settled["type"], settled["interest_pl"]) == ("settlement", -0.0001)
        assert (traded["type"], traded["side"]) == ("trade", "buy")
        assert float(settled["balance"]) == float(venue.account.wallet["BTC"])

    told(story)


def test_the_book_the_ticker_and_the_orders_stream() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        assert (await client.watch_order_book(BTC))["asks"][0][0] == 60_000.5
        venue.book("BTC-PERPETUAL", Decimal(59_000), Decimal(59_001), Decimal(70))
        book = await client.watch_order_book(BTC)
        assert (book["bids"][0][:2], book["asks"][0][:2]) == ([59_000, 70], [59_001, 70])
        assert (await client.watch_ticker(BTC))["markPrice"] == 60_000
        orders = asyncio.create_task(client.watch_orders(BTC))
        trades = asyncio.create_task(client.watch_my_trades(BTC))
        await venue.until(lambda: venue.hears("user.orders") and venue.hears("user.trades"))
        await buy(client, 50, "mine")
        assert (await orders)[-1]["info"]["label"] == "mine"
        assert [(t["amount"], t["fee"]["currency"]) for t in await trades] == [(50, "BTC")]

    told(story)


def test_an_order_is_found_by_its_label() -> None:
    async def story(_: DeribitServer, client: Client) -> None:
        await buy(client, 50, "mine", 50_000)
        call = client.private_get_get_order_state_by_label
        reply = await call({"currency": "BTC", "label": "mine"})
        assert [one["order_state"] for one in reply["result"]] == ["open"]
        reply = await call({"currency": "BTC", "label": "never"})
        assert reply["result"] == []

    told(story)


def test_an_order_whose_connection_dies_is_sent_twice_unless_the_session_is_told_not_to() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        venue.faults.drop_reply("private/buy")
        await buy(client, 50, "twice", 50_000)
        assert venue.exchange.placed("twice") == 2
        client.session._retry_connection = False
        venue.faults.drop_reply("private/buy")
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await buy(client, 50, "once", 50_000)
        assert venue.exchange.placed("once") == 1

    told(story)


@pytest.mark.parametrize(
    ("amount", "price", "more", "error", "code"),
    [
        (100_000_000, 60_000, {}, ccxt.InsufficientFunds, 10009),
        (50, 60_000, {"reduceOnly": True}, ccxt.ExchangeError, 11030),
        (50, 60_100, {"postOnly": True}, ccxt.ExchangeError, 11054),
    ],
)
def test_a_wrong_order_is_refused_with_the_code_of_the_venue(
    amount: float, price: float, more: dict[str, object], error: type[Exception], code: int
) -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        with pytest.raises(error, match=str(code)):
            await client.create_order(BTC, "limit", "buy", amount, price, more)
        assert venue.exchange.orders == {}

    told(story)


def test_a_wrong_secret_and_an_old_stamp_are_refused() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        right, client.secret = client.secret, client.apiKey
        with pytest.raises(ccxt.AuthenticationError, match="13004"):
            await client.fetch_balance()
        async with client.session.ws_connect(venue.url + "/ws/api/v2") as wire:
            stamp = venue.now()
            params = {"grant_type": "client_signature", "client_id": venue.key, "timestamp": stamp,
                      "nonce": "n", "data": "", "signature": "00"}  # fmt: skip
            await wire.send_json({"id": 1, "method": "public/auth", "params": params})
            assert (await wire.receive_json())["error"]["code"] == 13004
        client.secret = right
        venue.skew = 120_000
        with pytest.raises(ccxt.AuthenticationError, match="13009"):
            await client.fetch_balance()

    told(story)


def test_faults_look_like_the_real_ones() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        venue.faults.reject("private/buy", 10040, "retry")
        with pytest.raises(ccxt.ExchangeNotAvailable):
            await buy(client, 50, "a", 50_000)
        venue.faults.busy("private/buy", 429)
        with pytest.raises(ccxt.DDoSProtection):
            await buy(client, 50, "a", 50_000)
        venue.maintenance = True
        with pytest.raises(ccxt.OnMaintenance):
            await buy(client, 50, "a", 50_000)
        venue.maintenance = False
        venue.faults.html("private/buy")
        with pytest.raises(TypeError):  # what ccxt makes of it, and no error of its own
            await buy(client, 50, "a", 50_000)
        assert venue.exchange.orders == {}
        venue.faults.delay("private/buy", 0.5)
        with pytest.raises(ccxt.RequestTimeout):
            await buy(client, 50, "late", 50_000)
        assert venue.exchange.placed("late") == 1

    told(story)


def test_a_liquidation_carries_no_label_and_says_what_it_is() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        await buy(client, 1_000, "mine")
        venue.exchange.liquidate("BTC-PERPETUAL", Decimal(40_000))
        forced = (await client.fetch_my_trades(BTC, since=venue.now() - 10_000))[-1]
        assert (forced["info"]["liquidation"], "label" in forced["info"]) == ("T", False)
        assert await client.fetch_positions([BTC]) == []

    told(story)


def test_orders_of_a_socket_that_dies_are_cancelled_where_it_was_asked_for() -> None:
    async def story(venue: DeribitServer, client: Client) -> None:
        async with client.session.ws_connect(venue.url + "/ws/api/v2") as wire:
            for method, params in (
                ("public/auth", {"grant_type": "client_credentials", "client_id": venue.key,
                                 "client_secret": venue.secret}),
                ("private/enable_cancel_on_disconnect", {}),
                ("private/buy", {"instrument_name": "BTC-PERPETUAL", "amount": 10,
                                 "type": "limit", "price": 50_000, "label": "over the socket"}),
            ):  # fmt: skip
                await wire.send_json({"id": 1, "method": method, "params": params})
                reply = await wire.receive_json()
                assert "result" in reply
            assert len(venue.exchange.open_orders()) == 1
        await venue.until(lambda: venue.exchange.open_orders() == [])

    told(story)


def test_history_comes_by_the_hour_and_no_more_than_744_at_once() -> None:
    async def story(_: DeribitServer, client: Client) -> None:
        since = client.parse8601("2024-01-01T00:00:00Z")
        rates = await client.fetch_funding_rate_history(BTC, since)
        assert len(rates) == 721
        stamps = [row["timestamp"] for row in rates]
        assert {later - one for one, later in pairwise(stamps)} == {3_600_000}
        bars = await client.fetch_ohlcv(BTC, "1h", since, 48)
        assert [bar[0] for bar in bars] == [since + 3_600_000 * n for n in range(48)]

    told(story)
