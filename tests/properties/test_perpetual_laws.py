"""Laws of contracts without expiry: parity, bounds, shape, scale, and other ways to them."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hedgerow.kernels.black76 import black76_value
from hedgerow.pricing.american import american_perpetual
from hedgerow.pricing.answers import Answer
from hedgerow.pricing.everlasting import Premium, everlasting, everlasting_strip
from hedgerow.pricing.pools import expected_pool, pool, pool_liquidity, pool_loss
from hedgerow.pricing.power import power_perpetual, power_volatility
from hedgerow.pricing.streaming import LiquidityRange, premium_split, streamed

CALM = settings(deadline=None, max_examples=60)  # the first call compiles
prices = st.floats(1e-3, 1e6)
moneyness = st.floats(0.2, 5.0)
volatilities = st.floats(0.05, 3.0)
periods = st.floats(1.0 / 365.0, 0.25)
rates = st.floats(-0.1, 0.3)
premiums = st.sampled_from(Premium)
kinds = st.sampled_from(["call", "put"])


def number(answer: Answer) -> float:
    assert isinstance(answer, float)
    return answer


def decay(years: float, quote: float, premium: Premium) -> float:
    return 1.0 / years + (quote if premium is Premium.PAID else 0.0)


@CALM
@given(
    spot=prices,
    ratio=moneyness,
    sigma=volatilities,
    years=periods,
    quote=rates,
    coin=rates,
    premium=premiums,
)
def test_a_call_less_a_put_is_an_everlasting_forward(
    spot: float,
    ratio: float,
    sigma: float,
    years: float,
    quote: float,
    coin: float,
    premium: Premium,
) -> None:
    strike, c = spot * ratio, decay(years, quote, premium)
    call, put = (
        everlasting(
            spot, strike, sigma, years, kind, quote_rate=quote, coin_rate=coin, premium=premium
        )
        for kind in ("call", "put")
    )
    forward = (spot / (c - quote + coin) - strike / c) / years
    scale = 1e-13 * (spot + strike)
    assert number(call.price) - number(put.price) == pytest.approx(forward, abs=scale)
    assert number(call.gamma) == pytest.approx(number(put.gamma), rel=1e-12)
    assert number(call.vega) == pytest.approx(number(put.vega), rel=1e-12)


@CALM
@given(
    ratio=moneyness,
    sigma=volatilities,
    years=periods,
    quote=rates,
    coin=rates,
    kind=kinds,
    premium=premiums,
)
def test_price_solves_its_equation(
    ratio: float,
    sigma: float,
    years: float,
    quote: float,
    coin: float,
    kind: str,
    premium: Premium,
) -> None:
    # 1/2 s² S² V'' + (r - q) S V' - c V + payoff / T = 0, term by term.
    assume(ratio != 1.0)
    spot, c = 60_000.0 * ratio, decay(years, quote, premium)
    found = everlasting(
        spot, 60_000.0, sigma, years, kind, quote_rate=quote, coin_rate=coin, premium=premium
    )
    bend = 0.5 * sigma**2 * spot**2 * number(found.gamma)
    drift = (quote - coin) * spot * number(found.delta)
    paid, received = c * number(found.price), number(found.intrinsic) / years
    scale = bend + abs(drift) + paid + received
    assert bend + drift + received == pytest.approx(paid, abs=1e-12 * scale + 1e-290)


@settings(CALM, max_examples=15)
@given(
    ratio=st.floats(0.5, 2.0),
    sigma=st.floats(0.2, 2.0),
    years=periods,
    quote=rates,
    coin=rates,
    kind=kinds,
)
def test_price_is_the_mean_of_dated_options_over_a_random_expiry(
    ratio: float, sigma: float, years: float, quote: float, coin: float, kind: str
) -> None:
    # Gauss's rule over the exponential law, in the square root of time so that it is smooth.
    strike, sign = 60_000.0 * ratio, 1.0 if kind == "call" else -1.0
    nodes, weights = np.polynomial.legendre.leggauss(120)
    roots = 0.5 * (nodes + 1.0) * math.sqrt(45.0)
    mean = 0.0
    for root, weight in zip(roots, weights, strict=True):
        age = root * root
        forward = 60_000.0 * math.exp((quote - coin) * age * years)
        dated = black76_value(forward, strike, sigma, age * years, sign)
        mean += 0.5 * math.sqrt(45.0) * weight * 2.0 * root * math.exp(-age) * dated
    found = everlasting(60_000.0, strike, sigma, years, kind, quote_rate=quote, coin_rate=coin)
    assert number(found.price) == pytest.approx(mean, rel=1e-7, abs=1e-6)


@CALM
@given(spot=prices, ratio=moneyness, sigma=volatilities, years=periods, kind=kinds)
def test_price_scales_and_grows_with_volatility(
    spot: float, ratio: float, sigma: float, years: float, kind: str
) -> None:
    strike = spot * ratio
    found = everlasting(spot, strike, sigma, years, kind)
    double = everlasting(2.0 * spot, 2.0 * strike, sigma, years, kind)
    assert number(double.price) == pytest.approx(2.0 * number(found.price), rel=1e-12)
    assert number(double.delta) == pytest.approx(number(found.delta), rel=1e-12)
    wilder = everlasting(spot, strike, 1.01 * sigma, years, kind)
    assert number(wilder.price) >= number(found.price)
    assert number(found.price) >= number(found.intrinsic)
    assert 0.0 <= abs(number(found.delta)) <= 1.0
    assert number(found.gamma) >= 0.0
    assert number(found.price) <= (spot if kind == "call" else strike)


@CALM
@given(ratio=st.floats(0.7, 1.4), sigma=st.floats(0.3, 2.0), years=periods, quote=rates, kind=kinds)
def test_ever_more_payments_come_to_continuous_funding(
    ratio: float, sigma: float, years: float, quote: float, kind: str
) -> None:
    steady = everlasting(60_000.0, 60_000.0 * ratio, sigma, years, kind, quote_rate=quote)
    gaps = []
    for payments in (50.0, 100.0, 200.0):
        strip = everlasting_strip(
            60_000.0, 60_000.0 * ratio, sigma, years, kind, payments=payments, quote_rate=quote
        )
        gaps.append(number(strip.price) - number(steady.price))
    # The error halves with the interval, so two steps of it leave a small one.
    assert abs(2.0 * gaps[2] - gaps[1]) <= 0.2 * abs(gaps[0]) + 1e-6


@CALM
@given(
    power=st.floats(-2.0, 4.0),
    sigma=st.floats(0.1, 1.0),
    years=st.floats(1 / 365, 0.05),
    quote=rates,
    coin=rates,
    often=st.one_of(st.none(), st.floats(1.0, 24.0)),
)
def test_a_powers_volatility_comes_back(
    power: float, sigma: float, years: float, quote: float, coin: float, often: float | None
) -> None:
    assume(abs(power) > 0.1)
    assume(abs(power - 1.0) > 0.1)
    growth = (power - 1.0) * (quote + 0.5 * power * sigma**2) - power * coin
    assume(growth * years < 0.6)
    found = power_perpetual(
        1.5, power, sigma, years, payments=often, quote_rate=quote, coin_rate=coin
    )
    ratio = number(found.price) / 1.5**power
    back = power_volatility(ratio, power, years, payments=often, quote_rate=quote, coin_rate=coin)
    noise = 1e-14 / (abs(power * (power - 1.0)) * sigma**2 * years)
    assert number(back.volatility) == pytest.approx(sigma, rel=1e-12 + 4.0 * noise)


@CALM
@given(power=st.sampled_from([0.0, 1.0]), sigma=volatilities, years=periods, coin=rates)
def test_the_powers_zero_and_one_are_cash_and_coin(
    power: float, sigma: float, years: float, coin: float
) -> None:
    free = power_perpetual(3_000.0, power, sigma, years)
    assert number(free.price) == pytest.approx(3_000.0**power, rel=1e-14)
    assert number(free.vega) == 0.0
    assert number(free.gamma) == 0.0
    earning = power_perpetual(3_000.0, 1.0, sigma, years, coin_rate=coin)
    assert number(earning.price) == pytest.approx(3_000.0 / (1.0 + coin * years), rel=1e-13)


@CALM
@given(
    ratio=moneyness,
    sigma=volatilities,
    quote=st.floats(0.001, 0.3),
    coin=st.floats(0.001, 0.3),
    kind=kinds,
    years=st.floats(0.01, 30.0),
)
def test_an_american_option_without_end_is_worth_more_than_any_with_one(
    ratio: float, sigma: float, quote: float, coin: float, kind: str, years: float
) -> None:
    strike, sign = 100.0 * ratio, 1.0 if kind == "call" else -1.0
    found = american_perpetual(100.0, strike, sigma, kind, quote_rate=quote, coin_rate=coin)
    forward = 100.0 * math.exp((quote - coin) * years)
    european = math.exp(-quote * years) * black76_value(forward, strike, sigma, years, sign)
    most = 100.0 if kind == "call" else strike
    price = number(found.price)
    assert max(european, sign * (100.0 - strike)) <= price * (1.0 + 1e-12)
    assert price <= most * (1.0 + 1e-12)


@CALM
@given(ratio=moneyness, sigma=volatilities, quote=st.floats(0.001, 0.3), coin=st.floats(0.001, 0.3))
def test_an_american_put_is_a_call_with_the_coins_changed_over(
    ratio: float, sigma: float, quote: float, coin: float
) -> None:
    strike = 100.0 * ratio
    put = american_perpetual(100.0, strike, sigma, "put", quote_rate=quote, coin_rate=coin)
    call = american_perpetual(strike, 100.0, sigma, "call", quote_rate=coin, coin_rate=quote)
    assert number(put.price) == pytest.approx(number(call.price), rel=1e-11)
    assert number(put.boundary) * number(call.boundary) == pytest.approx(strike * 100.0, rel=1e-11)


@CALM
@given(
    ratio=moneyness,
    sigma=volatilities,
    quote=st.floats(0.001, 0.3),
    coin=st.floats(0.001, 0.3),
    kind=kinds,
)
def test_an_american_option_earns_the_rate_until_it_is_exercised(
    ratio: float, sigma: float, quote: float, coin: float, kind: str
) -> None:
    found = american_perpetual(100.0, 100.0 * ratio, sigma, kind, quote_rate=quote, coin_rate=coin)
    sign = 1.0 if kind == "call" else -1.0
    assume(sign * (number(found.boundary) - 100.0) > 0.0)
    bend = 0.5 * sigma**2 * 100.0**2 * number(found.gamma)
    drift = (quote - coin) * 100.0 * number(found.delta)
    wanted = quote * number(found.price)
    scale = bend + abs(drift) + wanted
    assert bend + drift == pytest.approx(wanted, abs=1e-12 * scale)


ranges = st.tuples(st.floats(0.1, 0.99), st.floats(1.01, 10.0))


@CALM
@given(price=prices, later=moneyness, ends=ranges, middle=moneyness, depth=st.floats(1e-3, 1e6))
def test_a_position_never_gains_on_holding_still_and_only_its_roots_matter(
    price: float, later: float, ends: tuple[float, float], middle: float, depth: float
) -> None:
    lower, upper = price * middle * ends[0], price * middle * ends[1]
    then = pool(price, depth, lower=lower, upper=upper)
    now = pool(price * later, depth, lower=lower, upper=upper)
    held = number(then.coin) * price * later + number(then.cash)
    lost = pool_loss(price, price * later, depth, lower=lower, upper=upper)
    assert number(lost.loss) <= 0.0
    assert number(lost.loss) == pytest.approx(
        number(now.value) - held, abs=1e-12 * (held + number(now.value))
    )
    assert -1.0 <= number(lost.fraction) <= 0.0


@CALM
@given(price=prices, now=moneyness, ends=ranges, depth=st.floats(1e-3, 1e6))
def test_what_a_position_holds_buys_its_liquidity(
    price: float, now: float, ends: tuple[float, float], depth: float
) -> None:
    assume(all(abs(now / end - 1.0) > 1e-3 for end in ends))  # where one side runs out of digits
    lower, upper = price * ends[0], price * ends[1]
    held = pool(price * now, depth, lower=lower, upper=upper)
    bought = pool_liquidity(price * now, held.coin, held.cash, lower=lower, upper=upper)
    assert number(bought.liquidity) == pytest.approx(depth, rel=1e-11)


@CALM
@given(price=prices, ends=ranges, cut=st.floats(0.05, 0.95), now=moneyness)
def test_two_ranges_side_by_side_are_one(
    price: float, ends: tuple[float, float], cut: float, now: float
) -> None:
    lower, upper = price * ends[0], price * ends[1]
    middle = lower + cut * (upper - lower)
    whole = pool(price * now, 3.0, lower=lower, upper=upper, volatility=0.8)
    low = pool(price * now, 3.0, lower=lower, upper=middle, volatility=0.8)
    high = pool(price * now, 3.0, lower=middle, upper=upper, volatility=0.8)
    for name in ("coin", "cash", "value", "gamma", "loss_rate"):
        parts = number(getattr(low, name)) + number(getattr(high, name))
        wanted = number(getattr(whole, name))
        scale = number(low.value) + number(high.value)
        room = 1e-12 * scale if name in {"cash", "value"} else 1e-12 * abs(wanted) + 1e-13 / price
        assert parts == pytest.approx(wanted, rel=1e-11, abs=room)


@CALM
@given(price=prices, ends=ranges, sigma=volatilities, years=st.floats(0.001, 2.0))
def test_the_loss_to_expect_grows_with_time_and_is_within_the_worth(
    price: float, ends: tuple[float, float], sigma: float, years: float
) -> None:
    lower, upper = price * ends[0], price * ends[1]
    worth = number(pool(price, 1.0, lower=lower, upper=upper).value)
    found = [
        expected_pool(price, 1.0, sigma, factor * years, lower=lower, upper=upper)
        for factor in (1.0, 2.0)
    ]
    first, second = (number(one.loss) for one in found)
    assert -1e-13 * worth <= first <= second + 1e-13 * worth
    assert second <= worth
    mean = number(found[1].mean_value)
    assert number(found[1].value) - 1e-9 * worth <= mean <= worth * (1.0 + 1e-9)


@CALM
@given(
    steps=st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=30),
    fee=st.floats(0.0, 0.05),
    cut=st.floats(0.1, 0.9),
)
def test_what_streams_only_grows_and_splits_by_range(
    steps: list[float], fee: float, cut: float
) -> None:
    path = 3_000.0 * np.exp(np.cumsum([0.0, *steps]))
    years = np.arange(path.size) / 365.0
    middle = 2_700.0 + cut * 600.0
    whole, low, high = (
        streamed(path, years, LiquidityRange(lower=a, upper=b, liquidity=5.0), fee=fee)
        for a, b in ((2_700.0, 3_300.0), (2_700.0, middle), (middle, 3_300.0))
    )
    for name in ("coin", "cash", "depth"):
        values = getattr(whole, name)
        assert np.all(np.diff(values) >= 0.0)
        np.testing.assert_allclose(
            getattr(low, name) + getattr(high, name), values, rtol=1e-9, atol=1e-12
        )


@CALM
@given(
    collected=st.floats(0.0, 1e9),
    left=st.floats(1e-3, 1e9),
    taken=st.floats(0.0, 1e9),
    spread=st.floats(0.0, 2.0),
)
def test_writers_get_what_buyers_owe_and_the_pool_earned(
    collected: float, left: float, taken: float, spread: float
) -> None:
    found = premium_split(collected, left, taken, spread=spread)
    assert number(found.earned) == pytest.approx(collected + number(found.owed), rel=1e-15)
    assert number(found.owed) >= collected * taken / left * (1.0 - 1e-12)
    assert number(found.multiplier) >= 1.0
