"""Orders on fake venues: sent once, believed only when told, asked about when not."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from on_loopback import Change, Fake, Opened, opened, told

from fake_venue.binance import BinanceServer
from fake_venue.deribit import DeribitServer
from hedgerow.adapters.venues.connection import connect
from hedgerow.adapters.venues.gateway import VenueGateway
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.names import Names
from hedgerow.execution.order import OrderKind, OrderRequest, OrderStatus, Side
from hedgerow.execution.port import (
    ClockSkewed,
    Garbled,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Unreachable,
)
from hedgerow.execution.secret import Secret

SIZES = {"binance": "0.01", "deribit": "100"}
PLACED = {"binance": "POST /fapi/v1/order", "deribit": "private/buy"}
BOTH = pytest.mark.parametrize("server", [BinanceServer, DeribitServer])


def an_order(venue: Fake, desk: Opened, name: str = "hg0001", **changes: Change) -> Fake:
    return desk.order(name, SIZES[venue.name], "60500", kind=OrderKind.IMMEDIATE, **changes)


@BOTH
def test_an_order_lives_through_its_states(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        rests = desk.order("hgrests", SIZES[venue.name], "50000", kind=OrderKind.POST_ONLY)
        placed = await desk.gateway.place(rests)
        assert (placed.status, placed.client_id) == (OrderStatus.OPEN, "hgrests")
        assert placed.filled == 0
        assert await desk.gateway.probe("hgrests", desk.symbol) == placed
        gone = await desk.gateway.cancel("hgrests", desk.symbol)
        assert gone.status is OrderStatus.CANCELLED
        assert gone.filled == 0
        taken = await desk.gateway.place(an_order(venue, desk))
        assert taken.status is OrderStatus.FILLED
        assert taken.filled == Decimal(SIZES[venue.name])
        assert taken.average is not None

    told(server, story)


@BOTH
def test_what_is_final_is_reported_as_it_is_when_it_is_cancelled(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        taken = await desk.gateway.place(an_order(venue, desk))
        again = await desk.gateway.cancel("hg0001", desk.symbol)
        assert (again.status, again.filled) == (OrderStatus.FILLED, taken.filled)
        with pytest.raises(Refused) as none:
            await desk.gateway.cancel("hgnever", desk.symbol)
        assert none.value.reason == "not_found"

    told(server, story)


@BOTH
def test_an_order_whose_reply_is_lost_is_sent_once_and_found_by_its_id(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account.snapshot()
        venue.faults.drop_reply(PLACED[venue.name])
        with pytest.raises(OutcomeUnknown, match="do not send again"):
            await desk.gateway.place(an_order(venue, desk))
        assert len(venue.seen(PLACED[venue.name])) == 1
        found = await desk.gateway.probe("hg0001", desk.symbol)
        assert found is not None
        assert found.status is OrderStatus.FILLED

    told(server, story)


@BOTH
def test_an_order_that_never_came_is_nowhere(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        venue.faults.lose(PLACED[venue.name])
        with pytest.raises(OutcomeUnknown):
            await desk.gateway.place(an_order(venue, desk))
        assert await desk.gateway.probe("hg0001", desk.symbol) is None

    told(server, story)


@BOTH
def test_a_page_for_people_with_status_200_is_no_answer(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        venue.faults.html(PLACED[venue.name], processed=True)
        with pytest.raises(OutcomeUnknown, match="no JSON"):
            await desk.gateway.place(an_order(venue, desk))
        found = await desk.gateway.probe("hg0001", desk.symbol)
        assert found is not None
        assert found.status is OrderStatus.FILLED

    told(server, story)


@BOTH
def test_an_empty_object_is_no_answer(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        venue.faults.answer(PLACED[venue.name], "{}")
        with pytest.raises(OutcomeUnknown):
            await desk.gateway.place(an_order(venue, desk))

    told(server, story)


def test_a_reply_that_does_not_come_in_time_leaves_the_order_open() -> None:
    async def run() -> None:
        async with BinanceServer() as venue, opened(venue, patience=300) as desk:
            await desk.account.snapshot()
            venue.faults.delay(PLACED["binance"], 1.0)
            with pytest.raises(OutcomeUnknown, match="RequestTimeout"):
                await desk.gateway.place(an_order(venue, desk))
            assert await desk.gateway.probe("hg0001", desk.symbol) is not None

    asyncio.run(run())


def test_the_same_id_twice_is_never_two_orders() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        rests = desk.order("hg0001", SIZES[venue.name], "50000")
        await desk.gateway.place(rests)
        with pytest.raises(OutcomeUnknown, match="-4116"):
            await desk.gateway.place(rests)
        assert len((await desk.account.snapshot()).open_orders) == 1

    told(BinanceServer, story)


@BOTH
def test_a_venue_that_is_not_there_was_never_asked(server: Fake) -> None:
    async def run() -> None:
        async with server() as venue, opened(venue) as desk:
            await desk.account.snapshot()
            await venue.__aexit__()
            await asyncio.sleep(0.1)  # the pool sees that its sockets are closed
            with pytest.raises(Unreachable, match="never left"):
                await desk.gateway.place(an_order(venue, desk))

    asyncio.run(run())


def test_refusals_have_their_reasons() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        for code, reason in ((-2019, "funds"), (-2022, "reduce_only"), (-5022, "post_only")):
            venue.faults.reject(PLACED["binance"], code)
            with pytest.raises(Refused) as no:
                await desk.gateway.place(an_order(venue, desk))
            assert (no.value.code, no.value.reason) == (str(code), reason)
        venue.faults.reject(PLACED["binance"], -1021, "Timestamp is outside of the recvWindow.")
        with pytest.raises(ClockSkewed):
            await desk.gateway.place(an_order(venue, desk))
        assert await desk.gateway.probe("hg0001", desk.symbol) is None

    told(BinanceServer, story)


@pytest.mark.parametrize(("status", "wait"), [(429, 3), (418, 120)])
def test_a_venue_that_asks_for_patience_says_how_long(status: int, wait: int) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account.snapshot()
        venue.faults.busy(PLACED["binance"], status, retry_after=wait)
        with pytest.raises(RateLimited) as busy:
            await desk.gateway.place(an_order(venue, desk))
        assert busy.value.retry_after == wait

    told(BinanceServer, story)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_order_answered_with_5xx_may_have_been_taken(status: int) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account.snapshot()
        venue.faults.fail_done(PLACED["binance"], status)
        with pytest.raises(OutcomeUnknown):
            await desk.gateway.place(an_order(venue, desk))
        assert await desk.gateway.probe("hg0001", desk.symbol) is not None

    told(BinanceServer, story)


def test_a_wrong_key_is_named() -> None:
    async def run() -> None:
        keys = Keys(key=Secret("not-the-key"), secret=Secret("not-the-secret"))
        async with BinanceServer() as venue, opened(venue, keys=keys) as desk:
            with pytest.raises(Refused) as no:
                await desk.account.snapshot()
            assert no.value.reason == "key"
            assert "not-the-key" not in str(no.value)

    asyncio.run(run())


def test_the_client_id_is_ours_and_carries_no_broker() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.gateway.place(an_order(venue, desk))
        (sent,) = venue.seen(PLACED["binance"])
        assert sent.values["newClientOrderId"] == "hg0001"
        assert "x-" not in sent.values["newClientOrderId"]

    told(BinanceServer, story)


def test_deribit_is_told_a_label_and_no_unknown_key() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.gateway.place(an_order(venue, desk))
        (sent,) = venue.seen(PLACED["deribit"])
        assert sent.values["label"] == "hg0001"
        assert "clientOrderId" not in sent.values
        assert sent.values["time_in_force"] == "immediate_or_cancel"

    told(DeribitServer, story)


def test_two_orders_of_one_label_are_not_guessed_at() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        for _ in range(2):
            await desk.gateway.place(an_order(venue, desk))
        with pytest.raises(Garbled, match="2 orders have the label"):
            await desk.gateway.probe("hg0001", desk.symbol)

    told(DeribitServer, story)


@BOTH
def test_a_size_that_the_library_would_round_is_refused_before_it_is_sent(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        part = desk.order("hgpart", "0.00017" if venue.name == "binance" else "13", "59000")
        with pytest.raises(Refused, match="whole number of lots"):
            await desk.gateway.place(part)
        assert venue.seen(PLACED[venue.name]) == []

    told(server, story)


@BOTH
def test_a_price_between_two_ticks_goes_out_on_the_one_within_its_limit(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        size, key = SIZES[venue.name], "price"
        await desk.gateway.place(desk.order("hgbuys", size, "59000.77"))
        await desk.gateway.place(desk.order("hgsells", size, "61000.23", side=Side.SELL))
        calls = (
            ("private/buy", "private/sell") if venue.name == "deribit" else ("POST /fapi/v1/order",)
        )
        low, high = (Decimal(seen.values[key]) for call in calls for seen in venue.seen(call))
        assert low == (Decimal("59000.7") if venue.name == "binance" else Decimal("59000.5"))
        assert high == (Decimal("61000.3") if venue.name == "binance" else Decimal("61000.5"))

    told(server, story)


@BOTH
def test_a_closing_order_is_cut_to_the_lots_that_the_venue_has_now(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.gateway.place(an_order(venue, desk))
        size = Decimal(SIZES[venue.name])
        more = str(size + (Decimal("0.0004") if venue.name == "binance" else Decimal(4)))
        closing = desk.order("hgclose", more, "59000", side=Side.SELL, reduce_only=True)
        done = await desk.gateway.place(closing)
        assert done.filled == size
        nothing = replace(closing, client_id="hgdust", amount=Decimal("0.0001"))
        with pytest.raises(Refused, match="round it down first"):
            await desk.gateway.place(nothing)

    told(server, story)


def test_a_venue_that_counts_digits_gets_a_price_of_so_many_and_none_through_the_limit() -> None:
    connection = connect("hyperliquid", symbols=["LINK/USDC:USDC"])
    names = Names(connection.quirks.wire_id, lambda _: True)
    gateway = VenueGateway(connection, "main", names)
    symbol, steps = "LINK/USDC:USDC", {"price": 0.001, "amount": 0.1}
    market = {"symbol": symbol, "linear": True, "contractSize": 1, "precision": steps}

    async def story() -> list[Decimal]:
        exchange = connection.exchange
        exchange.markets = {symbol: {**market, "id": "LINK", "spot": False, "active": True}}

        async def markets() -> object:
            return exchange.markets

        exchange.load_markets = markets
        asked = OrderRequest(
            venue="hyperliquid",
            account="main",
            symbol=symbol,
            client_id="hgdigits",
            side=Side.BUY,
            amount=Decimal("5.0"),
            kind=OrderKind.IMMEDIATE,
            price=Decimal("100.627"),  # six digits, as listed while it was below a hundred
        )
        both = asked, replace(asked, side=Side.SELL, price=Decimal("100.621"))
        found = [(await gateway._prepared(each))[1].price for each in both]
        await connection.close()
        return found

    assert asyncio.run(story()) == [Decimal("100.62"), Decimal("100.63")]


@BOTH
def test_a_market_order_goes_out_with_its_collar(server: Fake) -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        collar = desk.order("hgmarket", SIZES[venue.name], "60100", kind=OrderKind.MARKET)
        done = await desk.gateway.place(collar)
        assert done.status is OrderStatus.FILLED
        (sent,) = venue.seen(PLACED[venue.name])
        assert Decimal(sent.values["price"]) == 60_100

    told(server, story)


def test_what_an_immediate_order_does_not_get_is_cancelled() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        venue.book("BTCUSDT", Decimal(59_999), Decimal(60_000), Decimal("0.004"), levels=1)
        part = await desk.gateway.place(an_order(venue, desk))
        assert (part.status, part.filled) == (OrderStatus.CANCELLED, Decimal("0.004"))

    told(BinanceServer, story)


def test_reduce_only_reaches_the_venue() -> None:
    async def story(_: Fake, desk: Opened) -> None:
        close = desk.order("hgclose", "0.01", "59500", reduce_only=True, side=Side.SELL)
        with pytest.raises(Refused) as no:
            await desk.gateway.place(close)
        assert no.value.reason == "reduce_only"

    told(BinanceServer, story)


def test_the_dead_mans_switch_is_set_where_there_is_one() -> None:
    async def binance(venue: Fake, desk: Opened) -> None:
        assert await desk.gateway.cancel_all_after(30.0)
        (sent,) = venue.seen("countdownCancelAll")
        assert (sent.values["symbol"], sent.values["countdownTime"]) == ("BTCUSDT", "30000")

    async def deribit(_: Fake, desk: Opened) -> None:
        assert not await desk.gateway.cancel_all_after(30.0)

    told(BinanceServer, binance)
    told(DeribitServer, deribit)


def test_nothing_but_reading_happens_before_the_first_order() -> None:
    async def story(venue: Fake, desk: Opened) -> None:
        await desk.account.facts([desk.symbol])
        await desk.account.snapshot()
        await desk.feed.quote(desk.symbol)
        assert {seen.method for seen in venue.requests} == {"GET"}
        assert not venue.seen("capital/config/getall")

    told(BinanceServer, story)
