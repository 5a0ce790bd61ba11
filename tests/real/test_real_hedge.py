"""A 120 BTC treasury on recorded Binance markets, against figures computed from the raw files.

Set HEDGEROW_DATA_DIR to the folder that holds bundle/, ohlcv/ and funding/.
"""

import gzip
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hedgerow as hr
from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.ledger import EntryKind
from hedgerow.units import DAY

DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
pytestmark = pytest.mark.skipif(
    not (DATA / "bundle").is_dir(),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)

LINEAR = "BTC/USDT:USDT"
INVERSE = "BTC/USD:BTC"
START, END = "2019-09-10", "2024-12-31"
SETTLEMENTS = 5_819
COINS = 120.0
BOOK = hr.Book([hr.Holding("BTC", COINS)])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> hr.Lake:
    place = tmp_path_factory.mktemp("bundle") / "lake"
    import_files([DATA / "bundle" / "binance_btcusdt_1h_aligned.parquet"], place, ImportOptions())
    return hr.Lake(place)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> hr.Lake:
    place = tmp_path_factory.mktemp("full") / "lake"
    for path, options in (
        ("bundle/binance_btcusdt_1h_aligned.parquet", ImportOptions()),
        ("ohlcv/binance_um_perp_1h.parquet", ImportOptions(venue="binance", map="tidy-perp")),
        ("ohlcv/binance_um_mark_1h.parquet", ImportOptions(venue="binance", map="tidy-mark")),
        ("ohlcv/binance_um_mark_8h.parquet", ImportOptions(venue="binance", map="tidy-mark")),
        ("ohlcv/aha_3venue_spot_perp_funding_8h.parquet", ImportOptions(map="tidy-exchanges")),
    ):
        import_files([DATA / path], place, options)
    return hr.Lake(place)


def hold(instrument: str) -> hr.Hedge:
    return hr.Hedge(BOOK, instrument=instrument, venue="binance", policy=hr.Hold())


def rich() -> hr.Margin:
    return hr.Margin(collateral="USDT", deposit=2_000_000, reserve=20_000_000)


def raw(name: str) -> pl.DataFrame:
    return pl.read_parquet(DATA / name)


def funding_of_a_constant_position(position: float, *, marks: bool) -> tuple[float, int]:
    """Return the funding from the raw files alone, at the prices the design puts in order."""
    rows = raw("bundle/binance_btcusdt_1h_aligned.parquet").filter(
        pl.col("funding_rate").is_not_null()
        & pl.col("ts").is_between(
            pl.lit(START).str.to_datetime(time_zone="UTC"),
            pl.lit("2025-01-01").str.to_datetime(time_zone="UTC"),
            closed="left",
        )
    )
    prices = [pl.col("funding_mark_price")]
    if marks:
        for name in ("ohlcv/binance_um_mark_1h.parquet", "ohlcv/binance_um_mark_8h.parquet"):
            mark = raw(name).filter(pl.col("symbol") == "BTCUSDT")
            rows = rows.join(mark.select("ts", pl.col("open").alias(name)), on="ts", how="left")
            prices.append(pl.col(name))
    prices.append(pl.col("perp_open"))
    paid = rows.select((-position * pl.coalesce(prices) * pl.col("funding_rate")).sum())
    return float(paid.item()), len(rows)


@pytest.mark.parametrize("marks", [False, True], ids=["bundle alone", "with mark bars"])
def test_total_funding_is_that_of_the_raw_files(
    marks: bool, bundle: hr.Lake, lake: hr.Lake
) -> None:
    world = hr.Replay(lake if marks else bundle, START, END)
    run = hr.run(hold(LINEAR), world, margin=rich())
    (fill,) = run.ledger.of(EntryKind.FILL)
    expected, rows = funding_of_a_constant_position(fill.quantity, marks=marks)
    assert rows == SETTLEMENTS == run.coverage.settlements_present
    assert len(run.ledger.of(EntryKind.FUNDING)) == SETTLEMENTS
    assert run.pnl.funding == pytest.approx(expected, rel=1e-9)


def test_the_spot_leg_is_that_of_the_raw_files(bundle: hr.Lake) -> None:
    run = hr.run(hold(LINEAR), hr.Replay(bundle, START, END), margin=rich())
    prices = raw("bundle/binance_btcusdt_1h_aligned.parquet").filter(
        pl.col("ts") >= pl.lit(START).str.to_datetime(time_zone="UTC")
    )
    first, last = prices["spot_open"][0], prices["spot_close"][-1]
    assert run.pnl.exposure == pytest.approx(COINS * (last - first), rel=1e-12)
    assert run.coverage.bars_expected == 46_560
    assert run.coverage.bars_present == 46_560 - prices["spot_close"].is_nan().sum() - (
        prices["spot_close"].null_count()
    )


def test_attribution_leaves_nothing_over_on_real_history(lake: hr.Lake) -> None:
    run = hr.run(hold(LINEAR), hr.Replay(lake, START, END), margin=rich())
    assert abs(run.pnl.residual) <= 1e-9 * max(run.turnover, run.opening_worth)


def synthetic_dollar(run: hr.Run) -> float:
    """Return what the dollar value of coins and inverse short gained beyond its known causes."""
    pnl = run.pnl
    known = pnl.hedge_basis + pnl.funding + pnl.fees + pnl.slippage + pnl.collateral
    return pnl.total - known


