"""A perpetual's price without arbitrage is the sum of what its funding promises."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.pricing.clamp_band import CarryCost, clamp_band
from hedgerow.pricing.perpetual import (
    Anchoring,
    Carry,
    FundingTime,
    QuantoRisk,
    anchoring_interest,
    inverse_price,
    linear_price,
    quanto_price,
)

CALM = settings(deadline=None)  # the first call compiles
STEP = 8.0 / 8_760.0
rates = st.floats(-0.3, 0.3)


def eight_hours(kappa: float, iota: float, time: FundingTime) -> Anchoring:
    return Anchoring(premium_intensity=kappa, interest=iota, interval_years=STEP, time=time)


@CALM
@given(quote=rates, coin=rates, kappa=st.floats(0.01, 2.0), iota=st.floats(-0.001, 0.001))
def test_the_price_gives_a_futures_position_no_gain(
    quote: float, coin: float, kappa: float, iota: float
) -> None:
    # Without a drift beyond carry, E[f' - f] = k(f - x) + ix, funding paid on the previous price.
    carry = Carry(quote_rate=quote, coin_rate=coin)
    price = linear_price(1.0, carry, eight_hours(kappa, iota, FundingTime.PREVIOUS))
    gain = price * math.expm1(carry.difference * STEP)
    assert gain == pytest.approx(kappa * (price - 1.0) + iota, abs=1e-14)


@CALM
@given(quote=rates, coin=rates, time=st.sampled_from(FundingTime))
def test_the_anchoring_interest_puts_the_price_on_the_coin(
    quote: float, coin: float, time: FundingTime
) -> None:
    carry = Carry(quote_rate=quote, coin_rate=coin)
    iota = anchoring_interest(carry, STEP, time)
    found = linear_price(60_000.0, carry, eight_hours(1.0, iota, time))
    assert found == pytest.approx(60_000.0, rel=1e-14)


def test_short_intervals_come_near_continuous_funding() -> None:
    carry, second = Carry(quote_rate=0.1, coin_rate=0.02), 1.0 / 31_536_000.0
    yearly = Anchoring(premium_intensity=1_095.0, interest=0.05)
    expected = linear_price(1.0, carry, yearly)
    for time in (FundingTime.PREVIOUS, FundingTime.CURRENT):
        funding = Anchoring(
            premium_intensity=1_095.0 * second,
            interest=0.05 * second,
            interval_years=second,
            time=time,
        )
        assert linear_price(1.0, carry, funding) == pytest.approx(expected, rel=1e-11)


def test_an_inverse_contract_is_a_linear_one_seen_from_the_coin() -> None:
    carry, swapped = Carry(quote_rate=0.1, coin_rate=0.02), Carry(quote_rate=0.02, coin_rate=0.1)
    for time in FundingTime:
        funding = eight_hours(1.0, 0.0001, time)
        assert inverse_price(2.0, carry, funding) == pytest.approx(
            1.0 / linear_price(0.5, swapped, funding), rel=1e-14
        )


def test_a_quanto_without_covariance_is_linear() -> None:
    carry, yearly = Carry(quote_rate=0.1), Anchoring(premium_intensity=1_095.0, interest=0.1)
    none = QuantoRisk(volatility=0.8, settle_volatility=0.6, correlation=0.0)
    assert quanto_price(3e3, carry, yearly, none) == linear_price(3e3, carry, yearly)
    together = QuantoRisk(volatility=0.8, settle_volatility=0.6, correlation=0.7)
    assert quanto_price(3e3, carry, yearly, together) > linear_price(3e3, carry, yearly)


def test_what_holds_no_price_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"premium_intensity = 0\.0"):
        Anchoring(premium_intensity=0.0)
    with pytest.raises(ConfigError, match="interval_years"):
        Anchoring(premium_intensity=1.0, time=FundingTime.CURRENT)
    weak = Anchoring(premium_intensity=0.05)
    with pytest.raises(ConfigError, match=r"too weak for a carry of 0\.1 a year"):
        linear_price(1.0, Carry(quote_rate=0.1), weak)
    with pytest.raises(ConfigError, match="too weak"):
        inverse_price(1.0, Carry(quote_rate=-0.1), weak)
    risk = QuantoRisk(volatility=1.0, settle_volatility=1.0, correlation=1.0)
    with pytest.raises(ConfigError, match="continuous funding only"):
        quanto_price(1.0, Carry(quote_rate=0.1), eight_hours(1.0, 0.0, FundingTime.CURRENT), risk)


def test_inside_the_band_no_carry_pays() -> None:
    cost = CarryCost(round_trip=0.002, hold_hours=80.0, financing_spread=0.03)
    band = clamp_band(cost, 0.0001, 0.0005)
    need = (0.002 + 0.03 * 80.0 / 8_760.0) / 10.0
    assert band.required_funding == pytest.approx(need)
    assert band.short_above == pytest.approx(need + 0.0005)
    assert band.long_below == pytest.approx(-0.0007)
    with pytest.raises(ConfigError, match="hold_hours"):
        clamp_band(CarryCost(round_trip=0.0, hold_hours=0.0), 0.0001, 0.0005)
