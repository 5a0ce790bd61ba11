"""An exchange is opened in one way: tuned, quiet, on the right net, with its key out of sight."""

import asyncio
from decimal import Decimal

import pytest
from on_loopback import opened

from fake_venue.binance import BinanceServer
from hedgerow.adapters.venues.connection import Connection, connect
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.known import VENUES
from hedgerow.adapters.venues.names import Names
from hedgerow.adapters.venues.opening import open_account, open_venue
from hedgerow.adapters.venues.quirks_hyperliquid import cloid
from hedgerow.adapters.venues.wire import Homes, leaves, turned
from hedgerow.errors import ConfigError, UnknownName
from hedgerow.execution.port import Refused
from hedgerow.execution.secret import Secret

BTC = ("BTC/USDT:USDT",)
KEYS = Keys(key=Secret("the-very-key"), secret=Secret("0x" + "12" * 32))


@pytest.mark.parametrize("venue", sorted(VENUES))
def test_every_address_is_turned_to_loopback(venue: str) -> None:
    connection = connect(venue, symbols=BTC, loopback_url="http://127.0.0.1:8080")
    addresses = list(leaves(connection.exchange.urls["api"]))
    assert addresses
    for address in addresses:
        assert address.startswith(("http://127.0.0.1:8080", "ws://127.0.0.1:8080")), address
        assert "{hostname}" not in address


def test_a_stand_in_elsewhere_is_refused() -> None:
    with pytest.raises(ConfigError, match="not on this machine"):
        connect("binance", symbols=BTC, loopback_url="https://venue.example")


def test_an_address_finds_its_way_home() -> None:
    real = {"fapi": "https://fapi.venue.example/fapi/v1", "ws": {"a": "wss://s.venue.example/ws"}}
    here = turned(real, "http://127.0.0.1:99")
    assert here == {"fapi": "http://127.0.0.1:99/fapi/v1", "ws": {"a": "ws://127.0.0.1:99/ws"}}
    homes = Homes(real, here)
    assert homes("http://127.0.0.1:99/fapi/v1/order?a=1") == f"{real['fapi']}/order?a=1"


@pytest.mark.parametrize(
    ("venue", "marks"),
    [("bybit", "testnet"), ("deribit", "test"), ("hyperliquid", "testnet"), ("binance", "demo")],
)
def test_the_test_net_is_another_address(venue: str, marks: str) -> None:
    live = set(leaves(connect(venue, symbols=BTC).exchange.urls["api"]))
    test = set(leaves(connect(venue, symbols=BTC, testnet=True).exchange.urls["api"]))
    moved = test - live
    private = [address for address in moved if marks in address]
    assert private
    assert not any(address in live for address in private)


def test_no_request_is_sent_twice_underneath() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue) as desk:
            await desk.account.snapshot()
            for one in (desk.feed, desk.account):
                await one._connection.contracts()
                assert one._connection.exchange.session._retry_connection is False

    asyncio.run(run())


def test_nobodys_broker_stands_in_the_options() -> None:
    assert connect("okx", symbols=BTC).exchange.options["brokerId"] == ""
    assert connect("bybit", symbols=BTC).exchange.options["brokerId"] == "hedgerow"
    exchange = connect("hyperliquid", symbols=BTC, secrets=KEYS).exchange
    assert asyncio.run(exchange.initialize_client()) is True
    assert exchange.options["approvedBuilderFee"] is False


@pytest.mark.parametrize("venue", sorted(VENUES))
def test_the_clock_is_measured_and_not_quietly_adjusted(venue: str) -> None:
    options = connect(venue, symbols=BTC).exchange.options
    assert not options.get("adjustForTimeDifference")
    assert options["fetchCurrencies"] is False


def test_a_dead_socket_is_pinged_out_within_half_a_minute() -> None:
    streaming = connect("binance", symbols=BTC).exchange.streaming
    assert streaming["keepAlive"] * (streaming["maxPingPongMisses"] + 1) <= 30_000


def test_a_key_shows_itself_to_nobody() -> None:
    connection = connect("binance", symbols=BTC, secrets=KEYS)
    assert "the-very-key" not in repr(connection.keys)
    assert "1212" not in f"{connection.keys} {connection.keys!r}"


def test_wallets_that_lie_apart_are_accounts_apart() -> None:
    both = ("BTC/USDT:USDT", "BTC/USDT")
    with pytest.raises(ConfigError, match="wallets of their own"):
        open_account("binance", "main", both, KEYS)
    open_account("bybit", "main", both, KEYS)


