"""Quotes become bars: gaps keep their last value, ranges keep their extremes."""

import math
from dataclasses import replace

import pytest
from desk_bench import SYMBOL, setup

from hedgerow.execution.port import QuoteReport
from hedgerow.live.market_view import MarketView
from hedgerow.units import HOUR, MINUTE, SECOND, YEAR


def quote(venue: str = "north", **numbers: float | None) -> QuoteReport:
    return QuoteReport(venue=venue, symbol=SYMBOL, time=1, **{"received": 1, **numbers})  # type: ignore[arg-type]


def view(**more: object) -> MarketView:
    task = setup({"main": 0.5, "other": 0.5})
    return MarketView(task.terms, task.listings, **more)  # type: ignore[arg-type]


def test_it_is_complete_once_every_leg_has_a_mark() -> None:
    market = view()
    market.take(quote("north", mark=100.0))
    assert not market.complete
    market.take(quote("south", bid=99.0, ask=101.0))  # the middle stands in for a mark
    assert market.complete
    assert market.opened(5).mark == (100.0, 100.0)


def test_a_number_that_a_quote_lacks_keeps_its_value_and_its_age() -> None:
    market = view()
    market.take(quote(received=SECOND, mark=100.0, index=99.0, bid=98.0, ask=102.0, last=97.0))
    market.take(quote(received=9 * SECOND, mark=101.0))
    seen = market.seen(0)
    assert seen is not None
    assert (seen.mark, seen.index_price, seen.bid, seen.ask, seen.last) == (101, 99, 98, 102, 97)
    assert (seen.mark_time, seen.index_time, seen.touch_time) == (9 * SECOND, SECOND, SECOND)


def test_half_a_book_is_no_book() -> None:
    market = view()
    market.take(quote(bid=98.0, ask=102.0, mark=100.0))
    market.take(quote(received=7, bid=50.0, mark=100.0))
    seen = market.seen(0)
    assert seen is not None
    assert (seen.bid, seen.ask, seen.touch_time) == (98.0, 102.0, 1)


def test_a_bar_ranges_over_all_marks_since_its_open() -> None:
    market = view()
    for venue in ("north", "south"):
        market.take(quote(venue, mark=100.0))
    market.opened(0)
    market.take(quote(mark=103.0))
    market.take(quote(mark=101.0, high=107.0, low=95.0))
    ranged = market.ranged(MINUTE)
    assert (ranged.high, ranged.low) == ((107.0, 100.0), (95.0, 100.0))
    market.opened(MINUTE)
    assert market.ranged(2 * MINUTE).high == (101.0, 100.0)


def test_volatility_is_what_constant_returns_say_whatever_the_cadence() -> None:
    for cadence in (SECOND, MINUTE, HOUR):
        market, price, move = view(), 100.0, 0.8 * math.sqrt(cadence / YEAR)
        for step in range(50):
            price *= math.exp(move if step % 2 else -move)
            for venue in ("north", "south"):
                market.take(quote(venue, mark=price))
            closed = market.closed((step + 1) * cadence)
        assert closed.quotes[0].volatility == pytest.approx(0.8, rel=1e-9)


def test_money_is_a_dollar_or_its_peg_and_coins_are_their_index() -> None:
    market = view(pegs={"USDT": 0.98})
    for venue in ("north", "south"):
        market.take(quote(venue, mark=101.0, index=100.0))
    assert market.worth() == (98.0, 0.98)  # an index in USDT counts USDT


def test_in_a_coin_as_numeraire_everything_is_counted_in_it() -> None:
    task = setup()
    market = MarketView(replace(task.terms, numeraire_coin="BTC"), task.listings)
    market.take(quote(mark=101.0, index=100.0))
    assert market.worth() == (1.0, 0.01)


def test_the_prediction_before_a_settlement_is_kept() -> None:
    market = view()
    market.take(quote(mark=100.0, funding=0.0001, settlement=HOUR))
    market.take(quote(funding=0.0003))
    market.take(quote(funding=-0.0002, settlement=9 * HOUR))
    seen = market.seen(0)
    assert seen is not None
    assert (seen.before_settlement, seen.funding) == (0.0003, -0.0002)


def test_a_symbol_of_no_leg_is_passed_over() -> None:
    market = view()
    market.take(replace(quote(mark=100.0), symbol="ETH/USDT:USDT"))
    assert market.seen(0) is None
    assert market.legs_of("north", SYMBOL) == (0,)
    assert market.legs_of("north", "ETH/USDT:USDT") == ()
