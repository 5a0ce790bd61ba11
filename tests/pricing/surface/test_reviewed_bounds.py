"""A slice that its quotes' own arbitrage keeps from them says so."""

import numpy as np

from hedgerow.market.chain import Chain
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import Surface, fit

DAY = 86_400_000_000_000
FORWARD = 60_000.0


def surface_of(levels: dict[int, float]) -> Surface:
    """Return the surface of flat smiles, days to expiry and volatility."""
    days = np.repeat(list(levels), 20)
    level = np.repeat(list(levels.values()), 20)
    strike = np.tile(np.repeat(FORWARD * np.exp(np.linspace(-0.15, 0.15, 10)), 2), len(levels))
    sign = np.tile([1.0, -1.0], 10 * len(levels))
    sides = [
        black76(FORWARD, strike, level + side * 0.005, days / 365.0, sign).price / FORWARD
        for side in (-1.0, 1.0)
    ]
    count = days.size
    none = np.full(count, np.nan)
    return fit(
        Chain(
            time=19_000 * DAY,
            premium_unit="coin",
            index={"BTC": FORWARD},
            symbol=np.array([f"BTC-{row}" for row in range(count)]),
            underlying=np.full(count, "BTC"),
            expiry=(19_000 + days).astype(np.int64) * DAY,
            strike=strike,
            sign=sign,
            forward=np.full(count, FORWARD),
            bid=sides[0],
            ask=sides[1],
            mark=none,
            mark_volatility=none,
            delta=none,
            open_interest=none,
            quoted=np.full(count, 19_000 * DAY),
        )
    )


def test_quotes_that_hold_a_calendar_arbitrage_are_said_to() -> None:
    # 0.9^2 * 30 > 0.5^2 * 60: the later expiry's total variance is the smaller one.
    first, second = surface_of({30: 0.9, 60: 0.5}).slices
    assert first.fits
    assert not first.repaired
    assert not first.why
    assert not second.fits
    assert second.repaired
    assert second.quality.median > 10.0
    assert "; 0.00 if arbitrage were let in" in second.why


def test_quotes_without_arbitrage_are_not() -> None:
    for one in surface_of({30: 0.6, 60: 0.6}).slices:
        assert one.fits
        assert not one.repaired
        assert not one.why
        assert one.quality.median < 0.01
