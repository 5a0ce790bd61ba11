"""What longs pay is what shorts get, a protocol's pool of fees counted."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.funding.payment import funding_payment
from hedgerow.funding.rates import RealisedFunding
from hedgerow.funding.skew import OpenInterest, skew_cash
from hedgerow.kernels.protocol_drift import payment, sided_rates
from hedgerow.kernels.protocol_dydx import index_increment, settled_quantums, settlement_ppm

CALM = settings(deadline=None)  # the first call compiles
BASE = 1_000_000_000  # one coin in the program's digits


@CALM
@given(
    sizes=st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20),
    price=st.floats(1e-3, 1e6),
    rate=st.floats(-0.04, 0.04),
    inverse=st.booleans(),
)
def test_payments_cancel_at_an_exchange(
    sizes: list[float], price: float, rate: float, inverse: bool
) -> None:
    settled = RealisedFunding(
        venue="any", instrument="BTC/USDT:USDT", time=0, rate=rate, interval_hours=8.0
    )
    all_sizes = [*sizes, -sum(sizes)]  # every long has its short
    cash = [funding_payment(settled, size, price, inverse=inverse) for size in all_sizes]
    assert sum(cash) == pytest.approx(0.0, abs=1e-12 * (1e-300 + sum(map(abs, cash))))


@CALM
@given(
    long=st.floats(1.0, 1e9),
    short=st.floats(1.0, 1e9),
    rate=st.floats(-1e-4, 1e-4, allow_subnormal=False),
    seconds=st.floats(0.0, 1e6),
)
def test_payments_cancel_at_a_pool_with_uneven_sides(
    long: float, short: float, rate: float, seconds: float
) -> None:
    sides = skew_cash(rate, OpenInterest(long=long, short=short), seconds)
    assert long * sides.long + short * sides.short == pytest.approx(
        0.0, abs=max(1e-12 * long * abs(sides.long), 1e-290)
    )
    assert sides.long * rate <= 0.0 <= sides.short * rate


@CALM
@given(
    longs=st.lists(st.integers(1, 10**6 * BASE), min_size=1, max_size=8),
    shorts=st.lists(st.integers(1, 10**6 * BASE), min_size=1, max_size=8),
    rate=st.integers(-(10**11), 10**11),
    pool=st.integers(0, 10**13),
)
def test_a_pool_of_fees_pays_what_users_do_not(
    longs: list[int], shorts: list[int], rate: int, pool: int
) -> None:
    both = sided_rates(rate, sum(longs), -sum(shorts), pool)
    cash = [payment(both.long, size) for size in longs]
    cash += [payment(both.short, -size) for size in shorts]
    digits = len(cash) + 4  # every user's cash, and each step of the rule, is cut to a whole unit
    # A cut rate has nine digits, so that a side of many coins gets up to size / 10^12 less.
    coarse = max(sum(longs), sum(shorts)) // 10**12 + 1
    assert -digits - coarse <= sum(cash) + both.pool <= digits + coarse
    assert both.pool >= -(pool // 3)
    if rate:
        paying = both.long if rate > 0 else both.short
        receiving = both.short if rate > 0 else both.long
        assert paying == rate
        assert 0 <= receiving * (1 if rate > 0 else -1) <= abs(rate)


@CALM
@given(
    sizes=st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=12),
    steps=st.lists(
        st.tuples(st.integers(-60_000, 60_000), st.integers(1, 10**9)), min_size=1, max_size=10
    ),
)
def test_an_index_of_whole_numbers_never_pays_out_more_than_it_takes(
    sizes: list[int], steps: list[tuple[int, int]]
) -> None:
    indices = [0]
    for rate, price in steps:
        indices.append(indices[-1] + index_increment(rate, 3_600, price, -5, -10))
    all_sizes = [*sizes, -sum(sizes)]
    for before, after in pairwise(indices):
        exact = [settlement_ppm(after, before, size) for size in all_sizes]
        assert sum(exact) == 0
        booked = sum(map(settled_quantums, exact))
        assert -len(all_sizes) < booked <= 0  # rounding is always against the holder
    whole = [settlement_ppm(indices[-1], 0, size) for size in all_sizes]
    assert sum(whole) == 0
