"""What the dealer sends: whole lots, toward less risk, never past the target."""

import re
from dataclasses import replace

import pytest
from desk_makers import (
    INVERSE,
    PERP,
    SPOT,
    TOUCH,
    Hand,
    cancelled,
    given,
    moves,
    notices,
    number,
    placed,
    the_order,
)

from hedgerow.errors import ConfigError
from hedgerow.execution.client_id import client_id
from hedgerow.execution.dealer import Permission, Touch
from hedgerow.execution.effects import Place
from hedgerow.execution.order import OrderKind, OrderStatus, Side
from hedgerow.execution.port import Failure
from hedgerow.execution.style import Limits, Style
from hedgerow.units import SECOND

# What the venues' own pages ask of a client id.
BINANCE = re.compile(r"[\.A-Z\:/a-z0-9_-]{1,36}")
OKX = re.compile(r"[A-Za-z0-9]{1,32}")


@pytest.mark.parametrize("desk", ["a", "Treasury9", "abcdefghijkl"])
def test_a_client_id_is_one_that_every_venue_takes(desk: str) -> None:
    name = client_id(desk, 1295, 36**8 - 1, 36**4 - 1)
    assert BINANCE.fullmatch(name)
    assert OKX.fullmatch(name)
    assert name == name.lower()


def test_the_same_intent_has_the_same_client_id_and_no_other_has() -> None:
    names = {
        client_id(desk, leg, aim, child)
        for desk in ("a", "A", "a1")
        for leg in (0, 1, 37)
        for aim in (1, 36, 1_700_000_000)
        for child in (1, 2, 40)
    }
    assert len(names) == 81
    assert client_id("a", 1, 36, 2) in names


@pytest.mark.parametrize("desk", ["", "thirteenchars", "a-b", "ü"])
def test_a_desk_whose_name_no_client_id_can_carry_is_refused(desk: str) -> None:
    with pytest.raises(ConfigError, match="1 to 12 letters and digits"):
        client_id(desk, 0, 1, 1)


def test_an_order_is_placed_in_the_step_that_records_its_intent() -> None:
    hand = Hand()
    step = hand.aim(1)
    assert [draft.kind for draft in step.drafts] == ["aim", "intent"]
    (place,) = step.effects
    assert isinstance(place, Place)
    intent = step.drafts[1]
    assert intent.key == place.request.client_id
    assert intent.body["request"]["amount"] == str(place.request.amount)


def test_two_dealers_that_see_the_same_send_the_same_bytes() -> None:
    assert Hand().aim(3) == Hand().aim(3)


def test_an_amount_is_whole_lots_and_never_more_than_asked() -> None:
    assert the_order(Hand().aim("1.23456")).amount == number("1.234")
    assert the_order(Hand().aim("-1.23456")).amount == number("1.234")
    assert the_order(Hand(listings=[INVERSE]).aim(1239)).amount == 1230


def test_a_taking_purchase_never_pays_more_than_the_collar() -> None:
    style = Style(collar=0.00123)
    buy = the_order(Hand(style=style).aim(1))
    sell = the_order(Hand(style=style).aim(-1))
    assert (buy.kind, buy.price) == (OrderKind.IMMEDIATE, number("100.1"))  # of 100.123
    assert (sell.kind, sell.price) == (OrderKind.IMMEDIATE, number("99.9"))  # of 99.877


def test_a_market_order_carries_its_collar() -> None:
    order = the_order(Hand(style=Style(route="market", collar=0.01)).aim(-1))
    assert (order.kind, order.price) == (OrderKind.MARKET, number(99))


def test_a_resting_order_joins_the_touch_on_its_own_side() -> None:
    hand = Hand(style=Style(route="maker"), touch=Touch(bid=99.96, ask=100.04, time=0))
    assert the_order(hand.aim(1)).price == number("99.9")
    assert the_order(Hand(style=hand.style, touch=hand.touch).aim(-1)).price == number("100.1")


@pytest.mark.parametrize("bid", [float("nan"), 0.0, -1.0, float("inf")])
def test_nothing_is_sent_at_a_price_that_is_none(bid: float) -> None:
    hand = Hand(touch=TOUCH._replace(bid=bid))
    assert not placed(hand.aim(1))
    hand.touch = TOUCH
    assert placed(hand.wait(1))


def test_closes_are_reduce_only_and_opens_are_not() -> None:
    hand = Hand()
    hand.holds(2)
    assert the_order(hand.aim("0.5")).reduce_only
    other = Hand()
    other.holds(2)
    assert not the_order(other.aim(3)).reduce_only


