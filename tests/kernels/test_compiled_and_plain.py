"""A compiled kernel gives the bits of the Python it was written in."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedgerow.kernels import collateral, contract, costs, funding, margin, sizing

RANDOM = np.random.default_rng(11)


def a(low: float, high: float) -> list[float]:
    return [float(value) for value in RANDOM.uniform(low, high, 40)]


SIZES, PRICES, MORE = a(-50.0, 50.0), a(1.0, 9e4), a(1.0, 9e4)
FRACTIONS, SMALL = a(0.0, 1.0), a(-0.002, 0.002)
FLAGS = [number % 2 == 0 for number in range(40)]
CASES: list[tuple[Callable[..., Any], tuple[list[Any], ...]]] = [
    (contract.position_pnl, (SIZES, PRICES, MORE, FLAGS)),
    (contract.notional, (SIZES, PRICES, FLAGS)),
    (contract.base_size, (SIZES, PRICES, FLAGS)),
    (contract.after_fill, (SIZES, PRICES, SIZES[::-1], MORE, FLAGS)),
    (costs.slippage_fraction, (FRACTIONS, FRACTIONS, FRACTIONS, FRACTIONS, PRICES)),
    (costs.fill_price, (PRICES, SIZES, FRACTIONS)),
    (funding.funding_cash, (SIZES, PRICES, SMALL, FLAGS)),
    (collateral.cash_call, (SIZES, PRICES, FRACTIONS, FRACTIONS)),
    (collateral.cash_release, (PRICES, MORE, FRACTIONS, FRACTIONS, PRICES)),
    (margin.price_along, (PRICES, MORE, FRACTIONS)),
    (sizing.order_lots, (SIZES, SIZES[::-1], [0.001] * 40, PRICES, FLAGS)),
    (sizing.is_lot_away, (SIZES, SIZES[::-1], [0.001] * 40, PRICES, FLAGS)),
]


@pytest.mark.parametrize(
    ("kernel", "columns"), CASES, ids=lambda case: getattr(case, "__name__", "")
)
def test_compiled_is_plain_to_the_last_bit(
    kernel: Callable[..., Any], columns: tuple[list[Any], ...]
) -> None:
    plain = kernel.py_func  # type: ignore[attr-defined]
    for row in zip(*columns, strict=True):
        assert kernel(*row) == plain(*row), row


def test_a_missing_price_stays_missing() -> None:
    assert math.isnan(contract.position_pnl(1.0, math.nan, 2.0, False))
    assert math.isnan(contract.notional(1.0, math.nan, True))
    assert math.isnan(funding.funding_cash(1.0, 100.0, math.nan, False))


def test_impact_grows_with_the_square_root_of_size_up_to_a_half() -> None:
    one = costs.slippage_fraction(0.0, 1.0, 0.0, 0.02, 0.01)
    four = costs.slippage_fraction(0.0, 1.0, 0.0, 0.02, 0.04)
    assert one == pytest.approx(0.002, rel=1e-12)
    assert four == pytest.approx(2.0 * one, rel=1e-12)
    assert costs.slippage_fraction(0.1, 1.0, 0.1, 0.5, 4.0) == 0.5
