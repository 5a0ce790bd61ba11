"""The core's facts: the state after them is the state, whatever was done on the way."""

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from desk_bench import SYMBOL, flow, folded, hedged, held, setup, state, tell

from hedgerow.execution.order import FundingReport
from hedgerow.execution.style import Style
from hedgerow.live.setup import Answers
from hedgerow.live.signals import Order
from hedgerow.live.view import State
from hedgerow.units import HOUR, SECOND

ROUTES = ("taker", "maker", "maker_then_taker", "market")


@pytest.mark.parametrize("route", ROUTES)
def test_after_every_signal_the_state_is_the_fold_of_what_was_written(route: str) -> None:
    style = Style(
        route=route,  # type: ignore[arg-type]
        patience=4 * SECOND,
        slice_notional=Decimal(40_000),
        slice_pause=SECOND,
    )
    found = hedged(setup(styles=(style,), answers=Answers(manual="rehedge")))
    shadow = folded(found)
    done = len(found.records)

    def check() -> None:
        nonlocal done
        for record in found.records[done:]:
            shadow.apply(record)
        done = len(found.records)
        assert shadow.snapshot() == found.controller.snapshot()

    found.checks = check
    random, venue = Random(route), found.venues["north"]  # noqa: S311 - reproducible
    for _ in range(12):
        flow(found, round(random.uniform(-1.5, 1.5), 2))
        found.pass_by(random.uniform(1.0, 8.0))
        if random.random() < 0.3:
            found.switches.lost_answers = 1
        if random.random() < 0.3:
            trade = Decimal(random.choice(["0.5", "-0.5"]))
            venue.tell(venue.exchange.manual("main", SYMBOL, trade, found.now), "")
    found.pass_by(60.0)
    assert folded(found).snapshot() == found.controller.snapshot()


def test_a_restart_in_the_middle_of_slices_goes_on_and_orders_nothing_twice() -> None:
    style = Style(slice_notional=Decimal(100_000), slice_pause=2 * SECOND)
    found = hedged(setup(styles=(style,)))
    flow(found, 6.0)
    assert found.wait_for(lambda: held(found) < -12, 20.0) is not None
    before = found.controller.snapshot()
    found.kill()
    assert folded(found).snapshot() == before
    found.start()
    found.pass_by(60.0)
    assert held(found) == Decimal("-16.000")
    sent = [place.request.client_id for place in found.sent]
    assert len(sent) == len(set(sent))


def test_what_was_blocked_stays_blocked_until_it_is_resumed() -> None:
    found = hedged(setup(answers=Answers(manual="adopt")))
    venue = found.venues["north"]
    venue.tell(venue.exchange.manual("main", SYMBOL, Decimal(5), found.now), "")
    found.pass_by(10.0)
    again = folded(found).core
    assert "somebody traded past the desk" in again.blocked[0]
    tell(found, Order.PAUSE)
    tell(found, Order.RESUME)
    assert not folded(found).core.answered
    assert state(found) is State.TRADING


def test_funding_counts_once_however_often_it_is_told() -> None:
    found = hedged()
    payment = FundingReport(
        venue="north",
        account="main",
        symbol=SYMBOL,
        settlement=found.now - HOUR,
        amount=Decimal("12.5"),
        currency="USDT",
        rate=Decimal("0.0001"),
    )
    core = found.controller.core
    before = core.desk.books.purses[0].wallet
    for _ in range(3):
        found.hear(payment)
    assert core.desk.books.purses[0].wallet == pytest.approx(before + 12.5)
    found.hear(replace(payment, settlement=payment.settlement + HOUR))
    assert core.desk.books.purses[0].wallet == pytest.approx(before + 25.0)


def test_a_fee_in_another_coin_is_booked_as_moved_past_the_desk() -> None:
    found = hedged()
    venue = found.venues["north"]
    found.switches.mute.add("main")
    venue.tell(venue.exchange.manual("main", SYMBOL, Decimal(-1), found.now), "")
    (trade,) = [one for one in found.trades() if one.client_id == ""]
    core = found.controller.core
    wallet = core.desk.books.purses[0].wallet
    found.hear(replace(trade, fee=Decimal("-0.0005"), fee_currency="BTC"))
    purse = core.desk.books.purses[0]
    # The wallet neither gained nor lost by the fee: coins paid it, worth thirty dollars.
    assert purse.wallet == pytest.approx(wallet, abs=1e-6)
    assert core.sums.of[0].fees == pytest.approx(
        sum(float(t.fee) for t in found.trades()[:-1]) - 0.0005 * 60_000, rel=1e-3
    )
