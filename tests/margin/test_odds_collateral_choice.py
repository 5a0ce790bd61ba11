"""Ways to margin a hedge: each row is what its account, its loan or its scenarios say."""

import math

import pytest

from hedgerow.errors import ConfigError
from hedgerow.margin.odds.closed_form import touch_odds
from hedgerow.margin.odds.collateral_choice import (
    CollateralRow,
    HeldHedge,
    Loan,
    Offers,
    Outlook,
    collateral_choice,
)
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.portfolio.requirement import deribit
from hedgerow.margin.terms import flat_terms

HEDGE = HeldHedge(coins=10.0, hedged=10.0, price=100.0, cash=250.0, reserve=100.0)
EVERYTHING = Offers(
    linear=flat_terms(0.01, initial=0.02),
    inverse=flat_terms(0.01, symbol="BTC/USD:BTC", initial=0.02),
    haircut=0.05,
    portfolio=deribit(numeraire="quote"),
    loan=Loan(start=0.6, liquidation=0.8, rate=0.1),
)
OUTLOOK = Outlook(
    model=Diffusion(volatility=0.6),
    horizon=Horizon(days=73.0),
    funding=0.05,
    cash_rate=0.04,
)


def rows(hedge: HeldHedge = HEDGE, offers: Offers = EVERYTHING) -> dict[str, CollateralRow]:
    return {row.name: row for row in collateral_choice(hedge, offers, OUTLOOK)}


def test_each_way_dies_where_its_equity_ends() -> None:
    """Each level solved on paper, from worth less loss less maintenance."""
    found = rows()
    ends = {name: (row.below, row.above) for name, row in found.items()}
    assert ends == {
        "cash, isolated": (None, pytest.approx(1_250.0 / 10.1)),
        "cash, cross": (None, pytest.approx(1_350.0 / 10.1)),
        "coins, cross": (None, pytest.approx(1_000.0 / (10.1 - 9.5))),
        "coin-margined": (None, None),
        "portfolio, deribit": (None, None),  # coins and short lose nothing together
        "loan on the coins": (pytest.approx(255.0 / 8.0), pytest.approx(1_250.0 / 10.1)),
    }


def test_portfolio_margin_asks_for_what_the_coins_do_not_cover() -> None:
    """Short 10 with 5 coins beside it: 1 000 - 5 P of equity, 16 % of 5 P asked for."""
    half = HeldHedge(coins=5.0, hedged=10.0, price=100.0, cash=250.0)
    row = rows(half)["portfolio, deribit"]
    assert row.below is None
    assert row.above == pytest.approx(1_000.0 / 5.8)
    assert row.killer == "the short"


def test_the_odds_are_those_of_the_levels() -> None:
    for row in rows().values():
        for price, odds in ((row.below, row.odds_below), (row.above, row.odds_above)):
            level = math.nan if price is None else price
            exact = touch_odds(level, 100.0, OUTLOOK.model, OUTLOOK.horizon).probability
            assert odds == pytest.approx(exact, rel=1e-9)


def test_cash_comes_from_outside_and_coins_from_the_holding() -> None:
    found = {
        name: (row.cash_needed, row.coins_pledged, row.capital_tied) for name, row in rows().items()
    }
    assert found["cash, isolated"] == found["cash, cross"] == (350.0, 0.0, 350.0)
    for name in ("coins, cross", "coin-margined", "portfolio, deribit", "loan on the coins"):
        assert found[name] == (0.0, 10.0, 1_000.0)


def test_cost_is_carry_interest_and_what_cash_would_have_earned() -> None:
    """A fifth of a year: funding of 1 000 at 5 % brings 10."""
    costs = {name: row.expected_cost for name, row in rows().items()}
    assert costs["cash, isolated"] == pytest.approx(-10.0 + 350.0 * 0.04 / 5.0)
    assert costs["coin-margined"] == pytest.approx(-10.0)
    assert costs["loan on the coins"] == pytest.approx(-10.0 + 250.0 * 0.1 / 5.0)


def test_what_is_not_offered_is_no_row() -> None:
    assert list(rows(offers=Offers(linear=EVERYTHING.linear))) == ["cash, isolated", "cash, cross"]


def test_what_cannot_be_opened_says_so() -> None:
    poor = HeldHedge(coins=10.0, hedged=10.0, price=100.0, cash=15.0, reserve=100.0)
    found = {name: row.feasible for name, row in rows(poor).items()}
    assert not found["cash, isolated"]
    assert found["cash, cross"]
    greedy = Offers(linear=EVERYTHING.linear, loan=Loan(start=0.2, liquidation=0.8, rate=0.1))
    assert not rows(offers=greedy)["loan on the coins"].feasible


def test_a_hedge_of_part_of_the_coins_leaves_the_rest_behind_it() -> None:
    part = HeldHedge(coins=10.0, hedged=5.0, price=100.0, cash=250.0)
    assert rows(part)["coins, cross"].above is None
    assert rows(part)["coin-margined"].above is None


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: HeldHedge(coins=0.0, hedged=1.0, price=1.0, cash=1.0), "coins = 0.0"),
        (lambda: HeldHedge(coins=1.0, hedged=1.0, price=1.0, cash=-1.0), "cash = -1.0"),
        (lambda: Loan(start=0.8, liquidation=0.6, rate=0.1), "loan: start = 0.8"),
        (lambda: Loan(start=0.5, liquidation=0.6, rate=math.nan), "loan: rate = nan"),
    ],
)
def test_numbers_that_cannot_be_are_refused(make: type, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make()
