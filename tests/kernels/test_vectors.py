"""Loops over lanes became vectors, and as wide ones as were asked for."""

import platform
from collections.abc import Callable
from typing import Any

import llvmlite.binding  # type: ignore[import-untyped]
import numba
import numpy as np
import pytest

from hedgerow.kernels.lognormal import BLOCK, LANES, approach, arrive
from hedgerow.kernels.revaluation import _ratios, _worth
from hedgerow.kernels.wide import wide
from hedgerow.units import Floats

pytestmark = pytest.mark.skipif(
    platform.machine() not in {"x86_64", "AMD64"}, reason="the words are those of another processor"
)
compiled: Any = numba.njit(error_model="numpy")  # not cached: cached code has no text


def text_of(function: Callable[..., object], *arguments: object) -> list[str]:
    """Return the lines of what `function` is compiled to for these arguments."""
    kernel: Any = compiled(function)
    kernel(*arguments)
    (text,) = kernel.inspect_asm().values()
    return [str(line) for line in text.splitlines()]


def narrow_inverse(x: Floats, out: Floats) -> None:
    for i in range(x.size):
        out[i] = 1.0 / x[i]


def wide_inverse(x: Floats, out: Floats) -> None:
    wide()
    for i in range(x.size):
        out[i] = 1.0 / x[i]


def test_vectors_are_wide_only_where_that_is_asked_for() -> None:
    x = np.linspace(1.0, 2.0, 100)
    found = [np.empty_like(x), np.empty_like(x)]
    usual = text_of(narrow_inverse, x, found[0])
    asked = text_of(wide_inverse, x, found[1])
    assert np.array_equal(found[0], found[1])
    assert any("divpd" in line for line in asked)
    if llvmlite.binding.get_host_cpu_features().get("avx512f"):
        assert any("divpd" in line and "zmm" in line for line in asked)
        assert not any("divpd" in line and "zmm" in line for line in usual)


def prepared(work: Floats) -> int:
    f = work[0]
    small, _ = approach(f, work[1], work[2], work[3], work[4], work)
    arrive(f, work[1], work[4], work, small)
    return small


def test_the_work_of_an_option_is_done_in_vectors() -> None:
    work = np.ones((LANES, BLOCK))
    text = text_of(prepared, work)
    packed = sum("divpd" in line or "sqrtpd" in line for line in text)
    assert packed >= 4  # the root of time, of total volatility, the logarithm, the Mills ratios


def along(work: Floats) -> None:
    _ratios(2.0, 0.25, work[0], work[1], work[2], work[3])
    _worth(work[1], work[2], work[3], work[4], work[5], work[6])


def test_a_line_of_scenarios_is_worked_out_in_vectors() -> None:
    text = text_of(along, np.ones((7, 64)))
    assert any("divpd" in line for line in text)
    assert sum("fmadd" in line and "pd" in line for line in text) > 40 or not any(
        "fmadd" in line for line in text
    )
