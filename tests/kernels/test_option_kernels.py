"""The kernels of options: limits, blocks, columns of one number."""

import math

import numpy as np
import pytest

from hedgerow.kernels import black76, black_scholes, coin_option
from hedgerow.kernels.implied_volatility import implied_rows
from hedgerow.kernels.lognormal import (
    BLOCK,
    SMALL,
    TAME_PRICE,
    TAME_RATE,
    TAME_VOLATILITY,
    TAME_YEARS,
)
from hedgerow.kernels.revaluation import LINE, revalue_grid
from hedgerow.pricing import arguments
from hedgerow.units import Floats

RANDOM = np.random.default_rng(8)
MANY = 2 * BLOCK + 37


def columns(size: int = MANY) -> tuple[Floats, ...]:
    forward = RANDOM.uniform(1e3, 1e5, size)
    return (
        forward,
        forward * np.exp(RANDOM.normal(size=size) * 0.4),
        RANDOM.uniform(0.05, 2.0, size),
        10.0 ** RANDOM.uniform(-4.0, 0.5, size),
        RANDOM.choice([-1.0, 1.0], size),
        RANDOM.uniform(-0.1, 0.1, size),
    )


def all_of(given: tuple[Floats, ...], size: int) -> Floats:
    out = np.empty((len(black76.QUANTITIES), size))
    black76.black76_rows(given, np.arange(len(black76.QUANTITIES)), out)
    return out


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    given = columns()
    together = all_of(given, MANY)
    for place in (0, 1, BLOCK - 1, BLOCK, MANY - 1):
        alone = all_of(tuple(column[place : place + 1].copy() for column in given), 1)
        assert np.array_equal(together[:, place], alone[:, 0])


def test_a_column_of_one_number_is_as_good_as_a_full_one() -> None:
    forward, strike, volatility, years, sign, _ = columns()
    full = all_of((forward, strike, volatility, years, sign, np.full(MANY, 0.03)), MANY)
    short = all_of((forward, strike, volatility, years, sign, np.array([0.03])), MANY)
    assert np.array_equal(full, short)


def test_the_quantities_come_in_the_order_that_was_asked_for() -> None:
    given = columns()
    every = all_of(given, MANY)
    wanted = np.array([black76.VEGA, black76.PRICE])
    out = np.empty((2, MANY))
    black76.black76_rows(given, wanted, out)
    assert np.array_equal(out, every[wanted])


def test_it_agrees_with_the_value_of_one_option() -> None:
    given = columns()[:5]
    out = all_of((*given, np.zeros(1)), MANY)[black76.PRICE]
    one = [black76.black76_value(*(float(number) for number in row)) for row in zip(*given)]  # noqa: B905
    assert out == pytest.approx(one, rel=1e-11, abs=1e-9)


@pytest.mark.parametrize(("forward", "delta"), [(90.0, 0.0), (100.0, 0.0), (110.0, 1.0)])
@pytest.mark.parametrize(("volatility", "years"), [(0.0, 1.0), (0.6, 0.0), (0.0, 0.0)])
def test_without_time_or_volatility_only_the_payoff_is_left(
    forward: float, delta: float, volatility: float, years: float
) -> None:
    given = [np.array([number]) for number in (forward, 100.0, volatility, years, 1.0, 0.0)]
    found = all_of(tuple(given), 1)[:, 0]
    assert np.isfinite(found).all()
    assert found[black76.PRICE] == max(forward - 100.0, 0.0)
    for name in ("gamma", "vega", "theta", "vanna", "volga", "speed", "zomma", "color"):
        assert found[black76.QUANTITIES.index(name)] == 0.0, name
    if forward != 100.0:
        assert found[black76.DELTA] == delta


def test_the_series_for_small_volatility_joins_on() -> None:
    """Where the series takes over, both ways of taking the difference agree."""
    total = SMALL * (1.0 + np.linspace(-1e-9, 1e-9, 40))
    strikes = 100.0 * np.exp(np.linspace(-8.0, 8.0, 9) * SMALL)
    for strike in strikes:
        ones = np.ones(total.size)
        sign = 1.0 if strike >= 100.0 else -1.0
        given = (100.0 * ones, strike * ones, total, ones, sign * ones, np.zeros(1))
        out = all_of(given, total.size)
        steps = np.diff(out[black76.PRICE]) / np.diff(total)
        assert steps == pytest.approx(out[black76.VEGA][1:], rel=1e-2, abs=1e-9)


