"""The gravest faults again at Deribit: JSON-RPC, labels that are not unique, coins as collateral.

As for Binance, the whole desk runs over the wire. The contract is inverse, so that a price that
moves is enough to make the desk buy and sell.
"""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from wired_desk import Outcomes, Wired, deribit, live_through, orders, story, wired

from hedgerow.live.signals import Order
from hedgerow.live.view import State

SELL = "private/sell"
NAME = "BTC-PERPETUAL"
QUICK = ("[guards]", "[guards]\nbook_age_seconds = 2\nmark_age_seconds = 2")


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return live_through(request, tmp_path_factory.mktemp("deribit"))


async def is_left_alone(desk: Wired, seconds: float = 1.5) -> None:
    before = len(orders(desk.venue))
    await asyncio.sleep(seconds)
    assert len(orders(desk.venue)) == before
    assert desk.agrees


def face(desk: Wired) -> Decimal:
    """Return what traded in all, dollars of face."""
    return Decimal(sum(trade.amount for trade in desk.venue.exchange.trades))


@story
async def test_an_order_whose_reply_never_came_is_found_by_its_label(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        venue.faults.drop_reply(SELL, times=2)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert venue.seen("private/get_order_state_by_label")
            assert len(orders(venue)) == 2
            assert face(desk) == 60_000


@story
async def test_an_order_that_never_arrived_is_sent_anew_under_another_label(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        venue.faults.lose(SELL)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert face(desk) == 60_000


@story
async def test_messages_lost_twice_and_out_of_order_make_the_same_books(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        for name in ("user.orders", "user.trades"):
            venue.faults.lose_message(name, times=1)
            venue.faults.repeat_message(name, times=2)
            venue.faults.hold_message(name, times=1)
        venue.partial(Decimal("0.5"))
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert venue.faults.suffered
            booked = await desk.records("trade")
            assert len(booked) == len(venue.exchange.trades)


@story
async def test_refusals_busy_answers_and_pages_for_people_are_outlived(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        venue.faults.reject(SELL, 10009)
        venue.faults.busy(SELL, 429, retry_after=1)
        venue.faults.html(SELL, processed=True)
        venue.faults.fail("private/get_positions", 502, times=2)
        async with wired(folder, venue) as desk:
            await desk.settles()
            await is_left_alone(desk)
            assert not venue.faults.requests
            assert face(desk) == 60_000


@story
async def test_a_liquidation_behind_a_silent_socket_is_hedged_when_it_speaks(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        async with wired(folder, venue, QUICK) as desk:
            await desk.settles()
            venue.silent = True
            await desk.until(lambda: "stale-stream" in desk.said)
            venue.exchange.liquidate(NAME)
            await desk.until(lambda: "liquidated" in desk.said)
            assert desk.held == 0  # stale data allow nothing that adds risk
            venue.silent = False
            await desk.until(lambda: desk.is_hedged)
            await desk.settles()
            await is_left_alone(desk)


@story
async def test_a_maintenance_window_is_waited_out(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.maintenance = True
            venue.cut()
            venue.exchange.liquidate(NAME)
            await asyncio.sleep(3.0)
            assert desk.held == 0
            venue.maintenance = False
            await desk.until(lambda: desk.is_hedged)
            await desk.settles()
            await is_left_alone(desk)


@story
async def test_a_price_that_moves_leaves_an_inverse_hedge_as_it_is(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.exchange.move(NAME, Decimal(66_000))
            await desk.until(lambda: desk.shown[2] == 66_000.0)
            await is_left_alone(desk, 2.0)
            assert desk.is_hedged


@story
async def test_a_liquidation_while_the_desk_was_away_is_named_and_hedged_again(
    folder: Path,
) -> None:
    async with deribit() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
        venue.exchange.liquidate(NAME)
        async with wired(folder, venue) as desk:
            await desk.settles()
            assert "the venue liquidated: buy" in desk.said["liquidated"][0]
            await is_left_alone(desk)


@story
async def test_a_wrong_key_is_named_and_nothing_begins(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        venue.secret = "another"  # noqa: S105  of the fake venue
        async with wired(folder, venue) as desk:
            await desk.until(lambda: "preflight" in desk.said)
            await asyncio.sleep(1.0)
            assert desk.state is State.STOPPED
            assert "check the key" in desk.desk.runtime.controller.cannot_begin
            assert not orders(venue)


@story
async def test_closing_through_a_lost_reply_only_reduces(folder: Path) -> None:
    async with deribit() as venue:
        venue.pulse()
        async with wired(folder, venue) as desk:
            await desk.settles()
            venue.faults.drop_reply("private/buy")
            venue.partial(Decimal("0.4"))
            await desk.told(Order.FLATTEN)
            await desk.until(lambda: desk.held == 0 and desk.rests and desk.agrees)
            assert desk.state is State.PAUSED
            closing = [reduce_only for _, sign, reduce_only, _ in desk.arrived if sign > 0]
            assert closing
            assert all(closing)
