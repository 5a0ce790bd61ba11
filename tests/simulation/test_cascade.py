"""Where a cascade ends, and that it ends at a fixed point."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError
from hedgerow.simulation.cascade import Exposed, Shock, cascade

longs = st.lists(st.tuples(st.floats(0.1, 50.0), st.floats(20.0, 99.0)), min_size=1, max_size=20)


def exposed(rows: list[tuple[float, float]], sign: float = 1.0) -> Exposed:
    return Exposed(
        sizes=np.array([sign * size for size, _ in rows]),
        liquidation_prices=np.array([price for _, price in rows]),
    )


@settings(max_examples=100, deadline=None)
@given(rows=longs, shock=st.floats(0.0, 0.5), depth=st.floats(0.5, 500.0))
def test_it_stops_at_the_first_price_that_liquidates_nobody_new(
    rows: list[tuple[float, float]], shock: float, depth: float
) -> None:
    end = cascade(Shock(100.0, -shock), exposed(rows), depth, floor=-math.inf)
    # The same, found from the top: sell the highest liquidation prices first, while reached.
    sold = 0.0
    for size, price in sorted(rows, key=lambda row: -row[1]):
        if 100.0 * (1.0 - shock) - sold / depth <= price:
            sold += size
        else:
            break
    assert end.final_price == pytest.approx(100.0 * (1.0 - shock) - sold / depth, abs=1e-9)
    gone = end.round_of > 0
    assert sum(size for (size, _), out in zip(rows, gone, strict=True) if out) == pytest.approx(
        sold
    )


@settings(max_examples=50, deadline=None)
@given(rows=longs, shock=st.floats(0.0, 0.5), depth=st.floats(0.5, 500.0))
def test_a_squeeze_of_shorts_mirrors_a_fall_of_longs(
    rows: list[tuple[float, float]], shock: float, depth: float
) -> None:
    fall = cascade(Shock(100.0, -shock), exposed(rows), depth, floor=-math.inf)
    mirrored = [(size, 200.0 - price) for size, price in rows]
    rise = cascade(Shock(100.0, shock), exposed(mirrored, -1.0), depth)
    np.testing.assert_allclose(200.0 - rise.path, fall.path, atol=1e-9)
    np.testing.assert_array_equal(rise.round_of, fall.round_of)


@settings(max_examples=50, deadline=None)
@given(rows=longs, shock=st.floats(0.0, 0.5), depth=st.floats(0.5, 500.0))
def test_a_deeper_market_ends_no_lower(
    rows: list[tuple[float, float]], shock: float, depth: float
) -> None:
    thin = cascade(Shock(100.0, -shock), exposed(rows), depth)
    deep = cascade(Shock(100.0, -shock), exposed(rows), 2.0 * depth)
    assert deep.final_price >= thin.final_price - 1e-9
    assert len(deep.liquidated) <= len(thin.liquidated)


def test_a_shock_that_reaches_nobody_is_all_there_is() -> None:
    end = cascade(Shock(100.0, -0.05), exposed([(10.0, 90.0)]), 5.0)
    assert (end.final_price, end.rounds, end.liquidated.tolist()) == (95.0, 0, [])


def test_the_price_stops_at_its_floor() -> None:
    end = cascade(Shock(100.0, -0.05), exposed([(1_000.0, 97.0), (1.0, 50.0)]), 5.0)
    assert end.path.tolist() == [95.0, 0.0, 0.0]
    assert end.liquidated.tolist() == [0, 1]


def test_a_position_without_a_liquidation_price_survives() -> None:
    end = cascade(Shock(100.0, -0.5), exposed([(10.0, math.nan)]), 5.0)
    assert end.rounds == 0


def test_a_market_without_depth_is_refused() -> None:
    with pytest.raises(ConfigError, match="depth = 0"):
        cascade(Shock(100.0, -0.1), exposed([(1.0, 90.0)]), 0.0)
    with pytest.raises(ConfigError, match="before the shock"):
        cascade(Shock(0.0, -0.1), exposed([(1.0, 90.0)]), 1.0)
    with pytest.raises(ConfigError, match="one liquidation price for each"):
        Exposed(sizes=np.ones(2), liquidation_prices=np.ones(3))
