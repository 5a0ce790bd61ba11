"""Recorded books are read as they were written, and what is none is named."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hedgerow.adapters.recorded_books import read_books
from hedgerow.errors import MarketDataError
from hedgerow.execution.order import Listing

Write = Callable[[Path, list[dict[str, Any]]], Path]

START = datetime(2024, 8, 8, 23, 54, 15, 500_000, tzinfo=UTC)
PERPETUAL = Listing(
    venue="binance",
    account="main",
    symbol="BTC/USDT:USDT",
    tick=Decimal("0.1"),
    lot=Decimal("0.001"),
)


def rows(count: int = 3, **more: object) -> list[dict[str, Any]]:
    return [
        {
            "ts": START + timedelta(milliseconds=250 * number),
            "market": "usdm",
            "symbol": "BTCUSDT",
            "bid_px_0": 61_800.1 + number,
            "bid_sz_0": 2.5,
            "ask_px_0": 61_800.2 + number,
            "ask_sz_0": 3.25,
            **more,
        }
        for number in range(count)
    ]


def parquet(path: Path, found: list[dict[str, Any]]) -> Path:
    pl.DataFrame(found).with_columns(pl.col("ts").dt.cast_time_unit("ms")).write_parquet(path)
    return path


def lines(path: Path, found: list[dict[str, Any]]) -> Path:
    texts = [json.dumps({**row, "ts": row["ts"].isoformat()}) for row in found]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("write", "ending"), [(parquet, "parquet"), (lines, "jsonl")])
def test_both_formats_are_read_alike(write: Write, ending: str, tmp_path: Path) -> None:
    books = read_books(write(tmp_path / f"books.{ending}", rows()), [PERPETUAL])
    first, *_, last = books.quotes()
    assert first.time == first.received == 1_723_161_255_500_000_000
    assert (first.bid, first.bid_size, first.ask, first.ask_size) == (61_800.1, 2.5, 61_800.2, 3.25)
    assert (first.venue, first.symbol, first.mark) == ("binance", "BTC/USDT:USDT", None)
    assert (len(books), last.time - first.time) == (3, 500_000_000)


def test_a_folder_is_read_by_time_and_only_what_is_hedged(tmp_path: Path) -> None:
    whole = rows(4)
    parquet(tmp_path / "b.parquet", whole[:2])
    lines(tmp_path / "a.jsonl", whole[2:])
    parquet(tmp_path / "c.parquet", rows(9, market="spot"))
    parquet(tmp_path / "d.parquet", rows(9, venue="elsewhere"))
    quotes = [*read_books(tmp_path, [PERPETUAL]).quotes()]
    assert [quote.bid for quote in quotes] == [61_800.1, 61_801.1, 61_802.1, 61_803.1]


def test_mark_funding_and_settlement_come_along_where_they_were_recorded(tmp_path: Path) -> None:
    due = datetime(2024, 8, 9, tzinfo=UTC)
    found = rows(1, mark=61_799.0, funding=1e-4, interval_hours=8.0, settlement=due)
    (quote,) = read_books(parquet(tmp_path / "books.parquet", found), [PERPETUAL]).quotes()
    assert (quote.mark, quote.funding, quote.interval_hours) == (61_799.0, 1e-4, 8.0)
    assert quote.settlement == 1_723_161_600_000_000_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"symbol": "ETHUSDT"}, "no book of BTC/USDT:USDT at binance"),
        ({"bid_px_0": 61_900.0}, "the bid 61900.0 and the ask 61800.2"),
        ({"ask_sz_0": 0.0}, "1 of 1 books are none"),
        ({"bid_px_0": float("nan")}, "1 of 1 books are none"),
    ],
)
def test_what_is_no_book_is_named(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    path = parquet(tmp_path / "books.parquet", rows(1, **change))
    with pytest.raises(MarketDataError, match=words):
        read_books(path, [PERPETUAL])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ts": "yesterday"}, "row 2, ts = 'yesterday' is no instant; write ISO 8601"),
        ({"ts": None}, "row 2, ts = 'None' is no instant"),
        ({"bid_px_0": "cheap"}, "row 2, bid_px_0 = 'cheap': the column is String; write numbers"),
        ({"mark": "61799"}, "mark = '61799': the column is String; write numbers"),
        ({"ask_px_0": None}, "the ask None in row 2"),
        ({"settlement": "soon"}, "row 2, settlement = 'soon' is no instant"),
        ({"ts": "1999-01-01T00:00:00Z"}, "row 2, ts = 1999.* is before 2009"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_column_and_value(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    whole = [{**row, "ts": row["ts"].isoformat()} for row in rows(3)]
    whole[1] |= change
    path = tmp_path / "books.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in whole), encoding="utf-8")
    with pytest.raises(MarketDataError, match=words) as refused:
        read_books(path, [PERPETUAL])
    assert str(path) in str(refused.value)


def test_instants_of_which_none_can_be_read_and_names_that_are_numbers_are_named(
    tmp_path: Path,
) -> None:
    for change, words in (
        ({"ts": "yesterday"}, "row 1, ts = 'yesterday' is no instant"),
        ({"symbol": 5}, "symbol = '5': the column is Int64; write text"),
        ({"venue": 5}, "venue = '5'"),
        ({"market": 5}, "market = '5'"),
    ):
        whole = [{**row, "ts": row["ts"].isoformat(), **change} for row in rows(3)]
        path = tmp_path / "books.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in whole), encoding="utf-8")
        with pytest.raises(MarketDataError, match=words):
            read_books(path, [PERPETUAL])


@pytest.mark.parametrize(
    ("unit", "name", "times"),
    [
        (1, "seconds", "1,000,000,000"),
        (1000, "milliseconds", "1,000,000"),
        (10**6, "microseconds", "1,000"),
    ],
)
def test_numbers_of_another_unit_are_refused_by_its_name(
    unit: int, name: str, times: str, tmp_path: Path
) -> None:
    frame = pl.DataFrame(rows()).with_columns(
        pl.Series("ts", [int(row["ts"].timestamp() * unit) for row in rows()])
    )
    path = tmp_path / "books.parquet"
    frame.write_parquet(path)
    with pytest.raises(MarketDataError, match=f"looks like {name}; multiply the column by {times}"):
        read_books(path, [PERPETUAL])


def test_nanoseconds_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "books.parquet"
    pl.DataFrame(rows()).with_columns(pl.lit(1_723_161_255_500_000_000).alias("ts")).write_parquet(
        path
    )
    assert read_books(path, [PERPETUAL]).first == 1_723_161_255_500_000_000


def test_what_cannot_be_read_is_named_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(MarketDataError, match="no such file or folder"):
        read_books(tmp_path / "nothing", [PERPETUAL])
    with pytest.raises(MarketDataError, match="no recorded books; they end with"):
        read_books(tmp_path, [PERPETUAL])
    for name, content in (("torn.parquet", b"PAR1"), ("torn.jsonl", b"{"), ("books.csv", b"a,b")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(MarketDataError, match=name):
            read_books(path, [PERPETUAL])
    bare = tmp_path / "bare.jsonl"
    bare.write_text('{"ts": "2024-08-08T23:54:15Z", "symbol": "BTCUSDT"}\n', encoding="utf-8")
    with pytest.raises(MarketDataError, match="no column bid_px_0, bid_sz_0, ask_px_0, ask_sz_0"):
        read_books(bare, [PERPETUAL])
