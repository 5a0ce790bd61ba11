"""The exchange's public dump: candles, marks and funding by the month, as zips."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.adapters.lake import Lake
from hedgerow.errors import ConfigError, DataConflict, HedgeError, MarketDataError
from hedgerow.market.series import PriceKind
from hedgerow.units import HOUR
from sample_market_files import (
    FUNDING_HEADER,
    HOUR_MS,
    KLINE_HEADER,
    START_MS,
    kline_rows,
    tree,
    write_dump,
)

SPOT = "data/spot/monthly/klines/BTCUSDT/1h"
PERP = "data/futures/um/monthly/klines/BTCUSDT/1h"
MARK = "data/futures/um/monthly/markPriceKlines/BTCUSDT/1h"
INDEX = "data/futures/cm/monthly/indexPriceKlines/BTCUSD/1h"
INVERSE = "data/futures/cm/monthly/klines/BTCUSD_PERP/1h"
MONTH = "BTCUSDT-1h-2020-01.zip"


def keys(lake: Path) -> set[str]:
    return {str(held.key) for held in Lake(lake).series()}


def test_the_folders_tell_spot_perpetual_mark_and_index_apart(tmp_path: Path) -> None:
    write_dump(tmp_path / SPOT / MONTH, kline_rows())
    write_dump(tmp_path / PERP / MONTH, [KLINE_HEADER, *kline_rows()])
    write_dump(tmp_path / MARK / MONTH, kline_rows(volume=0.0))
    write_dump(tmp_path / INDEX / "BTCUSD-1h-2020-01.zip", kline_rows(volume=0.0))
    write_dump(tmp_path / INVERSE / "BTCUSD_PERP-1h-2020-01.zip", kline_rows())
    report = import_files([tmp_path / "data"], tmp_path / "lake")
    assert len(report.files) == 5
    assert keys(tmp_path / "lake") == {
        "binance BTC/USDT trade 1h",
        "binance BTC/USDT:USDT trade 1h",
        "binance BTC/USDT:USDT mark 1h",
        "binance BTC/USD:BTC index 1h",
        "binance BTC/USD:BTC trade 1h",
    }


def test_a_header_makes_no_difference(tmp_path: Path) -> None:
    for name, lines in (("a", kline_rows()), ("b", [KLINE_HEADER, *kline_rows()])):
        write_dump(tmp_path / name / PERP / MONTH, lines)
        import_files([tmp_path / name], tmp_path / f"lake-{name}")
    assert Lake(tmp_path / "lake-a").content_hash() == Lake(tmp_path / "lake-b").content_hash()


def test_micro_and_milliseconds_mix_even_in_one_file(tmp_path: Path) -> None:
    later = START_MS + 12 * HOUR_MS
    mixed = [*kline_rows(12), *kline_rows(12, start_ms=later, scale=1_000)]
    write_dump(tmp_path / SPOT / MONTH, mixed)
    import_files([tmp_path / "data"], tmp_path / "lake")
    bars = Lake(tmp_path / "lake").bars("binance", "BTC/USDT", PriceKind.TRADE, HOUR)
    np.testing.assert_array_equal(np.diff(bars.time), HOUR)
    assert bars.time[0] == START_MS * 1_000_000


def test_contracts_are_dollars_for_coin_margined_and_marks_have_no_volume(tmp_path: Path) -> None:
    write_dump(tmp_path / INVERSE / "BTCUSD_PERP-1h-2020-01.zip", kline_rows(volume=7.0))
    write_dump(tmp_path / INVERSE / "ETHUSD_PERP-1h-2020-01.zip", kline_rows(volume=7.0))
    write_dump(tmp_path / MARK / MONTH, kline_rows(volume=0.0))
    import_files([tmp_path / "data"], tmp_path / "lake")
    lake = Lake(tmp_path / "lake")
    bitcoin = lake.bars("binance", "BTC/USD:BTC", PriceKind.TRADE, HOUR)
    ether = lake.bars("binance", "ETH/USD:ETH", PriceKind.TRADE, HOUR)
    mark = lake.bars("binance", "BTC/USDT:USDT", PriceKind.MARK, HOUR)
    assert set(bitcoin.volume) == {700.0}
    assert set(ether.volume) == {70.0}
    assert np.isnan(mark.volume).all()


def test_funding_lands_on_the_second_whatever_the_jitter(tmp_path: Path) -> None:
    jitter = (0, 3, 17, -2, 499, 0)
    lines = [FUNDING_HEADER]
    lines += [f"{START_MS + 8 * i * HOUR_MS + j},8,0.000{i + 1}" for i, j in enumerate(jitter)]
    write_dump(tmp_path / "BTCUSDT-fundingRate-2020-01.zip", lines)
    import_files([tmp_path / "BTCUSDT-fundingRate-2020-01.zip"], tmp_path / "lake")
    funding = Lake(tmp_path / "lake").funding("binance", "BTC/USDT:USDT")
    np.testing.assert_array_equal(funding.interval_hours[1:], 8.0)
    assert funding.time[0] == START_MS * 1_000_000
    np.testing.assert_array_equal(funding.rate, [1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 6e-4])
    assert np.isnan(funding.mark_price).all()


def test_the_interval_is_counted_from_the_stamps_not_from_the_column(tmp_path: Path) -> None:
    hours = [0, 8, 16, 20, 24, 25]
    lines = [FUNDING_HEADER, *(f"{START_MS + h * HOUR_MS},8,0.0001" for h in hours)]
    write_dump(tmp_path / "OMUSDT-fundingRate-2020-01.zip", lines)
    import_files([tmp_path], tmp_path / "lake")
    funding = Lake(tmp_path / "lake").funding("binance", "OM/USDT:USDT")
    np.testing.assert_array_equal(funding.interval_hours[1:], [8.0, 8.0, 4.0, 4.0, 1.0])


def test_coin_margined_funding_is_known_by_its_name(tmp_path: Path) -> None:
    lines = [FUNDING_HEADER, f"{START_MS},8,0.0001"]
    write_dump(tmp_path / "BTCUSD_PERP-fundingRate-2020-01.zip", lines)
    import_files([tmp_path], tmp_path / "lake")
    assert keys(tmp_path / "lake") == {"binance BTC/USD:BTC funding"}


def test_without_folders_the_market_must_be_given(tmp_path: Path) -> None:
    path = write_dump(tmp_path / MONTH, kline_rows())
    with pytest.raises(ConfigError, match="give --market spot, um or cm"):
        import_files([path], tmp_path / "lake")
    import_files([path], tmp_path / "lake", ImportOptions(market="um"))
    assert keys(tmp_path / "lake") == {"binance BTC/USDT:USDT trade 1h"}


def test_candles_without_any_volume_may_be_marks_and_are_asked_about(tmp_path: Path) -> None:
    path = write_dump(tmp_path / MONTH, kline_rows(volume=0.0))
    with pytest.raises(MarketDataError, match="give --kind trade, mark or index"):
        import_files([path], tmp_path / "lake", ImportOptions(market="um"))
    import_files([path], tmp_path / "lake", ImportOptions(market="um", kind="mark"))
    assert keys(tmp_path / "lake") == {"binance BTC/USDT:USDT mark 1h"}


def test_a_matching_checksum_passes_and_another_is_refused(tmp_path: Path) -> None:
    path = write_dump(tmp_path / PERP / MONTH, kline_rows(), checksum=True)
    import_files([path, path.with_name(path.name + ".CHECKSUM")], tmp_path / "lake")
    before = tree(tmp_path / "lake")
    path.with_name(path.name + ".CHECKSUM").write_text("0" * 64 + f"  {path.name}\n")
    with pytest.raises(MarketDataError, match=r"sha256 is .* fetch the file again"):
        import_files([path], tmp_path / "lake")
    path.with_name(path.name + ".CHECKSUM").write_text("\n")
    with pytest.raises(MarketDataError, match="holds no sha256"):
        import_files([path], tmp_path / "lake")
    assert tree(tmp_path / "lake") == before


def test_other_dumps_in_a_folder_are_passed_over_and_said(tmp_path: Path) -> None:
    write_dump(tmp_path / PERP / MONTH, kline_rows())
    write_dump(tmp_path / "data/futures/um/BTCUSDT-aggTrades-2020-01.zip", ["1,2,3"])
    write_dump(tmp_path / "data/futures/cm/BTCUSD_200327-1h-2020-01.zip", kline_rows())
    premium = "data/futures/um/premiumIndexKlines/BTCUSDT-1h-2020-01.zip"
    write_dump(tmp_path / premium, kline_rows())
    report = import_files([tmp_path / "data"], tmp_path / "lake")
    assert sorted(name for name, _ in report.skipped) == [
        "BTCUSDT-1h-2020-01.zip",
        "BTCUSDT-aggTrades-2020-01.zip",
        "BTCUSD_200327-1h-2020-01.zip",
    ]
    with pytest.raises(ConfigError, match="premium-index candles are not prices"):
        import_files([tmp_path / premium], tmp_path / "lake")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["1,2,3", "4,5,6"], "has 3 columns, not 12"),
        ([KLINE_HEADER.replace("high", "hihg"), *kline_rows(2)], "column high is missing"),
        ([KLINE_HEADER], "has no rows"),
        ([*kline_rows(3), "soon" + kline_rows(1)[0][13:]], "row 4: open_time = 'soon' is not a"),
        ([*kline_rows(3), kline_rows(2)[1]], "rows 2 and 4: .* twice"),
        ([kline_rows(1)[0].replace("7200.0", "x", 1), *kline_rows(2)[1:]], "row 1: open = 'x'"),
        ([*kline_rows(2), "1,2"], "row 3: open_time = '1' is not a time|not readable as CSV"),
    ],
)
def test_a_spoilt_dump_is_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    path = write_dump(tmp_path / PERP / MONTH, lines)
    with pytest.raises(MarketDataError, match=message):
        import_files([path], tmp_path / "lake")
    assert not (tmp_path / "lake").exists()


def test_a_damaged_zip_is_called_so(tmp_path: Path) -> None:
    path = write_dump(tmp_path / PERP / MONTH, kline_rows())
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(MarketDataError, match="not readable as a zip"):
        import_files([path], tmp_path / "lake")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "1")
        archive.writestr("b.csv", "2")
    with pytest.raises(MarketDataError, match="holds 2 CSV files, not one"):
        import_files([path], tmp_path / "lake")


def test_days_and_months_that_overlap_join_and_disagreement_is_refused(tmp_path: Path) -> None:
    write_dump(tmp_path / PERP / MONTH, kline_rows(24))
    daily = tmp_path / PERP.replace("monthly", "daily") / "BTCUSDT-1h-2020-01-01.zip"
    write_dump(daily, kline_rows(30))
    import_files([tmp_path / "data"], tmp_path / "lake")
    assert Lake(tmp_path / "lake").series()[0].rows == 30
    before = tree(tmp_path / "lake")
    rows = kline_rows(30)
    rows[4] = rows[4].replace(",7205.0,", ",7205.5,", 1)
    write_dump(daily, rows)
    with pytest.raises(DataConflict) as caught:
        import_files([daily], tmp_path / "lake")
    assert "1 value disagrees" in str(caught.value)
    assert "2020-01-01T04:00:00Z, close: 7205.0 in the lake, 7205.5 in" in str(caught.value)
    assert tree(tmp_path / "lake") == before


def test_a_pair_with_an_unknown_quote_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    path = write_dump(tmp_path / PERP / "BTCXYZ-1h-2020-01.zip", kline_rows())
    with pytest.raises(HedgeError, match="cannot be split into base and quote"):
        import_files([path], tmp_path / "lake")