def test_an_order_through_zero_closes_first_and_opens_then() -> None:
    hand = Hand()
    hand.holds(2)
    close = the_order(hand.aim(-3))
    assert (close.amount, close.reduce_only) == (number(2), True)
    assert not placed(hand.wait(1))
    hand.fill(close)
    opening = the_order(hand.wait(1))
    assert (opening.amount, opening.reduce_only) == (number(3), False)


def test_an_order_through_zero_is_one_order_where_the_style_says_so() -> None:
    hand = Hand(style=Style(splits=False))
    hand.holds(2)
    order = the_order(hand.aim(-3))
    assert (order.amount, order.reduce_only) == (number(5), False)


def test_spot_knows_no_reduce_only() -> None:
    hand = Hand(listings=[SPOT])
    hand.holds(2)
    assert not the_order(hand.aim(0)).reduce_only


def test_what_is_below_the_smallest_order_is_said_and_leaves_no_trace() -> None:
    hand = Hand()
    for _ in range(3):
        step = hand.aim("0.04")  # worth 4, the venue wants 5
        assert len(given(step)) == 1
        assert not step.drafts
    assert not hand.wait(60).effects


def test_the_residual_below_the_smallest_order_is_said_once() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.trade(order, "0.97")
    hand.report(order, OrderStatus.CANCELLED, "0.97")
    (reason,) = given(hand.wait(1))
    assert "0.03 is below the venue's smallest order" in reason
    assert not hand.wait(60).effects
    assert hand.dealer.target(0) is None


def test_closing_all_of_a_position_needs_no_worth() -> None:
    hand = Hand()
    hand.holds("0.01")
    order = the_order(hand.aim(0))
    assert order.reduce_only
    assert given(hand.failed(order, Failure.REFUSED, "-4164 notional too small"))
    assert not placed(hand.wait(60))


def test_closing_a_part_below_the_smallest_order_is_not_sent() -> None:
    hand = Hand()
    hand.holds(1)
    assert given(hand.aim("0.99"))


def test_an_immediate_order_that_traded_in_part_goes_on_after_a_pause() -> None:
    hand = Hand(style=Style(slice_pause=3 * SECOND))
    order = the_order(hand.aim(1))
    hand.trade(order, "0.4")
    hand.report(order, OrderStatus.CANCELLED, "0.4")
    assert not placed(hand.wait(2))
    again = the_order(hand.wait(1))
    assert again.amount == number("0.6")
    assert again.client_id != order.client_id


def test_after_twenty_orders_that_did_not_trade_in_full_the_aim_is_given_up() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    for _ in range(19):
        hand.report(order, OrderStatus.CANCELLED)
        order = the_order(hand.wait(1))
    hand.report(order, OrderStatus.CANCELLED)
    step = hand.wait(1)
    assert not placed(step)
    assert given(step) == ["20 orders did not trade in full; 1 left"]


def test_slices_are_no_larger_than_told_and_keep_their_pause() -> None:
    hand = Hand(style=Style(slice_notional=number(40), slice_pause=5 * SECOND))
    sent = [the_order(hand.aim(1))]
    for _ in range(2):
        hand.fill(sent[-1])
        assert not placed(hand.wait(4))
        sent.append(the_order(hand.wait(1)))
    hand.fill(sent[-1])
    assert sum(order.amount for order in sent) == 1
    assert all(order.amount * order.price <= 40 for order in sent)
    assert hand.position == 1


def test_a_slice_leaves_enough_to_send() -> None:
    hand = Hand(style=Style(slice_notional=number(49)))
    first = the_order(hand.aim("0.5"))  # of 50.25 quote: a slice of 49 would leave 1.25
    hand.fill(first)
    hand.fill(the_order(hand.wait(2)))
    assert hand.position == number("0.5")


def test_a_resting_order_that_the_touch_left_is_moved_after_its_patience() -> None:
    hand = Hand(style=Style(route="maker", patience=30 * SECOND))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    hand.touch = Touch(bid=101.0, ask=101.1, time=0)
    assert not cancelled(hand.wait(29))
    assert cancelled(hand.wait(1)) == [order.client_id]
    assert not placed(hand.wait(1))
    hand.report(order, OrderStatus.CANCELLED)
    assert the_order(hand.wait(0)).price == 101


def test_a_resting_order_at_the_touch_keeps_its_place() -> None:
    hand = Hand(style=Style(route="maker", patience=30 * SECOND))
    hand.report(the_order(hand.aim(1)), OrderStatus.OPEN)
    assert not [second for second in range(120) if cancelled(hand.wait(1))]