def test_an_account_without_a_key_is_named() -> None:
    with pytest.raises(ConfigError, match="no key for the account 'hedge'"):
        open_venue("okx", {"hedge": BTC}, {})


def test_a_venue_that_nobody_here_knows_is_named() -> None:
    with pytest.raises(UnknownName, match="mtgox"):
        connect("mtgox", symbols=BTC)


def test_ids_that_the_venue_hashes_are_known_again_if_they_were_remembered() -> None:
    names = Names(cloid)
    assert names.ours(cloid("hg0001")) == ""
    names.remember("hg0001")
    assert names.ours(cloid("hg0001")) == "hg0001"


def test_a_symbol_that_is_delisted_in_flight_is_missed_and_its_position_still_counts() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue, BTC[0]) as desk:
            assert set((await desk.account.facts(BTC)).listings) == {BTC[0]}
            market = venue.exchange.market("BTCUSDT")
            venue.account.position(market.contract).trade(Decimal(-1), Decimal(60_000))
            market.listed = False
            assert not (await desk.account.facts(BTC)).listings
            (held,) = (await desk.account.snapshot()).positions
            assert held.amount == -1

    asyncio.run(run())


def test_a_market_without_a_tick_is_unusable_and_the_rest_goes_on() -> None:
    async def run() -> None:
        pair = BTC[0], "ETH/USDT:USDT"
        async with BinanceServer() as venue, opened(venue, *pair) as desk:
            connection = desk.account._connection
            load = connection.exchange.load_markets

            async def torn(*anew: bool) -> object:
                markets = await load(*anew)
                markets[BTC[0]]["precision"]["price"] = None
                return markets

            connection.exchange.load_markets = torn
            facts = await desk.account.facts(pair)
            assert set(facts.listings) == {"ETH/USDT:USDT"}
            assert "does not say the size of a contract" in facts.unusable[BTC[0]]
            with pytest.raises(Refused, match="do not trade it") as caught:
                await desk.gateway.place(desk.order("hgtorn", "0.01", "60000"))
            assert caught.value.reason == "symbol"

    asyncio.run(run())


OTHER = Keys(key=Secret("the-key-of-the-test-net"), secret=Secret("its-secret"))


def test_a_key_of_the_other_net_is_named_and_the_other_net_is_asked_once() -> None:
    async def run() -> None:
        async with (
            BinanceServer() as venue,
            BinanceServer() as net,
            opened(venue, BTC[0], keys=OTHER) as desk,
        ):
            net.key, net.secret = OTHER.key.reveal(), OTHER.secret.reveal()
            opens = []

            def elsewhere() -> Connection:
                opens.append(net)
                return connect("binance", symbols=BTC, secrets=OTHER, loopback_url=net.url)

            desk.account._connection.elsewhere = elsewhere
            with pytest.raises(Refused, match="write testnet = true under") as caught:
                await desk.account.facts(BTC)
            assert caught.value.reason == "testnet"
            with pytest.raises(Refused):
                await desk.account.facts(BTC)
            assert opens == [net]

    asyncio.run(run())


def test_a_key_that_neither_net_knows_is_only_refused() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue, BTC[0], keys=OTHER) as desk:
            desk.account._connection.elsewhere = lambda: connect(
                "binance", symbols=BTC, secrets=OTHER, loopback_url=venue.url
            )
            with pytest.raises(Refused, match="check the key") as caught:
                await desk.account.facts(BTC)
            assert caught.value.reason == "key"

    asyncio.run(run())


def test_the_other_net_is_never_asked_beside_a_stand_in() -> None:
    real = connect("binance", symbols=BTC, secrets=OTHER)
    stand_in = connect("binance", symbols=BTC, secrets=OTHER, loopback_url="http://127.0.0.1:9")
    assert real.elsewhere is not None
    other = real.elsewhere()
    assert (other.testnet, stand_in.elsewhere) == (True, None)


def test_a_symbol_that_is_not_listed_is_not_tradable() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue, BTC[0], "GONE/USDT:USDT") as desk:
            facts = await desk.account.facts([BTC[0], "GONE/USDT:USDT"])
            assert set(facts.listings) == {BTC[0]}
            with pytest.raises(Refused, match="GONE/USDT:USDT is not traded there") as caught:
                await desk.feed.quote("GONE/USDT:USDT")
            assert caught.value.reason == "symbol"

    asyncio.run(run())
