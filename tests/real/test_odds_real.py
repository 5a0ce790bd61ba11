"""Odds over recorded bitcoin hours: the lanes against a plain replay of bootstrapped history."""

import math
import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from hedgerow.margin.odds.calibration import (
    Returns,
    funding_of,
    jumps_of,
    returns_of,
    volatility_now,
    volatility_of,
)
from hedgerow.margin.odds.models import FundingPath, History, Horizon, Jumps, Reserve
from hedgerow.margin.odds.paths import simulate_odds
from hedgerow.margin.odds.question import OddsQuestion
from hedgerow.margin.odds.stake import stake_of
from hedgerow.market.tables import contract_rules
from hedgerow.units import HOUR, Floats

FILE = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere") / (
    "bundle/binance_btcusdt_1h_aligned.parquet"
)
pytestmark = pytest.mark.skipif(
    not FILE.is_file(),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)
SIZE, ENTRY, DEPOSIT = -120.0, 50_000.0, 1_200_000.0
DAYS, BLOCK, PATHS = 30, 24, 4_000


@pytest.fixture(scope="module")
def hours() -> Returns:
    frame = pl.read_parquet(FILE)
    time = frame["ts"].cast(pl.Datetime("ns", "UTC")).cast(pl.Int64).to_numpy()
    return returns_of(time, frame["perp_close"].to_numpy(), HOUR)


class Replayed(NamedTuple):
    died: Floats
    sent: Floats


def replay(returns: Floats, reserve: Reserve | None, funding: float) -> Replayed:
    """Replay bootstrapped history hour by hour, over many accounts at once, with numpy alone."""
    tiers = contract_rules("binance", "BTC/USDT:USDT", date(2024, 12, 1)).tiers
    rate = np.array([float(tier.rate) for tier in tiers])[:, None]
    amount = np.array([float(tier.amount) for tier in tiers])[:, None]
    random = np.random.default_rng(99)
    wrapped = np.concatenate([returns, returns[:BLOCK]])
    log = np.full(PATHS, math.log(ENTRY))
    wallet = np.full(PATHS, DEPOSIT)
    died = np.full(PATHS, np.nan)
    sent, transit = np.zeros(PATHS), np.zeros(PATHS)
    lands = np.full(PATHS, np.inf)
    left = 0.0 if reserve is None else reserve.amount
    start = np.zeros(PATHS, dtype=np.int64)
    for hour in range(1, DAYS * 24 + 1):
        inside = (hour - 1) % BLOCK
        if inside == 0:
            start = random.integers(0, returns.size, PATHS)
        log += wrapped[start + inside]
        landed = lands <= hour
        wallet[landed] += transit[landed]
        transit[landed] = 0.0
        lands[landed] = np.inf
        for settles in (False, True):
            if settles and hour % 8:
                continue
            price = np.exp(log)
            worth = -SIZE * price
            if settles:
                wallet += worth * funding
            surplus = wallet + SIZE * (price - ENTRY) - (worth * rate - amount).max(axis=0)
            alive = np.isnan(died)
            died[alive & (surplus < 0.0)] = hour / 24.0
            if reserve is None:
                continue
            calls = np.isnan(died) & (surplus < reserve.top_up_below * worth) & np.isinf(lands)
            wanted = np.minimum(reserve.top_up_to * worth - surplus, left - sent)
            calls &= wanted > 0.0
            transit[calls] = wanted[calls]
            sent[calls] += wanted[calls]
            lands[calls] = hour + reserve.transfer_hours
    return Replayed(died, sent)


@pytest.mark.parametrize(
    "reserve",
    [None, Reserve(amount=900_000.0, top_up_below=0.05, top_up_to=0.1, transfer_hours=6.0)],
    ids=["without a reserve", "with a reserve six hours away"],
)
def test_the_lanes_are_the_replay_of_bootstrapped_history(
    hours: Returns, reserve: Reserve | None
) -> None:
    rules = contract_rules("binance", "BTC/USDT:USDT", date(2024, 12, 1))
    question = OddsQuestion(
        stake=stake_of(rules, SIZE, ENTRY, DEPOSIT),
        model=History(returns=hours.value, block=BLOCK),
        horizon=Horizon(days=DAYS, monitor_hours=1.0),
        reserve=reserve,
        funding=FundingPath(interval_hours=8.0, level=1e-4),
    )
    odds = simulate_odds(question, paths=20_000, seed=5)
    plain = replay(hours.value, reserve, 1e-4)
    share = float(np.isfinite(plain.died).mean())
    error = math.hypot(odds.standard_error, math.sqrt(share * (1.0 - share) / PATHS))
    assert 0.02 < share < 0.6
    assert abs(odds.probability - share) < 4.0 * error
    for day in (5.0, 15.0):
        by_then = float((plain.died <= day).mean())
        lanes = float(odds.probability_by(np.array([day]))[0])
        spread = math.sqrt(by_then * (1.0 - by_then) * (1.0 / PATHS + 1.0 / odds.paths))
        assert abs(lanes - by_then) < 4.0 * spread
    spread = math.hypot(
        float(plain.sent.std()) / math.sqrt(PATHS), float(odds.sent.std()) / math.sqrt(odds.paths)
    )
    assert abs(float(odds.sent.mean()) - float(plain.sent.mean())) <= 4.0 * spread


def test_the_volatility_of_hours_is_that_of_days(hours: Returns) -> None:
    frame = pl.read_parquet(FILE)
    days = np.log(frame["perp_close"].to_numpy()[::24])
    by_days = float(np.std(np.diff(days))) * math.sqrt(365.0)
    assert volatility_of(hours) == pytest.approx(by_days, rel=0.1)
    assert 0.2 < volatility_now(hours) < 1.0


def test_calibrated_jumps_keep_the_variance_and_have_fat_tails(hours: Returns) -> None:
    jumps = jumps_of(hours)
    assert jumps.total_volatility == pytest.approx(volatility_of(hours), rel=1e-9)
    assert jumps.per_year > 20.0
    question = OddsQuestion(
        stake=stake_of(
            contract_rules("binance", "BTC/USDT:USDT", date(2024, 12, 1)), SIZE, ENTRY, DEPOSIT
        ),
        model=jumps,
        horizon=Horizon(days=DAYS, monitor_hours=1.0),
    )
    history = OddsQuestion(
        stake=question.stake,
        model=History(returns=hours.value - hours.value.mean(), block=BLOCK),
        horizon=question.horizon,
    )
    fitted = simulate_odds(question, paths=10_000, seed=5).probability
    recorded = simulate_odds(history, paths=10_000, seed=5).probability
    assert isinstance(question.model, Jumps)
    assert fitted == pytest.approx(recorded, abs=0.05)


def test_recorded_funding_has_memory() -> None:
    frame = pl.read_parquet(FILE)
    rates = frame["funding_rate"].drop_nulls().to_numpy()
    path = funding_of(rates, 8.0)
    assert path.level == pytest.approx(1.2e-4, abs=1e-4)
    assert 0.5 < path.decay < 0.99
