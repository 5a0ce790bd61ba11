"""What a trade made, and the price at which it would have made nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.margin.outcome import Trade, average_price


@given(
    side=st.sampled_from([1.0, -1.0]),
    inverse=st.booleans(),
    entry=st.floats(10.0, 1e5),
    entry_fee=st.floats(-0.0002, 0.001),
    exit_fee=st.floats(-0.0002, 0.001),
    funding=st.floats(-0.05, 0.05),
)
def test_at_the_break_even_price_nothing_is_made(
    side: float, inverse: bool, entry: float, entry_fee: float, exit_fee: float, funding: float
) -> None:
    size = side * (entry if inverse else 1.0)
    worth = 1.0 if inverse else entry
    trade = Trade(
        size=size,
        entry=entry,
        exit=entry,
        inverse=inverse,
        entry_fee=entry_fee,
        exit_fee=exit_fee,
    )
    price = trade.break_even(funding * worth)
    assert price is not None
    even = Trade(
        size=size,
        entry=entry,
        exit=price,
        inverse=inverse,
        entry_fee=entry_fee,
        exit_fee=exit_fee,
    )
    assert even.outcome(funding * worth).total == pytest.approx(0.0, abs=1e-11 * worth)


def test_a_trade_that_paid_more_than_its_worth_has_no_break_even() -> None:
    assert Trade(size=-1.0, entry=100.0, exit=90.0).break_even(funding=-101.0) is None


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="exit = nan"):
        Trade(size=1.0, entry=1.0, exit=math.nan)
    with pytest.raises(ConfigError, match="a price must be > 0"):
        Trade(size=1.0, entry=0.0, exit=1.0)
    with pytest.raises(ConfigError, match="no fills"):
        average_price([], inverse=False)
