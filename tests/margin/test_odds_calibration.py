"""Calibration finds again what the returns were made with."""

import math

import numpy as np
import pytest

from hedgerow.errors import MarketDataError
from hedgerow.margin.odds.calibration import (
    Returns,
    diffusion_of,
    funding_of,
    heston_of,
    jumps_of,
    returns_of,
    volatility_now,
    volatility_of,
)
from hedgerow.margin.odds.models import Jumps
from hedgerow.units import HOUR, Floats

YEAR = 8_760


def returns(values: Floats) -> Returns:
    time = np.arange(values.size, dtype=np.int64) * HOUR
    return Returns(time=time, value=values, step=HOUR, holes=0)


def test_the_volatility_of_a_diffusion_is_found() -> None:
    random = np.random.default_rng(1)
    values = 0.7 / math.sqrt(YEAR) * random.standard_normal(4 * YEAR)
    assert volatility_of(returns(values)) == pytest.approx(0.7, rel=0.02)
    assert volatility_now(returns(values)) == pytest.approx(0.7, rel=0.1)
    assert diffusion_of(returns(values), 0.1).drift == 0.1


def test_the_volatility_of_now_forgets() -> None:
    random = np.random.default_rng(2)
    spread = np.repeat([0.4, 1.2], 2_000) / math.sqrt(YEAR)
    values = spread * random.standard_normal(4_000)
    now = volatility_now(returns(values), half_life_days=10.0)
    assert now == pytest.approx(1.2, rel=0.1)
    assert volatility_of(returns(values)) == pytest.approx(math.sqrt(0.8), rel=0.05)


def test_jumps_are_told_from_the_rest() -> None:
    random = np.random.default_rng(3)
    hours = 5 * YEAR
    made = Jumps(volatility=0.5, per_year=40.0, mean=-0.01, deviation=0.08)
    values = made.volatility / math.sqrt(YEAR) * random.standard_normal(hours)
    count = random.poisson(made.per_year / YEAR, hours)
    sizes = made.mean + made.deviation * random.standard_normal(hours)
    found = jumps_of(returns(values + count * sizes))
    assert found.volatility == pytest.approx(0.5, rel=0.03)
    assert found.total_volatility == pytest.approx(made.total_volatility, rel=0.1)
    assert found.total_volatility == pytest.approx(
        volatility_of(returns(values + count * sizes)), rel=1e-9
    )
    # jumps smaller than four deviations, 0.021, pass for the rest: a fifth of them
    seen = math.erfc(0.0214 / 0.08 / math.sqrt(2.0))
    assert found.per_year == pytest.approx(40.0 * seen, rel=0.15)


def test_a_calm_record_has_no_jumps() -> None:
    found = jumps_of(returns(np.tile([0.01, -0.01], 500)))
    assert (found.per_year, found.mean, found.deviation) == (0.0, 0.0, 0.0)
    assert found.volatility == pytest.approx(0.01 * math.sqrt(YEAR))


def test_a_wandering_variance_is_found_within_its_noise() -> None:
    random = np.random.default_rng(4)
    reversion, level, wobble, hours = 12.0, 0.5, 2.0, 60 * YEAR
    step = 1.0 / YEAR
    left = math.exp(-reversion * step)
    scale = wobble**2 * (1.0 - left) / (4.0 * reversion)
    freedom = 4.0 * reversion * level / wobble**2
    variance = level
    values = np.empty(hours)
    normals = random.standard_normal(hours).tolist()
    for hour, normal in enumerate(normals):
        values[hour] = math.sqrt(variance * step) * normal
        variance = scale * random.noncentral_chisquare(freedom, variance * left / scale)
    found = heston_of(returns(values))
    assert found.long_run == pytest.approx(math.sqrt(level), rel=0.05)
    assert found.reversion == pytest.approx(reversion, rel=0.3)
    assert found.wobble == pytest.approx(wobble, rel=0.2)
    assert abs(found.correlation) < 0.05


def test_returns_without_memory_are_no_wandering_variance() -> None:
    values = np.tile([0.01, -0.01], 600)
    with pytest.raises(MarketDataError, match="no memory of the variance"):
        heston_of(returns(values))


def test_a_hole_is_left_out() -> None:
    time = np.arange(400, dtype=np.int64) * HOUR
    time[200:] += 5 * HOUR
    close = np.exp(np.cumsum(np.full(400, 0.001)))
    found = returns_of(time, close, HOUR)
    assert (found.value.size, found.holes) == (398, 1)
    np.testing.assert_allclose(found.value, 0.001, rtol=1e-9)
    assert found.time[0] == 2 * HOUR


def test_too_short_a_record_is_refused() -> None:
    with pytest.raises(MarketDataError, match="99 returns are too few"):
        returns_of(np.arange(100, dtype=np.int64) * HOUR, np.ones(100), HOUR)
    with pytest.raises(MarketDataError, match="settlements are too few"):
        funding_of(np.zeros(10), 8.0)


def test_the_memory_of_funding_is_found() -> None:
    random = np.random.default_rng(5)
    rate, rates = 0.0, []
    for shock in random.standard_normal(20_000).tolist():
        rate = 0.8 * rate + 0.6 * shock
        rates.append(1e-4 + 2e-4 * rate)
    found = funding_of(np.array(rates), 8.0)
    assert found.level == pytest.approx(1e-4, abs=2e-5)
    assert found.deviation == pytest.approx(2e-4, rel=0.05)
    assert found.decay == pytest.approx(0.8, abs=0.02)
    assert found.now == rates[-1]
