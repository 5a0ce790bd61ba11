"""The funding rule against exact rationals, and against itself in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kernels.funding_rate import FundingTerms, average_premium, funding_rate

# Premium, hours between settlements, bound -> rate; interest 0.01 % and clamp 0.05 % per 8 hours.
# The rule is that of Binance's announcement of 2025-09-18, worked out by hand in fractions.
WORKED = [
    ("-3/100", 8, "3/1000", "-3/1000"),
    ("-3/100", 4, "1/50", "-59/4000"),
    ("-3/250", 1, "1/50", "-23/16000"),
    ("-1/250", 8, "3/1000", "-3/1000"),
    ("-1/250", 4, "3/1000", "-7/4000"),
    ("-3/5000", 8, "3/1000", "-1/10000"),
    ("-1/2000", 8, "3/1000", "0"),
    ("-1/2500", 8, "3/1000", "1/10000"),
    ("0", 8, "3/1000", "1/10000"),
    ("3/5000", 1, "1/50", "1/80000"),
    ("61/100000", 8, "3/1000", "11/100000"),
    ("3/2500", 8, "1/50", "7/10000"),
    ("3/2500", 1, "1/50", "7/80000"),
    ("41/10000", 4, "3/1000", "9/5000"),
    ("9/400", 8, "3/1000", "3/1000"),
    ("9/400", 4, "1/50", "11/1000"),
    ("3/50", 4, "1/50", "1/50"),
]


@pytest.mark.parametrize(("premium", "hours", "bound", "expected"), WORKED)
def test_the_worked_rates_come_out(premium: str, hours: int, bound: str, expected: str) -> None:
    cap = float(Fraction(bound))
    terms = FundingTerms(
        interest=0.0001, clamp=0.0005, cap=cap, floor=-cap, interval_hours=float(hours)
    )
    rate = funding_rate(float(Fraction(premium)), terms)
    assert rate == pytest.approx(float(Fraction(expected)), abs=1e-15)


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
