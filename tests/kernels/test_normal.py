"""The normal law's pieces against sums of forty digits."""

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from hedgerow.kernels.fused import fused
from hedgerow.kernels.jit import kernel
from hedgerow.kernels.normal import (
    density,
    log_from,
    log_of_ratio,
    mills,
    power_of,
    roughly_log_from,
    two_mills,
    two_rough_mills,
)
from hedgerow.units import Floats

RANDOM = np.random.default_rng(5)
ULP = 2.0**-52


@kernel
def all_exp(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = power_of(x[i])


@kernel
def all_density(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = density(x[i])


@kernel
def all_mills(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = mills(x[i])


@kernel
def all_log(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = log_of_ratio(x[i], 1.0)


@kernel
def log_near_one(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = log_of_ratio(60_000.0 + x[i], 60_000.0)


@kernel
def both_mills(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        one, other = two_mills(x[i], 1.5 * x[i])
        out[i] = one + other


@kernel
def both_rough_mills(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        one, other = two_rough_mills(x[i], 1.5 * x[i])
        out[i] = one + other


@kernel
def rough_logs(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = roughly_log_from(x[i], 3.0)


@kernel
def exact_logs(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = log_from(x[i], 3.0)


@kernel
def all_fused(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = fused(x[i], x[i], -1.0)


def exact_mills(z: Any) -> Any:  # noqa: ANN401 - a number of forty digits
    tail = mpmath.erfc(z / mpmath.sqrt(2)) / 2
    return tail / mpmath.npdf(z)


@pytest.mark.parametrize(
    ("ours", "exact", "low", "high", "ulps"),
    [
        (all_exp, mpmath.exp, -708.0, 709.0, 1.0),
        (all_exp, mpmath.exp, -1.0, 1.0, 1.0),
        (all_density, mpmath.npdf, -5.0, 5.0, 30.0),
        (all_mills, exact_mills, 0.0, 6.0, 4.0),
        (all_mills, exact_mills, 6.0, 60.0, 4.0),
        (all_log, mpmath.log, 0.5, 2.0, 2.0),
        (all_log, mpmath.log, 1e-9, 1e9, 2.0),
        (
            log_near_one,
            lambda x: mpmath.log(mpmath.mpf(60_000.0 + float(x)) / 60_000),
            -1e-3,
            1e-3,
            2.0,
        ),
        (both_mills, lambda z: exact_mills(z) + exact_mills(1.5 * z), 0.0, 30.0, 5.0),
    ],
)
def test_a_piece_is_right_to_its_last_digits(
    ours: Callable[[Floats, Floats], None],
    exact: Callable[[Any], Any],
    low: float,
    high: float,
    ulps: float,
) -> None:
    x = RANDOM.uniform(low, high, 200)
    found = np.empty_like(x)
    ours(x, found)
    with mpmath.workdps(40):
        for argument, value in zip(x, found, strict=True):
            expected = exact(mpmath.mpf(float(argument)))
            assert abs(mpmath.mpf(float(value)) / expected - 1) <= ulps * ULP, argument


def test_the_exponential_ends_where_normal_numbers_end() -> None:
    x = np.array([-math.inf, -1e6, -709.0, -707.0, 0.0, 709.0, 710.0, 1e6, math.inf])
    found = np.empty_like(x)
    all_exp(x, found)
    assert found[:3].tolist() == [0.0, 0.0, 0.0]
    assert found[3:6] == pytest.approx([math.exp(value) for value in x[3:6]], rel=1e-15)
    assert found[6:].tolist() == [math.inf] * 3


def test_a_density_no_double_holds_well_is_nothing() -> None:
    x = np.array([37.7, -37.7, 38.0, 1e10, 37.5])
    found = np.empty_like(x)
    all_density(x, found)
    assert found[:4].tolist() == [0.0] * 4
    assert found[4] == pytest.approx(float(mpmath.npdf(37.5)), rel=1e-12)


def test_rough_pieces_have_seven_digits() -> None:
    x = np.concatenate([np.linspace(0.0, 60.0, 500), [1e3, 1e10]])
    found = np.empty_like(x)
    exact = np.empty_like(x)
    both_rough_mills(x, found)
    both_mills(x, exact)
    assert np.abs(found / exact - 1.0).max() < 7e-8
    x = np.linspace(-1.0 / 6.0, 1.0 / 6.0, 101)
    rough_logs(x, found[:101])
    exact_logs(x, exact[:101])
    assert np.abs(found - exact)[:101].max() < 1e-8


def test_density_and_mills_ratio_make_the_tail() -> None:
    z = np.array([0.0, 0.3, 1.0, 5.0, 8.0, 37.0, math.nan])
    heights, ratios = np.empty_like(z), np.empty_like(z)
    all_density(z, heights)
    all_mills(z, ratios)
    tails = [0.5 * math.erfc(one / math.sqrt(2)) for one in z]
    assert heights * ratios == pytest.approx(tails, rel=2e-13, nan_ok=True)


def test_a_fused_sum_is_rounded_once() -> None:
    x = np.array([1.0 + 2.0**-30])
    found = np.empty_like(x)
    all_fused(x, found)
    assert found[0] == 2.0**-29 + 2.0**-60
