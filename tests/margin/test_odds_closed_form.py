"""The closed form: its density adds up to it, its edges are right, its deposit has its odds."""

import math
from decimal import Decimal
from statistics import NormalDist

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.kernels.first_passage import log_normal_cdf, log_touch, touch_time
from hedgerow.margin.odds.closed_form import odds_of_liquidation, odds_on_both_sides, touch_odds
from hedgerow.margin.odds.hedge_under_liquidation import hedge_under_liquidation
from hedgerow.margin.odds.models import Diffusion, Horizon
from hedgerow.margin.odds.smallest_deposit import smallest_deposit
from hedgerow.margin.odds.stake import Stake, flat_stake
from hedgerow.margin.position import Position
from hedgerow.margin.terms import MarginTerms, flat_terms
from hedgerow.market.venue import MarginTier

MONTH = Horizon(days=30.0)
WILD = Diffusion(volatility=0.8)


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("drift", [-2.0, 0.0, 2.0])
def test_the_density_adds_up_to_the_odds(side: int, drift: float) -> None:
    stake = flat_stake(side=side, leverage=6.0, maintenance=0.01)
    odds = odds_of_liquidation(stake, Diffusion(volatility=0.7, drift=drift), MONTH)
    edges = np.linspace(0.0, 30.0, 60_001)
    middles = 0.5 * (edges[1:] + edges[:-1])
    area = float(odds.density(middles).sum()) * (edges[1] - edges[0])
    assert area == pytest.approx(odds.probability, rel=1e-6)
    assert odds.probability_by(edges)[-1] == odds.probability


def test_without_drift_of_the_logarithm_a_touch_is_twice_an_end_beyond() -> None:
    normal = NormalDist()
    for distance in (-0.4, -0.05, 0.05, 0.4):
        exact = 2.0 * normal.cdf(-abs(distance) / (0.6 * math.sqrt(0.25)))
        assert math.exp(log_touch(distance, 0.0, 0.6, 0.25)) == pytest.approx(exact, rel=1e-12)


def test_the_tail_of_the_normal_law_runs_on_smoothly() -> None:
    """Mills' ratio lies between z/(1+z^2) and 1/z."""
    for z in (24.9, 25.1, 40.0, 1e3, 1e8):
        density = -0.5 * z * z - 0.5 * math.log(2.0 * math.pi)
        found = log_normal_cdf(-z)
        assert density + math.log(z / (1.0 + z * z)) <= found <= density - math.log(z)
    assert log_normal_cdf(-25.0 + 1e-9) == pytest.approx(log_normal_cdf(-25.0 - 1e-9), rel=1e-9)


def test_odds_far_below_any_double_keep_their_logarithm() -> None:
    odds = touch_odds(30.0, 1.0, Diffusion(volatility=0.3), Horizon(days=1.0))
    assert odds.probability == 0.0
    assert -30_000.0 < odds.log_probability < -20_000.0
    assert odds.median_days == pytest.approx(1.0, abs=1e-3)


def test_no_time_and_no_volatility_are_no_special_cases() -> None:
    short = flat_stake(side=-1, leverage=5.0, maintenance=0.005)
    assert odds_of_liquidation(short, WILD, Horizon(days=0.0)).probability == 0.0
    still = Diffusion(volatility=0.0)
    assert odds_of_liquidation(short, still, MONTH).probability == 0.0
    rising = Diffusion(volatility=0.0, drift=3.0)
    odds = odds_of_liquidation(short, rising, MONTH)
    assert odds.probability == 1.0
    day = math.log(short.liquidation_price()) / 3.0 * 365.0
    assert odds.median_days == pytest.approx(day, rel=1e-9)
    nearly = Diffusion(volatility=1e-9, drift=3.0)
    assert odds_of_liquidation(short, nearly, MONTH).probability == 1.0


def test_an_account_that_cannot_die_has_no_odds() -> None:
    terms = flat_terms(0.01, symbol="BTC/USD:BTC")
    position = Position(terms=terms, size=-50_000.0, entry=50_000.0)
    safe = Stake(position=position, deposit=1.0)
    odds = odds_of_liquidation(safe, WILD, MONTH)
    assert (odds.probability, math.isnan(odds.price)) == (0.0, True)
    assert math.isnan(odds.median_days)
    assert math.isnan(safe.liquidation_price())


def test_coins_that_outgrow_the_short_die_on_a_fall_where_there_is_a_debt() -> None:
    position = Position(terms=flat_terms(0.01), size=-0.5, entry=100.0)
    stake = Stake(position=position, deposit=-40.0, coins=1.0)
    both = odds_on_both_sides(stake, WILD, MONTH)
    # -40 + P - 0.5 (P - 100) = 0.005 P has no root above 0, so the debt must be larger
    assert both.below.probability == both.above.probability == 0.0
    deep = odds_on_both_sides(Stake(position=position, deposit=-90.0, coins=1.0), WILD, MONTH)
    assert deep.below.price == pytest.approx(40.0 / 0.495)
    assert deep.above.probability == 0.0
    assert (
        odds_of_liquidation(Stake(position=position, deposit=-90.0, coins=1.0), WILD, MONTH).price
        == deep.below.price
    )


def a_ladder() -> MarginTerms:
    return MarginTerms(
        symbol="BTC/USDT:USDT",
        asset="BTC",
        settle="USDT",
        tiers=tuple(
            MarginTier(
                floor=Decimal(floor),
                cap=Decimal(cap),
                rate=Decimal(rate),
                amount=Decimal(amount),
                max_leverage=Decimal(leverage),
            )
            for floor, cap, rate, amount, leverage in (
                ("0", "100", "0.01", "0", "20"),
                ("100", "130", "0.05", "4", "10"),
                ("130", "1000000", "0.2", "23.5", "2"),
            )
        ),
    )


