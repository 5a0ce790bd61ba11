"""Quotes that have little to do with each other: no arbitrage comes out, and slices own up."""

import numpy as np
import pytest

from hedgerow.market.chain import Chain, column_names
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import fit
from hedgerow.units import DAY

NOW = 20_000 * DAY


def noise(random: np.random.Generator) -> Chain:
    """Return a chain of a few expiries whose volatilities have little to do with each other."""
    days = np.sort(random.choice([0.02, 0.5, 1.0, 7.0, 30.0, 365.0, 1000.0], 3, replace=False))
    columns: dict[str, list[np.ndarray]] = {name: [] for name in column_names()}
    for day in days:
        count, years = int(random.integers(5, 40)), day / 365.0
        spread = random.choice([0.01, 0.3, 1.0])
        sigma = np.clip(0.6 * np.exp(spread * random.normal(size=count)), 0.05, 6.0)
        k = random.choice([1e-9, 0.5, 2.0]) * random.normal(size=count) * sigma * np.sqrt(years)
        sign = np.where(k > 0.0, 1.0, -1.0)
        ends = [
            np.asarray(black76(100.0, 100.0 * np.exp(k), sigma * times, years, sign).price)
            for times in (0.95, 1.0, 1.05)
        ]
        values = {
            "symbol": np.array([f"X-{day}-{i}" for i in range(count)]),
            "underlying": np.full(count, "X"),
            "expiry": np.full(count, NOW + int(day * DAY), dtype=np.int64),
            "strike": 100.0 * np.exp(k),
            "sign": sign,
            "forward": np.full(count, 100.0),
            "quoted": np.full(count, NOW, dtype=np.int64),
            "mark_volatility": sigma,
        } | dict(zip(("bid", "mark", "ask"), ends, strict=True))
        for name, column in columns.items():
            column.append(values.get(name, np.full(count, np.nan)))
    joined = {name: np.concatenate(column) for name, column in columns.items()}
    return Chain(time=NOW, premium_unit="quote", index={}, **joined)


@pytest.mark.parametrize("seed", range(15))
def test_nonsense_gives_a_surface_without_arbitrage_and_slices_that_own_up(seed: int) -> None:
    chain = noise(np.random.default_rng(seed))
    for kind in ("svi", "ssvi"):
        surface = fit(chain, kind=kind)
        assert surface.violations == ()
        assert all(one.fits or one.why for one in surface.slices)
        last = surface.slices[-1].expiry
        strikes = 100.0 * np.exp(np.linspace(-2.0, 2.0, 9))
        assert np.isfinite(surface.volatility(strikes, last)).all()


def test_wings_too_wild_for_vanna_volga_are_said_to_be() -> None:
    surface = fit(noise(np.random.default_rng(26)), kind="vanna-volga")
    wild = surface.slices[-1]
    assert wild.smile is None
    assert wild.why == "the quotes at its pivots do not make a vanna-volga smile"
    assert np.isfinite(surface.volatility(100.0, wild.expiry))
