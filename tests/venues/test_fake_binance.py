"""The fake Binance is believed by the unmodified ccxt client."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import ccxt
import pytest

from fake_venue.binance import BinanceServer
from fake_venue.client import Client, connected

BTC = "BTC/USDT:USDT"
Story = Callable[[BinanceServer, Client], Awaitable[None]]


def told(story: Story) -> None:
    """Run a story with a server and a client."""

    async def run() -> None:
        async with BinanceServer() as venue, connected(venue) as client:
            await story(venue, client)
            assert venue.unknown == []

    asyncio.run(run())


async def buy(client: Client, amount: float, name: str, price: float | None = None) -> Client:
    kind = "market" if price is None else "limit"
    return await client.create_order(BTC, kind, "buy", amount, price, {"clientOrderId": name})


def test_markets_carry_the_steps_of_the_listing() -> None:
    async def story(_: BinanceServer, client: Client) -> None:
        market = client.market(BTC)
        assert (market["precision"]["price"], market["precision"]["amount"]) == (0.1, 0.001)
        assert market["limits"]["cost"]["min"] == 50
        assert market["linear"]
        assert client.market("1000PEPE/USDT:USDT")["limits"]["amount"]["min"] == 1

    told(story)


def test_an_order_rests_trades_in_part_and_fills() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.book("BTCUSDT", Decimal(59_999), Decimal(60_000), Decimal("0.02"), levels=1)
        order = await buy(client, 0.05, "one", 60_000)
        assert (order["status"], order["filled"]) == ("open", 0.02)
        assert [o["clientOrderId"] for o in await client.fetch_open_orders(BTC)] == ["one"]
        venue.exchange.tick()
        venue.exchange.tick()
        order = await client.fetch_order(None, BTC, {"clientOrderId": "one"})
        assert (order["status"], order["filled"], order["average"]) == ("closed", 0.05, 60_000)
        makers = [t["takerOrMaker"] for t in await client.fetch_my_trades(BTC)]
        assert makers == ["taker", "maker", "maker"]

    told(story)


def test_a_position_its_wallet_and_its_fees_follow_the_trades() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await buy(client, 0.5, "in")
        venue.exchange.move("BTCUSDT", Decimal(61_000))
        (position,) = await client.fetch_positions([BTC])
        assert (position["side"], position["contracts"]) == ("long", 0.5)
        assert position["unrealizedPnl"] == pytest.approx(0.5 * (61_000 - 60_000.1))
        await client.create_order(BTC, "market", "sell", 0.5, None, {"reduceOnly": True})
        assert await client.fetch_positions([BTC]) == []
        fees = Decimal("0.0005") * Decimal("0.5") * (Decimal("60000.1") + Decimal("60999.9"))
        profit = Decimal("0.5") * (Decimal("60999.9") - Decimal("60000.1"))
        assert venue.account.wallet["USDT"] == Decimal(100_000) + profit - fees
        balance = await client.fetch_balance()
        assert balance["USDT"]["total"] == pytest.approx(float(Decimal(100_000) + profit - fees))

    told(story)


def test_a_long_pays_funding_where_the_rate_is_positive() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await buy(client, 1, "long")
        assert venue.exchange.settle_funding("BTCUSDT", Decimal("0.0003")) == Decimal(-18)
        (paid,) = await client.fetch_funding_history(BTC)
        assert (paid["amount"], paid["code"]) == (-18, "USDT")
        rate = await client.fetch_funding_rate(BTC)
        assert rate["fundingRate"] == 0.0001
        assert rate["fundingTimestamp"] == venue.exchange.markets["BTCUSDT"].next_funding

    told(story)


def test_the_book_is_followed_and_a_gap_in_it_is_an_error() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        book = await client.watch_order_book(BTC)
        assert book["asks"][0][0] == 60_000.1
        venue.book("BTCUSDT", Decimal(59_000), Decimal(59_001), Decimal(2))
        book = await client.watch_order_book(BTC)
        assert (book["bids"][0], book["asks"][0]) == ([59_000, 2], [59_001, 2])
        venue.faults.lose_message("depthUpdate")
        venue.book("BTCUSDT", Decimal(58_000), Decimal(58_001), Decimal(2))
        venue.book("BTCUSDT", Decimal(57_000), Decimal(57_001), Decimal(2))
        with pytest.raises(ccxt.ChecksumError):
            await client.watch_order_book(BTC)
        book = await client.watch_order_book(BTC)
        assert book["bids"][0] == [57_000, 2]

    told(story)


def test_the_private_stream_tells_orders_and_positions() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        client.options["watchPositions"]["fetchPositionsSnapshot"] = False
        orders = asyncio.create_task(client.watch_orders(BTC))
        positions = asyncio.create_task(client.watch_positions([BTC]))
        await venue.until(venue.hears)
        await asyncio.sleep(0)
        await buy(client, 0.25, "mine")
        assert (await orders)[-1]["clientOrderId"] == "mine"
        assert (await positions)[0]["contracts"] == 0.25
        last = (await client.watch_orders(BTC))[-1]
        assert (last["status"], last["filled"], last["fee"]["cost"]) == ("closed", 0.25, 7.5000125)

    told(story)


def test_the_mark_and_the_best_prices_stream() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        assert (await client.watch_mark_price(BTC))["markPrice"] == 60_000
        best = (await client.watch_bids_asks([BTC]))[BTC]
        assert (best["bid"], best["ask"]) == (59_999.9, 60_000.1)
        venue.exchange.mark("BTCUSDT", Decimal(60_500), Decimal(60_400))
        mark = await client.watch_mark_price(BTC)
        assert (mark["markPrice"], mark["indexPrice"]) == (60_500, 60_400)

    told(story)


@pytest.mark.parametrize(
    ("amount", "price", "more", "error", "code"),
    [
        (100, 60_000, {}, ccxt.InsufficientFunds, "-2019"),
        (0.001, 40_000, {}, ccxt.InvalidOrder, "-4164"),
        (0.01, 60_000, {"reduceOnly": True}, ccxt.InvalidOrder, "-2022"),
        (0.01, 60_001, {"postOnly": True}, ccxt.OrderNotFillable, "-5022"),
        (0.01, 60_000, {"positionSide": "LONG"}, ccxt.ExchangeError, "-4061"),
    ],
)
def test_a_wrong_order_is_refused_with_the_code_of_the_venue(
    amount: float, price: float, more: dict[str, object], error: type[Exception], code: str
) -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        with pytest.raises(error, match=code):
            await client.create_order(BTC, "limit", "buy", amount, price, more)
        assert venue.exchange.orders == {}

    told(story)


def test_a_second_order_under_the_name_of_an_open_one_is_refused() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await buy(client, 0.01, "same", 50_000)
        with pytest.raises(ccxt.InvalidOrder, match="-4116") as refused:
            await buy(client, 0.01, "same", 50_000)
        assert not isinstance(refused.value, ccxt.DuplicateOrderId)
        await client.cancel_order(None, BTC, {"clientOrderId": "same"})
        await buy(client, 0.01, "same", 50_000)
        assert venue.exchange.placed("same") == 2

    told(story)


def test_an_order_cancelled_or_never_seen_is_told_apart() -> None:
    async def story(_: BinanceServer, client: Client) -> None:
        await buy(client, 0.01, "gone", 50_000)
        await client.cancel_order(None, BTC, {"clientOrderId": "gone"})
        order = await client.fetch_order(None, BTC, {"clientOrderId": "gone"})
        assert order["status"] == "canceled"
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order(None, BTC, {"clientOrderId": "gone"})
        with pytest.raises(ccxt.OrderNotFound):
            await client.fetch_order(None, BTC, {"clientOrderId": "never"})

    told(story)


def test_a_wrong_secret_a_wrong_key_and_a_wrong_clock_are_noticed() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        client.secret = client.apiKey
        with pytest.raises(ccxt.AuthenticationError, match="-1022"):
            await client.fetch_balance()
        client.secret, client.apiKey = venue.secret, "wrong"
        with pytest.raises(ccxt.AuthenticationError, match="-2015"):
            await client.fetch_balance()
        client.apiKey = venue.key
        venue.skew = -2_000
        with pytest.raises(ccxt.InvalidNonce, match="-1021"):
            await client.fetch_balance()

    told(story)


def test_an_account_and_its_key_tell_what_a_preflight_asks() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        venue.account.rights.add("withdraw")
        rights = await client.sapi_get_account_apirestrictions()
        assert (rights["enableWithdrawals"], rights["enableFutures"]) == (True, True)
        assert (await client.fetch_position_mode(BTC))["hedged"] is False
        assert (await client.fetch_trading_fee(BTC))["taker"] == 0.0005
        await client.set_leverage(5, BTC)
        await client.set_margin_mode("isolated", BTC)
        (config,) = await client.fapiprivate_get_symbolconfig({"symbol": "BTCUSDT"})
        assert (config["leverage"], config["marginType"]) == (5, "ISOLATED")
        tiers = await client.fetch_leverage_tiers([BTC])
        assert tiers[BTC][1]["maintenanceMarginRate"] == 0.008

    told(story)


def test_collateral_moves_between_the_wallets() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        moved = await client.transfer("USDT", 1_000, "spot", "linear")
        assert moved["id"]
        assert venue.account.wallet["USDT"] == 101_000
        way = {"fromAccount": "spot", "toAccount": "linear"}
        (entry,) = await client.fetch_transfers("USDT", None, None, way)
        assert entry["amount"] == 1_000
        with pytest.raises(ccxt.ExchangeError, match="-5013"):
            await client.transfer("USDT", 10**9, "spot", "linear")

    told(story)


def test_the_dead_mans_switch_cancels_what_rests() -> None:
    async def story(venue: BinanceServer, client: Client) -> None:
        await buy(client, 0.01, "rests", 50_000)
        call = client.fapiprivate_post_countdowncancelall
        await call({"symbol": "BTCUSDT", "countdownTime": 50})
        await venue.until(lambda: venue.exchange.open_orders() == [])

    told(story)
