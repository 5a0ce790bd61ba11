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
