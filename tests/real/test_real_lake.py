"""Real recorded markets in one lake: rows, known facts, no conflict, and idempotence.

Set HEDGEROW_DATA_DIR to the folder that holds bundle/, ohlcv/ and funding/.
"""

import os
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hedgerow.adapters.check import SeriesHealth, check
from hedgerow.adapters.importing import ImportOptions, ImportReport, import_files
from hedgerow.adapters.lake import Lake
from hedgerow.market.series import PriceKind
from hedgerow.units import HOUR, iso
from sample_market_files import tree

DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
pytestmark = pytest.mark.skipif(
    not (DATA / "bundle").is_dir(),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)

PERP = "BTC/USDT:USDT"
BINANCE = "binance"
JOBS = (
    (["bundle"], ImportOptions()),
    (["ohlcv/binance_spot_1h.parquet"], ImportOptions(venue=BINANCE, map="tidy-spot")),
    (["ohlcv/binance_um_perp_1h.parquet"], ImportOptions(venue=BINANCE, map="tidy-perp")),
    (
        ["ohlcv/binance_um_mark_1h.parquet", "ohlcv/binance_um_mark_8h.parquet"],
        ImportOptions(venue=BINANCE, map="tidy-mark"),
    ),
    (["funding/binance_um_funding.parquet"], ImportOptions(venue=BINANCE, map="tidy-funding")),
    (
        ["ohlcv/aha_3venue_spot_perp_funding_8h.parquet"],
        ImportOptions(map="tidy-exchanges"),
    ),
)


