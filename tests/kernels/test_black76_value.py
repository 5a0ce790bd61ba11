"""The value of an option on a forward, against printed tables and arbitrary precision."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.kernels.black76 import black76_value

# Forward, strike, volatility, years, sign, value; mpmath with 60 digits.
PRECISE = [
    (50_000.0, 20_000.0, 0.25, 0.0821917808219178, 1.0, 30_000.0),
    (50_000.0, 45_000.0, 0.25, 0.0821917808219178, 1.0, 5_106.5960001335379870),
    (50_000.0, 49_000.0, 0.25, 1.0, -1.0, 4_440.0694099381464335),
    (50_000.0, 50_000.0, 0.6, 0.0821917808219178, 1.0, 3_426.9703591267734050),
    (50_000.0, 51_500.0, 1.2, 0.0821917808219178, 1.0, 6_206.4441635676891744),
    (50_000.0, 80_000.0, 1.2, 0.00273972602739726, -1.0, 30_000.000000000018663),
    (50_000.0, 125_000.0, 1.2, 1.0, -1.0, 85_957.807867388561272),
    (2_500.0, 1_750.0, 1.2, 0.00273972602739726, -1.0, 1.4856161745270607593e-7),
    (2_500.0, 2_250.0, 1.2, 0.0821917808219178, 1.0, 464.29122290540193625),
    (2_500.0, 6_250.0, 1.2, 0.0821917808219178, -1.0, 3_751.6038030787535487),
]
prices = st.floats(1.0, 1e5)
volatilities = st.floats(0.01, 3.0)
times = st.floats(0.001, 3.0)


@pytest.mark.parametrize(("forward", "strike", "volatility", "years", "sign", "value"), PRECISE)
def test_values_are_those_of_arbitrary_precision(
    forward: float, strike: float, volatility: float, years: float, sign: float, value: float
) -> None:
    found = black76_value(forward, strike, volatility, years, sign)
    assert found == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_haugs_printed_option_on_a_future(sign: float) -> None:
    # Haug, The complete guide to option pricing formulas, Black-76: call and put both 1.7011.
    value = math.exp(-0.10 * 0.75) * black76_value(19.0, 19.0, 0.28, 0.75, sign)
    assert round(value, 4) == 1.7011


@given(forward=prices, strike=prices, volatility=volatilities, years=times)
def test_a_call_less_a_put_is_the_forward_less_the_strike(
    forward: float, strike: float, volatility: float, years: float
) -> None:
    call = black76_value(forward, strike, volatility, years, 1.0)
    put = black76_value(forward, strike, volatility, years, -1.0)
    assert call - put == pytest.approx(forward - strike, abs=1e-12 * max(forward, strike))


@given(forward=prices, strike=prices, volatility=volatilities, years=times)
def test_compiled_and_plain_give_the_same_bits(
    forward: float, strike: float, volatility: float, years: float
) -> None:
    plain = black76_value.py_func  # type: ignore[attr-defined]
    for sign in (1.0, -1.0):
        found = black76_value(forward, strike, volatility, years, sign)
        assert found == pytest.approx(plain(forward, strike, volatility, years, sign), rel=1e-15)


def test_without_time_or_volatility_only_the_intrinsic_value_is_left() -> None:
    assert black76_value(110.0, 100.0, 0.5, 0.0, 1.0) == 10.0
    assert black76_value(110.0, 100.0, 0.0, 1.0, -1.0) == 0.0
    assert black76_value(90.0, 100.0, 0.0, 1.0, -1.0) == 10.0
