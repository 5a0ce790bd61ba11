"""Everything that can go wrong between a desk and Binance, one story each, over the wire.

The whole desk runs: config, adapters through ccxt, journal, runtime. Each story ends hedged within
the configured time, or stands still and says why; what was sent, what was booked and the chain of
the journal are looked at when it ends.
"""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from wired_desk import Outcomes, Wired, binance, live_through, orders, story, wired

from hedgerow.live.signals import Order
from hedgerow.live.view import State

ORDER = "POST /fapi/v1/order"
NAME = "BTCUSDT"
USER = "ORDER_TRADE_UPDATE"
QUICK = ("[guards]", "[guards]\nbook_age_seconds = 2\nmark_age_seconds = 2")


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return live_through(request, tmp_path_factory.mktemp("binance"))


async def is_left_alone(desk: Wired, seconds: float = 1.5) -> None:
    """Hold that nothing is done again once all is well."""
    before = len(orders(desk.venue))
    await asyncio.sleep(seconds)
    assert len(orders(desk.venue)) == before
    assert desk.agrees


# --- replies --------------------------------------------------------------------------------------


@story
async def test_an_order_whose_reply_never_came_is_asked_about_and_not_sent_again(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.drop_reply(ORDER, times=2)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert len(venue.faults.suffered) == 2
            assert len(venue.seen("GET /fapi/v1/order")) >= 2
            assert len(orders(venue)) == 2


@story
async def test_an_order_that_never_arrived_is_found_missing_and_then_sent_anew(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.lose(ORDER)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert len(venue.faults.suffered) == 1
            assert sum(trade.amount for trade in venue.exchange.trades) == 1


@story
async def test_a_reply_that_comes_late_is_waited_for(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.delay(ORDER, 3.0)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert sum(trade.amount for trade in venue.exchange.trades) == 1


@story
async def test_an_order_that_is_carried_out_after_the_client_gave_up_counts_once(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.stall(ORDER, 11.0)  # ccxt waits for ten
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert sum(trade.amount for trade in venue.exchange.trades) == 1


# --- messages -------------------------------------------------------------------------------------


@story
async def test_messages_that_come_twice_count_once(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.repeat_message(USER, times=100)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert len(venue.faults.suffered) >= 4
            assert len(await desk.records("trade")) == len(venue.exchange.trades) == 2


@story
async def test_messages_in_another_order_make_the_same_books(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        for skip in range(0, 6, 2):
            venue.faults.hold_message(USER, skip=skip)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert venue.faults.suffered
            assert len(await desk.records("trade")) == 2


@story
async def test_fills_of_which_no_message_came_are_fetched(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.lose_message(USER, times=1_000)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert venue.faults.suffered
            assert len(await desk.records("trade")) == 2
            assert "position-differs" not in desk.said


@story
async def test_gaps_in_the_sequence_of_a_stream_leave_no_wrong_price(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse(0.1)
        async with wired(folder, venue) as desk:
            await desk.begins()
            for name in ("depthUpdate", "bookTicker", "markPriceUpdate"):
                venue.faults.lose_message(name, times=7)
                venue.faults.hold_message(name, times=3)
            venue.exchange.move(NAME, Decimal(61_000))
            await desk.settles()
            await desk.until(lambda: desk.shown == (60_999.9, 61_000.1, 61_000.0))
            assert len(venue.faults.suffered) >= 20
            await is_left_alone(desk)


# --- fills and refusals ---------------------------------------------------------------------------


@story
async def test_orders_that_fill_in_part_are_followed_until_all_is_hedged(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        for part in ("0.5", "0", "0.3", "0.9"):
            venue.partial(Decimal(part))
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert not venue.exchange.fractions
            assert len(venue.exchange.trades) >= 4


@story
async def test_an_order_that_is_refused_is_tried_again_under_another_name(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.reject(ORDER, -2019, times=2)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert len(venue.faults.suffered) == 2


@story
async def test_a_storm_of_refusals_ends_by_its_breaker_and_says_so(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.reject(ORDER, -2019, times=1_000)
        async with wired(
            folder,
            venue,
            ("unknown_seconds", "rejects_per_minute = 2\nunknown_seconds"),
        ) as desk:
            await desk.until(lambda: "breaker-rejects" in desk.said)
            assert "until an operator resets breaker-rejects" in desk.said["breaker-rejects"][0]
            await is_left_alone(desk)
            assert len(orders(venue)) == 2
            assert desk.held == 0


@story
async def test_too_many_requests_are_waited_out_by_all(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.busy(ORDER, 429, retry_after=2)
        async with wired(folder, venue) as desk:
            await desk.until(lambda: bool(desk.turns.out_before))
            banned, out = venue.seen(ORDER)[0].time, desk.turns.out_before[0]
            await desk.settles()
            await is_left_alone(desk)
            assert venue.requests[out].time >= banned + 1_900


@story
async def test_a_ban_is_kept_to_the_second(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            before = len(venue.requests)
            venue.faults.busy("", 418, retry_after=4)
            await desk.until(lambda: bool(desk.turns.out_before))
            banned, out = venue.requests[before].time, desk.turns.out_before[0]
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            await desk.settles()
            assert venue.requests[out].time >= banned + 3_900
            await is_left_alone(desk)


@story
async def test_a_broken_venue_is_asked_and_nothing_is_sent_twice(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.fail_done(ORDER, 503)
        venue.faults.fail(ORDER, 502, "Bad Gateway")
        venue.faults.fail("GET /fapi/v1/order", 504, times=2)
        venue.faults.fail("GET /fapi/v3/positionRisk", 500, times=2)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert not venue.faults.requests
            assert sum(trade.amount for trade in venue.exchange.trades) == 1


@story
async def test_a_page_for_people_with_status_200_is_no_answer(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.faults.html(ORDER, processed=True)
        venue.faults.html(ORDER)
        venue.faults.html("GET /fapi/v3/positionRisk", times=2)
        venue.faults.html("GET /fapi/v3/account", times=2)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert not venue.faults.requests
            assert sum(trade.amount for trade in venue.exchange.trades) == 1


# --- clocks, sockets, windows ---------------------------------------------------------------------


@story
async def test_a_clock_that_is_off_before_the_start_lets_nothing_begin(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.skew = -1_600
        async with wired(folder, venue) as desk:
            await desk.until(lambda: bool(desk.said))
            await asyncio.sleep(1.0)
            assert desk.state is State.STOPPED
            assert not orders(venue)
            assert any("clock" in text for texts in desk.said.values() for text in texts)


@story
async def test_a_clock_that_runs_away_stops_what_adds_risk_until_it_is_back(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.skew = -1_600
            await desk.until(lambda: "clock-drift" in desk.said)
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            before = len(orders(venue))
            await asyncio.sleep(2.0)
            assert len(orders(venue)) == before
            venue.skew = 0
            await desk.until(lambda: desk.is_hedged and desk.agrees, 40.0)


@story
async def test_sockets_that_fall_silent_are_noticed_and_opened_again(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue, QUICK) as desk:
            await desk.settles()
            venue.silent = True
            await desk.until(lambda: "stale-stream" in desk.said)
            assert "look at the venue's status page" in desk.said["stale-stream"][0]
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            await desk.until(
                lambda: any("deleveraged" in text for text in desk.said.get("deleveraged", []))
            )
            assert desk.held == Decimal("-0.6")  # stale data allow nothing that adds risk
            venue.silent = False
            await desk.settles()
            await is_left_alone(desk)


@story
async def test_sockets_that_die_without_a_word_are_opened_again(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.cut()
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            await desk.settles()
            assert "deleveraged" in desk.said
            await is_left_alone(desk)


@story
async def test_a_listen_key_that_ran_out_is_made_anew(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            made = len(venue.seen("POST /fapi/v1/listenKey"))
            venue.expire_listen_key()
            await desk.until(lambda: len(venue.seen("POST /fapi/v1/listenKey")) > made)
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            await desk.settles()
            await is_left_alone(desk)


@story
async def test_a_maintenance_window_is_waited_out(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.maintenance = True
            await venue.hang_up()
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            await asyncio.sleep(4.0)
            venue.maintenance = False
            await desk.settles()
            assert "deleveraged" in desk.said
            await is_left_alone(desk)


# --- while it was away ----------------------------------------------------------------------------


@story
async def test_a_liquidation_while_the_desk_was_away_is_named_and_hedged_again(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
        venue.exchange.liquidate(NAME, Decimal(61_000))
        assert venue.account.net(NAME) == 0
        async with wired(folder, venue) as desk:
            await desk.settles()
            said = "\n".join(desk.said["liquidated"])
            assert "the insurance fund took its fee" in said
            assert "the venue liquidated: buy 1.00 BTC/USDT:USDT at 61000" in said
            await is_left_alone(desk)


@story
async def test_a_deleveraging_while_the_desk_was_away_is_named_and_hedged_again(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
        venue.exchange.deleverage(NAME, Decimal("0.7"))
        async with wired(folder, venue) as desk:
            await desk.settles()
            (text,) = desk.said["deleveraged"]
            assert "the venue deleveraged: buy 0.7" in text
            await is_left_alone(desk)


@story
async def test_funding_and_a_transfer_while_the_desk_was_away_are_booked(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
        venue.exchange.settle_funding(NAME, Decimal("0.0003"))
        venue.exchange.transfer("USDT", Decimal(5_000))
        async with wired(folder, venue) as desk:
            await desk.settles()
            (funding,) = await desk.records("funding")
            assert Decimal(funding.body["amount"]) == Decimal(18)
            (cash,) = await desk.records("cash")
            assert (cash.body["kind"], Decimal(cash.body["amount"])) == ("transfer", Decimal(5_000))
            assert desk.state is State.TRADING
            assert not await desk.records("difference")
            await is_left_alone(desk)


# --- how the account is set -----------------------------------------------------------------------


@story
async def test_an_account_in_hedge_mode_is_not_traded(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        venue.account.hedge_mode = True
        async with wired(folder, venue) as desk:
            await desk.until(lambda: "hedge-mode" in desk.said)
            await asyncio.sleep(1.5)
            assert desk.state is State.STOPPED
            assert "set one-way mode on the venue's page" in desk.said["hedge-mode"][0]
            assert not orders(venue)


@story
async def test_an_account_that_is_switched_to_hedge_mode_under_the_desk_pauses_it(
    folder: Path,
) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.exchange.deleverage(NAME, Decimal("0.4"))
            venue.account.hedge_mode = True
            await desk.until(lambda: desk.state is State.PAUSED)
            assert "hedge mode" in desk.desk.runtime.controller.standing.reason
            assert desk.held == Decimal("-0.6")


# --- closing --------------------------------------------------------------------------------------


@story
async def test_closing_through_lost_replies_and_parts_only_reduces(folder: Path) -> None:
    async with binance() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.faults.drop_reply(ORDER)
            venue.faults.fail_done(ORDER, 503)
            venue.faults.lose_message(USER, times=6)
            venue.partial(Decimal("0.4"))
            await desk.told(Order.FLATTEN)
            await desk.until(lambda: desk.held == 0 and desk.rests and desk.agrees)
            assert desk.state is State.PAUSED
            assert not venue.faults.requests
            closing = [held for _, sign, _, held in desk.arrived if sign > 0]
            assert closing
            assert all(held < 0 for held in closing)
