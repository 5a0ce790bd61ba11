"""A paper exchange's orders: what trades, what rests, what is refused."""

from decimal import Decimal

import pytest
from paper_makers import (
    INVERSE,
    LINEAR,
    SPOT,
    T0,
    exchange,
    order,
    orders_in,
    shown,
    trades_in,
)

from hedgerow.errors import UnknownName
from hedgerow.execution.order import Cause, OrderKind, OrderRequest, OrderStatus
from hedgerow.execution.port import Refused
from hedgerow.live.paper.book import Depth
from hedgerow.units import SECOND


def test_an_immediate_order_takes_what_there_is_and_no_more() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0, ask_size=2.0), T0)
    reports = venue.place(order("a", "5", "101"), T0)
    assert [(t.amount, t.price, t.fee) for t in trades_in(reports)] == [
        (Decimal(2), Decimal(101), Decimal("-0.101"))
    ]
    assert [o.status for o in orders_in(reports)] == [OrderStatus.OPEN, OrderStatus.CANCELLED]
    assert orders_in(reports)[-1].filled == 2
    assert orders_in(reports)[-1].average == 101


def test_a_market_order_walks_the_book_up_to_its_collar() -> None:
    venue = exchange(depth=Depth(levels=10, step=0.01))
    venue.quote(shown(100.0, 100.0, ask_size=1.0), T0)
    reports = venue.place(order("a", "5", "102", kind=OrderKind.MARKET), T0)
    assert [t.price for t in trades_in(reports)] == [Decimal(100), Decimal(101), Decimal(102)]
    assert all(t.reference == 100.0 for t in trades_in(reports))
    assert orders_in(reports)[-1].status is OrderStatus.CANCELLED


def test_an_immediate_order_beyond_the_market_trades_nothing() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0), T0)
    reports = venue.place(order("a", "5", "100.9"), T0)
    assert trades_in(reports) == []
    assert venue.snapshot("main", T0).positions == ()


def test_what_was_taken_comes_back_as_the_book_refills() -> None:
    venue = exchange(depth=Depth(refill=0.5, levels=1))
    venue.quote(shown(100.0, 101.0, ask_size=4.0), T0)
    venue.place(order("a", "4", "101"), T0)
    venue.quote(shown(100.0, 101.0, ask_size=4.0), T0 + 1)
    assert trades_in(venue.place(order("b", "4", "101"), T0 + 1))[0].amount == 2
    venue.quote(shown(100.0, 101.1, ask_size=4.0), T0 + 2)
    assert trades_in(venue.place(order("c", "4", "101.1"), T0 + 2))[0].amount == 4


def test_post_only_that_would_take_is_cancelled() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0), T0)
    reports = venue.place(order("a", "1", "101", kind=OrderKind.POST_ONLY), T0)
    assert orders_in(reports)[-1].status is OrderStatus.CANCELLED
    assert trades_in(reports) == []


def test_a_resting_order_trades_at_its_price_when_the_market_comes() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0), T0)
    venue.place(order("a", "3", "100", kind=OrderKind.POST_ONLY), T0)
    assert venue.quote(shown(100.0, 100.1), T0 + 1) == []
    reports = venue.quote(shown(99.0, 99.5, ask_size=2.0), T0 + 2)
    trade = trades_in(reports)[0]
    assert (trade.amount, trade.price, trade.maker) == (Decimal(2), Decimal(100), True)
    assert trade.fee == Decimal("-0.04")
    assert orders_in(reports)[-1].status is OrderStatus.OPEN
    rest = venue.quote(shown(99.0, 99.5, ask_size=2.0), T0 + 3)
    assert orders_in(rest)[-1].status is OrderStatus.FILLED


def test_somebody_elses_trade_beyond_it_takes_a_resting_order_along() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0, last=100.5), T0)
    venue.place(order("a", "1", "100", kind=OrderKind.LIMIT), T0)
    assert venue.quote(shown(100.0, 101.0, last=100.0), T0 + 1) == []
    assert trades_in(venue.quote(shown(100.0, 101.0, last=99.9), T0 + 2))


def test_the_better_price_trades_first_where_depth_is_short() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0), T0)
    venue.place(order("far", "1", "99.5", kind=OrderKind.LIMIT), T0)
    venue.place(order("near", "1", "99.9", kind=OrderKind.LIMIT), T0)
    reports = venue.quote(shown(98.0, 99.0, ask_size=1.0), T0 + 1)
    assert [t.client_id for t in trades_in(reports)] == ["near"]


def test_reduce_only_never_turns_a_position_over() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "2", "100"), T0)
    reports = venue.place(order("b", "-5", "100", reduce_only=True), T0)
    assert trades_in(reports)[0].amount == 2
    assert orders_in(reports)[-1].status is OrderStatus.CANCELLED
    assert venue.snapshot("main", T0).positions == ()


def test_a_resting_reduce_only_order_goes_with_its_position() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "2", "100"), T0)
    venue.place(order("b", "-2", "110", kind=OrderKind.LIMIT, reduce_only=True), T0)
    reports = venue.place(order("c", "-2", "100"), T0)
    assert orders_in(reports)[1].client_id == "b"
    assert orders_in(reports)[1].status is OrderStatus.CANCELLED
    assert venue.snapshot("main", T0).open_orders == ()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (order("a", "1", "100", reduce_only=True), "reduce_only"),
        (order("a", "0.04", "100"), "minimum"),
        (order("a", "1.0005", "100"), "lot"),
        (order("a", "1", "100.05"), "tick"),
        (order("a", "50000", "100"), "margin"),
        (order("a", "1", "100", symbol="ETH/USDT:USDT"), "unknown_symbol"),
        (order("a", "100", "100", symbol=INVERSE), "unknown_symbol"),
        (order("a", "2000", "100", symbol=SPOT), "margin"),
        (order("a", "-1", "100", symbol=SPOT), "margin"),
    ],
)
def test_what_a_venue_refuses_is_refused_and_changes_nothing(
    request_: OrderRequest, reason: str
) -> None:
    venue = exchange()
    for symbol in (LINEAR, SPOT, INVERSE):
        venue.quote(shown(100.0, symbol=symbol), T0)
    before = venue.snapshot("main", T0)
    with pytest.raises(Refused) as caught:
        venue.place(request_, T0)
    assert caught.value.reason == reason
    assert venue.snapshot("main", T0) == before
    assert venue.probe("main", "a") is None


