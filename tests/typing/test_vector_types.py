"""What mypy makes of vector calls: numbers of numbers, arrays of arrays, polars columns of such.

The checker runs over this file with all others, and reads what is asserted; run as tests, the calls
show that they work too.
"""

from datetime import UTC, datetime
from typing import assert_type

import numpy as np
import polars as pl

import hedgerow as hr
from hedgerow.market.chain import sample_chain
from hedgerow.pricing.american import american_perpetual
from hedgerow.pricing.everlasting import everlasting, everlasting_strip
from hedgerow.pricing.implied import implied_volatility_from_coin
from hedgerow.pricing.options import black_scholes
from hedgerow.pricing.pools import expected_pool, hedge_cost, pool, pool_liquidity, pool_loss
from hedgerow.pricing.power import dated_power, power_perpetual, power_volatility
from hedgerow.pricing.squeeth import squeeth, squeeth_funding, squeeth_volatility
from hedgerow.pricing.streaming import fee_volatility, premium_split
from hedgerow.pricing.strikes import strike_of_delta
from hedgerow.pricing.surface import Surface, fit
from hedgerow.units import Floats

MANY = [90.0, 110.0]


def test_numbers_are_typed_as_numbers() -> None:
    assert_type(hr.black76(100.0, 90.0, 0.5, 0.25).price, float)
    assert_type(hr.black76(100, 90, 0.5, 0.25, -1)["delta"], float)
    assert_type(black_scholes(100.0, 90.0, 0.5, 0.25, "put", rate=0.05).rho, float)
    assert_type(hr.coin_option(100.0, 90.0, 0.5, 0.25).price_coin, float)
    assert_type(hr.implied_volatility(12.0, 100.0, 90.0, 0.25).volatility, float)
    assert_type(implied_volatility_from_coin(0.15, 100.0, 90.0, 0.25).volatility, float)
    assert_type(strike_of_delta(0.25, 100.0, 0.5, 0.25).strike, float)
    assert_type(everlasting(100.0, 90.0, 0.5, 0.01).price, float)
    assert_type(everlasting_strip(100.0, 90.0, 0.5, 0.01, payments=1.0).delta, float)
    assert_type(american_perpetual(100.0, 90.0, 0.5, "put", quote_rate=0.05).boundary, float)
    assert_type(power_perpetual(100.0, 2.0, 0.5, 0.01).price, float)
    assert_type(power_perpetual(100.0, 2.0, 0.5, 0.01, payments=2.0).hedge(-1.0), float)
    assert_type(dated_power(100.0, 2.0, 0.5, 0.01).delta, float)
    assert_type(power_volatility(1.01, 2.0, 0.01).volatility, float)
    assert_type(squeeth(3_000.0, 0.9).price, float)
    assert_type(squeeth_funding(9e6, 9.1e6, 0.9, 0.001).norm, float)
    assert_type(squeeth_volatility(9e6, 9.1e6).volatility, float)
    assert_type(pool(3_000.0, 1.0, lower=2_500.0, upper=3_600.0).hedge(), float)
    assert_type(pool_loss(1.0, 4.0).fraction, float)
    assert_type(pool_liquidity(1.0, 100.0, 100.0).liquidity, float)
    assert_type(expected_pool(3_000.0, 1.0, 0.8, 1.0).net(0.1), float)
    assert_type(hedge_cost(3_000.0, -0.003, 0.8, 0.0005, 0.003).per_year, float)
    assert_type(fee_volatility(0.003, 5e7, 2e7).volatility, float)
    assert_type(premium_split(100.0, 50.0, 50.0).owed, float)


def test_lists_and_arrays_are_typed_as_arrays() -> None:
    assert_type(hr.black76(100.0, MANY, 0.5, 0.25).price, Floats)
    assert_type(black_scholes(100.0, MANY, 0.5, 0.25).price, Floats)
    assert_type(hr.coin_option(100.0, MANY, 0.5, 0.25).delta_net, Floats)
    assert_type(hr.implied_volatility([12.0, 3.0], 100.0, MANY, 0.25).volatility, Floats)
    assert_type(strike_of_delta([0.25, 0.5], 100.0, 0.5, 0.25).strike, Floats)
    assert_type(everlasting(100.0, MANY, 0.5, 0.01, ["call", "put"]).price, Floats)
    assert_type(american_perpetual(MANY, 90.0, 0.5, quote_rate=0.05).price, Floats)
    assert_type(power_perpetual(MANY, 2.0, 0.5, 0.01).hedge(-1.0), Floats)
    assert_type(squeeth(MANY, 0.9).price, Floats)
    assert_type(pool(MANY, 1.0).value, Floats)
    assert_type(fee_volatility(0.003, [5e7, 6e7], 2e7).volatility, Floats)


def test_polars_columns_are_typed_as_polars_columns() -> None:
    column = pl.Series(MANY)
    assert_type(hr.black76(100.0, column, 0.5, 0.25).price, pl.Series)
    assert_type(black_scholes(100.0, column, 0.5, 0.25).price, pl.Series)
    assert_type(hr.coin_option(100.0, column, 0.5, 0.25).price, pl.Series)
    assert_type(
        hr.implied_volatility(pl.Series([12.0, 3.0]), 100.0, 90.0, 0.25).rows.count_bad, int
    )
    assert_type(everlasting(column, 90.0, 0.5, 0.01).price, pl.Series)
    assert_type(american_perpetual(column, 90.0, 0.5, quote_rate=0.05).price, pl.Series)
    assert_type(power_perpetual(column, 2.0, 0.5, 0.01).price, pl.Series)
    assert_type(squeeth(column, 0.9).price, pl.Series)
    assert_type(pool(column, 1.0).value, pl.Series)


def _surface() -> Surface:
    return fit(sample_chain())


def test_a_surface_gives_numbers_of_numbers() -> None:
    found = _surface()
    day = datetime(2022, 2, 1, tzinfo=UTC)
    nanosecond = found.slices[0].expiry
    known = np.int64(nanosecond)
    assert_type(found.volatility(60_000.0, day), float)
    assert_type(found.volatility(60_000, nanosecond), float)
    assert_type(found.volatility(60_000.0, known), float)
    assert_type(found.slope(60_000.0, day), float)
    assert_type(found.forward(day), float)
    assert_type(found.years(nanosecond), float)
    assert_type(found.total_variance(0.0, 0.1), float)
    assert all(isinstance(one, float) for one in (found.years(day), found.forward(known)))
    assert isinstance(found.slope(60_000.0, nanosecond), float)
    assert isinstance(found.total_variance(0.0, 0.1), float)


def test_a_surface_gives_arrays_of_arrays() -> None:
    found = _surface()
    days = [datetime(2022, 2, day, tzinfo=UTC) for day in (1, 2)]
    nanoseconds = found.quotes.chain.expiry[:2]
    strikes = np.array([50_000.0, 60_000.0])
    assert_type(found.volatility(strikes, days[0]), Floats)
    assert_type(found.volatility([50_000.0, 60_000.0], days), Floats)
    assert_type(found.volatility(60_000.0, nanoseconds), Floats)
    assert_type(found.slope(strikes, nanoseconds), Floats)
    assert_type(found.forward(days), Floats)
    assert_type(found.years(nanoseconds), Floats)
    assert_type(found.total_variance(strikes / 6e4 - 1.0, 0.1), Floats)
    assert_type(found.total_variance(0.0, [0.1, 0.2]), Floats)
    assert found.volatility(60_000.0, days).shape == found.years(nanoseconds).shape == (2,)
