"""Every coin and every cent of a liquidation lands somewhere."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hedgerow.margin.deleveraging.ranking import Population, scores, unit_worth
from hedgerow.margin.deleveraging.waterfall import (
    BookSide,
    Takeover,
    Waterfall,
    WaterfallRule,
    waterfall,
)

RULES = st.builds(
    WaterfallRule,
    last_resort=st.sampled_from(["deleverage", "socialise"]),
    ranking=st.sampled_from(["profit_leverage", "lpq"]),
)


@st.composite
def liquidations(draw: st.DrawFn) -> tuple[Takeover, BookSide, float, Population]:
    """Return a liquidation against a market that is closed: longs and shorts balance."""
    side = draw(st.sampled_from([1.0, -1.0]))
    inverse = draw(st.booleans())
    unit = 100.0 if inverse else 1.0
    mark = draw(st.floats(60.0, 140.0))
    bankruptcy = draw(st.floats(60.0, 140.0))
    count = draw(st.integers(1, 6))
    sizes = np.array(draw(st.lists(st.floats(0.1, 20.0), min_size=count, max_size=count)))
    entries = np.array(draw(st.lists(st.floats(70.0, 130.0), min_size=count, max_size=count)))
    leverage = np.array(draw(st.lists(st.floats(1.0, 30.0), min_size=count, max_size=count)))
    sides = np.array(draw(st.lists(st.sampled_from([1.0, -1.0]), min_size=count, max_size=count)))
    worth = sizes * unit / entries if inverse else sizes * entries
    population = Population(
        sizes=sides * sizes * unit, entries=entries, wallets=worth / leverage, inverse=inverse
    )
    orders = draw(st.integers(0, 5))
    offers = draw(st.lists(st.floats(60.0, 140.0), min_size=orders, max_size=orders))
    book = BookSide(
        prices=np.array(sorted(offers, reverse=side > 0.0)),
        sizes=unit
        * np.array(draw(st.lists(st.floats(0.1, 20.0), min_size=orders, max_size=orders))),
    )
    size = side * unit * draw(st.floats(0.1, 40.0))
    fund = draw(st.floats(0.0, 3.0 if inverse else 300.0))
    return Takeover(size=size, bankruptcy=bankruptcy, mark=mark), book, fund, population


def fills(book: BookSide, filled: float) -> list[tuple[float, float]]:
    """Return price and size of each order that was hit, best first."""
    found, left = [], filled
    for price, size in zip(book.prices.tolist(), book.sizes.tolist(), strict=True):
        units = min(size, left)
        left -= units
        if units > 0.0:
            found.append((price, units))
    return found


@settings(max_examples=150, deadline=None)
@given(case=liquidations(), rule=RULES)
def test_nothing_appears_or_vanishes(
    case: tuple[Takeover, BookSide, float, Population], rule: WaterfallRule
) -> None:
    takeover, book, fund, population = case
    end = waterfall(takeover, book, fund, population, rule)
    # Coins: what was taken over is closed, handed on, or still there.
    size = abs(takeover.size)
    assert end.filled + end.deleveraged + end.unfilled == pytest.approx(size, rel=1e-12)
    # Cents: everybody's wealth, valued at any price, is the same before and after.
    side = 1.0 if takeover.size > 0.0 else -1.0
    for price in (takeover.mark, 30.0, 300.0):
        at = unit_worth(price, inverse=population.inverse)
        floor = unit_worth(takeover.bankruptcy, inverse=population.inverse)
        before = side * size * (at - floor) + fund + float(population.equity(price).sum())
        # The bankrupt position was worth nothing at its bankruptcy price; it is gone now, but for
        # what the venue could not close. Buyers of its coins hold them from their fills.
        bought = sum(
            side * units * (at - unit_worth(paid, inverse=population.inverse))
            for paid, units in fills(book, end.filled)
        )
        handed = side * float(end.taken.sum()) * (at - floor)
        others = float(population.equity(price).sum()) + handed - float(end.losses.sum())
        kept = side * end.unfilled * (at - floor) - end.uncovered
        after = bought + others + kept + end.fund
        scale = size * abs(at) + size * abs(floor) + float(np.abs(population.equity(price)).sum())
        assert after == pytest.approx(before, abs=1e-9 * (scale + fund))


@settings(max_examples=150, deadline=None)
@given(case=liquidations(), rule=RULES)
def test_nobody_gives_what_he_does_not_have(
    case: tuple[Takeover, BookSide, float, Population], rule: WaterfallRule
) -> None:
    takeover, book, fund, population = case
    end = waterfall(takeover, book, fund, population, rule)
    assert end.fund >= 0.0
    assert end.uncovered >= 0.0
    assert end.unfilled >= 0.0
    assert (end.taken >= 0.0).all()
    assert (end.taken <= np.abs(population.sizes) * (1.0 + 1e-12)).all()
    assert not end.taken[population.sizes * takeover.size > 0.0].any()
    profit = np.maximum(population.unrealised(takeover.mark), 0.0)
    assert (end.losses <= profit * (1.0 + 1e-12)).all()
    if rule.last_resort == "deleverage":
        assert not end.losses.any()
    else:
        assert not end.taken.any()


@settings(max_examples=100, deadline=None)
@given(case=liquidations(), ranking=st.sampled_from(["profit_leverage", "lpq"]))
def test_nobody_is_taken_before_a_higher_rank_is_gone(
    case: tuple[Takeover, BookSide, float, Population], ranking: str
) -> None:
    takeover, book, fund, population = case
    rule = WaterfallRule(ranking=ranking)
    end = waterfall(takeover, book, fund, population, rule)
    score = scores(population, takeover.mark, ranking)
    whole = np.abs(population.sizes)
    against = population.sizes * takeover.size < 0.0
    alive = population.equity(takeover.mark) > 0.0
    touched = end.taken > 0.0
    assume(touched.any())
    above = against & alive & (score > score[touched].min())
    np.testing.assert_allclose(end.taken[above], whole[above], rtol=1e-12)


@settings(max_examples=100, deadline=None)
@given(case=liquidations(), more=st.floats(0.0, 500.0), rule=RULES)
def test_more_insurance_never_takes_more(
    case: tuple[Takeover, BookSide, float, Population], more: float, rule: WaterfallRule
) -> None:
    takeover, book, fund, population = case

    def at(insured: float) -> Waterfall:
        return waterfall(takeover, book, insured, population, rule)

    poor, rich = at(fund), at(fund + more)
    assert rich.deleveraged <= poor.deleveraged + 1e-9 * abs(takeover.size)
    assert rich.losses.sum() + rich.uncovered <= poor.losses.sum() + poor.uncovered + 1e-9