def test_after_its_patience_a_maker_becomes_a_taker() -> None:
    hand = Hand(style=Style(route="maker_then_taker", patience=30 * SECOND))
    order = the_order(hand.aim(1))
    assert order.kind is OrderKind.POST_ONLY
    hand.report(order, OrderStatus.OPEN)
    hand.trade(order, "0.3")
    assert cancelled(hand.wait(30)) == [order.client_id]
    hand.report(order, OrderStatus.CANCELLED, "0.3")
    taker = the_order(hand.wait(1))
    assert (taker.kind, taker.amount) == (OrderKind.IMMEDIATE, number("0.7"))


def test_an_aim_that_only_moves_keeps_its_patience() -> None:
    hand = Hand(style=Style(route="maker_then_taker", patience=30 * SECOND))
    hand.report(the_order(hand.aim(1)), OrderStatus.OPEN)
    for more in range(1, 6):
        hand.wait(5)
        hand.aim(str(1 + more))
    assert cancelled(hand.wait(5))


def test_a_hurry_takes_what_rested() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    assert cancelled(hand.aim(1, hurry=True)) == [order.client_id]
    hand.report(order, OrderStatus.CANCELLED)
    assert the_order(hand.wait(0)).kind is OrderKind.IMMEDIATE


def test_a_resting_order_refused_for_it_would_take_is_tried_again() -> None:
    hand = Hand(style=Style(route="maker"), limits=Limits(rejects=1))
    order = the_order(hand.aim(1))
    step = hand.failed(order, Failure.REFUSED, "-5022 post only order would be rejected")
    assert not given(step)
    assert not notices(step)
    again = the_order(hand.wait(1))
    hand.report(again, OrderStatus.CANCELLED)
    assert not placed(hand.wait(1))
    assert placed(hand.wait(1))


def test_a_resting_order_that_fits_a_new_aim_stays() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    assert not hand.aim(2).effects
    hand.fill(order)
    assert the_order(hand.wait(1)).amount == 1


def test_a_resting_order_that_would_pass_a_new_target_is_cancelled_before_it_is_replaced() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    step = hand.aim("0.4")
    assert cancelled(step) == [order.client_id]
    assert not placed(step)
    hand.trade(order, "0.1")
    hand.report(order, OrderStatus.CANCELLED, "0.1")
    assert the_order(hand.wait(0)).amount == number("0.3")


def test_a_dropped_aim_cancels_what_waits_and_sends_nothing() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    step = hand.did(hand.dealer.drop(0, hand.now, "killed"))
    assert cancelled(step) == [order.client_id]
    hand.report(order, OrderStatus.CANCELLED)
    assert not hand.wait(60).effects


def test_the_same_aim_again_changes_nothing() -> None:
    hand = Hand()
    hand.aim(1)
    assert hand.aim(1) == ((), ())


def test_only_reducing_cancels_what_would_add_risk_and_gives_it_up() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    hand.permission = Permission.REDUCE_ONLY
    assert cancelled(hand.wait(1)) == [order.client_id]
    hand.report(order, OrderStatus.CANCELLED)
    step = hand.wait(1)
    assert not placed(step)
    assert given(step)


def test_only_reducing_closes_and_stops_at_zero() -> None:
    hand = Hand(permission=Permission.REDUCE_ONLY)
    hand.holds(2)
    close = the_order(hand.aim(-3))
    assert (close.amount, close.reduce_only) == (number(2), True)
    hand.fill(close)
    assert given(hand.wait(1))
    assert not placed(hand.wait(60))


def test_without_permission_nothing_is_sent_and_cancels_go_on() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.OPEN)
    hand.permission = Permission.NONE
    assert cancelled(hand.wait(1)) == [order.client_id]
    hand.report(order, OrderStatus.CANCELLED)
    hand.holds(5)
    hand.aim(0)
    assert not placed(hand.wait(60))
    hand.permission = Permission.ALL
    assert placed(hand.wait(1))


@pytest.mark.parametrize(
    "failure", [Failure.UNREACHABLE, Failure.REFUSED, Failure.CLOCK, Failure.RATE_LIMITED]
)
def test_an_opening_order_that_failed_for_certain_is_given_up(failure: Failure) -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    assert given(hand.failed(order, failure, "margin"))
    assert hand.dealer.settled(0)
    assert not placed(hand.wait(60))


