"""Every kind of position against its worth written anew in many digits, and that differentiated.

Nothing here is taken from the package but what is asked of it: worth is a payoff's expectation, a
pool's two reserves, a future's gain; sensitivities are its numerical derivatives in many digits.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import NamedTuple

import mpmath as mp
import numpy as np
import polars as pl
import pytest
from mpmath import mpf

from hedgerow.exposure.book import Book, Flow, Holding
from hedgerow.exposure.exposure import Exposure, exposure
from hedgerow.exposure.positions import (
    DatedFuture,
    Everlasting,
    FundingSwap,
    Option,
    Perp,
    PoolPosition,
    Position,
    PowerPerp,
    Schedule,
    VolatilityFuture,
)
from hedgerow.exposure.view import MarketView

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MARCH, JUNE = date(2026, 3, 27), datetime(2026, 6, 26, 8, tzinfo=UTC)
CALL, PUT = "BTC/USD:BTC-260327-100000-C", "BTC/USD:USDC-260327-55000-P"
SPOT, OTHER, LIFT, SIGMA, RATE, COIN_RATE = 60_000.0, 3_000.0, 1.025, 0.6, 0.04, 0.01
YEARS = (datetime(2026, 3, 27, 8, tzinfo=UTC) - NOW) / timedelta(days=365)
HALF = (JUNE - NOW) / timedelta(days=365)
FUNDING, BASIS = 0.12, 1.002
MARKET = MarketView(
    time=NOW,
    spot={"BTC": SPOT, "ETH": OTHER},
    forwards={"BTC": {MARCH: SPOT * LIFT}},
    volatility={"BTC": SIGMA},
    marks={
        "BTC/USD:BTC": SPOT * BASIS,
        "BTC/USDT:USDT": SPOT * BASIS,
        "BTC volatility 260626": 0.55,
    },
    funding={"BTC/USD:BTC": FUNDING, "BTC/USDT:USDT": FUNDING},
    rate=RATE,
    coin_rates={"BTC": COIN_RATE},
)

Worth = Callable[[mpf, mpf, mpf, mpf], mpf]
"""Worth in money at a spot, a volatility added, years gone by and funding added."""


class Case(NamedTuple):
    """A position, its worth, and the name of its bucket in a ladder by expiry."""

    position: Holding | Position
    worth: Worth
    bucket: str = "no expiry"


def black(forward: mpf, strike: float, sigma: mpf, years: mpf, sign: int) -> mpf:
    """Return an option's undiscounted worth, as the integral of its payoff over the normal law."""
    root = sigma * mp.sqrt(years)
    edge = (mp.log(strike / forward) + root * root / 2) / root
    chance = mp.ncdf(-sign * edge)
    return sign * (forward * mp.ncdf(sign * (root - edge)) - strike * chance)


def dated(strike: float, sign: int, *, in_coin: bool) -> Worth:
    """Return the worth of one listed option."""

    def worth(spot: mpf, added: mpf, passed: mpf, funding: mpf) -> mpf:  # noqa: ARG001
        forward = spot * mpf(LIFT)
        left = mpf(YEARS) - passed
        value = black(forward, strike, mpf(SIGMA) + added, left, sign)
        return spot * (value / forward) if in_coin else mp.exp(-mpf(RATE) * left) * value

    return worth


