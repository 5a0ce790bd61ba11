"""A history is fetched without holes and without doubles, from whichever end a venue counts."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.adapters.venues.history import without_holes
from hedgerow.adapters.venues.quirks import Pages, Row
from hedgerow.execution.port import Garbled

stamps = st.lists(st.integers(0, 2_000), max_size=60).filter(
    lambda all_: all(all_.count(stamp) < 5 for stamp in all_)
)


def fetched(rows: Sequence[Row], pages: Pages, *, newest_first: bool) -> list[Row]:
    async def fetch(first: int, last: int) -> list[Row]:
        assert last - first < pages.span
        inside = sorted(
            (row for row in rows if first <= row["timestamp"] <= last),
            key=lambda row: row["timestamp"],
            reverse=newest_first,
        )
        return inside[: pages.limit]

    return asyncio.run(without_holes(fetch, 0, 2_000, pages))


@given(stamps=stamps, span=st.integers(1, 3_000), newest_first=st.booleans())
def test_every_row_comes_once_and_in_order(
    stamps: list[int], span: int, newest_first: bool
) -> None:
    rows = [{"id": str(n), "timestamp": stamp} for n, stamp in enumerate(stamps)]
    pages = Pages(span=max(span, 20), limit=5)
    found = fetched(rows, pages, newest_first=newest_first)
    assert {row["id"] for row in found} == {row["id"] for row in rows}
    assert len(found) == len(rows)
    assert [row["timestamp"] for row in found] == sorted(stamps)


def test_a_millisecond_that_fills_a_page_is_no_guess() -> None:
    rows = [{"id": str(n), "timestamp": 7} for n in range(5)]
    with pytest.raises(Garbled, match="one millisecond"):
        fetched(rows, Pages(span=100, limit=5), newest_first=False)
