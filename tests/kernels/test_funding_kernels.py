"""Funding's compiled kernels give the bits of the Python they were written in."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hedgerow.kernels import funding_rate, mark, premium, protocol_gmx
from hedgerow.kernels.funding_rate import FundingTerms
from hedgerow.kernels.protocol_gmx import ImpactFactors, SkewNumbers

RANDOM = np.random.default_rng(23)
ROWS = 40


def a(low: float, high: float) -> list[float]:
    return [float(value) for value in RANDOM.uniform(low, high, ROWS)]


TERMS = [
    FundingTerms(interest, 0.0005, 0.003, -0.004, hours)
    for interest, hours in zip(a(0.0, 0.0003), [1.0, 4.0, 8.0, 8.0] * 10, strict=True)
]
SKEWS = [SkewNumbers(exponent, 1e-6, 2e-8, 0.05, 0.03, 1e-9, 1e-4) for exponent in a(0.9, 1.0)]
SERIES = [RANDOM.uniform(-0.003, 0.003, size) for size in range(1, ROWS + 1)]
SIDES = [np.sort(RANDOM.uniform(9e3, 1e4, 20))[::-1].copy() for _ in range(ROWS)]
DEPTHS = [RANDOM.uniform(0.1, 3.0, 20) for _ in range(ROWS)]
PREMIUMS, RATES, PRICES, MORE, LESS = (
    a(-0.02, 0.02),
    a(-1e-4, 1e-4),
    a(1, 9e4),
    a(1, 9e4),
    a(1, 9e4),
)
FLAGS = [number % 2 == 0 for number in range(ROWS)]
FACTORS = [ImpactFactors(1e-7, 2e-7, exponent) for exponent in a(1.0, 2.5)]
CASES: list[tuple[Callable[..., Any], tuple[list[Any], ...]]] = [
    (funding_rate.funding_rate, (PREMIUMS, TERMS)),
    (funding_rate.clamped_rate, (PREMIUMS, TERMS)),
    (funding_rate.premium_rate, (PREMIUMS, TERMS)),
    (funding_rate.damped_rate, (PREMIUMS, TERMS)),
    (funding_rate.spread_rate, (PREMIUMS, TERMS, [8.0, 24.0] * 20)),
    (funding_rate.limited_change, (PREMIUMS, PREMIUMS[::-1], a(0.0, 0.01))),
    (funding_rate.average_premium, (SERIES,)),
    (premium.impact_price, (SIDES, DEPTHS, a(1e3, 1e5), [False] * ROWS)),
    (premium.impact_price, (SIDES, DEPTHS, a(1e-5, 1e-4), [True] * ROWS)),
    (premium.impact_premium, (PRICES, MORE, LESS)),
    (premium.mid_premium, (PRICES, MORE, LESS)),
    (premium.equal_average, (SERIES,)),
    (premium.projected_average, (PREMIUMS, RATES, a(1, 240), a(240, 480), FLAGS)),
    (mark.median_of_three, (PRICES, MORE, LESS)),
    (mark.funding_price, (PRICES, RATES, a(0, 8), a(1, 8))),
    (mark.smoothed, (SERIES, a(0.5, 3), a(10, 200))),
    (protocol_gmx.next_skew_rate, (RATES, PRICES, MORE, LESS, SKEWS)),
    (protocol_gmx.skew_payments, (RATES, PRICES, MORE, LESS)),
    (protocol_gmx.borrowing_rate, (PRICES, MORE, a(0, 1e-7), a(0.9, 1.1))),
    (protocol_gmx.kinked_borrowing_rate, (a(0, 1), a(0, 1e-8), a(0, 1e-7), a(0.5, 1))),
    (protocol_gmx.price_impact, (PRICES, MORE, FLAGS, FACTORS)),
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


def test_a_missing_premium_leaves_no_median_and_no_average() -> None:
    assert np.isnan(mark.median_of_three(np.nan, 1.0, 2.0))
    assert np.isnan(funding_rate.average_premium(np.array([0.1, np.nan])))
    assert np.isnan(premium.equal_average(np.array([np.nan, 0.1])))
