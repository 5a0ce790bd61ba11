"""`hedgerow run --books`: the whole live desk on paper at recorded books, on a virtual clock."""

from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from hedgerow.errors import ConfigError

if TYPE_CHECKING:
    from hedgerow.adapters.recorded_books import RecordedBooks
    from hedgerow.config.config import Config
    from hedgerow.live.replay.books import BookStage


def live_through_books(config: "Config", place: Path) -> str:
    """Let the desk of a config live through recorded books; return what came of it, in words.

    Its journal is in memory, the rules are those of the day of the first book, and nothing is
    asked of a venue.
    """
    from hedgerow.adapters.recorded_books import read_books
    from hedgerow.config.drilling import drill_task
    from hedgerow.config.live import live_setup
    from hedgerow.live.replay.books import BookStage
    from hedgerow.units import SECOND, moment

    listings = live_setup(config, live=False).setup.listings
    books = read_books(place, listings)
    if books.last - books.first < SECOND:
        raise ConfigError(
            f"{place}: {len(books):,} books within {(books.last - books.first) / SECOND:g} s are "
            "no history: a desk decides by the second; record more, and look whether `ts` is in "
            "nanoseconds"
        )
    day = moment(books.first).astimezone(UTC).date()
    given = live_setup(config, live=False, opening=day)
    stage = BookStage(drill_task(given, {}, start=books.first), books.quotes())
    stage.live_through()
    return told(stage, books)


def told(stage: "BookStage", books: "RecordedBooks") -> str:
    """Return what a desk did at recorded books: what it said, traded, paid and holds."""
    from hedgerow.units import SECOND

    setup, core = stage.task.setup, stage.controller.core
    loud = Counter(notice.text for _, notice in stage.notices if notice.level != "info")
    lines = [f"  {text}{f' ({count} times)' if count > 1 else ''}" for text, count in loud.items()]
    trades = stage.trades()
    fees: Counter[str] = Counter()
    for trade in trades:
        fees[trade.fee_currency] += float(trade.fee)  # type: ignore[assignment]
    paid = ", ".join(f"{amount:,.2f} {coin}" for coin, amount in fees.items()) or "none"
    held = ", ".join(
        f"{core.dealer.position(leg)} {listing.symbol} at {listing.venue}"
        for leg, listing in enumerate(setup.listings)
    )
    seconds = (books.last - books.first) / SECOND
    maker = sum(trade.maker for trade in trades)
    summary = (
        f"  {len(stage.sent)} orders, {len(trades)} trades ({maker} of them resting); fees {paid}; "
        f"{len(stage.records):,} records in its journal"
    )
    first = f"PAPER: {setup.name} lived through {len(books):,} recorded books, {seconds:,.0f} s."
    return "\n".join([first, *lines, summary, f"  holds {held}"])
