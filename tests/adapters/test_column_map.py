"""A column map turns anybody's table into series, and says what is wrong with itself."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hedgerow.adapters.column_map import load_map, parse_map, ready_maps
from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.adapters.lake import Lake
from hedgerow.errors import ConfigError, HedgeError, UnknownName
from hedgerow.market.series import PriceKind
from hedgerow.units import HOUR, nanoseconds

SMALLEST = """
[[series]]
kind = "trade"
venue = "acme"
symbol = "BTC/USDT:USDT"
time = { column = "time" }
columns = { open = "o", high = "h", low = "l", close = "c", volume = "v" }
"""


def candles(times: list[object], **more: object) -> pl.DataFrame:
    n = len(times)
    prices = {"o": [10.0] * n, "h": [12.0] * n, "l": [9.0] * n, "c": [11.0] * n, "v": [4.0] * n}
    return pl.DataFrame({"time": times, **prices, **more})


def imported(tmp_path: Path, frame: pl.DataFrame, text: str, venue: str = "") -> Lake:
    (tmp_path / "map.toml").write_text(text)
    frame.write_csv(tmp_path / "table.csv")
    options = ImportOptions(map=str(tmp_path / "map.toml"), venue=venue)
    import_files([tmp_path / "table.csv"], tmp_path / "lake", options)
    return Lake(tmp_path / "lake")


NOON = datetime(2024, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "stamps"),
    [
        ("", [1719835200, 1719838800]),
        ("", [1719835200000, 1719838800000]),
        ("", [1719835200000000, 1719838800000000]),
        ("", [1719835200000000000, 1719838800000000000]),
        (', unit = "s"', [1719835200, 1719838800]),
        ("", [1719835200.002, 1719838799.998]),
        ("", ["2024-07-01T12:00:00Z", "2024-07-01T13:00:00Z"]),
        ("", ["2024-07-01 14:00:00+02:00", "2024-07-01 15:00:00+02:00"]),
        ("", ["2024-07-01 12:00:00", "2024-07-01 13:00:00"]),
        (', zone = "Europe/London"', ["2024-07-01 13:00:00", "2024-07-01 14:00:00"]),
        (', format = "%d.%m.%Y %H:%M"', ["01.07.2024 12:00", "01.07.2024 13:00"]),
        (', stamp = "close"', ["2024-07-01T13:00:00Z", "2024-07-01T14:00:00Z"]),
    ],
)
def test_times_are_read_however_they_are_written(
    tmp_path: Path, time: str, stamps: list[object]
) -> None:
    text = SMALLEST.replace('column = "time"', 'column = "time"' + time)
    lake = imported(tmp_path, candles(stamps), text)
    bars = lake.bars("acme", "BTC/USDT:USDT", PriceKind.TRADE, HOUR)
    np.testing.assert_array_equal(bars.time, nanoseconds(NOON) + HOUR * np.arange(2))
    assert set(bars.volume) == {4.0}


def test_an_hour_that_the_clock_change_repeats_is_refused(tmp_path: Path) -> None:
    stamps: list[object] = ["2024-10-27 01:00:00", "2024-10-27 02:00:00"]
    text = SMALLEST.replace('column = "time"', 'column = "time", zone = "Europe/London"')
    with pytest.raises(HedgeError, match="cannot be read as times in Europe/London"):
        imported(tmp_path, candles(stamps), text)


def test_one_table_of_many_pairs_is_split(tmp_path: Path) -> None:
    hours: list[object] = [1719835200, 1719838800] * 3
    names = ["BTCUSDT"] * 2 + ["ETH-USDC"] * 2 + ["BTCUSDCM"] * 2
    text = """
    [[series]]
    kind = "mark"
    symbol = { column = "pair", market = "linear", values = { BTCUSDCM = "BTC/USD:BTC" } }
    time = { column = "time" }
    columns = { close = "c" }
    step = "1h"
    """
    lake = imported(tmp_path, candles(hours, pair=names), text, venue="acme")
    assert [str(held.key) for held in lake.series()] == [
        "acme BTC/USD:BTC mark 1h",
        "acme BTC/USDT:USDT mark 1h",
        "acme ETH/USDC:USDC mark 1h",
    ]


def test_where_chooses_rows_and_row_numbers_stay_those_of_the_file(tmp_path: Path) -> None:
    frame = candles([1719835200, 1719838800, 1719842400], side=["x", "y", "y"]).with_columns(
        c=pl.Series([11.0, 11.0, -1.0])
    )
    text = SMALLEST + 'where = { side = "y" }\n'
    with pytest.raises(HedgeError, match=r"row 3: .*2024-07-01T14:00:00Z: close = -1\.0"):
        imported(tmp_path, frame, text)
    bad = frame.with_columns(c=pl.Series(["11", "11", "dear"]))
    with pytest.raises(HedgeError, match="row 3: c = 'dear'"):
        imported(tmp_path, bad, text)
    late = frame.with_columns(time=pl.Series([1719835200, 1719838800, 5]))
    with pytest.raises(HedgeError, match="row 3: time = '5' is not a time"):
        imported(tmp_path, late, text)
    with pytest.raises(HedgeError, match="no row is chosen"):
        imported(tmp_path, frame, SMALLEST + 'where = { side = "z" }\n')


def test_volume_is_stored_in_the_coin_the_lake_wants(tmp_path: Path) -> None:
    hours: list[object] = [1719835200, 1719838800]
    inverse = SMALLEST.replace("BTC/USDT:USDT", "BTC/USD:BTC")
    cases = {
        "contracts": 'volume_unit = "contracts"\ncontract_size = 100.0\n',
        "quote": 'volume_unit = "quote"\n',
        "converted": 'volume_unit = "base"\nvolume_price = "close"\n',
    }
    found = {}
    for name, rule in cases.items():
        (tmp_path / name).mkdir()
        lake = imported(tmp_path / name, candles(hours), inverse + rule)
        bars = lake.bars("acme", "BTC/USD:BTC", PriceKind.TRADE, HOUR)
        found[name] = float(bars.volume[0])
    assert found == {"contracts": 400.0, "quote": 4.0, "converted": 44.0}
    with pytest.raises(ConfigError, match="must be in quote, the map says it is in base"):
        imported(tmp_path, candles(hours), inverse)


def test_holes_are_passed_over_only_where_the_map_declares_them(tmp_path: Path) -> None:
    frame = candles([1719835200, 1719838800, 1719842400])
    empty = [None if i == 1 else 10.5 for i in range(3)]
    frame = frame.with_columns(pl.Series(name, empty) for name in "ohlcv")
    with pytest.raises(HedgeError, match="close = empty is missing"):
        imported(tmp_path, frame, SMALLEST + 'step = "1h"\n')
    lake = imported(tmp_path, frame, SMALLEST + 'step = "1h"\nholes = true\n')
    assert lake.series()[0].rows == 2


def test_a_comment_line_and_another_separator_are_allowed_for(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        '[file]\nskip = 1\nseparator = ";"\n' + SMALLEST + 'step = "1h"\n'
    )
    (tmp_path / "table.csv").write_text(
        "https://example.org\ntime;o;h;l;c;v\n1719838800;10;12;9;11;\n1719835200;10;12;9;11;7\n"
    )
    options = ImportOptions(map=str(tmp_path / "map.toml"))
    import_files([tmp_path / "table.csv"], tmp_path / "lake", options)
    bars = Lake(tmp_path / "lake").bars("acme", "BTC/USDT:USDT", PriceKind.TRADE, HOUR)
    np.testing.assert_array_equal(bars.volume, [7.0, np.nan])


@pytest.mark.parametrize("name", ready_maps())
def test_every_ready_map_loads_by_name(name: str) -> None:
    assert load_map(name).series


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"has no \[\[series\]\]"),
        ("[[series]", "not valid TOML"),
        ("series = 3", "series = 3 must be of type list"),
        ("series = [3]", "must be a table, not 3"),
        ("colour = 1\n" + SMALLEST, "unknown key 'colour'"),
        (SMALLEST.replace('kind = "trade"', 'kind = "trades"'), "did you mean 'trade'"),
        (SMALLEST.replace("venue", "vneue"), "unknown key 'vneue'; did you mean 'venue'"),
        (SMALLEST.replace("close =", "clsoe ="), "unknown key 'clsoe'; did you mean 'close'"),
        (SMALLEST.replace('open = "o", ', ""), "all of open, high and low, or close alone"),
        (SMALLEST.replace('close = "c",', ""), "close is missing"),
        (SMALLEST.replace("symbol", "# symbol"), "symbol is missing"),
        (SMALLEST.replace("time = {", "# time = {"), "time is missing"),
        (SMALLEST.replace('column = "time"', 'column = "time", zone = "Mars"'), "zone 'Mars'"),
        (SMALLEST.replace('column = "time"', 'column = "time", unit = "m"'), "time unit 'm'"),
        (SMALLEST + 'step = "1mo"\n', "calendar months have no fixed length"),
        (SMALLEST + "where = { a = [] }\n", "must be a text or a number"),
        (SMALLEST + 'volume_unit = "contracts"\n', "go together"),
        (SMALLEST.replace('"BTC/USDT:USDT"', '{ column = "x" }'), 'give market = "spot"'),
    ],
)
def test_a_wrong_map_is_refused_with_the_key(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_map(text, "map.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("BTC/USDT:USDT", "BTCUSDT"), "'BTCUSDT' is not a symbol"),
        (("acme", "ACME!"), "is not a venue's name"),
        (('venue = "acme"', ""), "no venue is named; give --venue"),
        (('"c"', '"close"'), "unknown column 'close'"),
        (('"time" }', '"when" }'), "unknown column 'when'"),
        (('"BTC/USDT:USDT"', '{ column = "c", market = "spot" }'), "cannot be split into base"),
    ],
)
def test_a_map_that_does_not_fit_the_table_is_refused(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        imported(tmp_path, candles([1719835200, 1719838800]), SMALLEST.replace(*change))
    assert not (tmp_path / "lake").exists()


def test_a_map_that_does_not_exist_is_named_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'tidy-perp'"):
        load_map("tidy-prep")
    with pytest.raises(ConfigError, match=r"no\.toml: No such file"):
        load_map(str(tmp_path / "no.toml"))
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not UTF-8 text"):
        load_map(str(tmp_path / "bytes.toml"))
