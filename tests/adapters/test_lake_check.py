"""The health check finds what was spoilt on purpose, and nothing else."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from hedgerow.adapters.check import Gap, SeriesHealth, bars_health, check, funding_health
from hedgerow.adapters.importing import import_files
from hedgerow.adapters.lake import Lake
from hedgerow.adapters.series_key import SeriesKey
from hedgerow.market.series import Bars
from hedgerow.units import HOUR, SECOND, Times
from sample_market_files import a_bundle, write_bundle

PRICES = SeriesKey(venue="acme", symbol="BTC/USDT:USDT", kind="trade", step=HOUR)
FUNDING = SeriesKey(venue="acme", symbol="BTC/USDT:USDT", kind="funding")
FIRST = 1_577_836_800 * SECOND


def some_bars(n: int = 500) -> dict[str, npt.NDArray[np.float64]]:
    random = np.random.default_rng(3)
    close = 100.0 * np.exp(np.cumsum(0.002 * random.standard_normal(n)))
    opened = np.concatenate(([100.0], close[:-1]))
    wick = 1.0 + 0.002 * random.random((2, n))
    return {
        "open": opened,
        "high": np.maximum(opened, close) * wick[0],
        "low": np.minimum(opened, close) / wick[1],
        "close": close,
        "volume": np.full(n, 3.0),
    }


def health(columns: dict[str, npt.NDArray[np.float64]], keep: Times | None = None) -> SeriesHealth:
    time = FIRST + HOUR * np.arange(columns["close"].size)
    if keep is not None:
        time = time[keep]
        columns = {name: values[keep] for name, values in columns.items()}
    return bars_health(PRICES, Bars(time=time, step=HOUR, source="made", **columns))


def test_whole_bars_are_clean() -> None:
    found = health(some_bars())
    assert found.clean
    assert (found.rows, found.expected, found.missing) == (500, 500, 0)


def test_gaps_have_their_place_and_length() -> None:
    keep = np.delete(np.arange(500), [10, 11, 12, 400])
    found = health(some_bars(), keep)
    assert found.gaps == (
        Gap(start=FIRST + 10 * HOUR, end=FIRST + 13 * HOUR, missing=3),
        Gap(start=FIRST + 400 * HOUR, end=FIRST + 401 * HOUR, missing=1),
    )
    assert (found.expected, found.missing) == (500, 4)


def test_a_row_held_twice_is_counted() -> None:
    found = health(some_bars(), np.sort(np.append(np.arange(500), [7, 7])))
    assert found.duplicates == 2
    assert not found.clean


@pytest.mark.parametrize(
    ("column", "factor"), [("high", 0.9), ("low", 1.1), ("close", -1.0), ("open", 0.0)]
)
def test_an_impossible_bar_is_counted(column: str, factor: float) -> None:
    columns = some_bars()
    columns[column][250] *= factor
    with np.errstate(invalid="ignore"):
        assert health(columns).ohlc_violations == 1


def test_a_bar_nobody_traded_in_is_counted_and_no_fault() -> None:
    columns = some_bars()
    columns["volume"][:3] = 0.0
    columns["volume"][3:5] = np.nan
    found = health(columns)
    assert (found.zero_volume, found.unknown_volume, found.clean) == (3, 2, True)


def test_a_spike_is_an_outlier_both_ways_and_a_wick_is_one() -> None:
    columns = some_bars()
    columns["close"][100] *= 1.5
    columns["high"][100] *= 1.5
    columns["low"][300] *= 0.7
    found = [(o.time, o.what) for o in health(columns).outliers]
    assert found == [
        (FIRST + 100 * HOUR, "return"),
        (FIRST + 101 * HOUR, "return"),
        (FIRST + 300 * HOUR, "low"),
    ]


def settlements(hours: list[float]) -> SeriesHealth:
    elapsed = np.concatenate(([0.0], np.cumsum(hours)))
    return funding_health(FUNDING, FIRST + np.round(elapsed * HOUR).astype(np.int64))


def test_steady_funding_is_clean() -> None:
    found = settlements([8.0] * 10)
    assert found.clean
    assert [(s.hours, s.settlements) for s in found.intervals] == [(8.0, 10)]


def test_a_missing_settlement_is_a_gap_and_not_a_change() -> None:
    found = settlements([8.0, 8.0, 8.0, 16.0, 8.0, 24.0, 8.0, 8.0, 8.0])
    assert [gap.missing for gap in found.gaps] == [1, 2]
    assert (found.rows, found.expected) == (10, 13)
    assert len(found.intervals) == 1


def test_a_lasting_change_is_a_change_and_not_a_gap() -> None:
    found = settlements([8.0] * 5 + [4.0] * 6 + [1.0] * 9 + [8.0] * 4)
    assert found.clean
    assert [span.hours for span in found.intervals] == [8.0, 4.0, 1.0, 8.0]
    assert found.intervals[1].start == FIRST + 40 * HOUR


def test_a_settlement_missing_after_a_change_is_measured_by_the_new_interval() -> None:
    found = settlements([8.0] * 4 + [4.0] * 4 + [8.0] + [4.0] * 4)
    assert [gap.missing for gap in found.gaps] == [1]


def test_a_clock_that_is_seconds_off_is_no_change() -> None:
    found = settlements([1.004, 0.996, 1.0, 1.0, 1.006, 0.994])
    assert [span.hours for span in found.intervals] == [1.0]


def test_one_settlement_alone_has_no_interval() -> None:
    found = settlements([])
    assert (found.rows, found.expected, found.intervals) == (1, 1, ())


def test_a_lake_is_checked_series_by_series(tmp_path: Path) -> None:
    import_files([write_bundle(tmp_path, a_bundle())], tmp_path / "lake")
    found = {str(h.key): h for h in check(Lake(tmp_path / "lake"))}
    assert list(found) == sorted(found)
    assert found["binance BTC/USDT trade 1h"].missing == 1
    assert found["binance BTC/USDT:USDT trade 1h"].clean
    assert found["binance BTC/USDT:USDT mark 1h"].ohlc_violations == 0
    assert found["binance BTC/USDT:USDT funding"].intervals[0].hours == 8.0
