"""Rules are dated: a table that comes into force inside a span applies from its day on."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from test_replay_of_small_markets import HOURS, PERP, PRICE, bars, hedge, market

import hedgerow as hr
from hedgerow.engine.desk_replay import replay_desk
from hedgerow.engine.job import Job
from hedgerow.ledger import EntryKind
from hedgerow.market.table_file import Table, load_table
from hedgerow.replay.world import Replay, prepare, run_job
from hedgerow.units import nanoseconds

TABLE = """
venue = "binance"
market = "usdm"
effective = 2024-01-03
checked = 2024-01-03
source = "an announcement"
confidence = "source"

[[fees]]
name = "base"
maker = "0.001"
taker = "0.002"

[[contract]]
symbol = "BTC/USDT:USDT"
margin = { method = "brackets", closing_fee = false }
tiers = [{ floor = "0", cap = "1000000000", rate = "0.1", amount = "0", max_leverage = "5" }]
"""


@pytest.fixture
def stricter(tmp_path: Path) -> tuple[Table, ...]:
    """Return two tables: from the third day on ten per cent is asked for, and a dearer fee."""
    later = tmp_path / "stricter.toml"
    later.write_text(TABLE, encoding="utf-8")
    return (load_table(lenient(tmp_path)), load_table(later))


def lenient(folder: Path) -> Path:
    """Write the table of the days before: half a per cent, and the usual fee."""
    path = folder / "lenient.toml"
    text = TABLE.replace("2024-01-03", "2023-01-01").replace('taker = "0.002"', 'taker = "0.0005"')
    path.write_text(
        text.replace('maker = "0.001"', 'maker = "0.0002"')
        .replace('leverage = "5"', 'leverage = "50"')
        .replace('rate = "0.1"', 'rate = "0.005"'),
        encoding="utf-8",
    )
    return path


def job(deposit: float) -> Job:
    """Return a short of ten bitcoins that is traded anew every twelve hours."""
    return Job(
        hedges=(hedge(hr.Interval(hours=12.0)),),
        margins=(hr.Margin(collateral="USDT", deposit=deposit, top_up_below=0.0),),
        execution=hr.Execution(half_spread=0.0),
    )


WORLD = ("2024-01-01", "2024-01-04")


def test_fees_are_those_of_the_day_they_are_paid(stricter: tuple[Table, ...]) -> None:
    wave = bars(PRICE * (1.0 + 0.02 * np.sin(np.arange(HOURS) / 3.0)))
    value = hedge(hr.Interval(hours=6.0), mode="value")
    asked = Job(
        hedges=(value,),
        margins=(hr.Margin(collateral="USDT", deposit=300_000.0),),
        execution=hr.Execution(half_spread=0.0),
    )
    world = Replay(market(spot=wave), *WORLD)
    run = run_job(asked, world, tables=stricter)
    rates = {
        (fill.time >= run.start + 2 * 86_400_000_000_000): -fill.fee
        / abs(fill.quantity * fill.price)
        for fill in run.ledger.of(EntryKind.FILL)
    }
    assert rates[False] == pytest.approx(0.0005)
    assert rates[True] == pytest.approx(0.002)
    assert f"{PERP}: margin, tiers, fees are those of 2024-01-03 from then on" in run.stamps


def test_a_stricter_table_liquidates_what_the_old_one_let_live(
    stricter: tuple[Table, ...],
) -> None:
    world = Replay(market(), *WORLD)
    thin = job(30_000.0)  # 7.5 % of a notional of 400 000
    assert run_job(thin, world, tables=stricter[:1]).liquidations == ()
    (dead, *_) = run_job(thin, world, tables=stricter).liquidations
    assert dead.time == nanoseconds(datetime(2024, 1, 3, tzinfo=UTC))
    assert dead.price == PRICE


def test_the_desk_lives_the_same_life(stricter: tuple[Table, ...]) -> None:
    world = Replay(market(), *WORLD)
    thin = job(30_000.0)
    prepared = prepare(thin, world, stricter)
    assert [change.step for change in prepared.changes] == [48]
    run = run_job(thin, world, tables=stricter)
    desk = replay_desk(
        prepared.recorded.tape, prepared.composed.terms, changes=prepared.changes
    ).desk
    assert desk.books.sums.liquidations == len(run.liquidations)
    assert desk.books.sums.fees == pytest.approx(run.pnl.fees, rel=1e-12)
    assert abs(run.pnl.residual) < 1e-6


def test_the_liquidation_price_follows_the_rules(stricter: tuple[Table, ...]) -> None:
    rich = job(300_000.0)
    run = run_job(rich, Replay(market(), *WORLD), tables=stricter)
    prices = run.legs[0].series["liquidation_price"].to_numpy()
    before, after = prices[40], prices[60]
    assert before == pytest.approx((300_000.0 + 400_000.0) / (10.0 * 1.005), rel=2e-3)
    assert after == pytest.approx((300_000.0 + 400_000.0) / (10.0 * 1.1), rel=2e-3)


def test_a_rule_written_for_a_day_outside_the_span_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "later.toml"
    path.write_text(TABLE.replace("2024-01-03", "2024-06-01"), encoding="utf-8")
    own = (load_table(lenient(tmp_path)), load_table(path))
    assert prepare(job(300_000.0), Replay(market(), *WORLD), own).changes == ()
