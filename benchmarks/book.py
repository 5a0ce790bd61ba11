"""How fast a book of many contracts is measured: worth and greeks off fitted surfaces."""

import time
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from benchmarks.contest import Report, contender, say
from hedgerow.exposure.book import Book, Holding
from hedgerow.exposure.checks import settlement
from hedgerow.exposure.exposure import exposure
from hedgerow.exposure.greeks import VEGA
from hedgerow.exposure.line import Kind
from hedgerow.exposure.positions import (
    DatedFuture,
    Everlasting,
    FundingSwap,
    Option,
    Perp,
    PoolPosition,
    Position,
    PowerPerp,
)
from hedgerow.exposure.view import MarketView
from hedgerow.market.chain import Chain
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.options import black76
from hedgerow.pricing.surface import Surface, fit
from hedgerow.units import YEAR, moment

POSITIONS: Final = 10_000
START: Final = date(2026, 1, 2)
SPOT: Final = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
CARRY: Final = 0.06
EXPIRIES: Final = tuple(START + timedelta(days=7 + 18 * place) for place in range(20))
OPTIONS: Final = 0.9  # the part of positions that are options
TIMES: Final = 50  # runs in a round: one is less than a millisecond
SURFACES: Final = 4  # sets of them, so that no run sees those of the one before


def book(rounds: int = 5) -> Report:
    """Return contracts a second of the greeks of a mixed book, on one core.

    The book stands: its positions were read and checked when it was made. Everything that the
    market brings is new in every run, spot, forwards, marks, funding and fitted surfaces, is
    checked, and is looked up for every position; the greeks of each are worked out and added up.

    ``hedgerow`` makes the market's view out of plain numbers and measures the book at it; ``market
    at hand`` measures alone; ``book from a frame`` is reading and checking positions, once, of the
    kinds that a frame can hold, in positions a second. Seconds are those of the processor, so that
    a busy machine does little harm; the middle run counts.
    """
    held = _book()
    say("fitting surfaces")
    surfaces = [{coin: fit(_chain(coin, 0.01 * one)) for coin in SPOT} for one in range(SURFACES)]
    frame = _frame(held)
    held.columns  # noqa: B018 - prepared once
    whole, alone, reading = [], [], []
    for number in range(rounds + 1):  # the first warms up and is not counted
        say(f"round {number} of {rounds}")
        for run in range(TIMES):
            given = _numbers(1.0 + 1e-3 * (number * TIMES + run))
            fitted = surfaces[run % SURFACES]
            begin = time.process_time()
            market = _market(given, fitted)
            made = time.process_time()
            found = exposure(held, market)
            end = time.process_time()
            if number:
                whole.append(end - begin)
                alone.append(end - made)
        begin = time.process_time()
        Book.from_frame(frame).columns  # noqa: B018 - that is the work
        if number:
            reading.append(time.process_time() - begin)
    ours, checked = _apart(held, market)
    work = float(len(held))
    return Report(
        name="book",
        contenders=(
            contender("hedgerow", whole, work, "contracts/s"),
            contender("hedgerow, market at hand", alone, work, "contracts/s"),
            contender("hedgerow, book from a frame", reading, float(frame.height), "positions/s"),
        ),
        agreement={"vega of BTC's options against black76, relative": abs(checked / ours - 1.0)},
        conditions={
            "positions": len(held),
            "kinds": len(held.columns.groups),
            "underlyings": len(SPOT),
            "expiries": len(EXPIRIES),
            "surfaces": SURFACES * len(SPOT),
            "problems": len(found.problems),
            "rounds": rounds,
            "runs a round": TIMES,
        },
    )


def _book() -> Book:
    random = np.random.default_rng(8)
    positions: list[Holding | Position] = [Holding(coin, 10.0) for coin in SPOT]
    coins = tuple(SPOT)
    while len(positions) < POSITIONS:
        coin = coins[int(random.integers(3))]
        expiry = EXPIRIES[int(random.integers(20))]
        size = float(random.normal())
        positions.append(_one(random, coin, expiry, size))
    return Book(positions)