def test_the_bracket_is_the_one_at_the_liquidation_price() -> None:
    """24 + 100 - P = 0.05 P - 4 at 121.9; 42.5 + 100 - P = 0.2 P - 23.5 at 138.333..."""
    position = Position(terms=a_ladder(), size=-1.0, entry=100.0)
    middle = Stake(position=position, deposit=24.0)
    assert middle.liquidation_price() == pytest.approx(128.0 / 1.05, rel=1e-15)
    top = Stake(position=position, deposit=42.5)
    assert top.liquidation_price() == pytest.approx(166.0 / 1.2, rel=1e-15)


@pytest.mark.parametrize("at_most", [0.2, 0.01, 1e-6])
@pytest.mark.parametrize("side", [-1.0, 1.0])
@pytest.mark.parametrize("monitor_hours", [0.0, 8.0])
def test_the_smallest_deposit_has_just_these_odds(
    at_most: float, side: float, monitor_hours: float
) -> None:
    position = Position(terms=a_ladder(), size=side, entry=98.0, mark=100.0)
    stake = Stake(position=position, deposit=1.0)
    horizon = Horizon(days=30.0, monitor_hours=monitor_hours)
    found = smallest_deposit(stake, WILD, horizon, at_most)
    odds = odds_of_liquidation(stake.with_deposit(found.deposit), WILD, horizon)
    assert odds.probability == pytest.approx(at_most, rel=1e-9)
    assert found.leverage == stake.with_deposit(found.deposit).leverage
    assert not found.opening


def test_opening_asks_for_its_own_margin() -> None:
    position = Position(terms=a_ladder(), size=-1.0, entry=100.0)
    found = smallest_deposit(
        Stake(position=position, deposit=1.0), Diffusion(volatility=0.01), MONTH, 0.5
    )
    assert (found.deposit, found.leverage, found.opening) == (5.0, 20.0, True)


@pytest.mark.parametrize("at_most", [0.0, 1.0, -0.1, math.nan])
def test_odds_that_are_none_are_refused(at_most: float) -> None:
    with pytest.raises(ConfigError, match="odds lie between 0 and 1"):
        smallest_deposit(flat_stake(side=-1, leverage=5.0, maintenance=0.01), WILD, MONTH, at_most)


def test_the_time_by_which_odds_are_reached_is_never_beyond_the_horizon() -> None:
    assert math.isnan(touch_time(math.log(0.9), 0.5, 0.0, 0.5, 0.1))


def test_a_liquidated_hedge_is_the_simulated_one() -> None:
    """200 000 paths looked at 4 000 times, as printed by an independent simulation of the case."""
    short = flat_stake(side=-1, leverage=5.0, maintenance=0.005)
    best = hedge_under_liquidation(short, Diffusion(volatility=0.9), MONTH)
    assert best.probability == pytest.approx(0.449025, abs=4.0 * 0.0011)
    assert best.ratio == pytest.approx(0.99043, abs=0.005)
    assert best.effectiveness == pytest.approx(0.62573, abs=0.005)


def test_a_long_hedge_is_the_mirror_of_a_short_one_where_nothing_is_skewed() -> None:
    """Far from liquidation both are the plain hedge; near it both take less of the variance."""
    for side in (-1, 1):
        safe = flat_stake(side=side, leverage=1.001, maintenance=0.005)
        calm = hedge_under_liquidation(safe, Diffusion(volatility=0.2), Horizon(days=7.0))
        assert [calm.ratio, calm.effectiveness] == pytest.approx([1.0, 1.0])
        bold = flat_stake(side=side, leverage=10.0, maintenance=0.005)
        assert hedge_under_liquidation(bold, WILD, MONTH).effectiveness < 0.7


def test_the_best_hedge_with_drift_is_that_of_many_paths() -> None:
    random = np.random.default_rng(2)
    paths, steps = 20_000, 400
    model = Diffusion(volatility=0.9, drift=1.5)
    stake = flat_stake(side=-1, leverage=4.0, maintenance=0.005)
    years = MONTH.years
    step = years / steps
    logs = np.cumsum(
        model.log_drift * step
        + model.volatility * math.sqrt(step) * random.standard_normal((steps, paths)),
        axis=0,
    )
    before = np.vstack([np.zeros(paths), logs[:-1]])
    spread = model.volatility**2 * step
    drawn = np.log(random.random((steps, paths)))
    peaks = 0.5 * (before + logs + np.sqrt((logs - before) ** 2 - 2.0 * spread * drawn))
    died = peaks.max(axis=0) >= math.log(stake.liquidation_price())
    end = np.exp(logs[-1])
    gain = np.where(died, stake.deposit, end - 1.0)
    found = hedge_under_liquidation(stake, model, MONTH)
    covariance = np.cov(end, gain)
    assert found.probability == pytest.approx(died.mean(), abs=0.015)
    assert found.ratio == pytest.approx(covariance[0, 1] / covariance[1, 1], rel=0.02)
    effect = covariance[0, 1] ** 2 / covariance[0, 0] / covariance[1, 1]
    assert found.effectiveness == pytest.approx(effect, rel=0.05)


def test_a_hedge_whose_gain_is_no_moment_is_refused() -> None:
    inverse = Position(terms=flat_terms(0.01, symbol="BTC/USD:BTC"), size=-1.0, entry=1.0)
    with pytest.raises(ConfigError, match="take another contract or collateral"):
        hedge_under_liquidation(Stake(position=inverse, deposit=0.1), WILD, MONTH)
