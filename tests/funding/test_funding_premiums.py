"""A premium comes from a book deep enough, or from samples of which none is missing."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.errors import ConfigError, HedgeError, MarketDataError, UnknownName
from hedgerow.funding.book import Book
from hedgerow.funding.files import read_book, read_samples
from hedgerow.funding.premiums import (
    book_premium,
    interval_premium,
    mark_premium,
    projected_premium,
    samples_of,
)
from hedgerow.market.venue import PremiumRule

CALM = settings(deadline=None)  # the first call compiles
BIDS = [(100.0, 1.0), (99.0, 2.0), (98.0, 3.0)]
ASKS = [(101.0, 1.0), (102.0, 2.0), (103.0, 3.0)]
RISING = PremiumRule(method="impact", sample_seconds=60, weights="rising")
EQUAL = PremiumRule(method="mid", sample_seconds=60, weights="equal")


def test_the_first_level_is_enough_for_a_small_order() -> None:
    assert Book.of(BIDS, ASKS).impact_prices(50.0) == (100.0, 101.0)


def test_a_larger_order_walks_the_levels() -> None:
    prices = Book.of(BIDS, ASKS).impact_prices(199.0)
    assert prices.bid == pytest.approx(199.0 / 2.0, rel=1e-15)  # 1 at 100, 1 at 99
    assert prices.ask == pytest.approx(199.0 / (1.0 + 98.0 / 102.0), rel=1e-15)


def test_an_inverse_book_is_walked_in_coins() -> None:
    book = Book.of([(100.0, 500.0), (50.0, 500.0)], [(125.0, 500.0), (250.0, 500.0)])
    prices = book.impact_prices(6.0, inverse=True)
    assert prices.bid == pytest.approx((500.0 + 50.0) / 6.0, rel=1e-15)  # 5 coins, then 1 of 10
    assert prices.ask == pytest.approx((500.0 + 500.0) / 6.0, rel=1e-15)  # 4 coins, then 2


@CALM
@given(
    sizes=st.lists(st.floats(0.01, 50.0), min_size=1, max_size=20),
    share=st.floats(0.001, 0.999),
)
def test_an_impact_price_is_that_of_exact_arithmetic(sizes: list[float], share: float) -> None:
    levels = [(1_000.0 + 3.0 * step, size) for step, size in enumerate(sizes)]
    notional = share * sum(price * size for price, size in levels)
    found = Book.of([(999.0, 1e9)], levels).impact_prices(notional).ask
    left, bought = Fraction(notional), Fraction(0)
    for price, size in levels:
        spent = min(left, Fraction(price) * Fraction(size))
        bought += spent / Fraction(price)
        left -= spent
    assert found == pytest.approx(float((Fraction(notional) - left) / bought), rel=1e-12)


def test_a_thin_book_is_refused_with_side_and_depth() -> None:
    book = Book.of(BIDS, [(101.0, 100.0)])
    with pytest.raises(MarketDataError, match=r"bids are too thin: 3 levels hold 592 .* of 1000"):
        book.impact_prices(1_000.0)
    with pytest.raises(MarketDataError, match=r"asks are too thin: 1 levels hold 10100 "):
        Book.of([(100.0, 1e6)], [(101.0, 100.0)]).impact_prices(20_000.0)


@pytest.mark.parametrize(
    ("bids", "asks", "complaint"),
    [
        ([], ASKS, "bids are empty"),
        (BIDS, [(102.0, 1.0), (101.0, 1.0)], "asks are out of order"),
        (BIDS[::-1], ASKS, "bids are out of order"),
        ([(101.5, 1.0)], ASKS, "the book crosses"),
        ([(100.0, -1.0)], ASKS, "bids hold a price or a size"),
        ([(float("nan"), 1.0)], ASKS, "bids hold a price or a size"),
    ],
)
def test_a_book_that_is_none_is_refused(
    bids: list[tuple[float, float]], asks: list[tuple[float, float]], complaint: str
) -> None:
    with pytest.raises(MarketDataError, match=complaint):
        Book.of(bids, asks)


def test_the_index_between_impact_prices_has_no_premium() -> None:
    rule = PremiumRule(
        method="impact", sample_seconds=5, weights="equal", impact_notional=Decimal(50)
    )
    book = Book.of(BIDS, ASKS)
    assert book_premium(rule, book, 100.5) == 0.0
    assert book_premium(rule, book, 99.0) == pytest.approx(1.0 / 99.0, rel=1e-15)
    assert book_premium(rule, book, 102.0) == pytest.approx(-1.0 / 102.0, rel=1e-15)
    assert book_premium(EQUAL, book, 100.0) == pytest.approx(0.005, rel=1e-12)


def test_an_unknown_impact_notional_is_never_assumed() -> None:
    with pytest.raises(ConfigError, match="impact_notional is missing"):
        book_premium(RISING, Book.of(BIDS, ASKS), 100.0)
    by_mark = PremiumRule(method="mark", sample_seconds=1, weights="equal")
    with pytest.raises(ConfigError, match="does not look at the book"):
        book_premium(by_mark, Book.of(BIDS, ASKS), 100.0)
    with pytest.raises(MarketDataError, match="index = 0"):
        mark_premium(100.0, 0.0)


def test_a_missing_sample_is_never_filled() -> None:
    with pytest.raises(MarketDataError, match="sample 2 of the premium is nan"):
        interval_premium(RISING, np.array([0.001, np.nan]))
    with pytest.raises(MarketDataError, match="no sample"):
        interval_premium(EQUAL, np.array([]))


def test_unknown_weights_are_refused() -> None:
    odd = PremiumRule(method="mid", sample_seconds=60, weights="falling")
    with pytest.raises(UnknownName, match="falling"):
        interval_premium(odd, np.array([0.001]))


@pytest.mark.parametrize("rule", [RISING, EQUAL], ids=["rising", "equal"])
@CALM
@given(
    samples=st.lists(st.floats(-0.01, 0.01), min_size=1, max_size=30),
    more=st.integers(0, 30),
)
def test_a_projection_is_the_average_with_the_newest_repeated(
    rule: PremiumRule, samples: list[float], more: int
) -> None:
    whole = np.array(samples + more * samples[-1:])
    found = projected_premium(rule, np.array(samples), whole.size)
    assert found == pytest.approx(interval_premium(rule, whole), rel=1e-12, abs=1e-16)


def test_the_number_of_samples_follows_the_interval() -> None:
    assert samples_of(RISING, 8) == 480
    assert samples_of(PremiumRule(method="impact", sample_seconds=5, weights="equal"), 1) == 720


def test_samples_are_read_with_and_without_names(tmp_path: Path) -> None:
    file = tmp_path / "premiums.csv"
    file.write_text("time,premium\n1,0.0001\n2,-0.0002\n\n")
    assert read_samples(file).tolist() == [0.0001, -0.0002]
    file.write_text("0.5\n")
    assert read_samples(file).tolist() == [0.5]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("premium\n", "holds no premium"),
        ("0.1\nx\n", "line 2: 'x' is no premium"),
        ("0.1\nnan\n", "line 2: 'nan'"),
    ],
)
def test_bad_samples_are_refused_by_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "premiums.csv"
    file.write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        read_samples(file)


def test_a_book_is_read_as_exchanges_write_it(tmp_path: Path) -> None:
    file = tmp_path / "book.json"
    file.write_text(json.dumps({"bids": [["100.0", "1"]], "asks": [[101, 1, 0]]}))
    assert read_book(file).best() == (100.0, 101.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not a JSON file"),
        ("[]", "write"),
        ('{"bids": []}', "bids are empty|asks is missing"),
        ('{"bids": [[1, 1]], "asks": [["x", 1]]}', r"asks\[0\]"),
        ('{"bids": [[1]], "asks": [[2, 1]]}', r"bids\[0\]"),
    ],
)
def test_a_bad_book_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "book.json"
    file.write_text(text)
    with pytest.raises(HedgeError, match=complaint):
        read_book(file)
    with pytest.raises(ConfigError, match="cannot read"):
        read_book(tmp_path / "none.json")
