"""Laws of the odds: more behind a position never makes it likelier to die."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.margin.odds.closed_form import odds_of_liquidation, touch_odds
from hedgerow.margin.odds.models import Diffusion, FundingPath, Horizon, Jumps, Reserve
from hedgerow.margin.odds.paths import simulate_odds
from hedgerow.margin.odds.question import OddsQuestion
from hedgerow.margin.odds.smallest_deposit import smallest_deposit
from hedgerow.margin.odds.stake import Stake
from hedgerow.margin.position import Position
from hedgerow.margin.terms import flat_terms

ROOM = 1e-12  # relative: what the last bit of a level may do to its odds

sides = st.sampled_from([-1.0, 1.0])
leverages = st.floats(1.2, 40.0)
volatilities = st.floats(0.05, 3.0)
drifts = st.floats(-2.0, 2.0)
days = st.floats(0.1, 400.0)
symbols = st.sampled_from(["BTC/USDT:USDT", "BTC/USD:BTC"])


def a_stake(symbol: str, side: float, leverage: float) -> Stake:
    position = Position(terms=flat_terms(0.005, symbol=symbol), size=side * 1e4, entry=100.0)
    return Stake(position=position, deposit=position.notional() / leverage)


@settings(deadline=None)
@given(symbol=symbols, side=sides, leverage=leverages, more=st.floats(0.0, 3.0))
def test_at_the_liquidation_price_equity_is_the_requirement(
    symbol: str, side: float, leverage: float, more: float
) -> None:
    stake = a_stake(symbol, side, leverage)
    stake = stake.with_deposit(stake.deposit * (1.0 + more))
    price = stake.liquidation_price()
    if not math.isnan(price):
        scale = stake.deposit + stake.position.notional(price) + stake.position.notional()
        assert abs(stake.surplus(price)) < 1e-12 * scale


@settings(deadline=None)
@given(
    symbol=symbols,
    side=sides,
    leverage=leverages,
    volatility=volatilities,
    drift=drifts,
    horizon=days,
    more=st.floats(0.0, 2.0),
)
def test_a_larger_deposit_never_raises_the_odds(
    symbol: str,
    side: float,
    leverage: float,
    volatility: float,
    drift: float,
    horizon: float,
    more: float,
) -> None:
    stake = a_stake(symbol, side, leverage)
    model = Diffusion(volatility=volatility, drift=drift)
    poor = odds_of_liquidation(stake, model, Horizon(days=horizon))
    rich = odds_of_liquidation(
        stake.with_deposit(stake.deposit * (1.0 + more)), model, Horizon(days=horizon)
    )
    assert rich.probability <= poor.probability * (1.0 + 1e-9)


@settings(deadline=None)
@given(
    level=st.floats(0.1, 10.0),
    volatility=volatilities,
    drift=drifts,
    horizon=days,
    longer=st.floats(1.0, 3.0),
    hours=st.floats(0.1, 100.0),
)
def test_odds_grow_with_time_and_with_closer_looks(
    level: float, volatility: float, drift: float, horizon: float, longer: float, hours: float
) -> None:
    model = Diffusion(volatility=volatility, drift=drift)
    always = touch_odds(level, 1.0, model, Horizon(days=horizon))
    later = touch_odds(level, 1.0, model, Horizon(days=horizon * longer))
    seldom = touch_odds(level, 1.0, model, Horizon(days=horizon, monitor_hours=hours))
    assert 0.0 <= seldom.probability <= always.probability * (1.0 + ROOM)
    assert always.probability <= later.probability * (1.0 + 1e-9) <= 1.0 + 1e-9


@settings(deadline=None)
@given(
    symbol=symbols,
    side=sides,
    volatility=st.floats(0.1, 1.5),
    drift=drifts,
    horizon=st.floats(1.0, 90.0),
    at_most=st.floats(1e-9, 0.9),
)
def test_the_smallest_deposit_keeps_the_odds(
    symbol: str, side: float, volatility: float, drift: float, horizon: float, at_most: float
) -> None:
    stake = a_stake(symbol, side, 5.0)
    model, span = Diffusion(volatility=volatility, drift=drift), Horizon(days=horizon)
    enough = smallest_deposit(stake, model, span, at_most)
    odds = odds_of_liquidation(stake.with_deposit(enough.deposit), model, span)
    if not math.isnan(enough.liquidation_price):
        assert odds.probability == pytest.approx(at_most, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    side=sides,
    leverage=leverages,
    seed=st.integers(0, 2**62),
    reserve=st.floats(0.0, 1.0),
    rate=st.floats(-5e-4, 5e-4),
)
def test_on_the_same_paths_more_cash_saves_and_never_kills(
    side: float, leverage: float, seed: int, reserve: float, rate: float
) -> None:
    """The same paths, lane by lane: a deposit, a larger one, and the first with a reserve."""
    stake = a_stake("BTC/USDT:USDT", side, leverage)
    question = OddsQuestion(
        stake=stake,
        model=Jumps(volatility=0.8, per_year=50.0, mean=0.0, deviation=0.05),
        horizon=Horizon(days=4.0, monitor_hours=1.0),
        funding=FundingPath(interval_hours=8.0, level=rate, deviation=1e-4),
    )
    plain = simulate_odds(question, paths=300, seed=seed)
    richer = simulate_odds(
        OddsQuestion(
            stake=stake.with_deposit(1.3 * stake.deposit),
            model=question.model,
            horizon=question.horizon,
            funding=question.funding,
        ),
        paths=300,
        seed=seed,
    )
    backed = simulate_odds(
        OddsQuestion(
            stake=stake,
            model=question.model,
            horizon=question.horizon,
            funding=question.funding,
            reserve=Reserve(amount=reserve * stake.position.notional(), transfer_hours=2.0),
        ),
        paths=300,
        seed=seed,
    )
    np.testing.assert_array_equal(plain.need, richer.need)
    np.testing.assert_array_equal(plain.need, backed.need)
    for saved in (richer, backed):
        longer = np.where(np.isnan(saved.died), np.inf, saved.died)
        assert (longer >= np.where(np.isnan(plain.died), np.inf, plain.died)).all()
    assert (backed.sent <= reserve * stake.position.notional() * (1.0 + ROOM)).all()
