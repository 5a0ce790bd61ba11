"""Laws of coin-settled options, limits at no time and no volatility, and QuantLib as a witness."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from QuantLib import BlackCalculator, Option, PlainVanillaPayoff

from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.implied import implied_volatility_from_coin
from hedgerow.pricing.options import black76, black_scholes

forwards = st.floats(1e-3, 1e6)
aways = st.floats(-2.0, 2.0)  # log of strike over forward
volatilities = st.floats(0.01, 3.0)
times = st.floats(1e-4, 5.0)
kinds = st.sampled_from(["call", "put"])
SIGNS = {"call": 1.0, "put": -1.0}
TYPES = {"call": Option.Call, "put": Option.Put}
quick = settings(deadline=None, max_examples=120)


def witness(forward: float, strike: float, deviation: float, kind: str) -> BlackCalculator:
    return BlackCalculator(PlainVanillaPayoff(TYPES[kind], strike), forward, deviation, 1.0)


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_quantlib_agrees_on_worth_in_coin_and_on_the_net_delta(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike, deviation = forward * math.exp(away), volatility * math.sqrt(years)
    theirs = witness(forward, strike, deviation, kind)
    ours = coin_option(forward, strike, volatility, years, kind)
    dust = 1e-13 * max(1.0, strike / forward) / min(deviation, 1.0)
    assert ours.price_coin == pytest.approx(theirs.value() / forward, rel=1e-10, abs=dust)
    net = theirs.deltaForward() - theirs.value() / forward
    assert ours.delta_net == pytest.approx(net, rel=1e-9, abs=1e-11 + dust)
    assert ours.vega_coin == pytest.approx(theirs.vega(years) / forward, rel=1e-9, abs=dust)


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_the_net_delta_is_quantlib_s_slope_of_the_worth_in_coin(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike, deviation = forward * math.exp(away), volatility * math.sqrt(years)
    step = 1e-5 * min(1.0, deviation)
    worth = [
        witness(forward * (1.0 + side * step), strike, deviation, kind).value()
        / (forward * (1.0 + side * step))
        for side in (-1.0, 1.0)
    ]
    ours = coin_option(forward, strike, volatility, years, kind)
    scale = max(1.0, strike / forward)
    room = 1e-15 * scale / step + 1e-5 * scale
    assert ours.delta_net == pytest.approx((worth[1] - worth[0]) / (2.0 * step), abs=room)


@quick
@given(forwards, aways, volatilities, times)
def test_calls_less_puts_in_coin_are_one_less_strike_over_forward(
    forward: float, away: float, volatility: float, years: float
) -> None:
    strike = forward * math.exp(away)
    call, put = (coin_option(forward, strike, volatility, years, kind) for kind in SIGNS)
    ratio = strike / forward
    dust = 4e-15 * max(1.0, ratio)
    assert call.price_coin - put.price_coin == pytest.approx(1.0 - ratio, abs=dust)
    assert call.delta_net - put.delta_net == pytest.approx(ratio, abs=2.0 * dust)
    assert call.vega_coin == pytest.approx(put.vega_coin, rel=1e-13)


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_a_worth_in_coin_lies_within_its_bounds(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    ratio = strike / forward
    price = coin_option(forward, strike, volatility, years, kind).price_coin
    bound = 1.0 if kind == "call" else ratio
    dust = 4e-16 * max(1.0, ratio)
    assert max(SIGNS[kind] * (1.0 - ratio), 0.0) - dust <= price <= bound + dust


@quick
@given(forwards, volatilities, times, kinds)
def test_worths_in_coin_are_monotone_and_convex_in_the_strike(
    forward: float, volatility: float, years: float, kind: str
) -> None:
    strikes = forward * np.linspace(0.3, 3.0, 50)
    price = np.asarray(coin_option(forward, strikes, volatility, years, kind).price_coin)
    dust = 2e-14
    assert (-SIGNS[kind] * np.diff(price) >= -dust).all()
    assert (np.diff(price, 2) >= -4.0 * dust).all()


@quick
@given(forwards, aways, times, kinds)
def test_more_volatility_is_worth_more_coin(
    forward: float, away: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    price = coin_option(forward, strike, np.linspace(0.0, 3.0, 60), years, kind).price_coin
    assert (np.diff(np.asarray(price)) >= -1e-14 * max(1.0, strike / forward)).all()


@quick
@given(forwards, aways, volatilities, times, st.floats(1e-3, 1e3), kinds)
def test_a_worth_in_coin_does_not_change_with_the_unit_of_the_quote(
    forward: float, away: float, volatility: float, years: float, scale: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    one = coin_option(forward, strike, volatility, years, kind)
    other = coin_option(scale * forward, scale * strike, volatility, years, kind)
    dust = 1e-13 * max(1.0, strike / forward) / min(1.0, volatility * math.sqrt(years))
    for name in ("price_coin", "delta", "delta_net", "vega_coin"):
        assert other[name] == pytest.approx(one[name], rel=1e-9, abs=dust), name
    assert other.gamma * scale == pytest.approx(one.gamma, rel=1e-8, abs=dust / forward)


@quick
@given(forwards, aways, volatilities, times)
def test_a_call_in_coin_is_a_put_on_the_inverse_price(
    forward: float, away: float, volatility: float, years: float
) -> None:
    """The right to a coin's excess over K dollars is one to sell dollars at 1/K coins each."""
    strike = forward * math.exp(away)
    call = coin_option(forward, strike, volatility, years, "call").price_coin
    put = black76(1.0 / forward, 1.0 / strike, volatility, years, "put").price
    dust = 1e-14 * max(1.0, strike / forward)
    assert call == pytest.approx(strike * put, rel=1e-9, abs=dust)


