"""Prices and deltas at no volatility and at no time: the limits, and no NaN."""

import math

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - as its people write it

import hedgerow as hr
from hedgerow.errors import ConfigError
from hedgerow.pricing.everlasting import everlasting
from hedgerow.pricing.options import ALL, ALL_OF_SPOT, black_scholes
from hedgerow.pricing.power import dated_power, power_perpetual
from hedgerow.pricing.squeeth import squeeth

STRIKES = np.array([50.0, 99.0, 101.0, 200.0])
SIGNS = {"call": 1.0, "put": -1.0}
kinds = pytest.mark.parametrize("kind", ["call", "put"])


def intrinsic(forward: float, kind: str) -> np.ndarray:
    """Return what QuantLib says of options without any spread."""
    sort = ql.Option.Call if kind == "call" else ql.Option.Put
    return np.array([ql.blackFormula(sort, strike, forward, 0.0) for strike in STRIKES.tolist()])


@kinds
def test_without_volatility_a_dated_option_is_its_discounted_payoff(kind: str) -> None:
    found = hr.black76(100.0, STRIKES, 0.0, 0.5, kind, rate=0.04)
    discount = math.exp(-0.02)
    np.testing.assert_allclose(found.price, discount * intrinsic(100.0, kind), rtol=1e-14)
    exercised = intrinsic(100.0, kind) > 0.0
    np.testing.assert_allclose(found.delta, SIGNS[kind] * discount * exercised, rtol=1e-14)
    for name in ("gamma", "vega", "vanna", "volga", "speed", "zomma", "color"):
        assert not np.any(found[name]), name
    assert all(np.isfinite(found[name]).all() for name in ALL)
    on_spot = black_scholes(100.0, STRIKES, 0.0, 0.5, kind, rate=0.04, dividend=0.1)
    forward = 100.0 * math.exp((0.04 - 0.1) * 0.5)
    np.testing.assert_allclose(on_spot.price, discount * intrinsic(forward, kind), atol=1e-12)
    assert all(np.isfinite(on_spot[name]).all() for name in ALL_OF_SPOT)


@kinds
def test_without_volatility_a_coin_option_is_its_payoff_in_coin(kind: str) -> None:
    found = hr.coin_option(100.0, STRIKES, 0.0, 0.5, kind)
    payoff = intrinsic(100.0, kind) / 100.0
    np.testing.assert_allclose(found.price_coin, payoff, rtol=1e-14)
    net = SIGNS[kind] * (payoff > 0.0) - payoff
    np.testing.assert_allclose(found.delta_net, net, atol=1e-15)


@kinds
@pytest.mark.parametrize("years", [1e-300, 1e-15, 1e-9])
def test_as_time_runs_out_the_payoff_is_left(kind: str, years: float) -> None:
    found = hr.black76(100.0, STRIKES, 0.6, years, kind, quantities=("price", "delta", "vega"))
    assert found.rows.all_valid
    np.testing.assert_allclose(found.price, intrinsic(100.0, kind), rtol=1e-14)
    exercised = intrinsic(100.0, kind) > 0.0
    np.testing.assert_allclose(found.delta, SIGNS[kind] * exercised, atol=1e-15)
    assert not np.any(found.vega)


@pytest.mark.parametrize(("kind", "half"), [("call", 0.5), ("put", -0.5)])
def test_at_the_money_the_delta_ends_at_a_half(kind: str, half: float) -> None:
    assert hr.black76(100.0, 100.0, 0.0, 0.5, kind).delta == pytest.approx(half)
    assert hr.black76(100.0, 100.0, 0.6, 1e-18, kind).delta == pytest.approx(half, abs=1e-8)


@kinds
def test_no_time_at_all_is_named_and_not_guessed(kind: str) -> None:
    found = hr.coin_option(100.0, 90.0, 0.6, [0.0, 0.1], kind)
    assert found.rows.problems() == [(0, "years <= 0")]
    with pytest.raises(ConfigError, match=r"years = 0: .* at expiry it is worth its payoff"):
        hr.coin_option(100.0, 90.0, 0.6, 0.0, kind)


@kinds
def test_a_price_without_time_value_has_no_volatility(kind: str) -> None:
    prices = intrinsic(100.0, kind)
    found = hr.implied_volatility(prices, 100.0, STRIKES, 0.5, kind)
    assert found.rows.all_valid
    assert found.volatility.tolist() == [0.0] * 4


@kinds
def test_ever_faster_funding_leaves_an_everlasting_option_its_payoff(kind: str) -> None:
    found = everlasting(100.0, STRIKES, 0.6, 1e-12, kind, quote_rate=0.05, coin_rate=0.02)
    np.testing.assert_allclose(found.price, intrinsic(100.0, kind), rtol=1e-9, atol=1e-9)
    assert np.isfinite(np.asarray(found.funding_flow)).all()


def test_without_volatility_a_power_is_the_power() -> None:
    assert power_perpetual(100.0, 2.0, 0.0, 0.05).price == pytest.approx(10_000.0, rel=1e-14)
    assert dated_power(100.0, 3.0, 0.0, 0.05).price == pytest.approx(1e6, rel=1e-14)
    assert squeeth(3_000.0, 0.0, 0.8).price == pytest.approx(720.0, rel=1e-14)
