"""The liquidation prices of a cross account of fifty positions, each with the others standing."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.contest import Report, contender
from hedgerow.margin.bracket_table import tiers_of
from hedgerow.margin.collateral import Collateral
from hedgerow.margin.liquidation import liquidation_prices
from hedgerow.margin.margin_account import MarginAccount
from hedgerow.margin.position import Position
from hedgerow.margin.prepared import PreparedAccount
from hedgerow.margin.rows import rows_of
from hedgerow.margin.terms import MarginTerms

POSITIONS = 50
FLOORS = (0.0, 5e4, 6e5, 3e6, 1.2e7, 7e7, 1e8, 2.3e8, 4.8e8, 6e8, 8e8, 1.2e9)
RATES = (0.004, 0.005, 0.0065, 0.01, 0.02, 0.025, 0.05, 0.1, 0.125, 0.15, 0.25, 0.5)
REPEATS = 2_000
TARGET_S = 100e-6
UNIT = "accounts/s"


def account(positions: int = POSITIONS) -> MarginAccount:
    """Return longs and shorts of as many contracts with twelve brackets each, and their cash."""
    random = np.random.default_rng(3)
    tiers = tiers_of(FLOORS, RATES)
    held = []
    for number in range(positions):
        name = f"COIN{number}"
        terms = MarginTerms(symbol=f"{name}/USDT:USDT", asset=name, settle="USDT", tiers=tiers)
        entry = float(np.exp(random.uniform(-2.0, 11.0)))
        worth = float(random.choice([-1.0, 1.0]) * np.exp(random.uniform(10.0, 16.0)))
        mark = entry * float(random.uniform(0.97, 1.03))
        held.append(Position(terms=terms, size=worth / entry, entry=entry, mark=mark))
    gross = sum(position.notional() for position in held)
    cash = Collateral(asset="USDT", amount=0.1 * gross)
    return MarginAccount(positions=tuple(held), collaterals=(cash,))


def liquidation(rounds: int = 5) -> Report:
    """Return the time of one solve: on arrays that are ready, jointly, and from objects."""
    book = account()
    ready = PreparedAccount.of(book, rows_of(book, (0.0,) * POSITIONS))
    together = dict.fromkeys(ready.assets[:POSITIONS], 1.0)
    jobs: dict[str, Callable[[], object]] = {
        "hedgerow, each of 50 with the others standing": ready.alone,
        "hedgerow, all 50 moving together": lambda: ready.joint(together, 1.0),
    }
    contenders = [
        contender(name, [_timed(job, REPEATS) for _ in range(rounds)], 1.0, UNIT)
        for name, job in jobs.items()
    ]
    whole = [_timed(lambda: liquidation_prices(book), 20) for _ in range(rounds)]
    contenders.append(contender("hedgerow, from objects to objects", whole, 1.0, UNIT))
    return Report(
        name="liquidation",
        contenders=tuple(contenders),
        ratios={"the target of 100 us": TARGET_S / contenders[0].median_s},
        conditions={"positions": POSITIONS, "brackets": len(RATES), "repeats": REPEATS},
    )


def _timed(job: Callable[[], object], repeats: int) -> float:
    """Return the median seconds of a call, once everything is compiled."""
    job()
    found = []
    for _ in range(repeats):
        begin = time.perf_counter()
        job()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)
