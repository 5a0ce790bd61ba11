"""An option in its last half hour is valued by Black, and the book says what that leaves out."""

from datetime import UTC, datetime, timedelta

from hedgerow.exposure.book import Book
from hedgerow.exposure.exposure import Exposure, exposure
from hedgerow.exposure.listed_options import IN_WINDOW
from hedgerow.exposure.positions import Option
from hedgerow.exposure.view import MarketView
from hedgerow.pricing.surface.window import settlement_window

END = datetime(2026, 3, 27, 8, tzinfo=UTC)
LATER = END + timedelta(days=91)
NAME = "BTC/USD:BTC-260327-60000-C"


def at(seconds: float) -> Exposure:
    market = MarketView(
        time=END - timedelta(seconds=seconds),
        spot={"BTC": 60_000.0},
        forwards={"BTC": {END: 60_000.0, LATER: 61_000.0}},
        volatility={"BTC": 0.6},
    )
    return exposure(Book([Option(NAME, 1.0), Option("BTC/USD:BTC-260626-60000-C", 1.0)]), market)


def test_the_book_says_so_inside_the_window_and_only_there() -> None:
    assert at(1_801.0).problems == ()
    (problem,) = at(900.0).problems
    assert (problem.position, problem.reason) == (NAME, IN_WINDOW)
    assert at(-1.0).problems[0].reason == "expired"


def test_what_it_says_is_true() -> None:
    held = at(900.0).contributions()["delta"][0]
    average = settlement_window(60_000.0, 60_000.0, 0.6, 900.0, average=60_000.0)
    assert held > 1.9 * average.delta


def test_a_hedge_of_it_is_still_found() -> None:
    assert abs(at(900.0).hedge_size(NAME)) > 0.0
