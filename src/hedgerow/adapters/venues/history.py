"""What happened in an account since an instant, fetched without holes."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from hedgerow.adapters.venues.quirks import Pages, Row
from hedgerow.execution.port import Garbled

Fetch = Callable[[int, int], Awaitable[list[Row]]]  # of a span in milliseconds, ends included

MOST_CALLS: Final = 2_000


async def without_holes(fetch: Fetch, since: int, until: int, pages: Pages) -> list[Row]:
    """Return all rows from `since` to `until`, milliseconds, oldest first, none twice.

    A span that fills a page is halved until none does: so it does not matter from which end a
    venue counts, and rows that share an instant with the end of a page are not lost.

    Raises
    ------
    Garbled
        If one millisecond fills a page, so that nobody can say what is missing.
    """
    spans = _spans(since, until, pages.span)
    found: dict[Any, Row] = {}
    for _ in range(MOST_CALLS):
        if not spans:
            return sorted(found.values(), key=lambda row: (_stamp(row), str(row.get("id") or "")))
        first, last = spans.pop()
        rows = await fetch(first, last)
        if len(rows) < pages.limit:
            for row in rows:
                found[_key(row)] = row
            continue
        if last <= first:
            raise Garbled(
                f"{len(rows)} rows in one millisecond ({first}) fill a page; nobody can say "
                "whether there are more: compare with the venue's own statement"
            )
        middle = (first + last) // 2
        spans += [(middle + 1, last), (first, middle)]
    raise Garbled(
        f"the history from {since} to {until} takes more than {MOST_CALLS} requests; ask for less"
    )


def _spans(since: int, until: int, width: int) -> list[tuple[int, int]]:
    """Return spans that touch and do not overlap, the earliest last."""
    spans = []
    first = since
    while first <= until:
        last = min(first + width - 1, until)
        spans.append((first, last))
        first = last + 1
    return spans[::-1]


def _stamp(row: Row) -> int:
    stamp = row.get("timestamp")
    if stamp is None:
        raise Garbled("a row of a history has no time; it is asked again")
    return int(stamp)


def _key(row: Row) -> object:
    if row.get("id"):
        return row.get("symbol"), row["id"]
    return row.get("symbol"), _stamp(row), str(row.get("amount"))
