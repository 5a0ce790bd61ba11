"""The model behind the simulated market, against what its formulas promise."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hedgerow.kernels.mean_reversion import mean_reverting
from hedgerow.simulation import path as model
from hedgerow.simulation.path import STEP, PricePath, price_path
from hedgerow.simulation.regimes import CALM, CRASH, STORY, Regime
from hedgerow.units import DAY, HOUR, YEAR

A_DAY = DAY // STEP
STILL = replace(CALM, days=400, move=0.0, volatility=0.5, jumps_per_day=0.0)


def a_path(*regimes: Regime, seed: int = 3) -> PricePath:
    return price_path(np.random.default_rng(seed), regimes, 40_000.0)


@pytest.mark.parametrize("seed", range(5))
def test_each_regime_moves_the_price_by_exactly_what_it_says(seed: int) -> None:
    path = a_path(*STORY, seed=seed)
    ends = A_DAY * np.cumsum([0, *(regime.days for regime in STORY)])
    moves = np.diff(np.log(path.index[ends]))
    np.testing.assert_allclose(moves, [regime.move for regime in STORY], atol=1e-10)
    assert path.index[0] == pytest.approx(40_000.0, rel=1e-14)


def test_realised_volatility_is_the_volatility_of_the_regime() -> None:
    realised = [
        np.mean(np.diff(np.log(a_path(STILL, seed=seed).index)) ** 2) * (YEAR / STEP)
        for seed in range(20)
    ]
    # variance has a log deviation of 2 x 0.3 that halves in 18 h, over 20 x 400 days
    assert math.sqrt(np.mean(realised)) == pytest.approx(0.5, rel=0.02)


def test_volatility_clusters_and_returns_do_not() -> None:
    returns = np.diff(np.log(a_path(STILL).index))
    near = np.corrcoef(returns[1:], returns[:-1])[0, 1]
    size = np.abs(returns)
    clustered = np.corrcoef(size[1:], size[:-1])[0, 1]
    assert abs(near) < 4.0 / math.sqrt(returns.size)
    assert clustered > 20.0 / math.sqrt(returns.size)


def test_jumps_give_fat_tails() -> None:
    def kurtosis(regime: Regime) -> float:
        returns = np.diff(np.log(a_path(regime).index))
        return float(np.mean((returns - returns.mean()) ** 4) / np.var(returns) ** 2)

    assert kurtosis(replace(STILL, jumps_per_day=1.0, jump_size=0.02)) > 3.0 * kurtosis(STILL)


def test_the_range_of_an_hour_is_that_of_a_brownian_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feller (1951): the mean range over time t is sigma sqrt(8 t / pi)."""
    monkeypatch.setattr(model, "VOLATILITY_DEVIATION", 0.0)
    path = a_path(STILL)
    per_hour = HOUR // STEP
    high = np.log(path.high).reshape(-1, per_hour).max(axis=1)
    low = np.log(path.low).reshape(-1, per_hour).min(axis=1)
    expected = 0.5 * math.sqrt(8.0 / math.pi * (HOUR / YEAR))
    error = np.std(high - low) / math.sqrt(high.size)
    assert np.mean(high - low) == pytest.approx(expected, abs=4.0 * error)


def test_the_highest_point_of_a_step_has_the_law_of_a_bridge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """P(max > b | ends 0 and r) = exp(-2 b (b - r) / variance), so that it is uniform."""
    monkeypatch.setattr(model, "VOLATILITY_DEVIATION", 0.0)
    path = a_path(STILL)
    returns = np.diff(np.log(path.index))
    variance = 0.5**2 * (STEP / YEAR)
    for top, end in (
        (np.log(path.high / path.index[:-1]), returns),
        (-np.log(path.low / path.index[:-1]), -returns),
    ):
        uniform = np.sort(np.exp(-2.0 * top * (top - end) / variance))
        ladder = (np.arange(uniform.size) + 0.5) / uniform.size
        distance = np.abs(uniform - ladder).max() * math.sqrt(uniform.size)
        assert distance < 1.95  # Kolmogorov-Smirnov at 0.1 %


def test_extremes_hold_both_ends_of_a_step() -> None:
    path = a_path(*STORY)
    assert np.all(path.high >= np.maximum(path.index[:-1], path.index[1:]))
    assert np.all(path.low <= np.minimum(path.index[:-1], path.index[1:]))
    assert path.low.min() > 0.0


def test_the_premium_keeps_to_its_regime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "SWAY", 0.0)
    regime = replace(STILL, premium=0.0007, premium_deviation=0.0003)
    premium = a_path(regime).premium
    half_lives = regime.days * DAY / model.PREMIUM_HALF_LIFE
    error = 0.0003 * math.sqrt(2.0 / (math.log(2.0) * half_lives))
    assert premium.mean() == pytest.approx(0.0007, abs=4.0 * error)
    assert premium.std() == pytest.approx(0.0003, rel=0.05)


def test_the_premium_loses_half_its_distance_in_a_half_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(model, "SWAY", 0.0)
    premium = a_path(STILL).premium
    lag = model.PREMIUM_HALF_LIFE // STEP
    assert np.corrcoef(premium[lag:], premium[:-lag])[0, 1] == pytest.approx(0.5, abs=0.05)


def test_the_premium_follows_a_fall() -> None:
    path = a_path(STILL, CRASH)
    change = np.diff(path.premium)
    returns = np.diff(np.log(path.index))
    assert np.corrcoef(change, returns)[0, 1] > 0.05
    assert path.premium[-A_DAY:].mean() < -0.001


def test_a_mean_reverting_path_is_the_sum_of_decayed_inputs() -> None:
    inputs = np.random.default_rng(1).standard_normal(50)
    decay = 0.9
    whole = [
        5.0 * decay ** (t + 1) + sum(decay ** (t - u) * inputs[u] for u in range(t + 1))
        for t in range(50)
    ]
    np.testing.assert_allclose(mean_reverting(5.0, decay, inputs), whole, rtol=1e-12)