PARTS = (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(24)


def everlasting(strike: float, sign: int, period: float, *, paid: bool) -> Worth:
    """Return the worth of an option's payoff at a random, exponential time, by quadrature."""
    drift = mpf(RATE) - mpf(COIN_RATE)

    def worth(spot: mpf, added: mpf, passed: mpf, funding: mpf) -> mpf:  # noqa: ARG001
        sigma, kappa = mpf(SIGMA) + added, 1 / mpf(period)
        decay = kappa + (mpf(RATE) if paid else 0)
        total, edges = mpf(0), [mp.sqrt(40 * period) * mpf(part) ** 2 for part in PARTS]
        for low, high in pairwise(edges):  # in the root of time, in which it is smooth
            half = (high - low) / 2
            for node, weight in zip(NODES.tolist(), WEIGHTS.tolist(), strict=True):
                root = low + half * (1 + mpf(node))
                time = root * root
                mean = black(spot * mp.exp(drift * time), strike, sigma, time, sign)
                total += half * weight * 2 * root * kappa * mp.exp(-decay * time) * mean
        return total - kappa * (total - max(sign * (spot - strike), 0)) * passed

    return worth


def on_power(power: float, period: float, *, paid: bool) -> Worth:
    """Return the worth of a power of the price at such a time: a sum of exponentials."""
    drift = mpf(RATE) - mpf(COIN_RATE)

    def worth(spot: mpf, added: mpf, passed: mpf, funding: mpf) -> mpf:  # noqa: ARG001
        sigma, kappa = mpf(SIGMA) + added, 1 / mpf(period)
        grows = power * drift + mpf(power) * (power - 1) * sigma * sigma / 2
        price = kappa * spot**power / (kappa + (mpf(RATE) if paid else 0) - grows)
        return price - kappa * (price - spot**power) * passed

    return worth


def reserves(liquidity: float, lower: float, upper: float) -> Worth:
    """Return a pool's worth: whoever trades with it leaves it the least that its curve allows."""

    def worth(spot: mpf, added: mpf, passed: mpf, funding: mpf) -> mpf:  # noqa: ARG001
        at = min(max(spot, mpf(lower)), mpf(upper))
        coins = liquidity * (1 / mp.sqrt(at) - (1 / mp.sqrt(mpf(upper)) if upper < 1e300 else 0))
        cash = liquidity * (mp.sqrt(at) - mp.sqrt(mpf(lower)))
        return coins * spot + cash

    return worth


CASES = {
    "coin": Case(Holding("BTC", 2.0), lambda s, *_: 2 * s),
    "wrapped": Case(Holding("WBTC", 3.0, of="BTC", ratio=1.1), lambda s, *_: 3 * mpf(1.1) * s),
    "linear perp": Case(
        Perp("BTC/USDT:USDT", -3.0, entry=58_000.0),
        lambda s, _, t, f: -3 * (s * mpf(BASIS) - 58_000) + 3 * s * mpf(BASIS) * (FUNDING + f) * t,
    ),
    "inverse perp": Case(
        Perp("BTC/USD:BTC", -90_000.0, entry=59_000.0),
        lambda s, _, t, f: (
            -90_000 * s * (1 / mpf(59_000) - 1 / (s * mpf(BASIS)))
            + 90_000 / mpf(BASIS) * (FUNDING + f) * t
        ),
    ),
    "linear future": Case(
        DatedFuture("BTC/USDT:USDT-260327", 1.5, entry=61_000.0),
        lambda s, *_: mpf(1.5) * (s * mpf(LIFT) - 61_000),
        "2026-03-27",
    ),
    "inverse future": Case(
        DatedFuture("BTC/USD:BTC-260327", 50_000.0, entry=65_000.0),
        lambda s, *_: 50_000 * s * (1 / mpf(65_000) - 1 / (s * mpf(LIFT))),
        "2026-03-27",
    ),
    "coin option": Case(
        Option(CALL, -5.0), lambda *at: -5 * dated(1e5, 1, in_coin=True)(*at), "2026-03-27"
    ),
    "money option": Case(
        Option(PUT, 7.0), lambda *at: 7 * dated(5.5e4, -1, in_coin=False)(*at), "2026-03-27"
    ),
    "everlasting": Case(
        Everlasting("BTC", -2.0, strike=62_000.0, entry=1_500.0, funding_years=0.02),
        lambda *at: -2 * (everlasting(6.2e4, 1, 0.02, paid=False)(*at) - 1500),
    ),
    "paid everlasting": Case(
        Everlasting("BTC", 2.0, strike=5.8e4, kind="put", paid=True, funding_years=0.02),
        lambda *at: 2 * everlasting(5.8e4, -1, 0.02, paid=True)(*at),
    ),
    "power": Case(
        PowerPerp("BTC", -1e-5, entry=3.5e9),
        lambda *at: mpf(-1e-5) * (on_power(2.0, 17.5 / 365.0, paid=False)(*at) - mpf(3.5e9)),
    ),
    "paid power": Case(
        PowerPerp("BTC", 1e-2, power=0.5, paid=True),
        lambda *at: mpf(1e-2) * on_power(0.5, 17.5 / 365.0, paid=True)(*at),
    ),
    "whole pool": Case(PoolPosition("BTC/USDC", 1e3), reserves(1e3, 0.0, 1e301)),
    "range of a pool": Case(
        PoolPosition("BTC/USDC", 1e3, lower=5e4, upper=8e4), reserves(1e3, 5e4, 8e4)
    ),
    "pool left below": Case(
        PoolPosition("BTC/USDC", 1e3, lower=7e4, upper=8e4), reserves(1e3, 7e4, 8e4)
    ),
    "coins to come": Case(
        Schedule("BTC", [Flow(time=JUNE, amount=3.0)], expected=0.9),
        lambda s, *_: 3 * mpf(0.9) * s,
        "2026-06-26",
    ),
    "funding swap": Case(
        FundingSwap("BTC/USD:BTC", 3.0, fixed=0.08, expiry=JUNE),
        # What is left of it is marked; what time brings is the funding received.
        lambda s, _, __, f: 3 * s * (mpf(FUNDING) + f - mpf(0.08)) * mpf(HALF),
        "2026-06-26",
    ),
    "volatility future": Case(
        VolatilityFuture("BTC", 1_000.0, expiry=JUNE, entry=0.5),
        lambda _, v, *__: 1_000 * (mpf(0.55) + v - mpf(0.5)),
        "2026-06-26",
    ),
}


def of(*positions: Holding | Position, numeraire: str = "USD") -> Exposure:
    """Return the exposure of positions at the market."""
    return exposure(Book(positions, numeraire), MARKET)


def slope(worth: Callable[..., mpf], orders: tuple[int, ...]) -> float:
    """Return a partial derivative at the market's point."""
    point = (mpf(SPOT), mpf(0), mpf(0), mpf(0))[: len(orders)]
    if not any(orders):
        return float(worth(*point))
    return float(mp.diff(worth, point, orders))


@pytest.mark.parametrize("name", CASES)
def test_sensitivities_in_money_are_derivatives_of_the_worth(name: str) -> None:
    case = CASES[name]
    found = of(case.position)["BTC"]
    with mp.workdps(25):
        worth = slope(case.worth, (0, 0, 0, 0))
        scale = abs(worth) + abs(slope(case.worth, (1, 0, 0, 0))) * SPOT
        for greek, orders, unit in (
            ("worth", (0, 0, 0, 0), 1.0),
            ("delta", (1, 0, 0, 0), SPOT),
            ("gamma", (2, 0, 0, 0), SPOT**2),
            ("vega", (0, 1, 0, 0), 1.0),
            ("vanna", (1, 1, 0, 0), SPOT),
            ("volga", (0, 2, 0, 0), 1.0),
            ("funding", (0, 0, 0, 1), 1.0),
        ):
            if greek == "funding" and "swap" not in name:
                continue
            theirs = slope(case.worth, orders)
            assert getattr(found, greek) == pytest.approx(
                theirs, rel=1e-9, abs=1e-12 * scale / unit
            ), greek
        if name.endswith("option"):
            passing = slope(case.worth, (0, 0, 1, 0))
            assert found.theta == pytest.approx(passing, rel=1e-9)
        if name.endswith(("perp", "everlasting", "power")):
            assert found.carry == pytest.approx(slope(case.worth, (0, 0, 1, 0)), rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_in_a_coin_they_are_derivatives_of_the_worth_over_its_price(name: str) -> None:
    case = CASES[name]
    own, other = of(case.position, numeraire="BTC"), of(case.position, numeraire="ETH")

    def in_btc(spot: mpf, added: mpf) -> mpf:
        return case.worth(spot, added, mpf(0), mpf(0)) / spot

    def own_delta(spot: mpf, added: mpf) -> mpf:
        return spot * mp.diff(lambda at: in_btc(at, added), spot)

    def in_eth(price: mpf) -> mpf:
        return case.worth(mpf(SPOT), mpf(0), mpf(0), mpf(0)) / price

    with mp.workdps(25):
        worth = slope(in_btc, (0, 0))
        delta = float(own_delta(mpf(SPOT), mpf(0)))
        scale = abs(worth) + abs(delta)
        found = own["BTC"]
        assert own.worth == pytest.approx(worth, rel=1e-10, abs=1e-12 * scale)
        assert found.delta == pytest.approx(delta, rel=1e-9, abs=1e-12 * scale)
        gamma = slope(lambda s: own_delta(s, mpf(0)), (1,))
        assert found.gamma == pytest.approx(gamma, rel=1e-8, abs=1e-11 * scale / SPOT)
        vega = slope(in_btc, (0, 1))
        assert found.vega == pytest.approx(vega, rel=1e-9, abs=1e-12 * scale)
        vanna = float(mp.diff(lambda v: own_delta(mpf(SPOT), v), 0))
        assert found.vanna == pytest.approx(vanna, rel=1e-8, abs=1e-11 * scale)
        # In ether the bitcoin is still bitcoin, and all the worth is ether short.
        price = mpf(OTHER)
        brought = float(price * mp.diff(in_eth, price))
        assert other["ETH"].delta == pytest.approx(brought, rel=1e-9, abs=1e-12)
        assert other["BTC"].delta == pytest.approx(of(case.position)["BTC"].delta, rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_scenario_far_away_is_the_worth_there(name: str) -> None:
    case = CASES[name]
    spots, volatilities = [-0.3, 0.25], [0.15]
    cube = of(case.position).scenario(spot=spots, volatility=volatilities)
    with mp.workdps(20):
        for at, move in enumerate(spots):
            there = (mpf(SPOT) * (1 + mpf(move)), mpf(0.15), mpf(0), mpf(0))
            theirs = float(case.worth(*there))
            assert cube.worth[at, 0, 0, 0] == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_all_moves_at_once_are_the_worth_after_them(name: str) -> None:
    case = CASES[name]
    spots, times, fundings = [0.0, 0.1], [0.0, 0.05], [0.0, 0.07]
    found = of(case.position)
    cube = found.scenario(spot=spots, volatility=[0.05], years=times, funding=fundings)
    with mp.workdps(20):
        for spot, years, funding in product(range(2), repeat=3):
            there = (
                mpf(SPOT) * (1 + mpf(spots[spot])),
                mpf(0.05),
                mpf(times[years]),
                mpf(fundings[funding]),
            )
            theirs = float(case.worth(*there))
            assert cube.worth[spot, 0, years, funding] == pytest.approx(theirs, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("numeraire", ["USD", "BTC"])
@pytest.mark.parametrize("name", CASES)
def test_each_stands_in_the_bucket_of_its_expiry(name: str, numeraire: str) -> None:
    found = of(CASES[name].position, numeraire=numeraire)
    (row,) = found.by_expiry().filter(pl.col("underlying") == "BTC").rows(named=True)
    assert row["bucket"] == CASES[name].bucket
    for greek in ("worth", "delta", "gamma", "vega", "theta"):
        assert row[greek] == pytest.approx(getattr(found["BTC"], greek), rel=1e-14)


@pytest.mark.parametrize("numeraire", ["USD", "BTC", "ETH"])
def test_a_book_of_all_is_the_sum_of_each(numeraire: str) -> None:
    positions = [case.position for name, case in CASES.items() if name != "wrapped"]
    whole = of(*positions, numeraire=numeraire)
    parts = [of(position, numeraire=numeraire) for position in positions]
    for coin in whole.underlyings:
        summed = np.sum([one[coin] for one in parts if coin in one.underlyings], axis=0)
        size = np.sum([np.abs(one[coin]) for one in parts if coin in one.underlyings], axis=0)
        assert np.abs(np.array(whole[coin]) - summed).max() <= 1e-12 * size.max()
