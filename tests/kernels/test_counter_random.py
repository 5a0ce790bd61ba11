"""Random numbers by count: the right laws, no echo between lanes, steps, seeds and streams."""

import math

import numpy as np
import pytest

from hedgerow.kernels.counter_random import key_of, normal, normal_pairs, uniform
from hedgerow.kernels.jit import kernel
from hedgerow.kernels.quick_functions import quick_exp, quick_log, quick_turn
from hedgerow.units import Floats
from odds_by_hand import drawn

LANES, STEPS = 256, 400


@kernel
def pairs(seed: int, stream: int, first: int, lanes: int, steps: int) -> Floats:
    out = np.empty((2 * steps, lanes))
    key = key_of(seed, stream)
    for step in range(steps):
        normal_pairs(key, first, step, out[2 * step], out[2 * step + 1])
    return out


@kernel
def singles(seed: int, count: int) -> Floats:
    key = key_of(seed, 0)
    out = np.empty((2, count))
    for lane in range(count):
        out[0, lane] = uniform(key, lane, 5)
        out[1, lane] = normal(key, lane, 5)
    return out


@kernel
def curves(x: Floats) -> Floats:
    out = np.empty((4, x.size))
    for place in range(x.size):
        out[0, place] = quick_exp(x[place])
        out[1, place] = quick_log(abs(x[place]) + 1e-12)
        out[2, place], out[3, place] = quick_turn(x[place] - math.floor(x[place]))
    return out


def distance_to_normal(values: Floats) -> float:
    """Return Kolmogorov's distance, times the root of the count: above 1.95 once in a thousand."""
    ordered = np.sort(values.ravel())
    exact = np.array([0.5 * math.erfc(-x / math.sqrt(2.0)) for x in ordered.tolist()])
    steps = np.arange(1, ordered.size + 1) / ordered.size
    return float(np.abs(steps - exact).max() * math.sqrt(ordered.size))


@pytest.mark.parametrize("seed", [0, 1, 12_345_678_901])
def test_pairs_are_standard_normal(seed: int) -> None:
    values = pairs(seed, 0, 0, LANES, STEPS)
    count = values.size
    assert abs(values.mean()) < 4.0 / math.sqrt(count)
    assert abs(values.var() - 1.0) < 4.0 * math.sqrt(2.0 / count)
    assert abs((values**4).mean() - 3.0) < 4.0 * math.sqrt(96.0 / count)
    assert distance_to_normal(values) < 1.95


def test_neighbours_know_nothing_of_each_other() -> None:
    values = pairs(3, 0, 0, LANES, STEPS)
    small = 4.0 / math.sqrt(values.size)
    for other in (
        np.roll(values, 1, axis=0),
        np.roll(values, 2, axis=0),
        np.roll(values, 1, axis=1),
        pairs(4, 0, 0, LANES, STEPS),
        pairs(3, 1, 0, LANES, STEPS),
        pairs(4, 0, 1, LANES, STEPS),
        pairs(2, 1, 0, LANES, STEPS),
    ):
        assert abs((values * other).mean()) < small
        assert abs((values**2 * other**2).mean() - 1.0) < 4.0 * small * math.sqrt(2.0)


def test_a_lane_is_the_same_in_any_block() -> None:
    whole = pairs(7, 2, 0, 64, 5)
    np.testing.assert_array_equal(whole[:, 10:20], pairs(7, 2, 10, 10, 5))


def test_single_numbers_have_their_laws() -> None:
    uniforms, normals = singles(9, 100_000)
    steps = np.arange(1, uniforms.size + 1) / uniforms.size
    assert np.abs(np.sort(uniforms) - steps).max() * math.sqrt(uniforms.size) < 1.95
    assert 0.0 < uniforms.min() < uniforms.max() < 1.0
    assert distance_to_normal(normals) < 1.95


def test_whole_numbers_of_python_draw_the_same() -> None:
    uniforms = singles(9, 50)[0]
    assert uniforms.tolist() == [drawn(9, 0, lane, 5) for lane in range(50)]


def test_quick_functions_are_those_of_numpy_to_a_few_units_in_the_last_place() -> None:
    x = np.concatenate([np.linspace(-30.0, 30.0, 10_001), np.linspace(-1e-3, 1e-3, 1_001)])
    exponential, logarithm, cosine, sine = curves(x)
    np.testing.assert_allclose(exponential, np.exp(x), rtol=1e-15)
    np.testing.assert_allclose(logarithm, np.log(np.abs(x) + 1e-12), rtol=4e-16, atol=4e-16)
    np.testing.assert_allclose(cosine, np.cos(2.0 * np.pi * x), atol=5e-14)
    np.testing.assert_allclose(sine, np.sin(2.0 * np.pi * x), atol=5e-14)
    small = x[np.abs(x) < 1.0]
    np.testing.assert_allclose(curves(small)[3], np.sin(2.0 * np.pi * small), atol=1e-15)


def test_beyond_its_bounds_the_exponential_stays_there() -> None:
    high, low = curves(np.array([800.0, -800.0]))[0]
    assert (high, low) == (pytest.approx(math.exp(700.0)), pytest.approx(math.exp(-700.0)))
