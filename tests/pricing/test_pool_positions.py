"""Liquidity in pools, premia that stream from it, and the edge of funding over forwards."""

import inspect
import math

import numpy as np
import polars as pl
import pytest

from hedgerow.errors import ConfigError
from hedgerow.kernels.black76 import black76_value
from hedgerow.pricing import everlasting, power
from hedgerow.pricing.carry_edge import FundingOutlook, between_expiries, carry_edge
from hedgerow.pricing.perpetual import FundingTime, Terms, perpetual_prices
from hedgerow.pricing.pools import (
    EMPTY,
    expected_pool,
    hedge_cost,
    pool,
    pool_loss,
    tick_price,
)
from hedgerow.pricing.streaming import (
    BACKWARD,
    LiquidityRange,
    fee_volatility,
    premium_split,
    streamed,
)
from hedgerow.units import Floats


def test_a_range_without_ends_is_the_constant_product() -> None:
    open_, wide = pool(3_000.0, 10.0), pool(3_000.0, 10.0, lower=1e-12, upper=1e18)
    assert open_.value == pytest.approx(2.0 * 10.0 * math.sqrt(3_000.0), rel=1e-15)
    assert wide.value == pytest.approx(open_.value, rel=1e-6)
    mixed = pool(3_000.0, 10.0, lower=[0.0, 2_000.0], upper=pl.Series([math.inf, 4_000.0]))
    assert isinstance(mixed.value, pl.Series)
    assert mixed.value[0] == open_.value


def test_known_losses_of_a_constant_product() -> None:
    # The figures of Uniswap's v2 documentation: 5.7 % at twice the price, 20.0 % at four times it.
    found = np.asarray(pool_loss(1.0, [1.25, 1.5, 2.0, 3.0, 4.0, 5.0]).fraction)
    assert (100.0 * found).round(1).tolist() == [-0.6, -2.0, -5.7, -13.4, -20.0, -25.5]


def test_outside_its_range_a_position_is_all_of_one_side_and_loses_nothing() -> None:
    found = pool([2_000.0, 5_000.0], 100.0, lower=2_500.0, upper=3_600.0, volatility=0.8)
    assert np.asarray(found.cash)[0] == 0.0
    assert np.asarray(found.coin)[1] == 0.0
    np.testing.assert_array_equal(found.loss_rate, [0.0, 0.0])
    np.testing.assert_array_equal(found.break_even_fee, [0.0, 0.0])
    np.testing.assert_array_equal(
        pool_loss(2_000.0, [1_000.0, 2_400.0], lower=2_500.0, upper=3_600.0).loss, [0.0, 0.0]
    )


def test_bad_rows_of_pools_say_why() -> None:
    found = pool(
        [3_000.0, 0.0, 3_000.0, 3_000.0],
        [1.0, 1.0, -1.0, 1.0],
        lower=[2_500.0, 2_500.0, 2_500.0, 3_600.0],
        upper=3_600.0,
    )
    assert found.rows.problems() == [(1, "price <= 0"), (2, "liquidity <= 0"), (3, EMPTY)]
    np.testing.assert_array_equal(np.isnan(np.asarray(found.value)), [False, True, True, True])
    with pytest.raises(ConfigError, match=EMPTY):
        pool(3_000.0, 1.0, lower=3_600.0, upper=2_500.0)
    with pytest.raises(ConfigError, match="liquidity = 0"):
        expected_pool(3_000.0, 0.0, 0.8, 1.0)


def test_keeping_the_hedge_in_step_costs_what_a_simulation_says() -> None:
    random, days = np.random.default_rng(11), 20_000
    step = 0.8 * math.sqrt(1.0 / 365.0)
    after = 3_000.0 * np.exp(step * random.standard_normal(days) - 0.5 * step**2)
    gamma = -0.003
    traded = np.abs(gamma * (after - 3_000.0)) * 3_000.0 * 0.0005 * 365.0
    found = hedge_cost(3_000.0, gamma, 0.8, 0.0005, 1.0 / 365.0).per_year
    error = 4.0 * float(np.std(traded)) / math.sqrt(days)
    assert found == pytest.approx(float(np.mean(traded)), rel=0.002, abs=error)


def test_ticks_step_by_a_basis_point() -> None:
    assert tick_price(1) == 1.0001
    assert tick_price(-887_272) == pytest.approx(4_295_128_739**2 / 2**192, rel=1e-9)