def test_without_a_market_nothing_is_taken() -> None:
    with pytest.raises(Refused, match="no market"):
        exchange().place(order("a", "1", "100"), T0)


def test_the_same_client_id_is_taken_once() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "1", "100"), T0)
    with pytest.raises(Refused) as caught:
        venue.place(order("a", "1", "100"), T0)
    assert (caught.value.code, caught.value.reason) == ("-4116", "duplicate")
    assert venue.snapshot("main", T0).positions[0].amount == 1


def test_orders_that_wait_take_margin_too() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "15000", "99", kind=OrderKind.LIMIT), T0)
    with pytest.raises(Refused, match="margin"):
        venue.place(order("b", "15000", "98", kind=OrderKind.LIMIT), T0)
    # The other way it is not more than the larger of both.
    venue.place(order("c", "-15000", "101", kind=OrderKind.LIMIT), T0)


def test_an_order_acts_after_its_latency_on_the_book_of_then() -> None:
    venue = exchange(latency=SECOND)
    venue.quote(shown(100.0), T0)
    taken = orders_in(venue.place(order("a", "1", "105"), T0))
    assert [each.status for each in taken] == [OrderStatus.OPEN]
    venue.quote(shown(102.0), T0 + SECOND // 2)
    assert venue.next_time() == T0 + SECOND
    trade = trades_in(venue.advance(T0 + 3 * SECOND))[0]
    assert (trade.price, trade.time) == (Decimal(102), T0 + SECOND)


def test_an_order_that_may_not_trade_when_it_arrives_is_rejected() -> None:
    venue = exchange(latency=SECOND)
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "-1", "90", reduce_only=True), T0)
    rejected = orders_in(venue.advance(T0 + SECOND))[0]
    assert (rejected.status, rejected.reason) == (OrderStatus.REJECTED, "reduce_only")


def test_a_cancelled_order_never_trades_and_a_filled_one_stays_filled() -> None:
    venue = exchange(latency=SECOND)
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "1", "105"), T0)
    assert orders_in(venue.cancel("main", "a", T0))[0].status is OrderStatus.CANCELLED
    assert venue.advance(T0 + 2 * SECOND) == []
    venue.place(order("b", "1", "105"), T0 + 2 * SECOND)
    venue.advance(T0 + 3 * SECOND)
    assert orders_in(venue.cancel("main", "b", T0 + 4 * SECOND))[0].status is OrderStatus.FILLED
    with pytest.raises(Refused, match="no order 'z'"):
        venue.cancel("main", "z", T0)


def test_the_dead_mans_switch_falls_unless_it_is_set_again() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "1", "90", kind=OrderKind.LIMIT), T0)
    venue.cancel_all_after("main", 60.0, T0)
    venue.cancel_all_after("main", 60.0, T0 + 50 * SECOND)
    assert venue.advance(T0 + 109 * SECOND) == []
    fallen = orders_in(venue.advance(T0 + 200 * SECOND))
    assert [(o.client_id, o.time, o.reason) for o in fallen] == [
        ("a", T0 + 110 * SECOND, "dead-man switch")
    ]
    venue.cancel_all_after("main", 0.0, T0 + 201 * SECOND)
    assert venue.next_time() is None


def test_spot_changes_two_balances_and_no_position() -> None:
    venue = exchange(main={"USDT": "1000"})
    venue.quote(shown(100.0, symbol=SPOT), T0)
    venue.place(order("a", "2", "100", symbol=SPOT), T0)
    snapshot = venue.snapshot("main", T0)
    assert snapshot.balances == {"USDT": Decimal("799.9"), "BTC": Decimal(2)}
    assert snapshot.positions == ()


def test_a_hand_at_the_web_page_trades_past_the_desk() -> None:
    venue = exchange()
    venue.quote(shown(100.0, 101.0), T0)
    trade = trades_in(venue.manual("main", LINEAR, Decimal(3), T0))[0]
    assert (trade.cause, trade.client_id, trade.price) == (Cause.MANUAL, "", Decimal(101))
    assert venue.trades("main", LINEAR, T0) == (trade,)
    assert venue.trades("main", LINEAR, T0 + 1) == ()


def test_a_delisted_symbol_is_gone_from_the_facts_and_takes_no_orders() -> None:
    venue = exchange()
    venue.quote(shown(100.0), T0)
    venue.place(order("a", "1", "90", kind=OrderKind.LIMIT), T0)
    assert set(venue.facts("main", (LINEAR, SPOT)).listings) == {LINEAR, SPOT}
    assert orders_in(venue.delist(LINEAR, T0))[0].reason == "delisted"
    assert set(venue.facts("main", (LINEAR, SPOT)).listings) == {SPOT}
    with pytest.raises(Refused, match="delisted"):
        venue.place(order("b", "1", "100"), T0)


def test_an_account_that_nobody_has_is_named() -> None:
    with pytest.raises(UnknownName, match="did you mean 'main'"):
        exchange().snapshot("mian", T0)
