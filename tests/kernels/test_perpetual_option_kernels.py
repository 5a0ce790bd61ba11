"""Kernels of options without expiry and of pools: compiled is plain, and the plain parts hold."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedgerow.kernels import (
    american_perpetual,
    everlasting,
    pool,
    power_perpetual,
    protocol_uniswap,
    streaming,
)
from hedgerow.units import Floats

RANDOM = np.random.default_rng(5)
ROWS = 64


def a(low: float, high: float) -> Floats:
    return RANDOM.uniform(low, high, ROWS)


SPOT, STRIKE, VOLATILITY, YEARS = a(3e4, 9e4), a(3e4, 9e4), a(0.2, 1.5), a(0.003, 0.1)
SIGN = RANDOM.choice([-1.0, 1.0], ROWS)
QUOTE, COIN, OFTEN = a(0.0, 0.1), a(0.0, 0.05), np.ceil(a(0.0, 24.0))
LOW, HIGH, DEPTH = a(2e4, 5e4), a(5e4, 9e4), a(10.0, 1e3)
OPTIONS = (SPOT, STRIKE, VOLATILITY, YEARS, SIGN, QUOTE, COIN)
POWERS = (SPOT, a(-1.0, 3.0), VOLATILITY, YEARS, QUOTE, COIN, OFTEN)
CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (everlasting.everlasting_strip_rows, (1.0, *OPTIONS, OFTEN)),
    (american_perpetual.american_rows, (SPOT, STRIKE, VOLATILITY, SIGN, QUOTE, COIN)),
    (pool.pool_loss_rows, (SPOT, LOW, HIGH, DEPTH, STRIKE)),
    (streaming.fees_along, (SPOT, 4e4, 6e4, 100.0, 0.003)),
    (streaming.depth_along, (SPOT, np.sort(YEARS), 4e4, 6e4, 100.0)),
]


@pytest.mark.parametrize(
    ("kernel", "arguments"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
def test_compiled_is_plain(kernel: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    plain = kernel.py_func  # type: ignore[attr-defined]
    np.testing.assert_allclose(kernel(*arguments), plain(*arguments), rtol=1e-13, atol=1e-300)


def test_rows_do_not_know_each_other() -> None:
    # Vectorised or not, one row or many: the same bits.
    together = everlasting.everlasting_rows(1.0, *OPTIONS)
    for row in range(ROWS):
        alone = everlasting.everlasting_rows(1.0, *(c[row : row + 1].copy() for c in OPTIONS))
        np.testing.assert_array_equal(alone[:, 0], together[:, row])


def slope(
    kernel: Callable[..., Floats], place: int, arguments: tuple[Floats, ...], step: float = 1e-4
) -> Floats:
    """Return the derivative of a kernel's rows by one of its arguments, by differences."""
    moved = arguments[place] * step
    up, down = list(arguments), list(arguments)
    up[place], down[place] = arguments[place] + moved, arguments[place] - moved
    return (kernel(*up) - kernel(*down)) / (2.0 * moved)


@pytest.mark.parametrize("financed", [0.0, 1.0])
def test_the_everlasting_greeks_are_derivatives(financed: float) -> None:
    def kernel(*columns: Floats) -> Floats:
        return everlasting.everlasting_rows(financed, *columns)

    found = dict(zip(everlasting.QUANTITIES, kernel(*OPTIONS), strict=True))
    by_spot = dict(zip(everlasting.QUANTITIES, slope(kernel, 0, OPTIONS), strict=True))
    by_vol = dict(zip(everlasting.QUANTITIES, slope(kernel, 2, OPTIONS), strict=True))
    for name, wanted in (
        ("delta", by_spot["price"]),
        ("gamma", by_spot["delta"]),
        ("vega", by_vol["price"]),
        ("vanna", by_vol["delta"]),
        ("volga", by_vol["vega"]),
    ):
        scale = np.abs(wanted).max()
        np.testing.assert_allclose(found[name], wanted, rtol=2e-5, atol=2e-7 * scale)


