"""A book of many listed options against the vector formulas, row by row, whatever is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.exposure.book import Book
from hedgerow.exposure.checks import settlement
from hedgerow.exposure.exposure import exposure
from hedgerow.exposure.greeks import NAMES
from hedgerow.exposure.positions import Option
from hedgerow.exposure.view import MarketView, Smile
from hedgerow.market.chain import Chain
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import Surface, fit
from hedgerow.pricing.surface.surface import SurfaceKind
from hedgerow.units import YEAR, Floats, Times, nanoseconds

NOW = datetime(2026, 1, 2, 11, 30, tzinfo=UTC)
DAYS = [date(2026, 1, 2) + timedelta(days=days) for days in (-40, 0, 1, 9, 40, 85, 300, 900)]
SPOT = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
LISTED = (10, 45, 100, 300)


@dataclass(frozen=True)
class Patchy:
    """A smile of somebody's own: none above a strike, nonsense below another."""

    spot: float

    def volatility(self, strike: Floats, expiry: Times) -> Floats:
        """Return volatilities."""
        found = np.where(strike < 0.8 * self.spot, -1.0, 0.7) + 0.0 * expiry
        return np.where(strike > 1.3 * self.spot, np.nan, found)

    def forward(self, expiry: Times) -> Floats:
        """Return forwards."""
        return np.full(np.shape(expiry), 1.01 * self.spot)


