"""The kernel of the funding rule against the grid of rates, and against exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from golden_cases import Case, golden
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kernels.funding_rate import FundingTerms, average_premium, funding_rate

FILE = "funding_rate_grid"


def scaled_to_the_interval(case: Case) -> bool:
    """Whether interest and clamp of a case are those of 8 hours, and its bound is a number."""
    inputs = case.inputs
    return {"P", "interval_h", "interest_8h"} <= set(inputs) and "imr" not in inputs


@golden(FILE, scaled_to_the_interval)
def test_the_worked_rates_come_out(case: Case) -> None:
    cap = case.number("cap", math.inf)
    terms = FundingTerms(
        interest=case.number("interest_8h"),
        clamp=case.number("clamp", 0.0),
        cap=cap,
        floor=case.number("floor", -cap),
        interval_hours=case.number("interval_h"),
    )
    case.check(funding_rate(case.number("P"), terms), scale=abs(case.number("P")))


@given(premium=st.floats(-0.2, 0.2), hours=st.sampled_from([1, 2, 4, 8]))
def test_the_rate_is_that_of_exact_arithmetic(premium: float, hours: int) -> None:
    terms = FundingTerms(
        interest=0.0001, clamp=0.0005, cap=0.003, floor=-0.004, interval_hours=float(hours)
    )
    exact, interest, clamp = Fraction(premium), Fraction(0.0001), Fraction(0.0005)
    pull = sorted((-clamp, interest - exact, clamp))[1]
    rate = sorted((Fraction(-0.004), (exact + pull) * hours / 8, Fraction(0.003)))[1]
    assert funding_rate(premium, terms) == pytest.approx(float(rate), abs=1e-15)


def test_later_premiums_weigh_more() -> None:
    premiums = np.array([-0.00047, -0.00216, 0.003, 0.00156, -0.00152, 0.00034, -0.00163, 0.00234])
    exact = sum(Fraction(k + 1) * Fraction(f"{p:.5f}") for k, p in enumerate(premiums.tolist()))
    assert average_premium(premiums) == pytest.approx(float(exact / 36), rel=1e-14)
    assert average_premium(premiums) == pytest.approx(0.00033888888888888888889, rel=1e-12)


def test_one_premium_is_its_own_average() -> None:
    assert average_premium(np.array([0.0007])) == 0.0007
