"""Smiles by delta, and what they say of the price at expiry, against Black's own formulas."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from QuantLib import BlackCalculator, Option, PlainVanillaPayoff, blackFormula

from hedgerow.errors import ConfigError
from hedgerow.pricing.surface import Svi
from hedgerow.pricing.surface.by_delta import delta_quotes, places_of_delta, volatilities_of_delta
from hedgerow.pricing.surface.chances import chance_below, density, quantiles
from hedgerow.pricing.surface.crossing import crossing

SMILE = Svi(a=0.01, b=0.12, rho=-0.35, m=0.02, sigma=0.15)
YEARS = 0.25
FLAT = Svi(a=0.04, b=0.0, rho=0.0, m=0.0, sigma=1.0)
NORMAL = NormalDist()


def call(k: float) -> float:
    """Return QuantLib's call on a forward of 1 at the smile's own volatility."""
    deviation = math.sqrt(float(SMILE.variance(k)[0]))
    return float(blackFormula(Option.Call, math.exp(k), 1.0, deviation))


@pytest.mark.parametrize("delta", [0.05, 0.25, 0.5, 0.75, 0.95])
def test_a_call_has_the_delta_at_the_place_that_is_found(delta: float) -> None:
    (k,) = places_of_delta(SMILE, (delta,))
    deviation = math.sqrt(float(SMILE.variance(k)[0]))
    black = BlackCalculator(PlainVanillaPayoff(Option.Call, math.exp(k)), 1.0, deviation)
    assert black.deltaForward() == pytest.approx(delta, abs=1e-12)
    (found,) = volatilities_of_delta(SMILE, YEARS, (delta,))
    assert found == pytest.approx(deviation / math.sqrt(YEARS), rel=1e-12)


def test_a_flat_smile_has_neither_risk_reversal_nor_butterfly() -> None:
    found = delta_quotes(FLAT, 1.0)
    assert found.at_the_money == pytest.approx(0.2, rel=1e-14)
    assert found.risk_reversal == pytest.approx(0.0, abs=1e-14)
    assert found.butterfly == pytest.approx(0.0, abs=1e-14)


def test_a_smile_that_leans_to_the_left_has_dear_puts_and_dear_wings() -> None:
    found = delta_quotes(SMILE, YEARS)
    assert found.risk_reversal < 0.0 < found.butterfly
    wide = delta_quotes(SMILE, YEARS, 0.1)
    assert wide.risk_reversal < found.risk_reversal
    assert wide.butterfly > found.butterfly


def test_a_delta_that_no_call_has_is_refused() -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        places_of_delta(SMILE, (-0.25,))
    with pytest.raises(ConfigError, match="between 0 and 1"):
        quantiles(SMILE, (1.0,))


@pytest.mark.parametrize("k", [-0.4, -0.1, 0.0, 0.15, 0.4])
def test_the_chance_is_the_slope_of_quantlibs_call_by_strike(k: float) -> None:
    step = 1e-4
    up, down = math.exp(k) + step, math.exp(k) - step
    slope = (call(math.log(up)) - call(math.log(down))) / (2.0 * step)
    assert chance_below(SMILE, np.array([k]))[0] == pytest.approx(1.0 + slope, abs=1e-7)
    bend = (call(math.log(up)) - 2.0 * call(k) + call(math.log(down))) / step**2
    assert density(SMILE, np.array([k]))[0] == pytest.approx(bend * math.exp(k), abs=3e-5)


def test_the_density_is_that_of_svi_itself_and_sums_to_one_around_the_forward() -> None:
    k = np.linspace(-8.0, 8.0, 80_001)
    found = density(SMILE, k)
    assert found == pytest.approx(SMILE.density(k), rel=1e-12, abs=1e-300)
    assert np.trapezoid(found, k) == pytest.approx(1.0, abs=1e-5)
    assert np.trapezoid(found * np.exp(k), k) == pytest.approx(1.0, abs=1e-5)


def test_quantiles_of_a_flat_smile_are_the_lognormals() -> None:
    chances = (0.01, 0.05, 0.5, 0.95, 0.99)
    wanted = [-0.02 + 0.2 * NORMAL.inv_cdf(one) for one in chances]
    assert quantiles(FLAT, chances) == pytest.approx(wanted, abs=1e-13)


def test_a_quantile_is_undone_by_its_chance() -> None:
    chances = np.array([0.02, 0.3, 0.8, 0.97])
    found = chance_below(SMILE, quantiles(SMILE, chances.tolist()))
    assert found == pytest.approx(chances, abs=1e-12)


@pytest.mark.parametrize("power", [1, 3, 9])
def test_a_crossing_is_found_however_bent_the_function(power: int) -> None:
    wanted = np.array([1e-6, 0.5, 7.0])
    found = crossing(lambda x: x**power - wanted**power, np.zeros(3), np.full(3, 10.0))
    assert found == pytest.approx(wanted, rel=1e-9)


def test_without_a_crossing_the_nearer_end_is_returned() -> None:
    found = crossing(lambda x: x + np.array([5.0, -5.0]), np.zeros(2), np.ones(2))
    assert found.tolist() == [0.0, 1.0]
