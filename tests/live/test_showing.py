"""What a desk shows of itself is what its venues hold, with an age on every number."""

from decimal import Decimal

import pytest
from desk_bench import SYMBOL, flow, hedged, held, setup, stage, tell

from hedgerow.execution.style import Style
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from hedgerow.units import SECOND


def test_a_desk_that_has_not_begun_shows_what_it_waits_for_and_no_numbers() -> None:
    found = stage()
    found.switches.silent.add("north")
    found.start()
    found.pass_by(5.0)
    view = found.controller.view(found.now)
    assert view.desk.state is State.STOPPED
    assert not view.book
    assert not view.accounts
    (leg,) = view.legs
    assert (leg.prices.mark, leg.prices.mark_age, leg.position.unrealised) == (None, None, None)
    assert "stopped" in leg.blocked


def test_book_leg_and_account_say_what_the_venue_says() -> None:
    found = hedged()
    view = found.controller.view(found.now)
    (book,), (leg,), (account,) = view.book, view.legs, view.accounts
    assert (book.exposure, book.goal, book.hedge, book.net) == (10.0, -10.0, -10.0, 0.0)
    assert book.inside
    assert book.lower == pytest.approx(-10.1)
    assert book.upper == pytest.approx(-9.9)
    assert Decimal(repr(leg.position.amount)) == held(found)
    there = found.venues["north"].exchange.snapshot("main", found.now)
    (position,) = there.positions
    assert leg.position.entry == pytest.approx(float(position.entry or 0))
    assert account.wallet == pytest.approx(float(there.balances["USDT"]))
    assert leg.liquidation_price == pytest.approx(float(position.liquidation_price or 0), rel=1e-3)
    assert leg.position.fees == pytest.approx(sum(float(t.fee) for t in found.trades()))
    assert leg.blocked == ""


def test_ages_grow_while_nothing_comes_and_the_guard_shows() -> None:
    found = hedged()
    found.switches.silent.add("north")
    found.switches.away.add("north")  # a quote by request does not come either
    found.pass_by(20.0)
    view = found.controller.view(found.now)
    (leg,) = view.legs
    assert 19.0 <= (leg.prices.mark_age or 0.0) <= 21.0
    assert 19.0 <= (leg.funding.age or 0.0) <= 21.0
    (guard,) = [one for one in view.guards if one.tripped]
    assert (guard.name, guard.stops, guard.latched) == ("stale-stream", "risk", False)
    assert guard.message in leg.blocked or "old" in leg.blocked


def test_an_order_that_waits_is_shown_and_counts_as_pending() -> None:
    found = hedged(setup(styles=(Style(route="maker", patience=600 * SECOND),)))
    flow(found, 1.0)
    dealer = found.controller.core.dealer
    assert found.wait_for(lambda: any(o.state == "open" for o in dealer.working()), 10.0)
    view = found.controller.view(found.now)
    (order,) = view.orders
    assert (order.side, order.amount, order.status) == ("sell", Decimal("1.000"), "open")
    assert view.book[0].pending == -1.0
    assert view.legs[0].position.target == -11.0
    assert not order.unresolved


def test_an_order_of_unknown_outcome_is_shown_as_such() -> None:
    found = hedged()
    found.switches.lost_answers = 1
    found.switches.mute.add("main")
    flow(found, 1.0)
    assert found.wait_for(lambda: found.controller.core.dealer.unresolved(0), 60.0) is not None
    view = found.controller.view(found.now)
    assert view.legs[0].unresolved
    assert [order.unresolved for order in view.orders] == [True]


def test_an_operators_words_are_shown_with_the_state() -> None:
    found = hedged()
    tell(found, Order.PAUSE)
    desk = found.controller.view(found.now).desk
    assert (desk.state, desk.by, desk.reason) == (State.PAUSED, "test", "a test")
    assert found.controller.why(SYMBOL, 1)[0].symbol == SYMBOL
