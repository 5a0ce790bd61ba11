"""Power perpetuals, the squeeth and perpetual American options."""

import math

import numpy as np
import polars as pl
import pytest

from hedgerow.errors import ConfigError
from hedgerow.pricing.american import american_perpetual
from hedgerow.pricing.power import (
    FLAT,
    RUNAWAY,
    UNREACHED,
    dated_power,
    dated_power_volatility,
    power_perpetual,
    power_volatility,
)
from hedgerow.pricing.squeeth import (
    squeeth,
    squeeth_funding,
    squeeth_volatility,
)

PERIOD = 17.5 / 365.0


def test_a_dated_power_is_the_mean_of_the_payoff() -> None:
    # Gauss's rule over the normal law; the forward grows with the carry.
    scores, weights = np.polynomial.hermite_e.hermegauss(80)
    weights /= math.sqrt(2.0 * math.pi)
    for power in (-1.0, 0.5, 2.0, 3.0):
        r, q, sigma, years = 0.05, 0.01, 0.9, 0.25
        later = 3_000.0 * np.exp((r - q - 0.5 * sigma**2) * years + sigma * years**0.5 * scores)
        wanted = math.exp(-r * years) * float(np.sum(weights * later**power))
        found = dated_power(3_000.0, power, sigma, years, quote_rate=r, coin_rate=q)
        assert found.price == pytest.approx(wanted, rel=1e-12)


def test_a_perpetual_power_is_the_strip_of_dated_ones() -> None:
    for payments in (1.0, 3.0):
        numbers = np.arange(1, 2_000)
        dated = dated_power(3_000.0, 2.0, 0.9, numbers * PERIOD / payments)
        weights = (payments / (payments + 1.0)) ** numbers / payments
        found = power_perpetual(3_000.0, 2.0, 0.9, PERIOD, payments=payments)
        assert found.price == pytest.approx(float(np.sum(weights * dated.price)), rel=1e-12)
    often = power_perpetual(3_000.0, 2.0, 0.9, PERIOD, payments=1e7)
    steady = power_perpetual(3_000.0, 2.0, 0.9, PERIOD)
    assert often.price == pytest.approx(steady.price, rel=1e-8)


def test_the_hedge_of_a_short_squeeth_is_twice_its_worth_in_ether() -> None:
    found = squeeth(3_000.0, 0.9, 0.8)
    assert isinstance(found.price, float)
    assert found.hedge(-10.0) == pytest.approx(10.0 * 2.0 * found.price / 3_000.0, rel=1e-14)
    assert found.gamma == pytest.approx(2.0 * found.price / 3_000.0**2, rel=1e-14)
    back = squeeth_volatility(3_000.0**2, found.price * 10_000.0 / 0.8)
    assert back.volatility == pytest.approx(0.9, rel=1e-12)


def test_funding_takes_from_the_norm_what_the_price_is_above_the_index() -> None:
    # A day's funding at a steady volatility costs the holder what gamma brings.
    token = squeeth(3_000.0, 0.9)
    after = squeeth_funding(9e6, 9e6 * math.exp(0.81 * PERIOD), 1.0, 1.0 / 365.0)
    assert isinstance(after.norm, float)
    assert isinstance(token.funding_flow, float)
    assert isinstance(token.price, float)
    assert after.norm == pytest.approx(math.exp(-0.81 / 365.0), rel=1e-12)
    assert token.price * (1.0 - after.norm) == pytest.approx(token.funding_flow / 365.0, rel=2e-3)
    assert token.funding_flow == pytest.approx(
        0.5 * 0.81 * 3_000.0**2 * np.asarray(token.gamma), rel=1e-12
    )


def test_bad_rows_of_powers_say_why() -> None:
    found = power_perpetual(3_000.0, [2.0, 2.0, math.nan, 40.0], [0.9, 5.0, 0.9, 0.1], PERIOD)
    assert found.rows.problems() == [(1, RUNAWAY), (2, "power is missing")]
    np.testing.assert_array_equal(np.isnan(np.asarray(found.vega)), [False, True, True, False])
    ratios = power_volatility([1.04, 0.5, 1.04, 1.04], [2.0, 2.0, 1.0, 0.0], PERIOD)
    assert ratios.rows.problems() == [(1, UNREACHED), (2, FLAT), (3, FLAT)]
    marks = squeeth_volatility([9e6, 9e6], pl.Series([9.1e6, 8.9e6]))
    assert isinstance(marks.volatility, pl.Series)
    assert marks.rows.problems() == [(1, "mark not above its index")]
    with pytest.raises(
        ConfigError, match=f"funding_years = 0\\.0479452: {RUNAWAY}; no price is finite"
    ):
        power_perpetual(3_000.0, 2.0, 5.0, PERIOD)
    with pytest.raises(ConfigError, match=RUNAWAY):
        power_perpetual(3_000.0, 2.0, 5.0, PERIOD, payments=1)
    with pytest.raises(ConfigError, match="beyond what a double can hold"):
        dated_power(3_000.0, 200.0, 0.5, 1.0)
    with pytest.raises(ConfigError, match="power = 1"):
        dated_power_volatility(1.05, 1.0, PERIOD)


def test_a_mark_far_from_its_index_counts_as_the_bound() -> None:
    found = squeeth_funding(9e6, [6e6, 20e6, 9e6], 0.9, PERIOD)
    np.testing.assert_allclose(found.clamped_mark, [7.2e6, 12.6e6, 9e6])
    np.testing.assert_allclose(found.norm, [0.9 / 0.8, 0.9 / 1.4, 0.9])


def test_what_never_pays_to_exercise_is_worth_its_limit() -> None:
    call = american_perpetual(100.0, 90.0, 0.3, "call", quote_rate=0.05)
    assert (call.price, call.boundary, call.delta, call.gamma) == (100.0, math.inf, 1.0, 0.0)
    put = american_perpetual(100.0, 90.0, 0.3, "put", quote_rate=0.0, coin_rate=0.02)
    assert (put.price, put.boundary, put.delta, put.vega) == (90.0, 0.0, 0.0, 0.0)
    near = american_perpetual(100.0, 90.0, 0.3, "call", quote_rate=0.05, coin_rate=1e-12)
    assert near.price == pytest.approx(100.0, rel=1e-6)


def test_beyond_the_boundary_an_option_is_its_payoff() -> None:
    found = american_perpetual(
        [500.0, 10.0], 100.0, 0.3, ["call", "put"], quote_rate=[0.05, 0.05], coin_rate=0.1
    )
    np.testing.assert_array_equal(found.price, [400.0, 90.0])
    np.testing.assert_array_equal(found.delta, [1.0, -1.0])
    np.testing.assert_array_equal(found.vega, [0.0, 0.0])


def test_a_rate_below_zero_has_no_perpetual_american_price() -> None:
    found = american_perpetual(100.0, 90.0, 0.3, "put", quote_rate=[0.05, -0.01])
    assert found.rows.problems() == [(1, "quote_rate < 0")]
    with pytest.raises(ConfigError, match=r"coin_rate = -0\.1"):
        american_perpetual(100.0, 90.0, 0.3, quote_rate=0.05, coin_rate=-0.1)
