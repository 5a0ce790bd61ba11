"""The whole live desk lives through five years of Bitcoin and ends where the backtest does.

Set HEDGEROW_DATA_DIR to the folder that holds bundle/.
"""

import json
import math
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import hedgerow as hr
from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.adapters.journal.memory import MemoryJournal
from hedgerow.analysis.analysis import analyse
from hedgerow.cli.backtest import with_lake
from hedgerow.cli.run_replay import Lived, live_through_history
from hedgerow.config.config import Config, effective
from hedgerow.config.loading import load
from hedgerow.ledger.journal import verified
from hedgerow.replay.world import Replay, run_job
from hedgerow.report.result import result_of, to_json

DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
pytestmark = pytest.mark.skipif(
    not (DATA / "bundle").is_dir(),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)
CONFIG = """
[[book.holding]]
asset = "BTC"
flows = "balances.csv"

[hedge]
venue = "binance"
instrument = "BTC/USDT:USDT"

[hedge.policy]
name = "band"
half_width = 0.01

[margin]
collateral = "USDT"
deposit = 2_000_000
reserve = 7_000_000

[execution]
latency_seconds = 1

[world]
kind = "replay"
start = 2020-01-01
end = 2024-12-31
bar = "1h"
"""
ORDER = ["time", "kind", "account", "unit", "instrument", "cash"]


def balances() -> str:
    """Return a holding of about 120 BTC that breathes by a third over three months."""
    first = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [
        f"{(first + timedelta(days=day)).date()},{120.0 + 40.0 * math.sin(day / 15.0):.4f}"
        for day in range(1827)
    ]
    return "\n".join(["time,balance", *lines])


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Config:
    place = tmp_path_factory.mktemp("desk")
    (place / "treasury.toml").write_text(CONFIG)
    (place / "balances.csv").write_text(balances())
    import_files(
        [DATA / "bundle" / "binance_btcusdt_1h_aligned.parquet"], place / "lake", ImportOptions()
    )
    return with_lake(load(place / "treasury.toml"), str(place / "lake"))


@pytest.fixture(scope="module")
def backtest(asked: Config) -> hr.Run:
    world = Replay(hr.Lake(str(asked.lake)), asked.world.start, asked.world.end)
    return run_job(asked.job, world, config=effective(asked))


@pytest.fixture(scope="module")
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture(scope="module")
def lived(asked: Config, journal: MemoryJournal) -> Lived:
    return live_through_history(asked, hr.Lake(str(asked.lake)), journal)


def test_the_ledgers_are_the_same_to_the_last_bit(backtest: hr.Run, lived: Lived) -> None:
    theirs, ours = backtest.ledger.frame().sort(ORDER), lived.run.ledger.frame().sort(ORDER)
    assert ours.shape == theirs.shape
    assert theirs.filter(pl.col("kind") == "fill").height == backtest.trades > 100
    for column in theirs.columns:
        assert ours[column].eq_missing(theirs[column]).all(), column


def test_the_result_files_are_the_same(backtest: hr.Run, lived: Lived) -> None:
    theirs = json.loads(to_json(result_of(backtest, analyse(backtest))))
    ours = json.loads(to_json(result_of(lived.run, analyse(lived.run))))
    assert ours == theirs


def test_equity_and_every_part_are_the_same_at_each_close(backtest: hr.Run, lived: Lived) -> None:
    assert lived.run.series.equals(backtest.series)
    assert lived.run.legs[0].series.equals(backtest.legs[0].series)


def test_the_journal_holds_every_decision_and_its_chain(
    journal: MemoryJournal, lived: Lived
) -> None:
    records = journal.store.records
    assert len(records) == lived.records
    assert sum(1 for _ in verified(records)) == lived.records
    decisions = [record for record in records if record.kind == "decision"]
    assert len(decisions) == lived.run.bars
    intents = [record.key for record in records if record.kind == "intent"]
    assert len(intents) == len(set(intents)) >= lived.run.trades
