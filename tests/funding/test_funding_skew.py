"""Funding that follows open interest grows with the skew, decays in balance, stays in bounds."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.funding.skew import Borrowing, KinkedBorrowing, OpenInterest, skew_cash, skew_rate
from hedgerow.kernels.protocol_gmx import ImpactFactors, price_impact
from hedgerow.market.venue import SkewTerms

CALM = settings(deadline=None)  # the first call compiles
TERMS = SkewTerms(
    exponent=Decimal(1),
    increase=Decimal("0.000001"),
    decrease=Decimal("0.00000002"),
    stable_threshold=Decimal("0.05"),
    decrease_threshold=Decimal("0.03"),
    minimum=Decimal(0),
    maximum=Decimal("0.0001"),
)


def held(long: float, short: float) -> OpenInterest:
    return OpenInterest(long=long, short=short)


def test_a_rate_between_both_thresholds_stands_still() -> None:
    found = skew_rate(TERMS, held(104_000.0, 96_000.0), 5e-5, 600.0)
    assert found == (5e-5, 5e-5)


def test_a_rate_against_the_larger_side_moves_however_small_the_skew() -> None:
    found = skew_rate(TERMS, held(99_000.0, 101_000.0), 5e-5, 600.0)
    assert found.rate == pytest.approx(5e-5 - 0.01 * 1e-6 * 600.0, rel=1e-12)


def test_a_rate_decays_to_zero_and_not_beyond() -> None:
    balanced = held(101_000.0, 99_000.0)
    assert skew_rate(TERMS, balanced, 5e-5, 600.0).rate == pytest.approx(3.8e-5, rel=1e-12)
    assert skew_rate(TERMS, balanced, 5e-5, 1e6).rate == 0.0
    shorts_pay = held(99_000.0, 101_000.0)
    assert skew_rate(TERMS, shorts_pay, -5e-5, 600.0).rate == pytest.approx(-3.8e-5, rel=1e-12)


@CALM
@given(
    long=st.floats(1.0, 1e9),
    short=st.floats(1.0, 1e9),
    saved=st.floats(-1e-4, 1e-4),
    seconds=st.floats(0.0, 1e7),
)
def test_the_rate_stays_in_bounds_and_mirrors(
    long: float, short: float, saved: float, seconds: float
) -> None:
    bounded = replace(TERMS, minimum=Decimal("0.000001"))
    found = skew_rate(bounded, held(long, short), saved, seconds)
    assert 1e-6 <= abs(found.rate) <= 1e-4
    assert abs(found.saved) <= 1e-4
    mirrored = skew_rate(bounded, held(short, long), -saved, seconds)
    if long != short:
        assert mirrored.saved == -found.saved


def test_the_larger_side_s_notional_is_charged() -> None:
    sides = skew_cash(1e-8, held(150_000.0, 100_000.0), 3_600.0)
    assert sides.long == pytest.approx(-3.6e-5)
    assert sides.short == pytest.approx(5.4e-5)
    assert skew_cash(1e-8, held(1.0, 0.0), 3_600.0) == (0.0, 0.0)


def test_borrowing_is_per_reserved_worth_and_second() -> None:
    fee = Borrowing(factor=1e-7).fee(200_000.0, [(200_000.0, 5_000_000.0, 1_209_600.0)])
    assert fee == pytest.approx(967.68)  # gmx-synthetics, test/exchange/BorrowingFees.ts


def test_borrowing_beyond_the_kink_costs_more() -> None:
    kinked = KinkedBorrowing(base=1e-8, above=1e-7, optimal=0.75)
    assert kinked.fee(1.0, [(0.5, 100.0)]) == pytest.approx(5e-7)
    assert kinked.fee(1.0, [(0.875, 100.0)]) == pytest.approx((8.75e-9 + 4.5e-8) * 100.0)


def test_crossing_to_the_other_side_uses_both_factors() -> None:
    factors = ImpactFactors(1e-7, 2e-7, 2.0)
    assert price_impact(1e4, 2e4, True, factors) == pytest.approx(10.0 - 80.0)
    assert price_impact(2e4, 1e4, False, factors) == pytest.approx(40.0 - 10.0)
    assert price_impact(1e4, 2e4, False, factors) == pytest.approx(20.0 - 80.0)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(MarketDataError, match="open interest long -1"):
        held(-1.0, 1.0)
    with pytest.raises(ConfigError, match="seconds = -1"):
        skew_rate(TERMS, held(1.0, 1.0), 0.0, -1.0)
    with pytest.raises(ConfigError, match="saved = nan"):
        skew_rate(TERMS, held(1.0, 1.0), float("nan"), 1.0)
