"""What the pages say of the last half hour before expiry is what a book shows then."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import hedgerow as hr
from hedgerow.exposure.positions import Option
from hedgerow.pricing.surface.window import settlement_window

DOCS = Path(__file__).parents[2] / "docs"
END = datetime(2026, 3, 27, 8, tzinfo=UTC)
SPOT, VOLATILITY, HALF_WAY = 60_000.0, 0.6, 900.0


def test_half_way_a_book_shows_twice_the_delta_and_names_the_row() -> None:
    market = hr.MarketView(
        time=END - timedelta(seconds=HALF_WAY),
        spot={"BTC": SPOT},
        forwards={"BTC": {END: SPOT}},
        volatility={"BTC": VOLATILITY},
    )
    found = hr.exposure(hr.Book([Option("BTC/USDC:USDC-260327-60000-C", 1.0)]), market)
    average = settlement_window(SPOT, SPOT, VOLATILITY, HALF_WAY, average=SPOT)
    assert found["BTC"].delta == pytest.approx(2.0 * average.delta, rel=0.02)
    assert len(found.problems) == 1


@pytest.mark.parametrize("page", ["reference/exposure.md", "explanation/which-delta.md"])
def test_the_pages_point_to_the_greeks_with_the_average(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    (paragraph,) = (
        one for one in text.split("\n\n") if "`problems`" in one and "settlement_window" in one
    )
    assert "surface.md#the-settlement-window" in paragraph