def paths(count: int, steps: int, volatility: float, years: float) -> Floats:
    random = np.random.default_rng(2)
    spread = volatility * math.sqrt(years / steps)
    moves = spread * random.standard_normal((count, steps)) - 0.5 * spread**2
    logs = np.concatenate((np.zeros((count, 1)), moves.cumsum(axis=1)), axis=1)
    return np.asarray(3_000.0 * np.exp(logs), dtype=np.float64)


def test_a_fair_stream_is_on_average_what_arbitrage_takes() -> None:
    range_ = LiquidityRange(lower=2_700.0, upper=3_300.0, liquidity=100.0)
    years = np.linspace(0.0, 0.1, 401)
    ends = np.array(
        [
            streamed(path, years, range_, fee=0.003).fair(0.8)[-1]
            for path in paths(1_000, 400, 0.8, 0.1)
        ]
    )
    expected = expected_pool(3_000.0, 100.0, 0.8, 0.1, lower=2_700.0, upper=3_300.0)
    error = float(ends.std()) / math.sqrt(ends.size)
    assert float(ends.mean()) == pytest.approx(expected.loss, abs=4.0 * error)


def test_the_premium_of_a_narrow_range_is_that_of_a_dated_option() -> None:
    # Tanaka's formula: what streams at a strike until T is on average the option's worth there.
    for strike in (2_700.0, 3_000.0, 3_400.0):
        lower, upper = strike / 1.0001, strike * 1.0001
        range_ = LiquidityRange.of_coins(1.0, lower=lower, upper=upper)
        expected = expected_pool(3_000.0, range_.liquidity, 0.8, 0.1, lower=lower, upper=upper)
        wanted = black76_value(3_000.0, strike, 0.8, 0.1, 1.0 if strike >= 3_000.0 else -1.0)
        assert expected.loss == pytest.approx(wanted, abs=0.3 * (upper - strike))


def test_fees_of_a_path_are_those_of_its_swaps() -> None:
    range_ = LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=1_000.0)
    path = [3_000.0, 4_000.0, 3_000.0, 2_000.0, 2_400.0]
    found = streamed(path, np.arange(5) / 365.0, range_, fee=0.003)
    into = 0.003 / 0.997 * 1_000.0
    up = into * (math.sqrt(3_600.0) - math.sqrt(3_000.0))
    down = into * (1.0 / math.sqrt(3_000.0) - 1.0 / math.sqrt(3_600.0))
    all_down = into * (1.0 / math.sqrt(2_500.0) - 1.0 / math.sqrt(3_600.0))
    np.testing.assert_allclose(found.cash, [0.0, up, up, up, up], rtol=1e-12)
    np.testing.assert_allclose(found.coin, [0.0, 0.0, down, all_down, all_down], rtol=1e-12)
    assert found.quote[-1] == pytest.approx(up + all_down * 2_400.0, rel=1e-12)


def test_fees_imply_the_volatility_at_which_they_are_fair() -> None:
    range_ = LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=1_000.0)
    found = streamed(paths(1, 365, 0.8, 0.25)[0], np.linspace(0.0, 0.25, 366), range_, fee=0.003)
    volatility = found.volatility[-1]
    assert found.fair(volatility)[-1] == pytest.approx(found.quote[-1], rel=1e-12)
    assert np.isnan(found.volatility[0])


def test_a_bad_price_on_a_path_is_left_out_and_named() -> None:
    range_ = LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=1_000.0)
    years = np.array([0.0, 1.0, 2.0, 1.5, 3.0]) / 365.0
    found = streamed([3_000.0, math.nan, 3_100.0, 3_050.0, 3_200.0], years, range_, fee=0.003)
    assert found.rows.problems() == [(1, "price is missing"), (3, BACKWARD)]
    kept = streamed([3_000.0, 3_100.0, 3_200.0], years[[0, 2, 4]], range_, fee=0.003)
    np.testing.assert_array_equal(found.quote[[0, 2, 4]], kept.quote)
    assert np.isnan(found.depth[[1, 3]]).all()


def test_a_range_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="0 < lower < upper"):
        LiquidityRange(lower=3_600.0, upper=2_500.0, liquidity=1.0)
    with pytest.raises(ConfigError, match="liquidity = 0"):
        LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=0.0)
    range_ = LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=1.0)
    assert range_.strike == 3_000.0
    with pytest.raises(ConfigError, match="fee = 1"):
        streamed([1.0], [0.0], range_, fee=1.0)
    with pytest.raises(ConfigError, match="volatility = -1"):
        streamed([1.0], [0.0], range_, fee=0.1).fair(-1.0)