@pytest.mark.parametrize("real", [True, False], ids=["real coin-margined prices", "proxy"])
def test_coins_under_an_inverse_short_keep_their_dollars(real: bool, lake: hr.Lake) -> None:
    if real:
        world = hr.Replay(lake, "2023-01-01", "2024-06-30", bar="8h", allow_gaps=True)
    else:
        world = hr.Replay(lake, "2020-08-11", END, proxy={INVERSE: LINEAR})
    run = hr.run(hold(INVERSE), world, margin=hr.Margin(collateral="BTC", deposit=COINS))
    (fill,) = run.ledger.of(EntryKind.FILL)
    spot = run.series["spot"]
    naked = COINS * (spot[1] - spot[0])  # the first bar, before there is a hedge
    moved = abs(spot[-1] - spot[1]) / spot[1]
    left = synthetic_dollar(run) - naked
    contracts = 100.0 / fill.price  # one contract of face, in coins: what lots leave open
    assert moved > 0.5
    assert abs(left) <= (contracts + 1e-3 * COINS) * abs(spot[-1] - spot[1])
    assert not run.liquidations
    assert any("PROXY" in stamp for stamp in run.stamps) is not real


def raw_tiers(symbol: str) -> list[dict[str, float]]:
    """Return the exchange's brackets of one contract, as recorded."""
    with gzip.open(DATA / "margin" / "binance_um_leverage_tiers_20241024.csv.gz") as file:
        table = pl.read_csv(file.read())
    return table.filter(pl.col("symbol") == symbol).sort("tier").to_dicts()


def five_times(**changes: object) -> hr.Margin:
    settings = {"deposit": 260_000.0, "after_liquidation": "stay", **changes}
    return hr.Margin(collateral="USDT", **settings)  # type: ignore[arg-type]


def test_a_short_at_five_times_dies_in_the_rally_of_2020(lake: hr.Lake) -> None:
    run = hr.run(hold(LINEAR), hr.Replay(lake, "2020-10-01", "2021-04-30"), margin=five_times())
    (fill,) = run.ledger.of(EntryKind.FILL)
    assert run.liquidations
    # The mark first passed entry + deposit/coins - maintenance on 2020-10-21, from the raw files.
    size = -fill.quantity
    died = run.liquidations[0]
    funding = sum(e.cash for e in run.ledger.of(EntryKind.FUNDING) if e.time <= died.time)
    wallet = 260_000.0 + funding + sum(e.fee for e in run.ledger.of(EntryKind.FILL))
    tiers = raw_tiers("BTC/USDT:USDT")
    candidates = [
        (wallet + size * fill.price + tier["mm_cum"]) / (size * (1.0 + tier["mm_rate"]))
        for tier in tiers
    ]
    (price,) = [
        price
        for price, tier in zip(candidates, tiers, strict=True)
        if tier["min_notional"] < size * price <= tier["max_notional"]
    ]
    assert died.price == pytest.approx(price, rel=1e-9)
    bars = raw("bundle/binance_btcusdt_1h_aligned.parquet").filter(
        pl.col("ts") >= pl.lit("2020-10-01").str.to_datetime(time_zone="UTC")
    )
    crossed = bars.filter(pl.col("perp_high") >= died.price)["ts"][0]
    assert died.time >= crossed.timestamp() * 1e9
    assert died.time < crossed.timestamp() * 1e9 + DAY
    assert sum(each.loss for each in run.liquidations) == pytest.approx(wallet, rel=1e-6)
    assert run.legs[0].series["position"][-1] == 0.0


def test_the_same_short_survives_on_top_ups_and_says_what_it_needed(lake: hr.Lake) -> None:
    world = hr.Replay(lake, "2020-10-01", "2021-04-30")
    run = hr.run(hold(LINEAR), world, margin=five_times(reserve=9_000_000.0))
    assert not run.liquidations
    (account,) = run.accounts
    assert account.top_ups > 0
    sent = -sum(entry.cash for entry in run.ledger.of(EntryKind.TOP_UP))
    assert account.needed_reserve == pytest.approx(sent, rel=1e-9)
    # With exactly that much it survives too; with a tenth less the reserve runs dry.
    enough = hr.run(hold(LINEAR), world, margin=five_times(reserve=sent + 1.0))
    assert not enough.liquidations
    assert not enough.accounts[0].unmet
    short = hr.run(hold(LINEAR), world, margin=five_times(reserve=0.9 * sent))
    assert short.accounts[0].unmet
    assert short.accounts[0].needed_reserve == pytest.approx(sent, rel=1e-9)


def test_the_sweep_and_the_single_run_say_the_same(lake: hr.Lake) -> None:
    hedge = hr.Hedge(BOOK, instrument=LINEAR, venue="binance", policy=hr.Band())
    world = hr.Replay(lake, "2021-01-01", "2021-12-31")
    job = hr.Job(hedges=[hedge], margins=[rich()])
    table = hr.sweep(job, world, {"policy.half_width": [0.01, 0.02]})
    run = hr.run(hedge, world, margin=rich())
    figures = hr.analyse(run)
    row = table.row(1, named=True)
    assert row["total"] == run.pnl.total
    assert row["hedged_volatility"] == pytest.approx(figures.hedged.volatility, rel=1e-9)
    assert row["hedged_max_drawdown"] == pytest.approx(figures.hedged.max_drawdown, rel=1e-9)
    daily = next(each for each in figures.effectiveness if each.hours == 24)
    assert row["variance_reduction"] == pytest.approx(daily.plain.variance_reduction, rel=1e-6)
    assert np.isfinite(row["min_headroom"])
