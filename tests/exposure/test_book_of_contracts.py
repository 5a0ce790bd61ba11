"""What a book can hold, and what it refuses."""

from datetime import UTC, datetime

import polars as pl
import pytest

from hedgerow.errors import ConfigError
from hedgerow.exposure.book import Book, Flow, Holding
from hedgerow.exposure.line import Kind, Line
from hedgerow.exposure.positions import (
    DatedFuture,
    Everlasting,
    FundingSwap,
    Option,
    Perp,
    PoolPosition,
    Position,
    PowerPerp,
    Schedule,
    VolatilityFuture,
)

JUNE = datetime(2026, 6, 26, 8, tzinfo=UTC)


def only(position: Position) -> Line:
    """Return the one line of a position."""
    (line,) = position.lines()
    return line


def test_a_book_of_holdings_is_what_it_was() -> None:
    book = Book([Holding("BTC", 2.0), Holding("USDT", 10.0)], "USDT")
    assert book.holdings == book.positions
    assert (book.amount("BTC"), book.amount("SOL"), book.numeraire_coin) == (2.0, 0.0, None)


def test_contracts_are_no_holdings() -> None:
    book = Book([Holding("BTC", 2.0), Perp("BTC/USD:BTC", -90_000.0)])
    assert [holding.asset for holding in book.holdings] == ["BTC"]
    assert len(book) == 2


def test_an_option_settles_at_eight_on_its_day_in_what_its_symbol_says() -> None:
    coin = only(Option("BTC/USD:BTC-260327-100000-C", -50.0))
    money = only(Option("ETH/USDC:USDC-260327-2750.5-P", 3.0))
    eight = datetime(2026, 3, 27, 8, tzinfo=UTC).timestamp()
    assert (coin.expiry, coin.inverse, coin.sign, coin.strike) == (eight * 1e9, 1.0, 1.0, 1e5)
    assert (money.underlying, money.inverse, money.sign, money.strike) == ("ETH", 0.0, -1.0, 2750.5)


def test_money_that_settles_what_other_money_quotes_is_linear() -> None:
    assert only(Perp("BTC/USD:USDC", 1.0)).inverse == 0.0
    assert only(Perp("BTC/USD:BTC", 1.0)).inverse == 1.0


