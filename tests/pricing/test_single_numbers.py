"""Functions of single numbers, paths and grids: what is wrong is named, never silently NaN."""

import importlib
import inspect
import math
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

import hedgerow as hr
from hedgerow import pricing
from hedgerow.errors import ConfigError, MarketDataError
from hedgerow.market.chain import sample_chain
from hedgerow.pricing.annual import annualised, compounded
from hedgerow.pricing.carry_edge import FundingOutlook
from hedgerow.pricing.clamp_band import CarryCost, clamp_band
from hedgerow.pricing.everlasting import expiry_strip
from hedgerow.pricing.parity import parity_forward
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
from hedgerow.pricing.pools import tick_price
from hedgerow.pricing.revaluation import Grid, revalue
from hedgerow.pricing.rows import Reason
from hedgerow.pricing.streaming import BACKWARD, LiquidityRange, streamed
from hedgerow.pricing.surface import fit
from hedgerow.pricing.surface.smile_delta import surface_deltas

CARRY = Carry(quote_rate=0.1)
DAILY = Anchoring(premium_intensity=1.0, interval_years=1 / 365, time=FundingTime.CURRENT)
ALWAYS = Anchoring(premium_intensity=1_095.0)
RISK = QuantoRisk(volatility=0.6, settle_volatility=0.7, correlation=0.5)
COST = CarryCost(round_trip=0.001, hold_hours=72.0)

GOOD: Mapping[str, tuple[Callable[..., Any], Mapping[str, Any]]] = {
    "linear_price": (linear_price, {"spot": 6e4, "carry": CARRY, "funding": DAILY}),
    "inverse_price": (inverse_price, {"spot": 6e4, "carry": CARRY, "funding": DAILY}),
    "quanto_price": (
        quanto_price,
        {"spot": 6e4, "carry": CARRY, "funding": ALWAYS, "risk": RISK},
    ),
    "anchoring_interest": (
        anchoring_interest,
        {"carry": CARRY, "interval_years": 0.001, "time": FundingTime.PREVIOUS},
    ),
    "annualised": (annualised, {"rate": 1e-4, "intervals": 1_095.0}),
    "compounded": (compounded, {"rate": 1e-4, "intervals": 1_095.0}),
    "expiry_strip": (expiry_strip, {"funding_years": 0.01, "payments": 2.0, "left_out": 0.1}),
    "tick_price": (tick_price, {"tick": 100.0}),
    "clamp_band": (
        clamp_band,
        {"cost": COST, "interest": 1e-4, "clamp": 5e-4, "interval_hours": 8.0},
    ),
    "Carry": (Carry, {"quote_rate": 0.1, "coin_rate": 0.02}),
    "Anchoring": (
        Anchoring,
        {"premium_intensity": 1.0, "interest": 0.1, "interval_years": 0.1},
    ),
    "QuantoRisk": (
        QuantoRisk,
        {"volatility": 0.6, "settle_volatility": 0.7, "correlation": 0.5},
    ),
    "CarryCost": (CarryCost, {"round_trip": 0.01, "hold_hours": 8.0, "financing_spread": 0.01}),
    "LiquidityRange": (LiquidityRange, {"lower": 2.5e3, "upper": 3.6e3, "liquidity": 10.0}),
    "LiquidityRange.of_coins": (
        LiquidityRange.of_coins,
        {"coins": 2.0, "lower": 2.5e3, "upper": 3.6e3},
    ),
    "FundingOutlook": (FundingOutlook, {"now": 0.3, "mean": 0.1, "half_life_years": 0.1}),
}
ELSEWHERE = {"between_expiries"}  # of an answer


def numbers(given: Mapping[str, Any]) -> list[str]:
    return [name for name, value in given.items() if isinstance(value, float)]


def test_every_function_of_single_numbers_is_here() -> None:
    inner = {"rows", "answers", "arguments", "reading", "power_answers"}
    found = set()
    for place in pkgutil.iter_modules(pricing.__path__, "hedgerow.pricing."):
        module = importlib.import_module(place.name)
        if place.ispkg or place.name.rpartition(".")[2] in inner:
            continue
        for name, function in vars(module).items():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                taken = [str(each) for each in inspect.get_annotations(function).values()]
                if not name.startswith("_") and not any("pl.Series" in each for each in taken):
                    found.add(name)
    assert found - ELSEWHERE == {name for name in GOOD if name[0].islower()}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, "100", None, True, [1.0, 2.0]])
