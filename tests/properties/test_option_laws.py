"""Laws of option prices, and QuantLib as a witness that knows nothing of us."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from QuantLib import BlackCalculator, Option, PlainVanillaPayoff

from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.implied import implied_volatility
from hedgerow.pricing.options import ALL, black76, black_scholes

forwards = st.floats(1e-3, 1e6)
aways = st.floats(-2.0, 2.0)  # log of strike over forward
volatilities = st.floats(0.01, 3.0)
times = st.floats(1e-4, 5.0)
rates = st.floats(-0.2, 0.5)
kinds = st.sampled_from(["call", "put"])
TYPES = {"call": Option.Call, "put": Option.Put}
quick = settings(deadline=None, max_examples=150)


@quick
@given(forwards, aways, volatilities, times, rates, kinds)
def test_quantlib_agrees_on_black76(
    forward: float, away: float, volatility: float, years: float, rate: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    deviation = volatility * math.sqrt(years)
    discount = math.exp(-rate * years)
    payoff = PlainVanillaPayoff(TYPES[kind], strike)
    theirs = BlackCalculator(payoff, forward, deviation, discount)
    ours = black76(forward, strike, volatility, years, kind, rate=rate)
    scale = discount * max(forward, strike)
    dust = 1e-13 * scale / min(deviation, 1.0)
    assert ours.price == pytest.approx(theirs.value(), rel=1e-10, abs=dust)
    assert ours.delta == pytest.approx(theirs.deltaForward(), rel=1e-9, abs=1e-12)
    assert ours.gamma == pytest.approx(theirs.gammaForward(), rel=1e-9, abs=1e-12 / forward)
    assert ours.vega == pytest.approx(theirs.vega(years), rel=1e-9, abs=dust)
    assert ours.dual_delta == pytest.approx(theirs.strikeSensitivity(), rel=1e-9, abs=1e-12)


@quick
@given(forwards, aways, volatilities, times, rates, rates, kinds)
def test_quantlib_agrees_on_black_scholes(
    spot: float,
    away: float,
    volatility: float,
    years: float,
    rate: float,
    dividend: float,
    kind: str,
) -> None:
    strike = spot * math.exp(away)
    payoff = PlainVanillaPayoff(TYPES[kind], strike)
    theirs = BlackCalculator(
        payoff,
        spot * math.exp((rate - dividend) * years),
        volatility * math.sqrt(years),
        math.exp(-rate * years),
    )
    ours = black_scholes(spot, strike, volatility, years, kind, rate=rate, dividend=dividend)
    dust = 1e-11 * max(spot, strike) * math.exp(years) / min(volatility * math.sqrt(years), 1.0)
    assert ours.price == pytest.approx(theirs.value(), rel=1e-9, abs=dust)
    assert ours.delta == pytest.approx(theirs.delta(spot), rel=1e-9, abs=1e-11)
    assert ours.gamma == pytest.approx(theirs.gamma(spot), rel=1e-8, abs=1e-11 / spot)
    assert ours.theta == pytest.approx(theirs.theta(spot, years), rel=1e-8, abs=dust / years)
    assert ours.rho == pytest.approx(theirs.rho(years), rel=1e-8, abs=dust)
    assert ours.dividend_rho == pytest.approx(theirs.dividendRho(years), rel=1e-8, abs=dust)


@quick
@given(forwards, aways, volatilities, times, rates)
def test_calls_less_puts_are_the_discounted_forward(
    forward: float, away: float, volatility: float, years: float, rate: float
) -> None:
    strike = forward * math.exp(away)
    call, put = (
        black76(forward, strike, volatility, years, kind, rate=rate) for kind in ("call", "put")
    )
    discount = math.exp(-rate * years)
    scale = discount * max(forward, strike)
    assert call.price - put.price == pytest.approx(discount * (forward - strike), abs=1e-14 * scale)
    assert call.delta - put.delta == pytest.approx(discount, rel=1e-13)
    assert call.gamma == put.gamma
    assert call.vega == put.vega


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_a_price_lies_within_its_bounds(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    price = black76(forward, strike, volatility, years, kind, quantities=("price",)).price
    sign = 1.0 if kind == "call" else -1.0
    bound = forward if kind == "call" else strike
    assert max(sign * (forward - strike), 0.0) <= price <= bound * (1.0 + 1e-15)


@quick
@given(forwards, volatilities, times, kinds)
def test_prices_fall_or_rise_and_bend_with_the_strike(
    forward: float, volatility: float, years: float, kind: str
) -> None:
    strikes = forward * np.linspace(0.5, 2.0, 40)
    price = black76(forward, strikes, volatility, years, kind, quantities=("price",)).price
    steps = np.diff(price) * (1.0 if kind == "put" else -1.0)
    dust = 1e-14 * forward
    assert (steps >= -dust).all()
    assert (np.diff(price, 2) >= -4.0 * dust).all()


@quick
@given(forwards, aways, times, kinds)
def test_more_volatility_is_worth_more(
    forward: float, away: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    volatility = np.linspace(0.0, 3.0, 60)
    price = black76(forward, strike, volatility, years, kind, quantities=("price",)).price
    assert (np.diff(price) >= -1e-14 * max(forward, strike)).all()


@quick
@given(forwards, aways, volatilities, times, st.floats(1e-3, 1e3), kinds)
def test_a_price_scales_with_forward_and_strike(
    forward: float, away: float, volatility: float, years: float, scale: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    one = black76(forward, strike, volatility, years, kind)
    other = black76(scale * forward, scale * strike, volatility, years, kind)
    dust = 1e-13 * scale * max(forward, strike) / min(1.0, volatility * math.sqrt(years))
    assert other.price == pytest.approx(scale * one.price, rel=1e-9, abs=dust)
    assert other.delta == pytest.approx(one.delta, rel=1e-9, abs=1e-11)


@quick
@given(forwards, aways, volatilities, times)
def test_a_call_is_a_put_with_forward_and_strike_exchanged(
    forward: float, away: float, volatility: float, years: float
) -> None:
    strike = forward * math.exp(away)
    call = black76(forward, strike, volatility, years, "call", quantities=("price",)).price
    put = black76(strike, forward, volatility, years, "put", quantities=("price",)).price
    assert call == pytest.approx(put, rel=1e-12, abs=1e-300)


@quick
@given(forwards, aways, volatilities, times, rates, kinds)
def test_theta_pays_for_gamma(
    forward: float, away: float, volatility: float, years: float, rate: float, kind: str
) -> None:
    option = black76(forward, forward * math.exp(away), volatility, years, kind, rate=rate)
    earned = rate * option.price
    paid = 0.5 * (volatility * forward) ** 2 * option.gamma
    scale = abs(earned) + paid + abs(option.theta)
    assert option.theta + paid == pytest.approx(earned, rel=1e-12, abs=1e-13 * scale)


@quick
@given(forwards, aways, st.floats(0.1, 2.0), st.floats(1e-2, 3.0), rates, kinds)
def test_each_sensitivity_is_the_slope_of_another(
    forward: float, away: float, volatility: float, years: float, rate: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    step = 1e-4 * min(volatility * math.sqrt(years), 1.0)
    arguments = {"forward": forward, "volatility": volatility, "years": years}
    for argument, slopes in {
        "forward": {"price": "delta", "delta": "gamma", "gamma": "speed"},
        "volatility": {"price": "vega", "delta": "vanna", "vega": "volga", "gamma": "zomma"},
        "years": {"price": "theta", "delta": "charm", "gamma": "color"},
    }.items():
        low, high = (
            arguments | {argument: arguments[argument] * (1.0 + side * step)} for side in (-1, 1)
        )
        middle = black76(forward, strike, volatility, years, kind, rate=rate)
        before = black76(low["forward"], strike, low["volatility"], low["years"], kind, rate=rate)
        after = black76(high["forward"], strike, high["volatility"], high["years"], kind, rate=rate)
        for name, slope in slopes.items():
            found = (after[name] - before[name]) / (high[argument] - low[argument])
            found = -found if argument == "years" else found  # time to expiry runs down
            size = max(abs(after[name]), abs(before[name])) / arguments[argument]
            room = (
                1e-300 + 1e-4 * abs(found) + 1e-8 * size / step + 2e-4 * size / min(1.0, step * 1e4)
            )
            assert middle[slope] == pytest.approx(found, abs=room), slope


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_a_volatility_comes_back_from_its_price(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    option = black76(forward, strike, volatility, years, kind, quantities=("price", "vega"))
    intrinsic = max((forward - strike) * (1.0 if kind == "call" else -1.0), 0.0)
    if not option.price > intrinsic or option.vega == 0.0:
        return
    condition = option.price / (option.vega * volatility)
    if condition > 1e8:
        return  # the price's last digit says nothing of the volatility
    found = implied_volatility(option.price, forward, strike, years, kind).volatility
    # Half a unit in the last place of the price, and as much again for the one that made it.
    assert abs(found / volatility - 1.0) <= 2e-13 * max(1.0, condition)


@quick
@given(forwards, aways, volatilities, times, kinds)
def test_wealth_in_coin_does_not_move_with_a_coin_neutral_hedge(
    forward: float, away: float, volatility: float, years: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    option = coin_option(forward, strike, volatility, years, kind)
    face = option.perp_hedge().coin_neutral
    step = 1e-5 * min(1.0, volatility * math.sqrt(years))
    up, down = (
        coin_option(forward * (1.0 + side * step), strike, volatility, years, kind).price_coin
        - face * (1.0 / (forward * (1.0 + side * step)) - 1.0 / forward)
        for side in (1, -1)
    )
    bend = abs(option.gamma_coin) * (forward * step) ** 2 + abs(face / forward) * step**2
    assert abs(up - down) <= 1e-2 * bend + 1e-13 * max(1.0, strike / forward)


def test_a_row_of_every_quantity_is_finite_where_the_row_is_valid() -> None:
    random = np.random.default_rng(2)
    size = 5_000
    forward = 10.0 ** random.uniform(-6.0, 8.0, size)
    strike = forward * np.exp(random.uniform(-12.0, 12.0, size))
    years = 10.0 ** random.uniform(-9.0, 2.0, size)
    volatility = 10.0 ** random.uniform(-4.0, 1.5, size)
    sign = random.choice([-1.0, 1.0], size)
    found = black76(forward, strike, volatility, years, sign, rate=0.05)
    assert found.rows.all_valid
    for name in ALL:
        assert np.isfinite(found[name]).all(), name
