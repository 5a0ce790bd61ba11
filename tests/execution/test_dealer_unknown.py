"""An order whose outcome is unknown is asked for, never sent again."""

import pytest
from desk_makers import (
    Hand,
    cancelled,
    given,
    moves,
    notices,
    number,
    placed,
    probes,
    the_order,
)

from hedgerow.execution.effects import FetchTrades
from hedgerow.execution.machine import Step
from hedgerow.execution.order import OrderStatus, Side
from hedgerow.execution.port import Failure
from hedgerow.execution.style import Style

UNKNOWN = [Failure.UNKNOWN, Failure.GARBLED]


@pytest.mark.parametrize("failure", UNKNOWN)
def test_an_unknown_order_is_probed_at_once_and_never_sent_again(failure: Failure) -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    assert probes(hand.failed(order, failure)) == [order.client_id]
    assert hand.dealer.unresolved(0)
    assert not placed(hand.wait(0.5))
    for _ in range(300):
        assert not placed(hand.wait(1))
        hand.aim("1.5")
    assert len([draft for draft in hand.drafts if draft.kind == "intent"]) == 1


def test_probes_back_off_to_half_a_minute() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    asked = [second for second in range(1, 100) if probes(hand.wait(1))]
    assert asked == [1, 3, 7, 15, 31, 61, 91]


def test_a_person_hears_once_of_an_order_that_stays_unknown() -> None:
    hand = Hand(style=Style(reach=10_000_000_000))
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    heard = [second for second in range(1, 60) if notices(hand.wait(1))]
    assert heard == [10]
    told = notices(Step((), tuple(hand.effects)))
    assert told == [("critical", "order-unknown")]


def test_an_unresolved_order_blocks_new_risk_and_not_its_reduction() -> None:
    hand = Hand()
    hand.holds(10)
    order = the_order(hand.aim(15))
    hand.failed(order, Failure.UNKNOWN)
    assert hand.dealer.pending(0) == 5
    assert hand.dealer.bounds(0) == (number(10), number(15))
    assert not placed(hand.aim(20))
    close = the_order(hand.aim(0))
    assert (close.side, close.amount, close.reduce_only) == (Side.SELL, number(10), True)


def test_an_unresolved_close_counts_as_done_and_as_not_done() -> None:
    hand = Hand()
    hand.holds(10)
    first = the_order(hand.aim(4))
    hand.failed(first, Failure.UNKNOWN)
    rest = the_order(hand.aim(0))
    assert rest.amount == 4
    hand.fill(rest)
    assert not placed(hand.wait(2))
    hand.report(first, OrderStatus.CANCELLED)
    assert the_order(hand.wait(2)).amount == 6


def test_the_venue_must_deny_an_order_twice_apart_and_late() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    for pause in (0, 1, 2, 16.5):
        hand.now += int(pause * 1e9)
        hand.denied(order)
        assert hand.dealer.unresolved(0)
    hand.now += int(0.5e9)
    step = hand.denied(order)
    assert not hand.dealer.unresolved(0)
    assert given(step)
    assert not placed(hand.wait(60))


def test_an_order_that_the_venue_denies_is_settled_as_soon_as_it_may_be() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    hand.denied(order)
    passed = 0
    while hand.dealer.unresolved(0) and passed < 60:
        passed += 1
        if probes(hand.wait(1)):
            hand.denied(order)
    assert passed == 20  # sooner no venue could be believed


def test_a_close_that_was_never_seen_is_sent_anew_under_another_name() -> None:
    hand = Hand()
    hand.holds(1)
    order = the_order(hand.aim(0))
    hand.failed(order, Failure.UNKNOWN)
    hand.denied(order)
    hand.now += int(21e9)
    hand.denied(order)
    again = the_order(hand.wait(1))
    assert again.amount == 1
    assert again.reduce_only
    assert again.client_id != order.client_id


def test_a_denied_order_that_trades_after_all_counts_and_is_told() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    hand.denied(order)
    hand.now += int(21e9)
    hand.denied(order)
    step = hand.trade(order, "0.4")
    assert hand.position == number("0.4")
    assert moves(step) == [(number("0.4"), number(0))]
    assert ("critical", "order-unknown") in notices(step)


def test_a_denied_order_that_is_reported_open_after_all_is_cancelled() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    hand.denied(order)
    hand.now += int(21e9)
    hand.denied(order)
    step = hand.report(order, OrderStatus.OPEN)
    assert ("critical", "order-unknown") in notices(step)
    assert hand.dealer.pending(0) == 1
    assert cancelled(hand.wait(1)) == [order.client_id]


def test_a_probe_that_finds_the_order_settles_it() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    hand.report(order, OrderStatus.FILLED, 1)
    assert not hand.dealer.unresolved(0)
    assert hand.dealer.pending(0) == 1
    hand.trade(order, 1)
    assert hand.dealer.pending(0) == 0
    assert hand.dealer.target(0) is None


def test_a_trade_settles_that_an_order_exists() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.failed(order, Failure.UNKNOWN)
    hand.trade(order, "0.3")
    assert not hand.dealer.unresolved(0)
    assert hand.dealer.pending(0) == number("0.7")


def test_an_order_without_any_answer_becomes_unknown_by_itself() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    assert not probes(hand.wait(14))
    assert probes(hand.wait(1)) == [order.client_id]
    assert hand.dealer.unresolved(0)


def test_after_a_restart_orders_in_flight_are_asked_for_and_not_sent() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    again = hand.another()
    for draft in hand.drafts:
        again.apply(draft)
    step = again.resume(hand.now)
    assert probes(step) == [order.client_id]
    assert not placed(step)
    assert again.unresolved(0)


def test_trades_that_nobody_told_are_fetched_until_they_are() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.FILLED, 1)
    asked = [s for s in range(1, 20) if any(isinstance(e, FetchTrades) for e in hand.wait(1)[1])]
    assert asked == [1, 2, 4, 8, 16]
    hand.trade(order, 1)
    assert not [s for s in range(60) if any(isinstance(e, FetchTrades) for e in hand.wait(1)[1])]


def test_a_cancel_of_unknown_outcome_is_probed_and_a_fill_in_between_counts() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    assert cancelled(hand.aim("-1")) == [order.client_id]
    assert probes(hand.failed(order, Failure.UNKNOWN, call="cancel")) == [order.client_id]
    assert not placed(hand.wait(1))
    hand.trade(order, "0.4")
    hand.report(order, OrderStatus.CANCELLED, "0.4")
    close = the_order(hand.wait(1))
    assert (close.side, close.amount, close.reduce_only) == (Side.SELL, number("0.4"), True)
    hand.fill(close)
    assert the_order(hand.wait(1)).amount == 1


@pytest.mark.parametrize("failure", [Failure.UNREACHABLE, Failure.RATE_LIMITED, Failure.CLOCK])
def test_a_cancel_that_never_got_there_is_tried_again(failure: Failure) -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    hand.did(hand.dealer.drop(0, hand.now, "told so"))
    hand.failed(order, failure, call="cancel", retry_after=3.0)
    assert not cancelled(hand.wait(2))
    assert cancelled(hand.wait(1)) == [order.client_id]


def test_a_known_order_that_the_venue_forgets_counts_as_cancelled() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    hand.trade(order, "0.2")
    hand.now += int(21e9)
    hand.denied(order)
    hand.now += int(3e9)
    hand.denied(order)
    assert hand.dealer.settled(0)
    assert the_order(hand.wait(2)).amount == number("0.8")