@pytest.mark.parametrize("financed", [0.0, 1.0])
def test_the_strips_greeks_are_derivatives(financed: float) -> None:
    arguments = (*OPTIONS, OFTEN)

    def kernel(*columns: Floats) -> Floats:
        return everlasting.everlasting_strip_rows(financed, *columns)

    _, delta, gamma, vega = kernel(*arguments)
    by_spot, by_vol = slope(kernel, 0, arguments), slope(kernel, 2, arguments)
    np.testing.assert_allclose(delta, by_spot[0], rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(gamma, by_spot[1], rtol=1e-4, atol=1e-7 * gamma.max())
    np.testing.assert_allclose(vega, by_vol[0], rtol=1e-5, atol=1e-6 * vega.max())


@pytest.mark.parametrize(
    "style", [power_perpetual.DATED, power_perpetual.CONTINUOUS, power_perpetual.DISCRETE]
)
def test_the_power_greeks_are_derivatives(style: int) -> None:
    def kernel(*columns: Floats) -> Floats:
        return power_perpetual.power_rows(style, *columns)

    found = dict(zip(power_perpetual.QUANTITIES, kernel(*POWERS), strict=True))
    by_spot = dict(zip(power_perpetual.QUANTITIES, slope(kernel, 0, POWERS), strict=True))
    by_vol = dict(zip(power_perpetual.QUANTITIES, slope(kernel, 2, POWERS), strict=True))
    by_years = dict(zip(power_perpetual.QUANTITIES, slope(kernel, 3, POWERS), strict=True))
    for name, wanted in (
        ("delta", by_spot["price"]),
        ("gamma", by_spot["delta"]),
        ("vega", by_vol["price"]),
        ("vanna", by_vol["delta"]),
        ("volga", by_vol["vega"]),
    ):
        scale = np.abs(found["price"] * VOLATILITY) * 1e-9  # where p is near 0 or 1
        scale = scale / SPOT if name in {"delta", "vanna"} else scale
        scale = scale / SPOT**2 if name == "gamma" else scale
        assert np.all(np.abs(found[name] - wanted) <= 1e-5 * np.abs(wanted) + scale), name
    if style == power_perpetual.DATED:
        np.testing.assert_allclose(found["theta"], -by_years["price"], rtol=1e-6)


def test_the_american_greeks_are_derivatives() -> None:
    arguments = (SPOT, STRIKE, VOLATILITY, SIGN, QUOTE + 0.01, COIN + 0.01)
    kernel = american_perpetual.american_rows
    _, boundary, delta, gamma, vega = kernel(*arguments)
    waits = SIGN * (boundary - SPOT) > 0.01 * SPOT
    assert waits.sum() > ROWS // 2
    by_spot, by_vol = slope(kernel, 0, arguments), slope(kernel, 2, arguments)
    np.testing.assert_allclose(delta[waits], by_spot[0][waits], rtol=1e-6)
    np.testing.assert_allclose(gamma[waits], by_spot[2][waits], rtol=1e-5)
    np.testing.assert_allclose(vega[waits], by_vol[0][waits], rtol=1e-5)


def test_a_positions_delta_and_gamma_are_derivatives() -> None:
    arguments = (SPOT, LOW, HIGH, DEPTH, VOLATILITY)
    _, _, _, delta, gamma, _ = pool.pool_rows(*arguments)
    by_price = slope(pool.pool_rows, 0, arguments)
    edge = (np.abs(SPOT / LOW - 1.0) < 1e-3) | (np.abs(SPOT / HIGH - 1.0) < 1e-3)
    np.testing.assert_allclose(by_price[2][~edge], delta[~edge], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(by_price[3][~edge], gamma[~edge], rtol=1e-6, atol=1e-12)


def test_what_is_expected_of_a_position_is_an_integral_over_prices() -> None:
    # Gauss's rule on a fine piecewise grid of the normal law, against the closed form.
    deviation = VOLATILITY * np.sqrt(YEARS)
    found = pool.pool_expected_rows(SPOT, LOW, HIGH, DEPTH, VOLATILITY, YEARS)
    scores, weights = np.polynomial.legendre.leggauss(400)
    for row in range(8):
        width = deviation[row]
        kinks = (np.log(np.array([LOW[row], HIGH[row]]) / SPOT[row]) + 0.5 * width**2) / width
        pieces = np.unique(np.clip(np.concatenate(([-9.0, 9.0], kinks)), -9.0, 9.0))
        total = 0.0
        for start, end in itertools.pairwise(pieces):
            z = 0.5 * (end - start) * scores + 0.5 * (end + start)
            later = SPOT[row] * np.exp(width * z - 0.5 * width**2)
            same = np.full(z.size, 1.0)
            worth = pool.pool_rows(
                later, LOW[row] * same, HIGH[row] * same, DEPTH[row] * same, same
            )[2]
            density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
            total += 0.5 * (end - start) * float(np.sum(weights * density * worth))
        assert found[1, row] == pytest.approx(total, rel=1e-9)


def test_the_mean_worth_is_what_the_loss_leaves() -> None:
    # Of a range so wide that the price never leaves it, the mean has a closed form.
    wide = pool.pool_expected_rows(SPOT, SPOT * 1e-9, SPOT * 1e9, DEPTH, VOLATILITY, YEARS)
    fade = 0.125 * VOLATILITY**2 * YEARS
    ends = SPOT * DEPTH * (np.sqrt(1.0 / (SPOT * 1e9)) + 0.0) + DEPTH * np.sqrt(SPOT * 1e-9)
    full = 2.0 * DEPTH * np.sqrt(SPOT)
    np.testing.assert_allclose(wide[2], full * -np.expm1(-fade) / fade - ends, rtol=1e-10)
    free = pool.pool_expected_rows(SPOT, 0.0 * SPOT, np.full(ROWS, 1e301), DEPTH, VOLATILITY, YEARS)
    np.testing.assert_allclose(free[2], full * -np.expm1(-fade) / fade, rtol=1e-12)


def test_whole_numbers_give_back_no_more_than_was_put_in() -> None:
    random = np.random.default_rng(3)
    for _ in range(200):
        lower, root, upper = sorted(
            protocol_uniswap.root_price(int(cash), 10**9)
            for cash in random.integers(10**8, 10**10, 3)
        )
        coin, cash = (int(amount) for amount in random.integers(1, 10**15, 2))
        if lower == upper:
            continue
        depth = protocol_uniswap.liquidity_of(root, lower, upper, coin, cash)
        coins_back, cash_back = protocol_uniswap.amounts_of(root, lower, upper, depth)
        assert 0 <= coins_back <= coin
        assert 0 <= cash_back <= cash


def test_a_strip_with_a_missing_number_ends() -> None:
    one = np.ones(1)
    nan = np.full(1, math.nan)
    for place in range(8):
        columns = [one * 100.0, one * 100.0, one, one, one, one * 0.0, one * 0.0, one]
        columns[place] = nan
        found = everlasting.everlasting_strip_rows(0.0, *columns)
        assert np.isnan(found[0, 0]) or place == 4
