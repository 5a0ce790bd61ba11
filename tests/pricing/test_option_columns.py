"""Options asked for as numbers, arrays and polars columns; the hedges of coin options."""

import math

import numpy as np
import polars as pl
import pytest

from hedgerow.errors import ConfigError, MarketDataError, UnknownName
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.implied import implied_volatility, implied_volatility_from_coin
from hedgerow.pricing.options import ALL, black76, black_scholes
from hedgerow.pricing.parity import LEFT_OUT, parity_forward
from hedgerow.pricing.revaluation import Grid, revalue
from hedgerow.pricing.strikes import OUT_OF_REACH, strike_of_delta


def test_numbers_in_numbers_out() -> None:
    option = black76(100.0, 90.0, 0.5, 0.25, "put")
    assert all(isinstance(option[name], float) for name in ALL)
    assert option.names == ALL


def test_arrays_broadcast() -> None:
    chain = black76(np.array([[90.0], [100.0]]), np.array([80.0, 100.0, 120.0]), 0.5, 0.25)
    assert chain.price.shape == (2, 3)
    assert chain.price[1, 2] == black76(100.0, 120.0, 0.5, 0.25).price


def test_polars_columns_come_back_by_the_quantitys_name() -> None:
    chain = black76(100.0, pl.Series("K", [90.0, -1.0]), 0.5, 0.25, pl.Series(["call", "put"]))
    assert isinstance(chain.delta, pl.Series)
    assert chain.delta.name == "delta"
    assert math.isnan(chain.delta[1])
    assert chain.rows.problems() == [(1, "strike <= 0")]


def test_only_what_is_asked_for_is_there() -> None:
    option = black76(100.0, 90.0, 0.5, 0.25, quantities=("vega",))
    assert option.vega > 0.0
    with pytest.raises(ConfigError, match="price was not asked for, only vega"):
        _ = option.price
    with pytest.raises(UnknownName, match="did you mean 'gamma'"):
        black76(100.0, 90.0, 0.5, 0.25, quantities=("gama",))


def test_a_bad_row_leaves_its_neighbours_alone() -> None:
    strikes = np.array([90.0, math.nan, 110.0, -5.0])
    chain = black_scholes(100.0, strikes, 0.5, 0.25, rate=0.1)
    good = black_scholes(100.0, strikes[[0, 2]], 0.5, 0.25, rate=0.1)
    assert np.array_equal(chain.gamma[[0, 2]], good.gamma)
    assert np.isnan(chain.gamma[[1, 3]]).all()
    assert chain.rows.problems() == [(1, "strike is missing"), (3, "strike <= 0")]


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_not_a_bit_depends_on_the_number_of_workers(workers: int) -> None:
    random = np.random.default_rng(4)
    strikes = 100.0 * np.exp(random.normal(size=10_007))
    alone = black76(100.0, strikes, 0.5, 0.25, rate=0.02)
    shared = black76(100.0, strikes, 0.5, 0.25, rate=0.02, workers=workers)
    assert all(np.array_equal(alone[name], shared[name]) for name in ALL)
    one = implied_volatility(alone.price, 100.0, strikes, 0.25)
    many = implied_volatility(alone.price, 100.0, strikes, 0.25, workers=workers)
    assert np.array_equal(one.volatility, many.volatility, equal_nan=True)


def test_workers_are_counted_from_one() -> None:
    with pytest.raises(ConfigError, match="workers = 0"):
        black76(100.0, 90.0, 0.5, 0.25, workers=0)


def test_the_coin_hedge_of_a_book_is_that_of_its_sum() -> None:
    strikes = np.array([50_000.0, 60_000.0, 70_000.0])
    chain = coin_option(60_000.0, strikes, 0.7, 0.1, ["put", "call", "call"])
    held = np.array([1.0, -2.0, 0.5])
    hedge = chain.perp_hedge(coin_equity=3.0, perp_price=59_900.0, contracts=held)
    net = float(held @ chain.delta_net)
    assert hedge.coin_neutral == pytest.approx(-59_900.0 * net, rel=1e-14)
    assert hedge.dollar_neutral == pytest.approx(-59_900.0 * (3.0 + net), rel=1e-14)


def test_a_hedge_of_a_row_without_a_delta_is_refused() -> None:
    chain = coin_option(60_000.0, [50_000.0, -1.0], 0.7, 0.1)
    assert chain.perp_hedge(contracts=[1.0, 0.0]).coin_neutral < 0.0
    with pytest.raises(ConfigError, match=r"row 1 is held and has no delta \(strike <= 0\)"):
        chain.perp_hedge(contracts=[1.0, 1.0])


def test_several_forwards_need_the_perpetuals_price() -> None:
    chain = coin_option([60_000.0, 61_000.0], 60_000.0, 0.7, 0.1)
    with pytest.raises(ConfigError, match="perp_price is missing"):
        chain.perp_hedge()


def test_prices_without_a_volatility_are_named() -> None:
    found = implied_volatility([5.0, 200.0, math.nan, 100.0, 12.0, -1.0], 100.0, 90.0, 0.1)
    assert found.rows.problems() == [
        (0, "price below the intrinsic value"),
        (1, "price above its upper bound"),
        (2, "price is missing"),
        (3, "price at its upper bound"),
        (5, "price < 0"),
    ]
    assert found.volatility[3] == math.inf
    assert np.isfinite(found.volatility).tolist() == [False, False, False, False, True, False]


def test_a_refused_price_says_what_it_is_measured_against() -> None:
    with pytest.raises(ConfigError, match="must lie between 20 and 100"):
        implied_volatility(19.0, 100.0, 80.0, 1.0, "call")