def _one(random: np.random.Generator, coin: str, expiry: date, size: float) -> Position:
    day = f"{expiry:%y%m%d}"
    spot = SPOT[coin]
    strike = float(f"{spot * np.exp(0.3 * random.normal()):.3g}")
    settle = f"USD:{coin}" if random.random() < 0.5 else "USDC:USDC"
    letter = "C" if random.random() < 0.5 else "P"
    others: tuple[Position, ...] = (
        DatedFuture(f"{coin}/USD:{coin}-{day}", size * spot, entry=strike),
        Perp(f"{coin}/USDT:USDT", size, entry=strike),
        Everlasting(coin, size, strike=strike),
        PowerPerp(coin, size / spot),
        PoolPosition(f"{coin}/USDC", abs(size), lower=0.5 * strike, upper=2.0 * strike),
        FundingSwap(f"{coin}/USDT:USDT", size, fixed=0.1, expiry=moment(settlement(expiry))),
    )
    if random.random() < OPTIONS:
        return Option(f"{coin}/{settle}-{day}-{strike:.2f}-{letter}", size)
    return others[int(random.integers(len(others)))]


def _frame(held: Book) -> pl.DataFrame:
    """Return the positions that a frame can hold."""
    lines = [line for held in held.positions for line in held.lines()]
    kept = (Kind.COIN, Kind.PERP, Kind.FUTURE, Kind.OPTION)
    lines = [line for line in lines if line.kind in kept]
    return pl.DataFrame(
        {
            "symbol": [line.name for line in lines],
            "size": [line.size for line in lines],
            "entry": pl.Series([line.entry for line in lines]).fill_nan(None),
        }
    )


def _chain(coin: str, higher: float) -> Chain:
    now = settlement(START)
    spot = SPOT[coin]
    expiry = np.repeat([settlement(day) for day in EXPIRIES], 50).astype(np.int64)
    years = (expiry - now) / YEAR
    forward = spot * np.exp(CARRY * years)
    k = np.tile(np.repeat(np.linspace(-2.0, 2.0, 25), 2), len(EXPIRIES)) * 0.6 * np.sqrt(years)
    sign = np.tile([1.0, -1.0], k.size // 2)
    away = k / np.sqrt(years)
    sigma = 0.55 + higher + 0.05 * np.sqrt(0.1 + away * away) - 0.03 * away
    strike = forward * np.exp(k)
    mark = np.asarray(coin_option(forward, strike, sigma, years, sign).price_coin)
    none = np.full(k.size, np.nan)
    return Chain(
        time=now,
        premium_unit="coin",
        index={coin: spot},
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


class _Numbers(NamedTuple):
    """A moment's prices, as a feed keeps them."""

    spot: dict[str, float]
    forwards: dict[str, dict[date, float]]
    marks: dict[str, float]
    funding: dict[str, float]


def _numbers(lift: float) -> _Numbers:
    spot = {coin: price * lift for coin, price in SPOT.items()}
    years = [(settlement(day) - settlement(START)) / YEAR for day in EXPIRIES]
    forwards = {
        coin: {
            day: price * float(np.exp(CARRY * left))
            for day, left in zip(EXPIRIES, years, strict=True)
        }
        for coin, price in spot.items()
    }
    perps = {f"{coin}/USDT:USDT": price for coin, price in spot.items()}
    return _Numbers(spot, forwards, perps, dict.fromkeys(perps, 0.1 * lift))


def _market(given: _Numbers, surfaces: dict[str, Surface]) -> MarketView:
    return MarketView(
        time=moment(settlement(START)),
        spot=given.spot,
        forwards=given.forwards,
        volatility=surfaces,
        marks=given.marks,
        funding=given.funding,
    )


def _apart(held: Book, market: MarketView) -> tuple[float, float]:
    """Return the vega of bitcoin's options as the book has it, and by a call of black76."""
    found = exposure(held, market)
    code = held.columns.underlyings.index("BTC")
    (options,) = (one for one in found.groups if one.group.kind is Kind.OPTION)
    group = options.group
    here = group.codes == code
    ours = float(options.table[VEGA, here].sum())
    expiry = group.expiries[here]
    strike = group["strike"][here]
    sigma = market.volatilities_of("BTC", strike, expiry)
    forward = market.forwards_of("BTC", expiry)
    sign, years = group["sign"][here], market.years_to(expiry)
    vega = black76(forward, strike, sigma, years, sign, quantities=("vega",)).vega
    in_money = np.where(group["inverse"][here] > 0.0, market.spot_of("BTC") / forward, 1.0)
    return ours, float(np.sum(group["size"][here] * in_money * vega))