@pytest.mark.parametrize(
    "failure", [Failure.UNREACHABLE, Failure.REFUSED, Failure.CLOCK, Failure.RATE_LIMITED]
)
def test_a_closing_order_that_failed_for_certain_is_tried_again_with_back_off(
    failure: Failure,
) -> None:
    hand = Hand()
    hand.holds(1)
    order = the_order(hand.aim(0))
    waits = []
    for _ in range(6):
        hand.failed(order, failure, "busy")
        waited = 1
        while not (step := placed(hand.wait(1))):
            waited += 1
        waits.append(waited)
        (order,) = step
    assert waits == [1, 2, 4, 8, 16, 30]
    assert order.reduce_only


def test_a_venue_that_asks_for_patience_gets_it() -> None:
    hand = Hand()
    hand.holds(1)
    hand.failed(the_order(hand.aim(0)), Failure.RATE_LIMITED, "429", retry_after=50.0)
    assert not [second for second in range(49) if placed(hand.wait(1))]
    assert placed(hand.wait(1))


def test_a_close_of_what_is_not_there_asks_for_the_positions() -> None:
    hand = Hand()
    hand.holds(1)
    order = the_order(hand.aim(0))
    step = hand.failed(order, Failure.REFUSED, "-2022 ReduceOnly Order is rejected.")
    assert given(step)
    assert ("critical", "position-differs") in notices(step)
    assert not placed(hand.wait(60))


def test_duplicates_change_nothing() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.trade(order, "0.5", "x")
    assert hand.trade(order, "0.5", "x") == ((), ())
    hand.report(order, OrderStatus.CANCELLED, "0.5")
    assert hand.report(order, OrderStatus.CANCELLED, "0.5") == ((), ())
    assert hand.position == number("0.5")


def test_what_belongs_to_nobody_is_passed_over() -> None:
    hand = Hand()
    order = replace(the_order(hand.aim(1)), client_id="web12345")
    assert hand.trade(order, 1) == ((), ())
    assert hand.report(order, OrderStatus.FILLED, 1) == ((), ())
    assert hand.failed(order, Failure.UNKNOWN) == ((), ())
    assert hand.denied(order) == ((), ())
    assert hand.position == 0


def test_a_status_never_goes_back() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.fill(order)
    assert hand.report(order, OrderStatus.OPEN) == ((), ())
    assert hand.dealer.settled(0)


def test_reports_and_trades_may_come_in_any_order() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.trade(order, "0.4")
    hand.report(order, OrderStatus.OPEN)
    hand.report(order, OrderStatus.FILLED, 1)
    assert not hand.dealer.settled(0)
    hand.trade(order, "0.6")
    assert hand.dealer.settled(0)
    assert hand.position == 1


def test_each_trade_tells_what_is_left() -> None:
    hand = Hand()
    order = the_order(hand.aim(-1))
    steps = [hand.trade(order, "0.4"), hand.trade(order, "0.6")]
    assert [moves(step) for step in steps] == [
        [(number("-0.4"), number("-0.6"))],
        [(number("-0.6"), number(0))],
    ]


def test_a_late_trade_of_a_finished_order_counts() -> None:
    hand = Hand()
    order = the_order(hand.aim(1))
    hand.report(order, OrderStatus.CANCELLED)
    hand.did(hand.dealer.drop(0, hand.now, "enough"))
    hand.wait(60)
    hand.trade(order, "0.1")
    assert hand.position == number("0.1")


def test_an_adopted_position_is_where_the_next_order_starts() -> None:
    hand = Hand()
    hand.holds("0.7")
    assert the_order(hand.aim(1)).amount == number("0.3")


def test_a_leg_needs_a_listing_and_a_style() -> None:
    with pytest.raises(ConfigError, match="2 listings and 1 styles"):
        type(Hand().dealer)([PERP, SPOT], [Style()], Limits(), "treasury")


def test_working_orders_say_what_they_are() -> None:
    hand = Hand(style=Style(route="maker"))
    order = the_order(hand.aim(1))
    states: list[str] = []

    def look() -> None:
        states.extend(each.state for each in hand.dealer.working(hand.now))

    look()
    hand.failed(order, Failure.UNKNOWN)
    look()
    hand.report(order, OrderStatus.OPEN)
    look()
    hand.did(hand.dealer.drop(0, hand.now, "enough"))
    look()
    hand.report(order, OrderStatus.CANCELLED, "0.5")
    look()
    hand.trade(order, "0.5")
    look()
    assert states == ["sent", "unknown", "open", "cancelling", "ended"]


def test_a_side_decides_the_sign() -> None:
    hand = Hand()
    order = the_order(hand.aim(-2))
    assert order.side is Side.SELL
    hand.fill(order)
    assert hand.position == -2