@quick
@given(
    forwards, st.floats(0.01, 2.0), st.booleans(), kinds, st.sampled_from(["time", "volatility"])
)
def test_towards_no_time_and_no_volatility_worth_is_the_payoff(
    forward: float, away: float, above: bool, kind: str, which: str
) -> None:
    strike = forward * math.exp(away if above else -away)
    payoff = max(SIGNS[kind] * (forward - strike), 0.0)
    delta = SIGNS[kind] if payoff > 0.0 else 0.0
    years, volatility = (1e-9, 0.6) if which == "time" else (1.0, 0.0)
    for option in (
        black76(forward, strike, volatility, years, kind),
        black_scholes(forward, strike, volatility, years, kind),
        coin_option(forward, strike, volatility, years, kind),
    ):
        assert option.price == pytest.approx(payoff, rel=1e-12, abs=1e-15 * forward)
        assert option.delta == pytest.approx(delta, abs=1e-12)
        assert option.gamma == pytest.approx(0.0, abs=1e-9 / forward)
        assert option.vega == pytest.approx(0.0, abs=1e-9 * forward)
    coin = coin_option(forward, strike, volatility, years, kind)
    assert coin.price_coin == pytest.approx(payoff / forward, rel=1e-12, abs=1e-15)
    # A coin put far in the money is short more than a coin: its worth in coin has no bound.
    assert coin.delta_net == pytest.approx(delta - payoff / forward, abs=1e-12)


@quick
@given(forwards, kinds, st.floats(0.05, 2.0))
def test_at_the_money_worth_goes_as_the_root_of_time(
    forward: float, kind: str, volatility: float
) -> None:
    for years in (1e-4, 1e-6, 1e-8):
        worth = coin_option(forward, forward, volatility, years, kind).price_coin
        expected = volatility * math.sqrt(years / (2.0 * math.pi))
        assert worth == pytest.approx(expected, rel=1e-3)


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_a_volatility_comes_back_from_a_worth_in_coin(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    option = coin_option(forward, strike, volatility, years, kind)
    intrinsic = max(SIGNS[kind] * (1.0 - strike / forward), 0.0)
    if not option.price_coin > intrinsic or option.vega_coin == 0.0:
        return
    condition = option.price_coin / (option.vega_coin * volatility)
    if condition > 1e8:
        return  # the price's last digit says nothing of the volatility
    found = implied_volatility_from_coin(option.price_coin, forward, strike, years, kind)
    assert abs(found.volatility / volatility - 1.0) <= 1e-12 * max(1.0, condition)