def import_all(folder: Path) -> list[ImportReport]:
    return [
        import_files([DATA / path for path in paths], folder, options) for paths, options in JOBS
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("real") / "lake"
    import_all(place)
    return place


@pytest.fixture(scope="module")
def lake(folder: Path) -> Lake:
    return Lake(folder)


@pytest.fixture(scope="module")
def health(lake: Lake) -> dict[str, SeriesHealth]:
    return {str(found.key): found for found in check(lake)}


def ms(frame: pl.DataFrame) -> list[int]:
    return frame["ts"].dt.epoch("ms").to_list()


def test_rows_equal_those_of_the_files(lake: Lake) -> None:
    tables = (
        ("ohlcv/binance_spot_1h.parquet", "{}/{}", PriceKind.TRADE, 1),
        ("ohlcv/binance_um_perp_1h.parquet", "{}/{}:{}", PriceKind.TRADE, 1),
        ("ohlcv/binance_um_mark_1h.parquet", "{}/{}:{}", PriceKind.MARK, 1),
        ("ohlcv/binance_um_mark_8h.parquet", "{}/{}:{}", PriceKind.MARK, 8),
    )
    for path, pattern, kind, hours in tables:
        table = pl.read_parquet(DATA / path)
        for (name,), rows in table.partition_by("symbol", as_dict=True).items():
            base = str(name).removesuffix("USDT")
            symbol = pattern.format(base, "USDT", "USDT")
            bars = lake.bars(BINANCE, symbol, kind, hours * HOUR)
            raw = rows.sort("ts")
            assert (bars.time // 1_000_000).tolist() == ms(raw), (path, name)
            for column in ("open", "high", "low", "close"):
                np.testing.assert_array_equal(getattr(bars, column), raw[column].to_numpy())
            if "volume" in raw.columns:
                np.testing.assert_array_equal(bars.volume, raw["volume"].to_numpy())


def test_bitcoin_funding_is_all_there_and_sums_to_the_raw_files(lake: Lake) -> None:
    raw = pl.read_parquet(DATA / "funding/binance_um_funding.parquet")
    raw = raw.filter(pl.col("symbol") == "BTCUSDT").sort("ts")
    funding = lake.funding(BINANCE, PERP)
    assert funding.time.size == 5_819
    assert iso(int(funding.time[0])) == "2019-09-10T08:00:00Z"
    assert iso(int(funding.time[-1])) == "2024-12-31T16:00:00Z"
    assert (funding.time // 1_000_000).tolist() == ms(raw)
    np.testing.assert_array_equal(funding.rate, raw["funding_rate"].to_numpy())
    np.testing.assert_array_equal(funding.mark_price, raw["mark_price"].to_numpy())
    assert set(funding.interval_hours[1:]) == {8.0}


def test_spot_lacks_the_known_outages(lake: Lake, health: dict[str, SeriesHealth]) -> None:
    bundle = pl.read_parquet(DATA / "bundle/binance_btcusdt_1h_aligned.parquet")
    holes = bundle.filter(pl.col("spot_close").is_null())
    assert holes.height == 36
    held = set(lake.bars(BINANCE, "BTC/USDT", PriceKind.TRADE, HOUR).time // 1_000_000)
    assert held.isdisjoint(ms(holes))
    whole = health["binance BTC/USDT trade 1h"]
    assert whole.missing == 128
    assert health["binance BTC/USDT:USDT trade 1h"].missing == 0


def test_crashes_on_record_are_in_the_lows(lake: Lake) -> None:
    bars = lake.bars(BINANCE, "BTC/USDT", PriceKind.TRADE, HOUR)
    days = bars.time // (24 * HOUR)
    known = {"2020-03-12": 4_410.0, "2020-03-13": 3_782.13, "2021-05-19": 30_000.0}
    for day, low in known.items():
        number = int(np.datetime64(day).astype("datetime64[D]").astype(np.int64))
        assert bars.low[days == number].min() == low


def test_the_eight_hour_perp_of_another_source_is_the_hourly_one_resampled(lake: Lake) -> None:
    hourly = lake.bars(BINANCE, PERP, PriceKind.TRADE, HOUR)
    coarse = lake.bars(BINANCE, PERP, PriceKind.TRADE, 8 * HOUR)
    start = np.searchsorted(hourly.time, coarse.time)
    lows = [hourly.low[i : i + 8].min() for i in start]
    highs = [hourly.high[i : i + 8].max() for i in start]
    np.testing.assert_array_equal(coarse.open, hourly.open[start])
    odd = coarse.close != hourly.close[start + 7]
    assert [iso(int(opened)) for opened in coarse.time[odd]] == ["2023-11-10T08:00:00Z"], (
        "at that bar alone the venue's own 1 h candles disagree with its 4 h and 8 h ones"
    )
    np.testing.assert_array_equal(coarse.low, lows)
    np.testing.assert_array_equal(coarse.high, highs)


def test_the_inverse_perp_of_three_venues_is_there(
    lake: Lake, health: dict[str, SeriesHealth]
) -> None:
    for venue in (BINANCE, "bybit", "okx"):
        inverse = lake.bars(venue, "BTC/USD:BTC", PriceKind.TRADE, 8 * HOUR)
        linear = lake.bars(venue, PERP, PriceKind.TRADE, 8 * HOUR)
        np.testing.assert_array_equal(inverse.time, linear.time)
        assert np.abs(inverse.close / linear.close - 1.0).max() < 0.02
        found = health[f"{venue} BTC/USD:BTC funding"]
        assert (found.rows, found.missing) == (1_641, 1)


def test_funding_intervals_change_where_the_venue_changed_them(
    health: dict[str, SeriesHealth],
) -> None:
    raw = pl.read_parquet(DATA / "funding/binance_um_funding.parquet")
    for (name,), rows in raw.partition_by("symbol", as_dict=True).items():
        usual = {float(h) for h in rows["interval_h"].drop_nulls()[5:]}
        found = health[f"binance {str(name).removesuffix('USDT')}/USDT:USDT funding"]
        assert {span.hours for span in found.intervals} == usual, name


def test_nothing_is_held_twice_nor_impossible(health: dict[str, SeriesHealth]) -> None:
    assert sum(found.duplicates for found in health.values()) == 0
    assert sum(found.ohlc_violations for found in health.values()) == 0


def test_importing_all_of_it_again_changes_nothing(folder: Path) -> None:
    before = tree(folder)
    assert not any(report.changed for report in import_all(folder))
    assert tree(folder) == before


def test_the_order_of_imports_does_not_matter(lake: Lake, tmp_path: Path) -> None:
    for paths, options in reversed(JOBS):
        import_files([DATA / path for path in paths], tmp_path / "lake", options)
    assert Lake(tmp_path / "lake").content_hash() == lake.content_hash()


def test_five_years_of_hours_are_read_well_within_a_tenth_of_a_second(folder: Path) -> None:
    def seconds() -> float:
        start = time.perf_counter()
        Lake(folder).bars(BINANCE, PERP, PriceKind.TRADE, HOUR)
        return time.perf_counter() - start

    assert min(seconds() for _ in range(5)) < 0.1
