"""The three rules for a smile's delta, each against a market in which it is true."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.pricing.implied import implied_volatility
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import Svi
from hedgerow.pricing.surface.smile_delta import SmileDeltas, smile_deltas
from hedgerow.units import Floats

FORWARD, YEARS, LEVEL = 100.0, 0.25, 0.6
POINTS, STEPS = 401, 60


def number(value: object) -> float:
    assert isinstance(value, float)
    return value


@cache
def backwards(skew: float) -> tuple[Floats, Floats]:
    """Return what a first step and any other do to prices, where volatility hangs on the price.

    It is `LEVEL` at `FORWARD` and moves by `skew` with the logarithm of the price. Steps are Crank
    and Nicolson's; the first is two wholly implicit halves, as the payoff's kink would ring.
    """
    x = np.linspace(-1.8, 1.8, POINTS)
    width, step = x[1] - x[0], YEARS / STEPS
    half = 0.5 * np.clip(LEVEL + skew * x, 0.05, 2.0) ** 2
    second = (np.eye(POINTS, k=1) - 2.0 * np.eye(POINTS) + np.eye(POINTS, k=-1)) / width**2
    first = (np.eye(POINTS, k=1) - np.eye(POINTS, k=-1)) / (2.0 * width)
    equation = half[:, None] * (second - first)
    equation[[0, -1]] = 0.0  # far out a call is worth its payoff
    implicit = np.linalg.inv(np.eye(POINTS) - 0.5 * step * equation)
    return implicit @ implicit, implicit @ (np.eye(POINTS) + 0.5 * step * equation)


def local_market(skew: float, strike: float) -> tuple[Floats, Floats]:
    """Return forwards and what a call is worth at each in that market."""
    forward = FORWARD * np.exp(np.linspace(-1.8, 1.8, POINTS))
    start, onwards = backwards(skew)
    price = start @ np.maximum(forward - strike, 0.0)
    for _ in range(STEPS - 1):
        price = onwards @ price
    return forward, price


def seen(skew: float, strike: float) -> tuple[float, float]:
    """Return a call's worth and delta today in that market."""
    forward, price = local_market(skew, strike)
    here = POINTS // 2
    logs = np.log(forward)
    slope = (price[here + 1] - price[here - 1]) / (logs[here + 1] - logs[here - 1])
    return float(price[here]), float(slope / FORWARD)


@pytest.mark.parametrize("skew", [-0.3, -0.15, 0.2])
@pytest.mark.parametrize("away", [-0.2, 0.0, 0.15])
def test_where_volatility_hangs_on_the_price_the_local_rule_holds(skew: float, away: float) -> None:
    strikes = FORWARD * np.exp(away + np.array([-0.05, 0.0, 0.05]))
    worths = [seen(skew, float(strike)) for strike in strikes]
    implied = [
        number(implied_volatility(worth, FORWARD, float(strike), YEARS).volatility)
        for (worth, _), strike in zip(worths, strikes, strict=True)
    ]
    slope = (implied[2] - implied[0]) / 0.1
    # An implied volatility is about the mean of the local ones on the way: half their skew.
    assert slope == pytest.approx(0.5 * skew, rel=0.15)
    found = smile_deltas(FORWARD, float(strikes[1]), implied[1], YEARS, slope=slope)
    true = worths[1][1]
    shift = abs(number(found.sticky_local_volatility) - number(found.sticky_strike))
    assert number(found.sticky_local_volatility) == pytest.approx(true, abs=0.2 * shift)
    assert abs(number(found.sticky_strike) - true) > 0.8 * shift
    assert abs(number(found.sticky_moneyness) - true) > 1.8 * shift


SMILE = Svi(a=0.02, b=0.12, rho=-0.35, m=0.03, sigma=0.25)


def worth(forward: float, strike: float, k: float, kind: str) -> float:
    """Return what an option is worth on the volatility that the smile has at `k`."""
    volatility = math.sqrt(float(SMILE.variance(k)[0]) / YEARS)
    return number(black76(forward, strike, volatility, YEARS, kind).price)


def rules(forward: float, strike: float, kind: str) -> SmileDeltas[float]:
    volatility, slope = SMILE.volatility(strike / forward, YEARS)
    return smile_deltas(forward, strike, volatility, YEARS, kind, slope=slope)


@settings(deadline=None, max_examples=60)
@given(st.floats(50.0, 200.0), st.floats(-0.8, 0.8), st.sampled_from(["call", "put"]))
def test_each_delta_is_the_slope_on_the_surface_that_moves_by_its_rule(
    forward: float, away: float, kind: str
) -> None:
    strike = forward * math.exp(away)
    step = 1e-5 * forward
    k = math.log(strike / forward)
    # How far the smile's argument moves with the logarithm of the forward: not at all for the
    # strike's own volatility, along with it, and as far against it.
    moves = {"sticky_strike": 0.0, "sticky_moneyness": -1.0, "sticky_local_volatility": 1.0}
    found = rules(forward, strike, kind)
    for name, times in moves.items():
        ends = []
        for side in (-1.0, 1.0):
            at = forward + side * step
            ends.append((at, worth(at, strike, k + times * math.log(at / forward), kind)))
        slope = (ends[1][1] - ends[0][1]) / (2.0 * step)
        assert getattr(found, name) == pytest.approx(slope, abs=2e-7), name
        # Net of the premium: the slope of the worth in coin, by the logarithm of the forward.
        in_coin = forward * (ends[1][1] / ends[1][0] - ends[0][1] / ends[0][0]) / (2.0 * step)
        assert getattr(found, f"net_{name}") == pytest.approx(in_coin, abs=2e-7), name
