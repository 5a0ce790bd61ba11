"""How fast a snapshot of a whole chain becomes a surface: quotes cleaned, smiles fitted, repaired.

The chain is made up, with nothing but this package, so that every run has the same: ten expiries
from two days to a year and a half, calls and puts at 45 strikes each, premiums in coin rounded to
the venue's tick, bids and asks a volatility point apart and wider in the wings.
"""

import time
from typing import Final

import numpy as np

from benchmarks.contest import Report, contender
from hedgerow.market.chain import Chain
from hedgerow.pricing.coin_options import coin_option
from hedgerow.pricing.surface import Surface, fit
from hedgerow.units import YEAR, Floats

SPOT: Final = 60_000.0
NOW: Final = 1_767_225_600_000_000_000  # 2026-01-01
DAY: Final = YEAR // 365
DAYS: Final = (2, 5, 9, 16, 30, 58, 93, 184, 275, 548)
STRIKES: Final = 45
TICK: Final = 0.0001
MANY: Final = 20  # fits in a round, of which the middle one counts
MOST_SECONDS: Final = 0.05


def surface(rounds: int = 5) -> Report:
    """Return the time of a whole fit, and how far off the surface is."""
    chain = snapshot()
    found = fit(chain, underlying="BTC")  # compiles
    seconds = []
    for _ in range(rounds):
        runs = []
        for _ in range(MANY):
            begin = time.perf_counter()
            found = fit(chain, underlying="BTC")
            runs.append(time.perf_counter() - begin)
        seconds.append(float(np.median(runs)))
    one = contender("hedgerow", seconds, float(len(chain)), "quotes/s")
    return Report(
        name="surface",
        contenders=(one,),
        ratios={"50 ms over hedgerow": MOST_SECONDS / one.median_s},
        agreement={
            "median error in volatility": _error(found),
            "violations": len(found.violations),
        },
        conditions={
            "rounds": rounds,
            "quotes": len(chain),
            "expiries": len(DAYS),
            "fitted": sum(one.fits for one in found.slices),
            "best_s": min(seconds),
        },
    )


def snapshot() -> Chain:
    """Return the chain."""
    parts = [_expiry(day) for day in DAYS]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    count = columns["strike"].size
    return Chain(
        time=NOW,
        premium_unit="coin",
        index={"BTC": SPOT},
        symbol=np.array([f"BTC-{place}" for place in range(count)]),
        underlying=np.full(count, "BTC"),
        quoted=np.full(count, NOW, dtype=np.int64),
        delta=np.full(count, np.nan),
        open_interest=np.zeros(count),
        **columns,
    )


def _smile(k: Floats, years: float) -> Floats:
    """Return volatilities of log strikes: skewed to the left, flatter later."""
    width = 0.35 * np.sqrt(years)
    at = (k + 0.02 * np.sqrt(years)) / width
    return np.asarray(0.52 + 0.08 * np.exp(-3.0 * years) + 0.09 * (np.sqrt(1.0 + at * at) - 1.0)
                      - 0.03 * at / np.sqrt(1.0 + at * at))  # fmt: skip


def _expiry(day: int) -> "dict[str, np.ndarray]":
    years = day / 365.0
    forward = SPOT * float(np.exp(0.05 * years))
    line = forward * np.exp(np.linspace(-2.4, 2.0, STRIKES) * 0.55 * np.sqrt(years))
    strike = np.tile(np.round(line / 100.0) * 100.0, 2)
    sign = np.repeat([1.0, -1.0], STRIKES)
    k = np.log(strike / forward)
    volatility = _smile(k, years)
    half = 0.005 * (1.0 + np.abs(k) / np.sqrt(years))

    def coin(at: Floats) -> Floats:
        return coin_option(forward, strike, at, years, sign, quantities=("price_coin",)).price_coin

    return {
        "expiry": np.full(strike.size, NOW + day * DAY, dtype=np.int64),
        "strike": strike,
        "sign": sign,
        "forward": np.full(strike.size, forward),
        "bid": np.floor(coin(volatility - half) / TICK) * TICK,
        "ask": np.ceil(coin(volatility + half) / TICK) * TICK,
        "mark": coin(volatility),
        "mark_volatility": volatility,
    }


def _error(found: Surface) -> float:
    """Return the median error in volatility within a deviation and a half of the forward."""
    errors = []
    for day in DAYS:
        years = day / 365.0
        k = np.linspace(-1.5, 1.5, 31) * 0.55 * np.sqrt(years)
        strike = SPOT * np.exp(0.05 * years + k)
        errors.append(np.abs(found.volatility(strike, NOW + day * DAY) - _smile(k, years)))
    return float(np.median(errors))
