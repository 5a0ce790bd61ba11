"""Bits and fused products as plain Python do them, against compiled code and whole numbers."""

import math
import struct
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from hedgerow.kernels import bits, fused
from hedgerow.kernels.jit import kernel

RNG = np.random.default_rng(7)
NUMBERS = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    5e-324,
    1.7976931348623157e308,
    math.pi,
    *RNG.normal(size=50).tolist(),
    *np.exp(RNG.normal(0.0, 200.0, 50)).tolist(),
]


@kernel
def there_and_back(value: float) -> tuple[int, float]:
    return bits.bits_of(value), bits.float_of(bits.bits_of(value))


@kernel
def compiled_fused(a: float, b: float, c: float) -> float:
    return fused.fused(a, b, c)


@pytest.mark.parametrize("value", NUMBERS)
def test_bits_are_those_of_compiled_code(value: float) -> None:
    number, back = there_and_back(value)
    assert bits._plain_bits_of(value) == number
    assert struct.pack("<d", bits._plain_float_of(number)) == struct.pack("<d", back)


def test_bits_that_have_run_over_are_cut_as_compiled_code_cuts_them() -> None:
    beyond = bits._plain_bits_of(-2.0) + 2**64
    assert bits._plain_float_of(beyond) == -2.0


def test_a_fused_product_is_rounded_once() -> None:
    for a, b, c in zip(NUMBERS, NUMBERS[::-1], NUMBERS[3:], strict=False):
        one, other = fused._plain_fused(a, b, c), compiled_fused(a, b, c)
        assert struct.pack("<d", one) == struct.pack("<d", other), (a, b, c)
    for a, b, c in (
        (1e200, -1e200, 1.0),
        (-0.0, 1.0, -0.0),
        (1e-300, -1e-300, 0.0),
        (2.0, 1.0, -2.0),
    ):
        one, other = fused._plain_fused(a, b, c), compiled_fused(a, b, c)
        assert struct.pack("<d", one) == struct.pack("<d", other), (a, b, c)
    a, b = 1.0 + 2.0**-30, 1.0 - 2.0**-30
    assert fused._plain_fused(a, b, -1.0) == float(Fraction(a) * Fraction(b) - 1)
    assert math.isinf(fused._plain_fused(math.inf, 1.0, 1.0))
    assert math.isnan(fused._plain_fused(math.nan, 1.0, 1.0))


def test_plain_from_now_comes_too_late_for_kernels_that_are_there() -> None:
    program = (
        "import {first}\n"
        "from hedgerow.kernels.plain import plain_from_now\n"
        "plain_from_now()\n"
        "from hedgerow.kernels.black76 import black76_value\n"
        "print(hasattr(black76_value, 'py_func'))"
    )
    for first, compiled in (("sys", "False"), ("hedgerow.kernels.jit", "True")):
        code = program.format(first=first)
        done = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        )
        assert done.stdout.strip() == compiled
