"""Breakers: each trips, stops what adds risk, lets closing go on, and resets."""

import pytest
from desk_makers import Hand, given, notices, number, placed, the_order

from hedgerow.errors import ConfigError
from hedgerow.execution.order import OrderStatus
from hedgerow.execution.port import Failure
from hedgerow.execution.style import Limits, Style
from hedgerow.execution.window import Window
from hedgerow.units import SECOND


def test_an_order_that_is_too_large_trips_and_is_not_sent() -> None:
    hand = Hand(limits=Limits(order_notional=500.0))
    step = hand.aim(6)
    assert not placed(step)
    assert given(step)
    assert notices(step) == [("critical", "breaker-order-size")]
    assert "order_notional = 500" in hand.dealer.breakers()["breaker-order-size"]


def test_a_tripped_breaker_lets_closing_orders_of_any_size_go() -> None:
    hand = Hand(limits=Limits(order_notional=500.0))
    hand.aim(6)
    hand.holds(100)
    close = the_order(hand.aim(0))
    assert (close.amount, close.reduce_only) == (number(100), True)


def test_an_order_size_breaker_is_reset_by_hand() -> None:
    hand = Hand(limits=Limits(order_notional=500.0))
    hand.aim(6)
    assert given(hand.aim(1))
    hand.wait(86_400)
    assert given(hand.aim(1))
    assert notices(hand.did(hand.dealer.reset("breaker-order-size", hand.now))) == [
        ("info", "breaker-order-size")
    ]
    assert placed(hand.aim(1))


def turned_over(hand: Hand) -> None:
    hand.fill(the_order(hand.aim(4)))
    hand.wait(1)


def test_too_much_turnover_trips_and_resets_once_the_window_is_calm() -> None:
    hand = Hand(limits=Limits(turnover=400.0, turnover_window=600 * SECOND))
    turned_over(hand)
    assert "breaker-turnover" in hand.dealer.breakers()
    assert given(hand.aim(5))
    hand.wait(580)
    assert "breaker-turnover" in hand.dealer.breakers()
    assert notices(hand.wait(30)) == [("info", "breaker-turnover")]
    assert not hand.dealer.breakers()
    assert placed(hand.aim(5))


def test_too_many_orders_trip_and_reset_once_the_window_is_calm() -> None:
    hand = Hand(style=Style(slice_pause=SECOND), limits=Limits(orders=3))
    order = the_order(hand.aim(10))
    for _ in range(2):
        hand.report(order, OrderStatus.CANCELLED)
        order = the_order(hand.wait(1))
    assert "breaker-orders" in hand.dealer.breakers()
    hand.report(order, OrderStatus.CANCELLED)
    assert given(hand.wait(1))
    hand.wait(62)
    assert not hand.dealer.breakers()
    assert placed(hand.aim(10))


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.CLOCK])
def test_a_storm_of_refusals_trips_until_it_is_reset_by_hand(failure: Failure) -> None:
    hand = Hand(limits=Limits(rejects=3))
    for _ in range(3):
        hand.failed(the_order(hand.aim(1)), failure, "insufficient margin")
        hand.wait(2)
        hand.now += 3 * SECOND
    assert "breaker-rejects" in hand.dealer.breakers()
    hand.wait(86_400)
    assert given(hand.aim(1))
    hand.did(hand.dealer.reset("breaker-rejects", hand.now))
    assert placed(hand.aim(1))


def test_a_venue_that_is_away_is_no_storm_of_refusals() -> None:
    hand = Hand(limits=Limits(rejects=1))
    for failure in (Failure.UNREACHABLE, Failure.RATE_LIMITED):
        hand.failed(the_order(hand.aim(1)), failure)
        hand.wait(40)
    assert not hand.dealer.breakers()


def test_refusals_reported_by_the_stream_count_too() -> None:
    hand = Hand(limits=Limits(rejects=1))
    step = hand.report(the_order(hand.aim(1)), OrderStatus.REJECTED, reason="margin")
    assert notices(step) == [("warning", "order-rejected"), ("critical", "breaker-rejects")]


def test_a_breaker_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigError, match="breaker-turnover"):
        Hand().dealer.reset("turnover", 0)


def test_a_window_forgets_and_does_not_grow() -> None:
    window = Window(60 * SECOND)
    for second in range(10_000):
        window.add(second * SECOND, number(1))
        assert window.total(second * SECOND) == min(second + 1, 60)
    assert len(window.snapshot()) <= 60
    assert window.total(10_030 * SECOND) == 29
