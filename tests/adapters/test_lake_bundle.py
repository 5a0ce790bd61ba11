"""An aligned bundle becomes spot, perpetual, mark and funding of one pair in a lake."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.adapters.lake import Lake
from hedgerow.errors import ConfigError, HedgeError, MarketDataError, UnknownName
from hedgerow.market.series import PriceKind
from hedgerow.units import HOUR
from sample_market_files import HOUR_MS, START_MS, a_bundle, tree, write_bundle

PERP, SPOT = "BTC/USDT:USDT", "BTC/USDT"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    import_files([write_bundle(tmp_path, a_bundle())], tmp_path / "lake")
    return Lake(tmp_path / "lake")


def test_perpetual_bars_come_back_as_they_were(lake: Lake) -> None:
    bars = lake.bars("binance", PERP, PriceKind.TRADE, HOUR)
    frame = a_bundle()
    np.testing.assert_array_equal(bars.time, (START_MS + HOUR_MS * np.arange(48)) * 1_000_000)
    for name in ("open", "high", "low", "close"):
        np.testing.assert_array_equal(getattr(bars, name), frame[f"perp_{name}"].to_numpy())
    assert np.isnan(bars.volume).all()
    assert bars.source == "binance_btcusdt_1h_aligned.parquet"


def test_a_spot_hole_is_not_stored(lake: Lake) -> None:
    bars = lake.bars("binance", SPOT, PriceKind.TRADE, HOUR)
    assert bars.time.size == 47
    assert (START_MS + 5 * HOUR_MS) * 1_000_000 not in bars.time


def test_marks_have_a_close_and_nothing_else(lake: Lake) -> None:
    bars = lake.bars("binance", PERP, PriceKind.MARK, HOUR)
    assert bars.time.size == 24
    np.testing.assert_array_equal(bars.close, a_bundle()["mark_close"].to_numpy()[24:])
    assert np.isnan([bars.open, bars.high, bars.low]).all()


def test_funding_keeps_rate_mark_and_its_own_interval(lake: Lake) -> None:
    funding = lake.funding("binance", PERP)
    np.testing.assert_array_equal(funding.rate, 1e-4 + 1e-6 * np.arange(0, 48, 8))
    assert np.isnan(funding.interval_hours[0])
    np.testing.assert_array_equal(funding.interval_hours[1:], 8.0)
    np.testing.assert_array_equal(np.isnan(funding.mark_price), [True] * 3 + [False] * 3)


def test_a_lake_calls_itself_by_its_folder_and_is_no_simulation(lake: Lake) -> None:
    assert lake.name == "lake"
    assert not lake.simulated
    assert lake.steps("binance", PERP, PriceKind.TRADE) == (HOUR,)
    assert lake.steps("binance", PERP, PriceKind.INDEX) == ()


def test_a_series_that_is_not_held_is_named_with_the_nearest(lake: Lake) -> None:
    with pytest.raises(UnknownName, match="did you mean 'binance BTC/USDT:USDT trade 1h'"):
        lake.bars("binance", "BTC/USDC:USDC", PriceKind.TRADE, HOUR)
    with pytest.raises(UnknownName, match="funding series"):
        lake.funding("binance", "ETH/USDT:USDT")


def test_importing_twice_changes_not_one_byte(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, a_bundle())
    first = import_files([bundle], tmp_path / "lake")
    before = tree(tmp_path / "lake")
    second = import_files([bundle], tmp_path / "lake")
    assert first.changed
    assert not second.changed
    assert [entry.unchanged for entry in second.series] == [entry.rows for entry in first.series]
    assert tree(tmp_path / "lake") == before


def test_halves_in_any_order_give_the_rows_of_the_whole(tmp_path: Path) -> None:
    frame = a_bundle()
    whole = write_bundle(tmp_path / "whole", frame)
    early = write_bundle(tmp_path / "early", frame.head(30))
    late = write_bundle(tmp_path / "late", frame.tail(30))
    import_files([whole], tmp_path / "one")
    import_files([late], tmp_path / "two")
    import_files([early], tmp_path / "two")
    assert Lake(tmp_path / "one").content_hash() == Lake(tmp_path / "two").content_hash()


def test_the_hash_tells_a_changed_number(tmp_path: Path) -> None:
    other = a_bundle().with_columns(pl.col("funding_rate") * 1.000001)
    import_files([write_bundle(tmp_path / "a", a_bundle())], tmp_path / "one")
    import_files([write_bundle(tmp_path / "b", other)], tmp_path / "two")
    one, two = Lake(tmp_path / "one"), Lake(tmp_path / "two")
    assert one.content_hash() != two.content_hash()
    prices = [held.key for held in one.series() if not held.key.is_funding]
    assert one.content_hash(prices) == two.content_hash(prices)


def test_years_lie_in_folders_of_their_own(tmp_path: Path) -> None:
    frame = a_bundle(24 * 400)
    import_files([write_bundle(tmp_path, frame)], tmp_path / "lake")
    folder = tmp_path / "lake/prices/venue=binance/symbol=BTC-USDT@USDT/kind=trade/step=3600"
    assert sorted(path.name for path in folder.iterdir()) == ["year=2020", "year=2021"]
    hive = pl.scan_parquet(tmp_path / "lake/prices/**/*.parquet", hive_partitioning=True)
    held = hive.filter(pl.col("symbol") == "BTC-USDT@USDT", pl.col("kind") == "trade").collect()
    assert held.height == 24 * 400


def test_a_csv_bundle_and_given_names_do_as_well(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    a_bundle().with_columns(pl.col("ts").dt.to_string("iso:strict")).write_csv(path)
    options = ImportOptions(venue="kraken", base="eth", quote="usd")
    import_files([path], tmp_path / "lake", options)
    keys = {str(held.key) for held in Lake(tmp_path / "lake").series()}
    assert "kraken ETH/USD:USD trade 1h" in keys
    assert "kraken ETH/USD trade 1h" in keys


def test_a_bundle_that_does_not_say_its_pair_is_refused_with_the_mend(tmp_path: Path) -> None:
    path = write_bundle(tmp_path, a_bundle(), "prices.parquet")
    with pytest.raises(ConfigError, match="--venue binance --base BTC --quote USDT"):
        import_files([path], tmp_path / "lake")


BAD_CELLS = [
    ("perp_close", 3, float("nan"), r"row 4: .*2020-01-01T03:00:00Z: close = empty"),
    ("perp_high", 3, None, r"row 4: .*high = empty is missing while"),
    ("perp_low", 3, -1.0, r"low = -1\.0 is not a price above zero"),
    ("perp_open", 3, 0.0, r"open = 0\.0 is not a price above zero"),
    ("perp_high", 3, 1.0, r"high = 1\.0 is below the bar's"),
    ("spot_low", 3, 1e9, r"high = .* is below the bar's open, close or low"),
    ("spot_close", 3, None, r"BTC/USDT trade 1h at 2020-01-01T03:00:00Z: close = empty"),
    ("perp_close", 3, float("inf"), r"perp_close = inf is not a finite number"),
    ("funding_rate", 8, 1.5, r"rate = 1\.5 is 100 % or more"),
    ("funding_mark_price", 40, -5.0, r"mark_price = -5\.0 is not a price"),
    ("funding_mark_price", 3, 5.0, r"rate = empty is missing"),
]


@pytest.mark.parametrize(("column", "row", "value", "message"), BAD_CELLS)
def test_an_impossible_value_is_refused_by_row_time_and_name(
    tmp_path: Path, column: str, row: int, value: float | None, message: str
) -> None:
    values = a_bundle()[column].to_list()
    values[row] = value
    frame = a_bundle().with_columns(pl.Series(column, values, dtype=pl.Float64))
    path = write_bundle(tmp_path, frame)
    with pytest.raises(MarketDataError, match=message) as caught:
        import_files([path], tmp_path / "lake")
    assert str(path) in str(caught.value)
    assert not (tmp_path / "lake").exists()


def swapped(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame[:10], frame[11:12], frame[10:11], frame[12:]])


def repeated(frame: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([frame[:10], frame[9:]])


def off_the_hour(frame: pl.DataFrame) -> pl.DataFrame:
    late = pl.when(pl.int_range(pl.len()) == 10).then(pl.duration(minutes=7)).otherwise(
        pl.duration(minutes=0)
    )  # fmt: skip
    return frame.with_columns(pl.col("ts") + late)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (swapped, r"row 12: time goes from 2020-01-01T11:00:00Z to 2020-01-01T10:00:00Z"),
        (repeated, r"rows 10 and 11: .* has 2020-01-01T09:00:00Z twice"),
        (off_the_hour, r"row 11: the bar of .* at 2020-01-01T10:07:00Z is not a whole number"),
        (lambda frame: frame.rename({"perp_close": "perp_clos"}), r"needs column perp_close"),
        (lambda frame: frame.rename({"funding_rate": "funding_rat"}), r"mean 'funding_rate'"),
        (lambda frame: frame.with_columns(ts=pl.lit("soon")), r"'ts' cannot be read as times"),
        (lambda frame: frame.with_columns(ts=pl.lit(5)), r"row 1: ts = 5 is not a time"),
        (lambda frame: frame.head(0), r"has no rows"),
        (lambda frame: frame.head(1), r"cannot be told from a single row"),
        (lambda frame: frame.with_columns(perp_open=pl.lit("dear")), r"'dear' is not a finite"),
        (lambda frame: frame.with_columns(perp_open=pl.lit(value=True)), r"holds Boolean, not"),
        (lambda frame: frame.select("ts"), r"is not an aligned bundle .*--map"),
    ],
)
def test_a_spoilt_table_is_refused(tmp_path: Path, spoil: object, message: str) -> None:
    assert callable(spoil)
    path = write_bundle(tmp_path, spoil(a_bundle()))
    with pytest.raises(HedgeError, match=message):
        import_files([path], tmp_path / "lake")
    assert not (tmp_path / "lake").exists()


def test_a_table_from_the_newest_row_to_the_oldest_is_turned_around(tmp_path: Path) -> None:
    import_files([write_bundle(tmp_path / "a", a_bundle())], tmp_path / "one")
    import_files([write_bundle(tmp_path / "b", a_bundle().reverse())], tmp_path / "two")
    assert Lake(tmp_path / "one").content_hash() == Lake(tmp_path / "two").content_hash()


def test_a_cut_off_parquet_is_called_damaged(tmp_path: Path) -> None:
    path = write_bundle(tmp_path, a_bundle())
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(MarketDataError, match=r"aligned\.parquet: not readable as Parquet"):
        import_files([path], tmp_path / "lake")


def test_a_missing_file_an_unknown_ending_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.parquet does not exist"):
        import_files([tmp_path / "nowhere.parquet"], tmp_path / "lake")
    (tmp_path / "prices.xlsx").write_bytes(b"PK")
    with pytest.raises(ConfigError, match=r"ends in none of \.parquet"):
        import_files([tmp_path / "prices.xlsx"], tmp_path / "lake")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="nothing to import"):
        import_files([tmp_path / "empty"], tmp_path / "lake")