def test_a_span_leaves_the_other_rows_alone() -> None:
    given = columns()
    every = all_of(given, MANY)
    out = np.full((len(black76.QUANTITIES), MANY), -7.0)
    black76.black76_span(given, np.arange(len(black76.QUANTITIES)), out, BLOCK - 3, BLOCK + 9)
    assert np.array_equal(out[:, BLOCK - 3 : BLOCK + 9], every[:, BLOCK - 3 : BLOCK + 9])
    assert (out[:, : BLOCK - 3] == -7.0).all()
    assert (out[:, BLOCK + 9 :] == -7.0).all()


@pytest.mark.parametrize("asked", [("price",), ("vega", "delta"), ("gamma", "theta", "color")])
def test_a_quantity_does_not_depend_on_what_else_is_asked_for(asked: tuple[str, ...]) -> None:
    given = columns()
    wanted = np.array([black76.QUANTITIES.index(name) for name in asked])
    out = np.empty((len(asked), MANY))
    black76.black76_rows(given, wanted, out)
    assert out == pytest.approx(all_of(given, MANY)[wanted], rel=1e-14, abs=1e-300)


WILD: list[tuple[int, float]] = [
    *((place, value) for place in range(6) for value in (math.nan, math.inf, -math.inf)),
    *((place, value) for place in range(4) for value in (0.0, -1.0)),
    (0, 2e30), (1, 2e30), (2, 2e3), (3, 200.0), (4, 0.0), (4, 0.5), (4, -2.0), (5, 4.0), (5, -4.0),
]  # fmt: skip


@pytest.mark.parametrize(("place", "value"), WILD)
def test_an_argument_that_needs_a_closer_look_is_told(place: int, value: float) -> None:
    out = np.empty((1, MANY))
    wanted = np.array([0])
    given = columns()
    assert black76.black76_span(given, wanted, out, 0, MANY) == 0
    given[place][BLOCK + 1] = value
    assert black76.black76_span(given, wanted, out, 0, MANY) > 0
    assert black76.black76_span(given, wanted, out, 0, BLOCK) == 0


def test_the_kernels_and_the_arguments_agree_on_what_is_tame() -> None:
    assert arguments.forward(1.0).tame == arguments.strike(1.0).tame == TAME_PRICE
    assert arguments.spot(1.0).tame == TAME_PRICE
    assert arguments.volatility(1.0).tame == TAME_VOLATILITY
    assert arguments.years(1.0).tame == TAME_YEARS
    assert arguments.rate("rate", 1.0).tame == (-TAME_RATE, TAME_RATE)


def test_prices_beyond_all_doubles_are_missing_not_wrong() -> None:
    given = (np.array([1e160]), np.array([1.0]), *(np.array([one]) for one in (0.5, 1.0, 1.0, 0.0)))
    assert np.isnan(all_of(given, 1)[black76.PRICE, 0])


def test_spot_and_forward_agree_without_rates() -> None:
    forward, strike, volatility, years, sign, _ = columns()
    out = np.empty((len(black_scholes.QUANTITIES), MANY))
    zero = np.zeros(1)
    wanted = np.arange(len(black_scholes.QUANTITIES))
    given = (forward, strike, volatility, years, sign, zero, zero)
    black_scholes.black_scholes_span(given, wanted, out, 0, MANY)
    on_forward = all_of((forward, strike, volatility, years, sign, zero), MANY)
    for name in black76.QUANTITIES:
        if name != "rho":  # the forward stands still for one and moves for the other
            place = black76.QUANTITIES.index(name)
            assert out[place] == pytest.approx(on_forward[place], rel=1e-11, abs=1e-250), name


