"""Page headers are compared with the footer, since a damaged count would end the process."""

import io
from pathlib import Path

import polars as pl
import pytest

from hedgerow.adapters.importing import import_files
from hedgerow.adapters.parquet_pages import check_pages
from hedgerow.errors import MarketDataError
from sample_market_files import a_bundle, write_bundle


def parquet(frame: pl.DataFrame, **options: object) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("compression", ["zstd", "snappy", "gzip", "lz4", "uncompressed"])
def test_whole_files_pass(compression: str) -> None:
    check_pages(parquet(a_bundle(), compression=compression), "whole")


def test_many_groups_pages_and_odd_types_pass() -> None:
    frame = pl.DataFrame(
        {
            "text": ["", "a", None] * 4_000,
            "list": [[1, 2], [], None] * 4_000,
            "kind": pl.Series(["x", "y", "x"] * 4_000, dtype=pl.Categorical),
            "struct": [{"a": 1, "b": None}] * 12_000,
        }
    )
    check_pages(parquet(frame, row_group_size=500, data_page_size=256), "odd")
    check_pages(parquet(frame.head(0)), "empty")


def test_a_negative_count_is_refused_before_it_is_believed(tmp_path: Path) -> None:
    path = write_bundle(tmp_path, a_bundle())
    content = path.read_bytes()
    count = bytes([0x2C, 0x15, 2 * 48])  # a data page header of 48 values, zigzag
    place = content.index(count) + 2
    path.write_bytes(content[:place] + bytes([2 * 48 + 1]) + content[place + 1 :])
    with pytest.raises(MarketDataError, match="a count is -49"):
        import_files([path], tmp_path / "lake")


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"PAR1\xff\xff\xff\xffPAR1", b"PAR1" + b"\x1c" * 40 + b"PAR1"]
)
def test_what_is_no_parquet_is_refused(content: bytes) -> None:
    with pytest.raises(MarketDataError, match="cut off or damaged"):
        check_pages(content, "broken")
