"""Moments as people write them."""

import polars as pl
import pytest

from hedgerow.adapters.stamps import TimeColumn, nanoseconds_of

EIGHT = 1_601_020_800_000_000_000  # 2020-09-25 08:00 UTC


@pytest.mark.parametrize(
    "text",
    [
        "2020-09-25T08:00Z",
        "2020-09-25 08:00Z",
        "2020-09-25T08:00:00Z",
        "2020-09-25T10:00+02:00",
        "2020-09-25 08:00:00.000+00:00",
        "2020-09-25 08:00",
    ],
)
def test_a_moment_is_read_with_seconds_and_without(text: str) -> None:
    found = nanoseconds_of(pl.Series("time", [text]), TimeColumn(column="time"), "chain.csv")
    assert found.to_list() == [EIGHT]