def test_a_net_delta_is_blacks_less_the_price_in_coin() -> None:
    given = columns()[:5]
    out = np.empty((len(coin_option.QUANTITIES), MANY))
    coin_option.coin_option_rows(given, np.arange(len(coin_option.QUANTITIES)), out)
    delta, net = out[coin_option.DELTA], out[coin_option.DELTA_NET]
    assert net == pytest.approx(delta - out[coin_option.PRICE_COIN], rel=1e-9, abs=1e-13)


def test_prices_come_back_from_their_volatilities() -> None:
    size = 20_000
    total = 10.0 ** RANDOM.uniform(-3.5, 0.9, size)
    away = np.clip(3.0 * RANDOM.normal(size=size) * total, -6.0, 6.0)
    forward = np.full(size, 100.0)
    strike = forward * np.exp(away)
    sign = np.where(strike >= forward, 1.0, -1.0)
    ones = np.ones(size)
    out = np.empty((2, size))
    wanted = np.array([black76.PRICE, black76.VEGA])
    black76.black76_rows((forward, strike, total, ones, sign, np.zeros(1)), wanted, out)
    found = np.empty(size)
    marks = np.empty(size, dtype=np.uint8)
    implied_rows((out[0], forward, strike, ones, sign), found, marks)
    seen = out[0] > 1e-280
    condition = np.maximum(1.0, out[0] / (out[1] * total))[seen]
    assert seen.mean() > 0.99
    assert not marks.any()
    assert (np.abs(found / total - 1.0)[seen] / condition).max() < 1e-13


@pytest.mark.parametrize("count", [1, 7, 8, 100, LINE + 3])
def test_a_line_of_moves_may_be_of_any_length(count: int) -> None:
    forward, strike, volatility, years, sign, _ = columns(12)
    given = (forward, strike, volatility, years, sign, RANDOM.normal(size=12))
    group = np.zeros(12, dtype=np.int64)
    spots = np.linspace(0.5, 1.6, count)
    moves = np.array([[1.0], [0.0]])
    whole = np.zeros((1, 1, 1, count))
    revalue_grid(given, group, spots, moves, np.zeros(1), whole)
    for j in (0, count // 2, count - 1):
        alone = np.zeros((1, 1, 1, 1))
        revalue_grid(given, group, spots[j : j + 1], moves, np.zeros(1), alone)
        assert alone[0, 0, 0, 0] == whole[0, 0, 0, j]


def test_what_has_expired_is_worth_its_payoff_to_the_last_bit() -> None:
    spots = np.array([0.9, 1.0, 1.1])
    out = np.zeros((1, 1, 2, 3))
    given = tuple(np.array([one]) for one in (100.0, 100.0, 0.5, 0.25, -1.0, 3.0))
    moves = np.array([[1.0], [0.0]])
    revalue_grid(given, np.zeros(1, dtype=np.int64), spots, moves, np.array([0.25, 1.0]), out)
    assert out[0, 0].tolist() == [[30.0, 0.0, 0.0], [30.0, 0.0, 0.0]]


def test_a_grid_is_priced_as_one_by_one() -> None:
    forward, strike, volatility, years, sign, _ = columns(40)
    size = RANDOM.normal(size=40)
    group = np.arange(40) % 3
    spots = np.array([0.5, 0.93, 1.0, 1.4])
    moves = np.array([[1.0, 1.2, 0.0], [0.0, -0.05, 0.0]])
    passed = np.array([0.0, 0.01, 0.5])
    out = np.zeros((3, 3, 3, 4))
    revalue_grid((forward, strike, volatility, years, sign, size), group, spots, moves, passed, out)
    expected = np.zeros_like(out)
    for i in range(40):
        for v, (factor, added) in enumerate(moves.T):
            for t, gone in enumerate(passed):
                for j, spot in enumerate(spots):
                    sigma = max(volatility[i] * factor + added, 0.0)
                    one = black76.black76_value(
                        forward[i] * spot, strike[i], sigma, max(years[i] - gone, 0.0), sign[i]
                    )
                    expected[group[i], v, t, j] += size[i] * one
    scale = float(np.abs(size) @ forward)
    assert np.abs(out - expected).max() <= 1e-13 * scale
    assert math.isfinite(scale)
