"""What tells a forward, what vanna-volga's wings are made of, and what is raised over what."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hedgerow.errors import ConfigError
from hedgerow.market.chain import Chain
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import ForwardFrom, Svi, fit
from hedgerow.pricing.surface.arbitrage import Raised, raised, violations
from hedgerow.pricing.surface.vanna_volga import VannaVolga
from hedgerow.units import DAY, Floats

NOW = 20_000 * DAY
DAYS = (5, 30, 90)
SPOT, CARRY = 3_000.0, 0.08


def forward_of(days: float) -> float:
    return SPOT * math.exp(CARRY * days / 365.0)


def chain_of(*, unit: str = "quote", sigma: float = 0.7) -> Chain:
    """Return three expiries around forwards that the chain does not name."""
    parts: list[dict[str, np.ndarray]] = []
    for days in DAYS:
        years, forward = days / 365.0, forward_of(days)
        strike = np.tile(forward * np.exp(np.linspace(-1.5, 1.5, 15) * sigma * years**0.5), 2)
        sign = np.repeat([1.0, -1.0], 15)
        over = 1.0 if unit == "quote" else forward
        bid, ask = (
            np.asarray(black76(forward, strike, sigma + half, years, sign).price) / over
            for half in (-0.003, 0.003)
        )
        names = [f"ETH-{days}-{i}" for i in range(30)]
        parts.append(
            {
                "symbol": np.array(names), "underlying": np.full(30, "ETH"),
                "expiry": np.full(30, NOW + days * DAY, dtype=np.int64), "strike": strike,
                "sign": sign, "forward": np.full(30, np.nan), "bid": bid, "ask": ask,
                "mark": 0.5 * (bid + ask), "mark_volatility": np.full(30, sigma),
                "delta": np.full(30, np.nan), "open_interest": np.full(30, np.nan),
                "quoted": np.full(30, NOW, dtype=np.int64),
            }
        )  # fmt: skip
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Chain(time=NOW, premium_unit=unit, index={"ETH": SPOT}, **columns)  # type: ignore[arg-type]


def without_pairs(chain: Chain, days: int) -> Chain:
    """Return the chain with no bid on the puts of one expiry."""
    bid = chain.bid.copy()
    bid[(chain.expiry == NOW + days * DAY) & (chain.sign < 0.0)] = np.nan
    return replace(chain, bid=bid)


@pytest.mark.parametrize("unit", ["quote", "coin"])
def test_parity_tells_every_forward_in_either_unit(unit: str) -> None:
    surface = fit(chain_of(unit=unit))
    for one, days in zip(surface.slices, DAYS, strict=True):
        assert one.forward_from is ForwardFrom.PARITY
        assert one.forward == pytest.approx(forward_of(days), rel=1e-9)
        assert one.fits, one.why


def test_a_future_goes_before_parity_and_the_venue_before_both() -> None:
    told = {NOW + 30 * DAY: 3_020.0, NOW + 90 * DAY: 3_060.0}
    surface = fit(chain_of(), futures=told)
    assert [one.forward_from for one in surface.slices] == [
        ForwardFrom.PARITY, ForwardFrom.FUTURE, ForwardFrom.FUTURE
    ]  # fmt: skip
    assert [one.forward for one in surface.slices[1:]] == [3_020.0, 3_060.0]
    chain = chain_of()
    named = np.where(chain.expiry == NOW + 30 * DAY, 3_019.0, np.nan)
    surface = fit(replace(chain, forward=named), futures=told)
    assert surface.slices[1].forward_from is ForwardFrom.VENUE
    assert surface.slices[1].forward == 3_019.0


@pytest.mark.parametrize("days", DAYS)
def test_the_carry_of_the_others_tells_what_nothing_else_does(days: int) -> None:
    surface = fit(without_pairs(chain_of(), days))
    (one,) = (one for one in surface.slices if one.expiry == NOW + days * DAY)
    assert one.forward_from is ForwardFrom.CARRY
    assert one.forward == pytest.approx(forward_of(days), rel=1e-6)
    assert one.fits
    assert one.quality.left_out == {"one-sided: no bid": 15}


def test_where_nothing_tells_a_forward_the_slice_says_what_would() -> None:
    chain = chain_of()
    bare = chain.rows((chain.expiry == NOW + 30 * DAY) & (chain.sign > 0.0))
    bare = replace(bare, index={})
    (one,) = fit(bare).slices
    assert one.forward_from is ForwardFrom.NOTHING
    assert one.why.endswith("give futures")
    assert one.quality.left_out == {"forward is missing": 15}
    (with_spot,) = fit(bare, spot=SPOT).slices
    assert with_spot.forward_from is ForwardFrom.NOTHING  # today's price alone tells no carry
    (with_future,) = fit(bare, futures={NOW + 30 * DAY: forward_of(30)}).slices
    assert with_future.fits
    # A future of another expiry tells the carry, together with the price of today.
    (by_carry,) = fit(bare, spot=SPOT, futures={NOW + 90 * DAY: forward_of(90)}).slices
    assert by_carry.forward_from is ForwardFrom.CARRY
    assert by_carry.forward == pytest.approx(forward_of(30), rel=1e-9)


def test_a_price_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"futures: the price for 2024-11-03.* is -1"):
        fit(chain_of(), futures={NOW + 30 * DAY: -1.0})
    with pytest.raises(ConfigError, match="spot = nan"):
        fit(chain_of(), spot=math.nan)


erfc = np.vectorize(math.erfc, otypes=[float])


def bends(smile: VannaVolga | Raised, reach: float) -> Floats:
    """Return the second slopes of dense call prices by the strike, from the textbook alone."""
    k = np.linspace(-reach, reach, 1_501)
    root = np.sqrt(smile.variance(k))
    first = -k / root + 0.5 * root
    price = 0.5 * erfc(-first / 2**0.5) - np.exp(k) * 0.5 * erfc(-(first - root) / 2**0.5)
    return np.asarray(np.diff(np.diff(price) / np.diff(np.exp(k))), np.float64)


WILD = (
    VannaVolga(years=0.0019, put=0.412, middle=0.418, call=0.4176),
    VannaVolga(years=0.1, put=0.9, middle=0.6, call=0.7),
    VannaVolga(years=0.5, put=0.62, middle=0.6, call=0.85),
    VannaVolga(years=0.02, put=0.5, middle=0.62, call=0.55),
)


@pytest.mark.parametrize("smile", WILD, ids=["lone", "steep", "leaning", "frowning"])
def test_wings_take_a_vanna_volga_smile_s_arbitrage_out(smile: VannaVolga) -> None:
    reach = 8.0 * smile.middle * math.sqrt(smile.years)
    assert bends(smile, reach).min() < -1e-9
    assert violations([smile], [1])
    mended = smile.with_wings()
    assert mended is not None
    assert bends(mended, reach).min() >= -1e-11
    assert violations([mended], [1]) == ()
    # Between its wings nothing is changed.
    k = np.linspace(mended.low, mended.high, 31)
    assert mended.variance(k) == pytest.approx(smile.variance(k), rel=1e-12)


def test_slopes_of_a_winged_smile_are_those_of_its_variance() -> None:
    smile = WILD[1].with_wings()
    assert smile is not None
    k = np.linspace(smile.low - 0.4, smile.high + 0.4, 40)
    step = 1e-5
    slope = (smile.variance(k + step) - smile.variance(k - step)) / (2 * step)
    assert smile.rows(k)[1] == pytest.approx(slope, abs=1e-5)


def test_a_smile_is_raised_to_the_one_before_where_it_runs_below_it() -> None:
    early = VannaVolga(years=0.1, put=0.95, middle=0.8, call=0.85).with_wings()
    late = VannaVolga(years=0.12, put=0.66, middle=0.78, call=0.70).with_wings()
    assert early is not None
    assert late is not None
    assert [one.kind for one in violations([early, late], [1, 2])] == ["calendar"]
    lifted, mended = raised(early, late)
    assert mended
    assert isinstance(lifted, Raised)
    assert violations([early, lifted], [1, 2]) == ()
    assert bends(lifted, 2.0).min() >= -1e-11
    k = np.linspace(-2.0, 2.0, 201)
    assert (lifted.variance(k) >= early.variance(k)).all()
    higher = late.variance(k) >= early.variance(k)
    assert higher.any()
    assert lifted.variance(k)[higher] == pytest.approx(late.variance(k)[higher], rel=1e-15)
    assert raised(None, late) == (late, False)
    assert raised(early, lifted) == (lifted, False)


def test_a_vanna_volga_surface_of_crossing_quotes_says_that_it_was_mended() -> None:
    chain = chain_of()
    late = chain.expiry == NOW + 90 * DAY
    years, forward = 90 / 365.0, forward_of(90)
    bid, ask = (
        np.asarray(black76(forward, chain.strike, 0.3 + half, years, chain.sign).price)
        for half in (-0.003, 0.003)
    )
    crossing = replace(
        chain, bid=np.where(late, bid, chain.bid), ask=np.where(late, ask, chain.ask)
    )
    surface = fit(crossing, kind="vanna-volga")
    assert [one.repaired for one in surface.slices] == [False, False, True]
    assert surface.violations == ()
    assert surface.slices[-1].parameters["middle"] == pytest.approx(0.3, abs=1e-3)
    w = [surface.total_variance(np.linspace(-1.0, 1.0, 41), one.years) for one in surface.slices]
    assert (np.diff(np.array(w), axis=0) >= -1e-12).all()


def test_svi_wings_of_one_slope_that_cross_far_beyond_every_strike_are_found() -> None:
    early = Svi(a=0.1, b=0.3, rho=0.2, m=0.0, sigma=0.3)
    late = Svi(a=0.07, b=0.3, rho=0.2, m=0.0, sigma=2.0)
    near = np.linspace(-4.0, 4.0, 401)
    assert (late.variance(near) > early.variance(near)).all()
    assert [one.kind for one in violations([early, late], [1, 2])] == ["calendar"]