def test_the_fee_volatility_is_where_fees_pay_for_arbitrage() -> None:
    # With a tick as wide as twice the fee, as Uniswap's are, its liquidity is fee * L * sqrt(P).
    liquidity, price, fee, volume = 1_000.0, 3_000.0, 0.003, 1e6
    sigma = fee_volatility(fee, volume, fee * liquidity * math.sqrt(price)).volatility
    assert isinstance(sigma, float)
    lost = pool(price, liquidity, volatility=sigma).loss_rate
    assert lost == pytest.approx(365.0 * volume * fee, rel=1e-12)


def test_what_buyers_owe_and_the_pool_earned_is_what_writers_get() -> None:
    # The whole numbers of Panoptic's contract: owed and gross premia per unit of liquidity.
    collected, left, taken = 10**20, 7 * 10**18, 3 * 10**18
    total = left + taken
    base = collected * total * 2**64 // left**2
    owed = base * (left + taken // 4) // total
    gross = base * (total**2 - total * taken + taken**2 // 4) // total**2
    found = premium_split(float(collected), float(left), float(taken))
    assert found.owed == pytest.approx(owed * taken / 2**64, rel=1e-12)
    assert found.earned == pytest.approx(gross * total / 2**64, rel=1e-12)
    rows = premium_split([1.0, 1.0], [1.0, 0.0], 1.0).rows
    assert rows.problems() == [(1, "left <= 0")]


def test_the_edge_is_what_funding_earns_beyond_the_forward() -> None:
    years = np.array([0.25, 30.0 / 365.0])
    forwards = 60_000.0 * np.exp(0.08 * years)
    found = carry_edge(60_000.0, forwards, years, [0.10, 0.12])
    np.testing.assert_allclose(found.implied, 0.08, rtol=1e-12)
    np.testing.assert_allclose(found.edge, [0.02, 0.04], rtol=1e-11)
    np.testing.assert_allclose(found.quote, 60_000.0 * np.array([0.02, 0.04]) * years, rtol=1e-11)
    between = between_expiries(found)
    np.testing.assert_allclose(between.start, [0.0, 30.0 / 365.0])
    np.testing.assert_allclose(between.end, [30.0 / 365.0, 0.25])
    assert np.sum(between.edge * (between.end - between.start)) == pytest.approx(0.02 * 0.25)


def test_the_outlook_is_the_mean_of_rates_that_return_by_halves() -> None:
    outlook = FundingOutlook(now=0.3, mean=0.1, half_life_years=0.05)
    times = (np.arange(100_000) + 0.5) / 100_000 * 0.2
    rates = 0.1 + 0.2 * 0.5 ** (times / 0.05)
    assert outlook.average([0.2])[0] == pytest.approx(float(rates.mean()), rel=1e-9)
    assert outlook.average([0.0, 1e9]).tolist() == pytest.approx([0.3, 0.1], abs=1e-8)
    with pytest.raises(ConfigError, match="half_life_years = 0"):
        FundingOutlook(now=0.3, mean=0.1, half_life_years=0.0)
    with pytest.raises(ConfigError, match="now = nan"):
        FundingOutlook(now=math.nan, mean=0.1, half_life_years=1.0)


def test_bad_rows_of_the_edge_are_left_out_of_its_stretches() -> None:
    found = carry_edge(60_000.0, [60_500.0, -1.0, 62_000.0], [0.1, 0.2, 0.3], 0.1)
    assert found.rows.problems() == [(1, "forward <= 0")]
    assert between_expiries(found).end.tolist() == [0.1, 0.3]


@pytest.mark.parametrize("function", [everlasting.everlasting, power.power_perpetual])
def test_no_price_asks_for_expected_funding(function: object) -> None:
    assert callable(function)
    assert not [name for name in inspect.signature(function).parameters if "expected" in name]


def test_perpetuals_that_funding_cannot_hold_say_so_by_row() -> None:
    terms = Terms(
        premium_intensity=[1.0, 0.0001, 1.0, 1.0],
        interest=[0.0, 0.0, 2.0, 0.0],
        interval_years=[8 / 8_760, 8 / 8_760, 8 / 8_760, 0.0],
        time=FundingTime.PREVIOUS,
        quote_rate=0.5,
    )
    found = perpetual_prices(60_000.0, terms)
    weak = "funding too weak for the carry"
    assert found.rows.problems() == [(1, weak), (2, weak), (3, "interval_years <= 0")]
    np.testing.assert_array_equal(np.isnan(np.asarray(found.basis)), [False, True, True, True])
    with pytest.raises(ConfigError, match="payoff = 'cubic': write one of linear, inverse, quanto"):
        perpetual_prices(1.0, terms, payoff="cubic")
    with pytest.raises(ConfigError, match="continuous funding only"):
        perpetual_prices(1.0, terms, payoff="quanto")