def test_what_is_no_number_is_refused_by_name(name: str, bad: object) -> None:
    function, given = GOOD[name]
    function(**given)
    for argument in numbers(given):
        with pytest.raises(ConfigError, match=argument):
            function(**{**given, argument: bad})


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("huge", [1e300, -1e300, 5e-324, 0.0])
def test_extreme_numbers_are_refused_or_answered(name: str, huge: float) -> None:
    function, given = GOOD[name]
    for argument in numbers(given):
        try:
            found = function(**{**given, argument: huge})
        except ConfigError:
            continue
        if isinstance(found, float):
            assert math.isfinite(found), (argument, found)


def test_a_path_leaves_its_bad_rows_out() -> None:
    position = LiquidityRange(lower=2_500.0, upper=3_600.0, liquidity=1_000.0)
    prices = [3_000.0, math.nan, 3_100.0, -1.0, 3_000.0, 3_050.0]
    years = [0.0, 0.001, 0.001, 0.0015, 0.002, 0.001]
    found = streamed(prices, years, position, fee=0.003)
    assert found.rows.problems() == [(1, "price is missing"), (3, "price <= 0"), (5, BACKWARD)]
    whole = streamed([3_000.0, 3_100.0, 3_000.0], [0.0, 0.001, 0.002], position, fee=0.003)
    good = found.rows.valid
    assert found.quote[good].tolist() == whole.quote.tolist()
    assert np.isnan(found.quote[~good]).all()
    again = streamed(pl.Series(prices), pl.Series(years), position, fee=0.003)
    assert again.rows.problems() == found.rows.problems()
    for bad in ("3000", [["a"]], None):
        with pytest.raises(ConfigError, match=r"prices? ="):
            streamed(bad, [0.0], position, fee=0.003)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="shapes do not fit"):
        streamed([1.0, 2.0], [0.0, 1.0, 2.0], position, fee=0.003)
    with pytest.raises(ConfigError, match="fee = nan"):
        streamed([1.0], [0.0], position, fee=math.nan)


def test_parity_leaves_its_bad_rows_out() -> None:
    strikes = np.array([80.0, 90.0, 100.0, 110.0, -5.0, math.nan])
    gap = 0.98 * (101.0 - strikes)
    calls = np.maximum(gap, 0.0) + 3.0
    found = parity_forward(strikes, calls, calls - gap)
    assert found.forward == pytest.approx(101.0)
    assert found.rows.problems()[0] == (4, Reason.STRIKE)
    assert found.rows.problems()[1][1] == "strike is missing"
    with pytest.raises(MarketDataError, match="parity needs 2"):
        parity_forward([], [], [])


def test_a_grid_leaves_bad_positions_out() -> None:
    grid = Grid.of(spot=[-0.1, 0.1])
    book = (100.0, [100.0, -1.0, 100.0], [0.5, 0.5, math.inf], 0.25, "call")
    found = revalue(*book, size=[2.0, 1.0, 1.0], grid=grid)
    assert found.rows.problems() == [(1, Reason.STRIKE), (2, "volatility is infinite")]
    alone = revalue(100.0, [100.0], 0.5, 0.25, "call", size=[2.0], grid=grid)
    assert found.total.tolist() == alone.total.tolist()
    with pytest.raises(ConfigError, match="move 1 of the scenarios: spot"):
        Grid.of(spot=[0.0, math.nan])


def test_deltas_off_a_surface_leave_bad_strikes_out() -> None:
    chain = sample_chain()
    surface = fit(chain, kind="vanna-volga")
    expiry = int(chain.expiry[0])
    strikes = [60_000.0, -1.0, math.nan, 65_000.0]
    found = surface_deltas(surface, strikes, expiry)
    assert found.rows.problems() == [(1, Reason.STRIKE), (2, "strike is missing")]
    alone = surface_deltas(surface, 65_000.0, expiry)
    assert np.asarray(found.sticky_moneyness)[3] == alone.sticky_moneyness
    column = surface_deltas(surface, pl.Series(strikes), expiry)
    assert isinstance(column.sticky_strike, pl.Series)
    with pytest.raises(ConfigError, match="strike = -1"):
        surface_deltas(surface, -1.0, expiry)
    with pytest.raises(ConfigError, match="strike = 'x'"):
        surface_deltas(surface, "x", expiry)  # type: ignore[arg-type]


def test_a_notebook_shows_the_numbers() -> None:
    found = hr.black76(60_000.0, 60_000.0, 0.6, 30 / 365, quantities=("price",))
    assert repr(found).startswith(f"OptionGreeks(price={found.price!r}, rows=Rows(")
    assert f"delta_net={(coin := hr.coin_option(1.0, 1.0, 0.6, 0.1)).delta_net!r}" in repr(coin)