def test_coin_and_quote_prices_agree() -> None:
    quote = implied_volatility(0.05 * 60_000.0, 60_000.0, 61_000.0, 0.1).volatility
    coin = implied_volatility_from_coin(0.05, 60_000.0, 61_000.0, 0.1).volatility
    assert coin == quote


def a_slice(rate: float = 0.05) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    strikes = np.arange(60.0, 141.0, 5.0)
    call, put = (
        black76(103.0, strikes, 0.6, 0.5, kind, rate=rate).price for kind in ("call", "put")
    )
    return strikes, call, put


def test_parity_finds_forward_and_discount() -> None:
    strikes, call, put = a_slice()
    found = parity_forward(strikes, call, put)
    assert found.forward == pytest.approx(103.0, rel=1e-12)
    assert found.discount == pytest.approx(math.exp(-0.025), rel=1e-12)
    assert found.used == strikes.size


def test_stale_quotes_do_not_move_the_forward() -> None:
    strikes, call, put = a_slice()
    noise = np.random.default_rng(1).normal(size=strikes.size) * 0.02
    clean = parity_forward(strikes, call + noise, put)
    noise[[3, 9]] += (6.0, -9.0)
    spoilt = parity_forward(strikes, call + noise, put)
    assert abs(spoilt.forward - 103.0) < 4.0 * spoilt.forward_error
    assert spoilt.forward_error < 2.0 * clean.forward_error
    assert spoilt.rows.problems() == [(3, LEFT_OUT), (9, LEFT_OUT)]


def test_the_standard_error_is_that_of_many_trials() -> None:
    strikes, call, put = a_slice()
    random = np.random.default_rng(7)
    trials = [
        parity_forward(strikes, call + random.normal(size=strikes.size) * 0.02, put)
        for _ in range(200)
    ]
    spread = float(np.std([trial.forward for trial in trials]))
    claimed = float(np.mean([trial.forward_error for trial in trials]))
    assert 0.8 < claimed / spread < 1.25


def test_parity_in_coin_with_a_known_discount_needs_one_strike() -> None:
    option = coin_option(60_000.0, 61_000.0, 0.6, 0.1)
    put = coin_option(60_000.0, 61_000.0, 0.6, 0.1, "put")
    found = parity_forward(
        [61_000.0], [option.price_coin], [put.price_coin], unit="coin", discount=1.0
    )
    assert found.forward == pytest.approx(60_000.0, rel=1e-12)
    assert math.isnan(found.forward_error)


def test_too_few_strikes_are_refused() -> None:
    with pytest.raises(MarketDataError, match="1 strikes have a call's and a put's price"):
        parity_forward([100.0, 110.0], [5.0, math.nan], [4.0, 3.0])
    with pytest.raises(MarketDataError, match="calls and puts"):
        parity_forward([90.0, 100.0, 110.0], [1.0, 5.0, 11.0], [14.0, 6.0, 1.0])


@pytest.mark.parametrize("kind", ["call", "put"])
@pytest.mark.parametrize("adjusted", [False, True])
def test_a_strike_has_the_delta_that_was_wanted(kind: str, adjusted: bool) -> None:
    wanted = np.array([0.05, 0.1, 0.25, 0.4]) * (1.0 if kind == "call" else -1.0)
    found = strike_of_delta(wanted, 60_000.0, 0.7, 0.2, kind, premium_adjusted=adjusted)
    chain = coin_option(60_000.0, np.asarray(found.strike), 0.7, 0.2, kind)
    delta = chain.delta_net if adjusted else chain.delta
    assert delta == pytest.approx(wanted, rel=1e-12)


def test_a_delta_that_no_strike_has_is_named() -> None:
    found = strike_of_delta([0.3, 0.9, -0.2], 100.0, 0.9, 1.0, premium_adjusted=True)
    assert found.rows.problems() == [(1, OUT_OF_REACH), (2, OUT_OF_REACH)]
    with pytest.raises(ConfigError, match=r"delta = 1\.5: no strike has this delta"):
        strike_of_delta(1.5, 100.0, 0.9, 1.0)


def test_a_revalued_book_is_the_sum_of_its_options() -> None:
    strikes = np.array([90.0, 100.0, 120.0])
    size = np.array([1.0, -3.0, 2.0])
    grid = Grid.of(spot=[-0.2, 0.0, 0.3], volatility=[0.0, 0.1], years=[0.0, 0.1])
    found = revalue(100.0, strikes, 0.6, 0.4, "call", size, grid=grid)
    direct = black76(130.0, strikes, 0.7, 0.3, quantities=("price",)).price
    assert found.total[1, 1, 2] == pytest.approx(float(size @ direct), rel=1e-12)
    assert grid.shape == found.total.shape == (2, 2, 3)
    for workers in (2, 5):
        shared = revalue(100.0, strikes, 0.6, 0.4, "call", size, grid=grid, workers=workers)
        assert np.array_equal(shared.value, found.value)


def test_a_bad_position_is_left_out_and_named() -> None:
    grid = Grid.of(spot=[0.0])
    both = revalue(100.0, [90.0, -1.0], 0.6, 0.4, "call", [1.0, 5.0], grid=grid, group=[1, 0])
    assert both.rows.problems() == [(1, "strike <= 0")]
    assert both.value[0, 0, 0, 0] == 0.0
    assert both.value[1, 0, 0, 0] == pytest.approx(black76(100.0, 90.0, 0.6, 0.4).price)


def test_a_scenario_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError, match="move 1 of the scenarios: spot <= -1"):
        Grid.of(spot=[0.0, -1.0])
    with pytest.raises(ConfigError, match="spot has no moves"):
        Grid.of(spot=[])
    with pytest.raises(ConfigError, match="group: write one whole number"):
        revalue(100.0, [90.0], 0.6, 0.4, "call", [1.0], grid=Grid.of(), group=[-1])
