"""A sweep is many single runs: the same figures, whatever runs it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

import hedgerow as hr

WORLD = hr.Replay(hr.simulated_market(7, days=120), "2024-01-02", "2024-04-20")
BOOK = hr.Book([hr.Holding("BTC", 120.0)])


def job(policy: hr.Policy | None = None) -> hr.Job:
    hedge = hr.Hedge(BOOK, instrument="BTC/USDT:USDT", venue="binance", policy=policy or hr.Band())
    margin = hr.Margin(collateral="USDT", deposit=2_000_000.0, reserve=7_000_000.0)
    return hr.Job(hedges=[hedge], margins=[margin], financing=hr.Financing(cash=0.04))


def test_every_point_is_the_single_run_of_it() -> None:
    table = hr.sweep(job(), WORLD, {"policy.half_width": [0.0, 0.03], "hedge.ratio": [0.5, 1.0]})
    assert table.height == 4
    for row in table.iter_rows(named=True):
        hedge = hr.Hedge(
            BOOK,
            instrument="BTC/USDT:USDT",
            venue="binance",
            policy=hr.Band(half_width=row["policy.half_width"]),
            ratio=row["hedge.ratio"],
        )
        run = hr.run(hedge, WORLD, margin=job().margins, financing=hr.Financing(cash=0.04))
        figures = hr.analyse(run)
        assert row["total"] == run.pnl.total
        assert row["funding"] == run.pnl.funding
        assert row["trades"] == run.trades
        assert row["hedged_volatility"] == pytest.approx(figures.hedged.volatility, rel=1e-9)
        assert row["unhedged_volatility"] == pytest.approx(figures.unhedged.volatility, rel=1e-9)
        assert row["hedged_max_drawdown"] == pytest.approx(figures.hedged.max_drawdown, rel=1e-9)
        assert row["min_headroom"] == pytest.approx(
            min(leg.min_headroom for leg in figures.closest), rel=1e-12
        )


def test_the_answer_does_not_depend_on_the_workers() -> None:
    over = {"policy.half_width": list(np.linspace(0.0, 0.1, 150)), "margin.deposit": [1e6, 2e6]}
    alone = hr.sweep(job(), WORLD, over)
    for workers in (1, 2, 8):
        with ThreadPoolExecutor(workers) as pool:
            assert hr.sweep(job(), WORLD, over, executor=pool).equals(alone)


def test_a_wider_band_trades_less_and_hedges_no_better() -> None:
    start = datetime(2024, 1, 3, tzinfo=UTC)
    flows = tuple(hr.Flow(time=start + timedelta(days=day), amount=1.0) for day in range(80))
    book = hr.Book([hr.Holding("BTC", 20.0, flows=flows)])
    hedge = hr.Hedge(book, instrument="BTC/USDT:USDT", venue="binance", policy=hr.Band(to="centre"))
    margin = hr.Margin(collateral="USDT", deposit=2_000_000.0, reserve=7_000_000.0)
    grown = hr.Job(hedges=[hedge], margins=[margin])
    table = hr.sweep(grown, WORLD, {"policy.half_width": [0.0, 0.05, 0.2]})
    trades = table["trades"].to_list()
    assert trades == sorted(trades, reverse=True)
    assert trades[0] > trades[-1] > 0
    assert table["variance_reduction"][0] > table["variance_reduction"][-1]


def test_a_strangers_policy_sweeps_by_its_own_numbers() -> None:
    @hr.policy
    def part(goal: float, *, share: float) -> float:
        return goal * share

    table = hr.sweep(job(part(share=1.0)), WORLD, {"policy.share": [0.0, 0.5, 1.0]})
    assert table["trades"][0] == 0
    assert table["hedge_index"][0] == 0.0
    assert table["variance_reduction"].is_sorted()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("policy.halfwidth", "policy.half_width"),
        ("margin.deposits", "margin.deposit"),
        ("world.start", "hedge"),
        ("execution.half_spred", "execution.half_spread"),
    ],
)
def test_a_name_that_is_no_number_of_the_job_is_refused(name: str, hint: str) -> None:
    with pytest.raises(hr.ConfigError, match=hint):
        hr.sweep(job(), WORLD, {name: [1.0]})


def test_a_refused_point_says_which() -> None:
    with pytest.raises(hr.ConfigError, match=r"hedge\.ratio at 2"):
        hr.sweep(job(), WORLD, {"hedge.ratio": [1.0, 2.0]})


def test_an_empty_sweep_is_refused() -> None:
    with pytest.raises(hr.ConfigError, match="at least one"):
        hr.sweep(job(), WORLD, {})
