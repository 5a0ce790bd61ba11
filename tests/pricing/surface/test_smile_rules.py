"""Deltas on a smile, in the window of the settlement average, and vanna-volga's edges."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.market.chain import sample_chain
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import fit
from hedgerow.pricing.surface.smile_delta import smile_deltas, surface_deltas
from hedgerow.pricing.surface.vanna_volga import VannaVolga
from hedgerow.pricing.surface.window import WindowGreeks, settlement_window

YEAR_SECONDS = 365 * 86_400


def number(value: object) -> float:
    assert isinstance(value, float)
    return value


def test_without_a_slope_all_rules_agree() -> None:
    found = smile_deltas(60_000.0, 55_000.0, 0.6, 0.1, "put", slope=0.0)
    black = black76(60_000.0, 55_000.0, 0.6, 0.1, "put").delta
    assert found.sticky_strike == pytest.approx(black, rel=1e-13)
    assert found.sticky_moneyness == found.sticky_local_volatility == found.sticky_strike


def test_rules_lie_evenly_about_the_sticky_strike_and_net_ones_below() -> None:
    strikes = np.array([50_000.0, 60_000.0, 70_000.0])
    found = smile_deltas(60_000.0, strikes, 0.6, 0.1, slope=[-0.3, -0.2, -0.1])
    middle = 0.5 * (np.asarray(found.sticky_moneyness) + np.asarray(found.sticky_local_volatility))
    assert middle == pytest.approx(np.asarray(found.sticky_strike), rel=1e-13)
    premium = np.asarray(found.sticky_strike) - np.asarray(found.net_sticky_strike)
    price = black76(60_000.0, strikes, 0.6, 0.1).price
    assert premium == pytest.approx(np.asarray(price) / 60_000.0, rel=1e-11)


def test_a_bad_row_is_named_and_polars_comes_back_as_polars() -> None:
    found = smile_deltas(60_000.0, pl.Series("strike", [-1.0, 6e4]), 0.6, 0.1, slope=-0.2)
    assert isinstance(found.sticky_moneyness, pl.Series)
    assert found.rows.problems() == [(0, "strike <= 0")]
    assert found.sticky_moneyness.is_nan().to_list() == [True, False]
    with pytest.raises(ConfigError, match="slope"):
        smile_deltas(60_000.0, 60_000.0, 0.6, 0.1, slope=float("nan"))


def test_a_surface_s_deltas_are_those_of_its_own_numbers() -> None:
    surface = fit(sample_chain())
    expiry = surface.slices[0].expiry
    found = surface_deltas(surface, 60_000.0, expiry, "call")
    by_hand = smile_deltas(
        number(surface.forward(expiry)),
        60_000.0,
        number(surface.volatility(60_000.0, expiry)),
        surface.slices[0].years,
        slope=number(surface.slope(60_000.0, expiry)),
    )
    assert number(found.sticky_moneyness) == number(by_hand.sticky_moneyness)
    step = 1.0
    worth = [
        number(
            black76(
                60_000.0 + d,
                60_000.0,
                number(surface.volatility(60_000.0 * 60_000.0 / (60_000.0 + d), expiry)),
                surface.slices[0].years,
            ).price
        )
        for d in (-step, step)
    ]
    assert found.sticky_moneyness == pytest.approx((worth[1] - worth[0]) / (2 * step), abs=1e-6)


def by_simulation(spot: float, strike: float, sigma: float, seconds: float, so_far: float) -> tuple[
    float, float, float
]:  # fmt: skip
    """Return price, its standard error and the delta of a call on Deribit's average."""
    random = np.random.default_rng(11)
    steps, paths, window = 60, 60_000, 1800.0
    inside = min(seconds, window)
    wait = (seconds - inside) / YEAR_SECONDS
    half = random.standard_normal((paths // 2, steps + 1))
    noise = np.concatenate([half, -half])
    start = spot * np.exp(sigma * np.sqrt(wait) * noise[:, 0] - 0.5 * sigma**2 * wait)
    time = inside / YEAR_SECONDS / steps
    walk = np.cumsum(sigma * np.sqrt(time) * noise[:, 1:] - 0.5 * sigma**2 * time, axis=1)
    path = np.concatenate([np.ones((paths, 1)), np.exp(walk)], axis=1) * start[:, None]
    rest = 0.5 * (path[:, 1:] + path[:, :-1]).mean(axis=1)
    part = inside / window
    average = part * rest + (1.0 - part) * so_far
    payoff = np.maximum(average - strike, 0.0)
    delta = np.where(average > strike, part * rest / spot, 0.0)
    return float(payoff.mean()), float(payoff.std() / np.sqrt(paths)), float(delta.mean())


@pytest.mark.parametrize("seconds", [300.0, 900.0, 1800.0, 5400.0])
@pytest.mark.parametrize("strike", [59_900.0, 60_050.0])
def test_the_window_agrees_with_a_simulation(seconds: float, strike: float) -> None:
    price, error, delta = by_simulation(60_000.0, strike, 0.8, seconds, 60_020.0)
    found = settlement_window(60_000.0, strike, 0.8, seconds, average=60_020.0)
    assert number(found.price) == pytest.approx(price, abs=4.0 * error + 1e-9)
    assert number(found.delta) == pytest.approx(delta, abs=4e-3)


def test_delta_fades_with_what_is_left_of_the_window() -> None:
    left = np.array([1800.0, 1200.0, 600.0, 60.0, 1.0])
    found = settlement_window(60_000.0, 50_000.0, 0.6, left, average=60_000.0)
    assert np.asarray(found.delta) == pytest.approx(left / 1800.0, rel=1e-9)
    assert np.asarray(found.open_part) == pytest.approx(left / 1800.0)
    assert np.asarray(found.price) == pytest.approx(np.full(5, 10_000.0), rel=1e-9)


def test_far_from_expiry_the_window_is_an_option_on_a_third_of_it() -> None:
    seconds = 10.0 * 86_400
    found = settlement_window(60_000.0, 61_000.0, 0.6, seconds)
    plain = black76(60_000.0, 61_000.0, 0.6, (seconds - 1200.0) / YEAR_SECONDS)
    assert number(found.price) == pytest.approx(plain.price, rel=1e-6)
    assert number(found.delta) == pytest.approx(plain.delta, rel=1e-6)


@given(
    spot=st.floats(50_000, 70_000),
    strike=st.floats(50_000, 70_000),
    seconds=st.floats(30.0, 7_200.0),
    average=st.floats(50_000, 70_000),
)
def test_parity_holds_and_slopes_are_slopes(
    spot: float, strike: float, seconds: float, average: float
) -> None:
    def both(at: float) -> tuple[WindowGreeks[float], WindowGreeks[float]]:
        call = settlement_window(at, strike, 0.7, seconds, "call", average=average)
        put = settlement_window(at, strike, 0.7, seconds, "put", average=average)
        return call, put

    call, put = both(spot)
    part = min(seconds / 1800.0, 1.0)
    forward = part * spot + (1.0 - part) * average
    assert number(call.price) - number(put.price) == pytest.approx(forward - strike, abs=1e-6)
    assert number(call.delta) - number(put.delta) == pytest.approx(part, abs=1e-12)
    step = 0.01
    up, down = both(spot + step)[0], both(spot - step)[0]
    slope = (number(up.price) - number(down.price)) / (2 * step)
    assert number(call.delta) == pytest.approx(slope, abs=1e-4)


def test_inside_the_window_the_average_so_far_must_be_known() -> None:
    with pytest.raises(ConfigError, match="average is missing"):
        settlement_window(60_000.0, 60_000.0, 0.6, 600.0)
    column = settlement_window(60_000.0, 60_000.0, 0.6, [600.0, 3600.0])
    assert column.rows.problems() == [(0, "average is missing, and the window has begun")]
    assert np.isnan(np.asarray(column.delta)).tolist() == [True, False]
    with pytest.raises(ConfigError, match="window = 0"):
        settlement_window(60_000.0, 60_000.0, 0.6, 600.0, window=0.0)


def test_vega_is_the_slope_by_volatility() -> None:
    up = settlement_window(60_000.0, 60_100.0, 0.6001, 700.0, average=60_000.0)
    down = settlement_window(60_000.0, 60_100.0, 0.5999, 700.0, average=60_000.0)
    found = settlement_window(60_000.0, 60_100.0, 0.6, 700.0, average=60_000.0)
    slope = (number(up.price) - number(down.price)) / 0.0002
    assert number(found.vega) == pytest.approx(slope, rel=1e-4)


def test_a_flat_vanna_volga_smile_is_flat() -> None:
    smile = VannaVolga.from_quotes(years=0.2, at_the_money=0.6, risk_reversal=0.0, butterfly=0.0)
    k = np.linspace(-1.0, 1.0, 41)
    assert smile.variance(k) == pytest.approx(np.full(41, 0.36 * 0.2), rel=1e-12)
    assert smile.rows(k)[1] == pytest.approx(np.zeros(41), abs=1e-9)


def test_a_vanna_volga_smile_of_nonsense_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"put = -0\.1"):
        VannaVolga(years=0.1, put=-0.1, middle=0.5, call=0.5)
    with pytest.raises(ConfigError, match="must rise"):
        VannaVolga(years=4.0, put=3.0, middle=0.5, call=0.5)
