"""Laws of portfolio margin: it scales, it rewards offsets, it is continuous at the frontier."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.margin.portfolio.book import FuturePosition, OptionPosition, PortfolioBook
from hedgerow.margin.portfolio.frontier import liquidation_frontier
from hedgerow.margin.portfolio.requirement import ScenarioRule, deribit, paradex, requirement, span
from hedgerow.market.instrument import Settlement

INDEX = 60_000.0
RULES: list[ScenarioRule] = [deribit(), deribit(numeraire="quote"), paradex(), span(0.2, 0.3)]
sizes = st.floats(-20.0, 20.0).map(lambda size: round(size, 4))


@st.composite
def futures(draw: st.DrawFn) -> FuturePosition:
    inverse = draw(st.booleans())
    size = draw(sizes)
    return FuturePosition(
        size=size * INDEX if inverse else size,
        mark=draw(st.floats(55_000.0, 65_000.0)),
        settlement=Settlement.INVERSE if inverse else Settlement.LINEAR,
        expiry=draw(st.sampled_from(["", "JUN"])),
    )


@st.composite
def options(draw: st.DrawFn) -> OptionPosition:
    return OptionPosition(
        quantity=draw(sizes),
        strike=draw(st.sampled_from([30_000.0, 54_000.0, 60_000.0, 72_000.0, 120_000.0])),
        years=draw(st.sampled_from([0.0, 1.0, 14.0, 30.0, 180.0])) / 365.0,
        volatility=draw(st.floats(0.2, 1.5)),
        call=draw(st.booleans()),
        inverse=draw(st.booleans()),
    )


@st.composite
def books(draw: st.DrawFn) -> PortfolioBook:
    return PortfolioBook(
        index=INDEX,
        coins=draw(st.floats(0.0, 50.0)),
        cash=draw(st.floats(0.0, 1e6)),
        futures=draw(st.lists(futures(), max_size=3)),
        options=draw(st.lists(options(), max_size=3)),
    )


def joined(one: PortfolioBook, other: PortfolioBook) -> PortfolioBook:
    return PortfolioBook(
        index=INDEX,
        coins=one.coins + other.coins,
        cash=one.cash + other.cash,
        futures=(*one.futures, *other.futures),
        options=(*one.options, *other.options),
    )


def scaled(book: PortfolioBook, by: float) -> PortfolioBook:
    return PortfolioBook(
        index=INDEX,
        coins=book.coins * by,
        cash=book.cash * by,
        futures=[
            FuturePosition(
                size=one.size * by, mark=one.mark, settlement=one.settlement, expiry=one.expiry
            )
            for one in book.futures
        ],
        options=[
            OptionPosition(
                quantity=one.quantity * by,
                strike=one.strike,
                years=one.years,
                volatility=one.volatility,
                call=one.call,
                inverse=one.inverse,
            )
            for one in book.options
        ],
    )


@settings(max_examples=40, deadline=None)
@given(book=books(), by=st.floats(0.1, 10.0), rule=st.sampled_from(RULES))
def test_twice_the_book_is_twice_the_margin(
    book: PortfolioBook, by: float, rule: ScenarioRule
) -> None:
    asked, more = requirement(book, rule), requirement(scaled(book, by), rule)
    size = abs(book.equity(rule.numeraire)) + asked.scenario_loss + 1.0
    assert more.maintenance == pytest.approx(by * asked.maintenance, rel=1e-9, abs=1e-9 * by * size)
    assert more.equity == pytest.approx(by * asked.equity, rel=1e-9, abs=1e-9 * by * size)


@settings(max_examples=40, deadline=None)
@given(book=books(), hedge=books(), rule=st.sampled_from(RULES))
def test_two_books_together_never_lose_more_than_apart(
    book: PortfolioBook, hedge: PortfolioBook, rule: ScenarioRule
) -> None:
    apart = requirement(book, rule).scenario_loss + requirement(hedge, rule).scenario_loss
    assert requirement(joined(book, hedge), rule).scenario_loss <= apart * (1.0 + 1e-9) + 1e-6


@settings(max_examples=40, deadline=None)
@given(coins=st.floats(0.1, 1_000.0), move=st.floats(-0.5, 2.0), rule=st.sampled_from(RULES[1:]))
def test_a_coin_sold_forward_for_its_dollars_has_no_worst_case(
    coins: float, move: float, rule: ScenarioRule
) -> None:
    short = FuturePosition(size=-coins * INDEX, mark=INDEX, settlement=Settlement.INVERSE)
    book = PortfolioBook(index=INDEX, coins=coins, futures=[short])
    worth = coins * INDEX
    assert requirement(book, rule).scenario_loss <= 1e-11 * worth
    assert book.moved(1.0 + move).equity() == pytest.approx(worth, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    strike=st.floats(20_000.0, 200_000.0),
    quantity=st.floats(0.1, 50.0),
    inverse=st.booleans(),
    rule=st.sampled_from(RULES),
)
def test_a_call_bought_and_a_put_sold_are_a_future(
    strike: float, quantity: float, inverse: bool, rule: ScenarioRule
) -> None:
    pair = [
        OptionPosition(
            quantity=quantity if call else -quantity,
            strike=strike,
            years=30.0 / 365.0,
            volatility=0.7,
            call=call,
            inverse=inverse,
        )
        for call in (True, False)
    ]
    combination = requirement(PortfolioBook(index=INDEX, options=pair), rule).scenario_loss
    # A linear pair is worth F - K, an inverse one 1 - K/F: an inverse future of face K.
    same = FuturePosition(
        size=quantity * strike if inverse else quantity,
        mark=INDEX,
        settlement=Settlement.INVERSE if inverse else Settlement.LINEAR,
    )
    shift = 0.0 if inverse else quantity * (INDEX - strike)  # the worth it has from the start
    book = PortfolioBook(index=INDEX, futures=[same], cash=shift)
    if rule.numeraire == "coin" or not inverse:
        future = requirement(book, rule).scenario_loss
        assert combination == pytest.approx(future, rel=1e-8, abs=1e-7 * quantity)
    else:
        start = PortfolioBook(index=INDEX, futures=[same], coins=quantity * (1.0 - strike / INDEX))
        future = requirement(start, rule).scenario_loss
        assert combination == pytest.approx(future, rel=1e-8, abs=1e-7 * quantity * INDEX)


@settings(max_examples=15, deadline=None)
@given(book=books(), rule=st.sampled_from(RULES))
def test_at_the_frontier_equity_is_maintenance_margin(
    book: PortfolioBook, rule: ScenarioRule
) -> None:
    frontier = liquidation_frontier(book, rule)
    if frontier.below == frontier.above == book.index:
        assert requirement(book, rule).headroom < 0.0
        return
    for price in (frontier.below, frontier.above):
        if price is None:
            continue
        asked = requirement(book.moved(price / book.index), rule)
        size = abs(asked.equity) + asked.maintenance + 1e-3
        assert asked.equity == pytest.approx(asked.maintenance, abs=1e-8 * size)