def test_coins_to_come_stand_at_their_time_with_what_is_expected_of_them() -> None:
    flows = [Flow(time=JUNE, amount=100.0), Flow(time=JUNE, amount=-40.0)]
    lines = Schedule("ETH", flows, expected=0.5).lines()
    assert [(line.size, line.kind) for line in lines] == [(50.0, Kind.COIN), (-20.0, Kind.COIN)]


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: Perp("BTC/USD", 1.0).lines(), "no perpetual"),
        (lambda: Perp("BTC/USD:BTC-260327", 1.0).lines(), "no perpetual"),
        (lambda: Perp("ETH/USD:BTC", 1.0).lines(), "third coin"),
        (lambda: Option("ETH/BTC:BTC-260327-1-C", 1.0).lines(), "third coin"),
        (lambda: DatedFuture("BTC/USD:BTC", 1.0).lines(), "no dated future"),
        (lambda: Option("BTC/USD:BTC-260327", 1.0).lines(), "no option"),
        (lambda: Perp("BTC/USD:BTC", float("nan")).lines(), "size = nan"),
        (lambda: Perp("BTC/USD:BTC", 1.0, entry=-1.0).lines(), "entry = -1"),
        (lambda: Everlasting("ETH", 1.0, strike=0.0).lines(), "strike = 0"),
        (lambda: Everlasting("USDT", 1.0, strike=1.0).lines(), "one coin"),
        (lambda: PowerPerp("ETH", 1.0, funding_years=0.0).lines(), "funding_years = 0"),
        (lambda: PoolPosition("ETH/BTC", 1.0).lines(), "a coin and money"),
        (lambda: PoolPosition("ETH/USDC", 1.0, lower=3.0, upper=2.0).lines(), "lower < upper"),
        (lambda: PoolPosition("ETH/USDC", -1.0).lines(), "liquidity = -1"),
        (lambda: Schedule("ETH", [], expected=1.5).lines(), "expected = 1.5"),
        (
            lambda: FundingSwap("BTC/USD", 1.0, fixed=0.1, expiry=JUNE).lines(),
            "no perpetual",
        ),
        (
            lambda: VolatilityFuture("BTC", 1.0, expiry=JUNE.replace(tzinfo=None)).lines(),
            "a zone",
        ),
        (lambda: Holding("wstETH", 1.0), "in capitals"),
        (lambda: Holding("ETH", 1.0, ratio=1.2), "ratio = 1.2"),
        (lambda: Holding("wstETH", 1.0, of="ETH", ratio=0.0), "ratio = 0"),
        (lambda: Book([]), "empty"),
        (lambda: Book([1]), r"positions\[0\] = 1: a book takes Holding, Perp"),  # type: ignore[list-item]
        (lambda: Book([Holding("BTC"), "ETH"]), r"positions\[1\] = 'ETH': a book takes"),  # type: ignore[list-item]
        (lambda: Book([Holding("BTC", 1.0), Holding("BTC", 2.0)]), "twice"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(make: object, word: str) -> None:
    assert callable(make)
    with pytest.raises(ConfigError, match=word):
        make()


def test_a_frame_is_read_row_by_row_and_bad_rows_are_named() -> None:
    symbols = [
        "BTC",
        "BTC/USD:BTC",
        "BTC/USDT:USDT-260327",
        "BTC/USD:BTC-260327-100000-C",
        "nonsense",
        "ETH/USD:BTC",
        "BTC/USD:BTC-261327",
        "BTC/USD:BTC-260327-0-P",
        "BTC/USD:BTC",
        "BTC/USD:BTC",
        "USDT",
        "BTC/USD:BTC",
        None,
    ]
    size = [2.0, -9e4, 1.0, -5.0, 1.0, 1.0, 1.0, 1.0, None, float("inf"), -1.0, 1.0, 1.0]
    entry = [None, 6e4, *[None] * 9, -3.0, None]
    frame = pl.DataFrame({"symbol": symbols, "size": size, "entry": entry})
    columns = Book.from_frame(frame).columns
    assert [(problem.row, problem.reason) for problem in columns.problems] == [
        (4, "symbol is none that we know"),
        (5, "quoted or settled in a third coin"),
        (6, "expiry is no day"),
        (7, "strike <= 0"),
        (8, "size is missing"),
        (9, "size is infinite"),
        (10, "amount < 0"),
        (11, "entry <= 0"),
        (12, "symbol is none that we know"),
    ]
    assert columns.problems[0].position == "nonsense"


def test_a_frame_and_the_same_positions_are_one_book() -> None:
    positions: list[Holding | Position] = [
        Holding("BTC", 2.0),
        Perp("BTC/USD:BTC", -90_000.0, entry=60_000.0),
        Perp("ETH/USDT:USDT", 3.0),
        DatedFuture("BTC/USDT:USDT-260327", 1.0),
        Option("BTC/USD:BTC-260327-100000-C", -5.0),
        Option("ETH/USDC:USDC-260327-2750.5-P", 7.0),
    ]
    frame = pl.DataFrame(
        {
            "symbol": [line.name for one in positions for line in one.lines()],
            "size": [line.size for one in positions for line in one.lines()],
            "entry": [None, 60_000.0, None, None, None, None],
        }
    )
    one, other = Book(positions).columns, Book.from_frame(frame).columns
    assert one.underlyings == other.underlyings
    for mine, its in zip(one.groups, other.groups, strict=True):
        assert mine.kind == its.kind
        assert mine.rows.tolist() == its.rows.tolist()
        assert mine.expiry.tolist() == its.expiry.tolist()
        for name in ("size", "inverse", "paid", "entry"):
            assert str(mine[name]) == str(its[name])
        if mine.kind is Kind.OPTION:
            assert mine["strike"].tolist() == its["strike"].tolist()
            assert mine["sign"].tolist() == its["sign"].tolist()


@pytest.mark.parametrize(
    ("frame", "word"),
    [
        (pl.DataFrame({"symbol": ["BTC"]}), "no column 'size'"),
        (pl.DataFrame({"symbol": ["BTC"], "size": [1.0], "sise": [2.0]}), "'sise' is unknown"),
        (pl.DataFrame({"symbol": [1], "size": [1.0]}), "write text"),
        (pl.DataFrame({"symbol": ["BTC"], "size": ["x"]}), "write numbers"),
        (
            pl.DataFrame({"symbol": [], "size": []}, schema={"symbol": str, "size": float}),
            "no rows",
        ),
    ],
)
def test_a_frame_of_other_columns_is_refused(frame: pl.DataFrame, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        Book.from_frame(frame)


def test_a_text_that_is_no_number_is_a_bad_row_not_a_bad_book() -> None:
    frame = pl.DataFrame(
        {
            "symbol": ["BTC", "BTC/USD:BTC", "BTC/USD:BTC", "ETH"],
            "size": ["2", "-60,000", " -1000 ", ""],
            "entry": [None, "9200", "x", " "],
        }
    )
    book = Book.from_frame(frame)
    assert [(one.row, one.reason) for one in book.columns.problems] == [
        (1, "size is no number"),
        (2, "entry is no number"),
        (3, "size is missing"),
    ]
    with pytest.raises(ConfigError, match="size is a column of String"):
        Book.from_frame(pl.DataFrame({"symbol": ["BTC", "ETH"], "size": ["two", "three"]}))