@cache
def surface(coin: str, kind: SurfaceKind = "svi") -> Surface:
    """Return a surface fitted to a made chain."""
    now = nanoseconds(NOW) - 3_600_000_000_000  # an hour older than the market
    expiry = np.repeat([now + days * (YEAR // 365) for days in LISTED], 22)
    years = (expiry - now) / YEAR
    forward = SPOT[coin] * np.exp(0.05 * years)
    k = np.tile(np.repeat(np.linspace(-1.2, 1.2, 11), 2), len(LISTED)) * np.sqrt(years)
    sign = np.tile([1.0, -1.0], k.size // 2)
    sigma = 0.6 + 0.1 * (k / np.sqrt(years)) ** 2 - 0.05 * k
    strike = forward * np.exp(k)
    mark = np.asarray(coin_option(forward, strike, sigma, years, sign).price_coin)
    none = np.full(k.size, np.nan)
    chain = Chain(
        time=now,
        premium_unit="coin",
        index={coin: SPOT[coin]},
        symbol=np.array([f"{coin}-{place}" for place in range(k.size)]),
        underlying=np.full(k.size, coin),
        expiry=expiry,
        strike=strike,
        sign=sign,
        forward=forward,
        bid=mark * 0.995,
        ask=mark * 1.005,
        mark=mark,
        mark_volatility=sigma,
        delta=none,
        open_interest=none,
        quoted=np.full(k.size, now, dtype=np.int64),
    )
    return fit(chain, kind=kind)


SMILES: dict[str, Callable[[str], Smile | float | None]] = {
    "number": lambda _: 0.65,
    "tiny": lambda _: 1e-4,
    "surface": surface,
    "vanna-volga": lambda coin: surface(coin, "vanna-volga"),
    "patchy": lambda coin: Patchy(SPOT[coin]),
    "none": lambda _: None,
}


def market(kinds: dict[str, str], forwards: set[date], rate: float | None) -> MarketView:
    """Return a market whose coins have these sorts of smile; one without a smile has no spot."""
    smiles: dict[str, Smile | float] = {
        coin: smile for coin, kind in kinds.items() if (smile := SMILES[kind](coin)) is not None
    }
    return MarketView(
        time=NOW,
        spot={coin: SPOT[coin] for coin, kind in kinds.items() if kind != "none"},
        forwards={
            coin: {day: SPOT[coin] * (1.0 + 0.01 * place) for place, day in enumerate(DAYS)}
            if forwards
            else {}
            for coin in kinds
        },
        volatility=smiles,
        rate=rate,
    )


def frame_of(random: np.random.Generator, count: int) -> pl.DataFrame:
    """Return options on all coins, days and strikes, some of them twice."""
    coins = random.choice(list(SPOT), count)
    strike = np.array([SPOT[coin] for coin in coins]) * np.exp(0.4 * random.normal(size=count))
    names = [
        f"{coin}/{'USDC:USDC' if linear else f'USD:{coin}'}-{DAYS[day]:%y%m%d}-{price:.2f}-{letter}"
        for coin, linear, day, price, letter in zip(
            coins.tolist(),
            (random.random(count) < 0.5).tolist(),
            random.integers(len(DAYS), size=count).tolist(),
            strike.tolist(),
            random.choice(["C", "P"], count).tolist(),
            strict=True,
        )
    ]
    return pl.DataFrame({"symbol": names, "size": random.normal(size=count)})


def expected(name: str, size: float, view: MarketView) -> "Floats | None":
    """Return one row's worth and sensitivities by the public formulas; None if it has none."""
    (line,) = Option(name, size).lines()
    expiry = np.array([line.expiry])
    spot = view.spot_of(line.underlying)
    years = (line.expiry - view.now) / YEAR
    forward = float(view.forwards_of(line.underlying, expiry)[0])
    if not (spot > 0.0 and years > 0.0 and forward > 0.0):
        return None
    strike = np.array([line.strike])
    sigma = float(view.volatilities_of(line.underlying, strike, expiry)[0])
    if not sigma >= 0.0:
        return None
    rate = 0.0 if line.inverse or view.rate is None else view.rate
    one = black76(forward, line.strike, sigma, years, line.sign)
    held = size * (spot / forward if line.inverse else np.exp(-rate * years))
    lift, carry = forward / spot, np.log(forward / spot) / years
    discounted = bool(line.inverse) or view.rate is not None
    return held * np.array(
        [
            one.price,
            lift * one.delta,
            lift * lift * one.gamma,
            one.vega,
            one.theta + rate * one.price,
            years * (forward * one.delta - discounted * one.price),
            lift * one.vanna,
            one.volga,
            -carry * (forward * one.delta - line.inverse * one.price),
            0.0,
        ]
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.sampled_from([1, 2, 7, 8, 9, 60, 300]),
    kinds=st.tuples(*(st.sampled_from(sorted(SMILES)) for _ in SPOT)),
    forwards=st.booleans(),
    rate=st.sampled_from([None, 0.0, 0.05]),
)
def test_each_row_is_worth_what_the_formulas_say_and_bad_rows_are_named(
    seed: int, count: int, kinds: tuple[str, ...], forwards: bool, rate: float | None
) -> None:
    frame = frame_of(np.random.default_rng(seed), count)
    view = market(dict(zip(SPOT, kinds, strict=True)), set(DAYS) if forwards else set(), rate)
    found = exposure(Book.from_frame(frame), view)
    each = found.contributions()
    total = np.zeros(len(NAMES))
    bad = {problem.row: problem.reason for problem in found.problems}
    for row, (name, size) in enumerate(frame.iter_rows()):
        ours = np.array(each.select(NAMES).row(row))
        theirs = expected(name, size, view)
        if theirs is None:
            assert np.isnan(ours).all()
            assert bad.pop(row)
            continue
        scale = np.abs(theirs) + 1e-9 * abs(size) * np.abs(theirs).max()
        assert np.abs(ours - theirs).max() <= 1e-9 * scale.max(), name
        assert (np.abs(ours - theirs) <= 1e-9 * scale).all(), name
        total += theirs
    assert not bad
    assert found.cells.sum(axis=1) == pytest.approx(total, rel=1e-8, abs=1e-6)


def test_many_rows_of_one_expiry_are_one_sum() -> None:
    random = np.random.default_rng(5)
    strikes = SPOT["BTC"] * np.exp(0.3 * random.normal(size=1_001))
    names = [f"BTC/USD:BTC-{DAYS[5]:%y%m%d}-{strike:.3f}-C" for strike in strikes.tolist()]
    view = market({"BTC": "surface"}, set(DAYS), None)
    found = exposure(Book.from_frame(pl.DataFrame({"symbol": names, "size": np.ones(1_001)})), view)
    each = found.contributions()
    assert found.cells.shape == (len(NAMES), 1)
    for place, name in enumerate(NAMES):
        assert found.cells[place, 0] == pytest.approx(float(each[name].sum()), rel=1e-12, abs=1e-12)


def test_a_position_may_have_a_volatility_of_its_own() -> None:
    day = f"{DAYS[5]:%y%m%d}"
    mine, other = f"BTC/USD:BTC-{day}-60000-C", f"BTC/USD:BTC-{day}-70000-C"
    smile = surface("BTC")
    view = MarketView(time=NOW, spot={"BTC": 6e4}, volatility={"BTC": smile, mine: 0.9})
    each = exposure(Book([Option(mine, 1.0), Option(other, 1.0)]), view).contributions()
    expiry = np.array([settlement(DAYS[5])])
    forward, years = float(view.forwards_of("BTC", expiry)[0]), (expiry[0] - view.now) / YEAR
    read = float(np.asarray(smile.volatility(np.array([7e4]), expiry))[0])
    for row, (strike, sigma) in enumerate(((6e4, 0.9), (7e4, read))):
        alone = coin_option(forward, strike, sigma, years, "call")
        assert each["worth"][row] == pytest.approx(alone.price_coin * 6e4, rel=1e-12)


def test_a_surface_younger_than_an_expiry_that_lives_names_the_row() -> None:
    early = NOW - timedelta(days=200)
    name = f"BTC/USD:BTC-{DAYS[0]:%y%m%d}-60000-C"
    later = f"BTC/USD:BTC-{DAYS[5]:%y%m%d}-60000-C"
    for kind in ("svi", "vanna-volga"):
        view = MarketView(
            time=early,
            spot={"BTC": 6e4},
            forwards={"BTC": dict.fromkeys(DAYS, 6e4)},
            volatility={"BTC": surface("BTC", kind)},
        )
        found = exposure(Book([Option(name, 1.0), Option(later, 1.0)]), view)
        assert [(one.row, one.reason) for one in found.problems] == [(0, "volatility is missing")]
        assert found.worth > 0.0
