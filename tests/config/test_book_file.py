"""A person's file of a book: what each table means, and what is refused with its place."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hedgerow.config.book_file import BookFile, load_book, read_book
from hedgerow.config.book_file_market import Given, market_view
from hedgerow.config.book_file_symbols import unified
from hedgerow.errors import ConfigError
from hedgerow.exposure.book import Holding
from hedgerow.exposure.flow import Flow
from hedgerow.exposure.positions import (
    DatedFuture,
    Everlasting,
    FundingSwap,
    Option,
    Perp,
    PoolPosition,
    PowerPerp,
    Schedule,
    VolatilityFuture,
)

EVERYTHING = """
numeraire = "BTC"

[[holding]]
asset = "BTC"
amount = 2.0

[[holding]]
asset = "wstETH"
amount = 10.0
of = "ETH"
ratio = 1.19

[[perp]]
symbol = "BTC-PERPETUAL"
size = -60_000
entry = 61_000

[[future]]
symbol = "BTC/USD:BTC-260327"
size = 5_000

[[option]]
symbol = "BTC-27MAR26-70000-C"
size = -1.5
entry = 0.03

[[everlasting]]
underlying = "ETH"
size = 3.0
strike = 3_000
kind = "put"
funding_days = 7

[[power]]
underlying = "ETH"
size = -0.008
paid = true

[[pool]]
pair = "ETH/USDC"
liquidity = 1_000
lower = 2_500
upper = 3_600
fees = 0.2

[[flow]]
asset = "BTC"
time = 2026-06-01
amount = 1.0
expected = 0.9

[[schedule]]
asset = "BTC"
amount = 0.25
first = 2026-02-01
last = 2026-02-22
every_days = 7

[[funding_swap]]
symbol = "BTC/USDT:USDT"
size = 2.0
fixed = 0.08
expiry = 2026-03-27

[[volatility_future]]
underlying = "BTC"
size = 1_000
expiry = 2026-03-27T08:00:00Z
entry = 0.55

[market]
time = 2026-01-15T16:00:00Z
rate = 0.04

[market.spot]
BTC = 60_000
ETH = 3_000

[market.forward.BTC]
2026-03-27 = 61_000

[market.mark]
"BTC-PERPETUAL" = 60_010

[market.funding]
"BTC-PERPETUAL" = 0.1

[market.volatility]
ETH = 0.7
"""


def book_of(text: str, path: Path) -> BookFile:
    path.write_text(text, encoding="utf-8")
    return load_book(path)


def test_every_table_is_the_position_it_names(tmp_path: Path) -> None:
    found = book_of(EVERYTHING, tmp_path / "book.toml")
    end = datetime(2026, 3, 27, 8, tzinfo=UTC)
    weeks = [Flow(time=datetime(2026, 2, day, tzinfo=UTC), amount=0.25) for day in (1, 8, 15, 22)]
    due = Flow(time=datetime(2026, 6, 1, tzinfo=UTC), amount=1.0)
    assert found.book.numeraire == "BTC"
    assert list(found.book.positions) == [
        Holding("BTC", 2.0),
        Holding("wstETH", 10.0, of="ETH", ratio=1.19),
        Perp("BTC/USD:BTC", -60_000.0, entry=61_000.0),
        DatedFuture("BTC/USD:BTC-260327", 5_000.0),
        Option("BTC/USD:BTC-260327-70000-C", -1.5),
        Everlasting("ETH", 3.0, strike=3_000.0, kind="put", funding_years=7 / 365),
        PowerPerp("ETH", -0.008, paid=True),
        PoolPosition("ETH/USDC", 1_000.0, lower=2_500.0, upper=3_600.0, fees=0.2),
        Schedule("BTC", [due], expected=0.9),
        Schedule("BTC", weeks),
        FundingSwap("BTC/USDT:USDT", 2.0, fixed=0.08, expiry=end),
        VolatilityFuture("BTC", 1_000.0, expiry=end, entry=0.55),
    ]
    assert found.premiums == {4: 0.03}
    assert found.given == Given(
        time=datetime(2026, 1, 15, 16, tzinfo=UTC),
        rate=0.04,
        spot={"BTC": 60_000.0, "ETH": 3_000.0},
        forward={"BTC": {date(2026, 3, 27): 61_000.0}},
        mark={"BTC/USD:BTC": 60_010.0},
        funding={"BTC/USD:BTC": 0.1},
        volatility={"ETH": 0.7},
    )


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    import tomllib

    raw = tomllib.loads(EVERYTHING)
    text = json.dumps(raw, default=lambda value: value.isoformat())
    one = book_of(text, tmp_path / "book.json")
    other = book_of(EVERYTHING, tmp_path / "book.toml")
    assert (one.book, one.given, one.premiums) == (other.book, other.given, other.premiums)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_is_a_book_and_names_its_bad_rows(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"book.{suffix}"
    frame = pl.DataFrame(
        {
            "symbol": ["BTC", "BTC-27MAR26-70000-C", "BTC/USDT:USDT", "nonsense?"],
            "size": [2.0, -1.5, -0.5, 1.0],
            "entry": [None, 0.03, 61_000.0, None],
        }
    )
    if suffix == "csv":
        frame.write_csv(path)
    else:
        frame.write_parquet(path)
    found = load_book(path, numeraire="BTC")
    columns = found.book.columns
    assert list(columns.names)[:3] == ["BTC", "BTC/USD:BTC-260327-70000-C", "BTC/USDT:USDT"]
    assert [(one.row, one.reason) for one in columns.problems] == [
        (3, "symbol is none that we know")
    ]
    assert found.book.numeraire == "BTC"
    assert found.premiums == {1: 0.03}


def test_a_flag_goes_before_the_file_and_the_file_before_nothing() -> None:
    file = Given(spot={"BTC": 1.0, "ETH": 2.0}, rate=0.1)
    both = file.but(Given(spot={"BTC": 3.0}))
    assert both == Given(spot={"BTC": 3.0, "ETH": 2.0}, rate=0.1)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert market_view(both, now=now).time == now


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BTC-27MAR26-70000-C", "BTC/USD:BTC-260327-70000-C"),
        ("ETH-3APR26-2600-P", "ETH/USD:ETH-260403-2600-P"),
        ("XRP_USDC-30AUG24-0d55-C", "XRP/USDC:USDC-240830-0.55-C"),
        ("BTC_USDC-PERPETUAL", "BTC/USDC:USDC"),
        ("BTC-27XXX26", "BTC-27XXX26"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("BTC", "BTC"),
    ],
)
def test_venue_names_become_unified(written: str, meant: str) -> None:
    assert unified(written) == meant


HOLD = '[[holding]]\nasset = "BTC"\namount = 1\n'
SCHEDULE = '[[schedule]]\nasset = "BTC"\namount = 1\nfirst = 2026-02-01\n'
BAD = [
    ("", "the book is empty"),
    ("[[holdings]]\n", "did you mean 'holding'"),
    ("holding = 3\n", "[[holding]]"),
    ("holding = [3]\n", "[[holding]] 1 must be a table"),
    ('[[holding]]\nasset = "BTC"\nammount = 1\n', "[[holding]] 1: unknown key 'ammount'"),
    ('[[holding]]\nasset = "BTC"\n', "amount is missing"),
    ('[[holding]]\nasset = "BTC"\namount = "x"\n', "amount = 'x'"),
    ('[[holding]]\nasset = "BTC"\namount = nan\n', "amount = nan"),
    ('[[holding]]\nasset = "BTC"\namount = -1\n', "amount = -1"),
    ('[[holding]]\nasset = "btc"\namount = 1\n', "capitals"),
    (HOLD + HOLD, "declares BTC twice"),
    ('[[option]]\nsymbol = "BTC"\nsize = 1\n', "[[option]] 1"),
    ('[[option]]\nsymbol = "BTC/USD:BTC-269999-1-C"\nsize = 1\n', "[[option]] 1"),
    ('[[option]]\nsymbol = "BTC-27MAR26-0-C"\nsize = 1\n', "[[option]] 1"),
    ('[[option]]\nsymbol = "BTC-27MAR26-7-C"\nsize = inf\n', "size = inf"),
    ('[[option]]\nsymbol = "BTC-27MAR26-7-C"\nsize = 1\nentry = -1\n', "entry = -1"),
    ('[[perp]]\nsymbol = "BTC-27MAR26"\nsize = 1\n', "no perpetual"),
    ('[[perp]]\nsymbol = "BTC/USDT:USDT"\nsize = 1\nentry = 0\n', "entry = 0"),
    ('[[future]]\nsymbol = "BTC/USDT:USDT"\nsize = 1\n', "no dated future"),
    ('[[everlasting]]\nunderlying = "BTC"\nsize = 1\nstrike = 0\n', "strike = 0"),
    ('[[everlasting]]\nunderlying = "BTC"\nsize = 1\nstrike = 1\nkind = "up"\n', "'up'"),
    ('[[everlasting]]\nunderlying = "BTC"\nsize = 1\nstrike = 1\npaid = 1\n', "true or false"),
    ('[[power]]\nunderlying = "ETH"\nsize = 1\nfunding_days = 0\n', "funding_days = 0"),
    ('[[pool]]\npair = "ETH/USDC"\nliquidity = 1\nlower = 5\nupper = 4\n', "lower < upper"),
    ('[[pool]]\npair = "ETH"\nliquidity = 1\n', "[[pool]] 1"),
    ('[[flow]]\nasset = "BTC"\ntime = "soon"\namount = 1\n', "time = soon"),
    ('[[flow]]\nasset = "BTC"\ntime = 2026-01-01\namount = 1\nexpected = 2\n', "expected = 2"),
    (
        SCHEDULE + "last = 2026-01-01\nevery_days = 1\n",
        "must not be before first",
    ),
    (SCHEDULE + "last = 2027-01-01\nevery_days = 1e-320\n", "flows"),
    (
        SCHEDULE + "last = 2027-01-01\nevery_days = 0.0001\n",
        "flows",
    ),
    ('[[funding_swap]]\nsymbol = "BTC/USDT:USDT"\nsize = 1\nfixed = 0.1\n', "expiry is missing"),
    ('[[volatility_future]]\nunderlying = "USD"\nsize = 1\nexpiry = 2026-01-01\n', "'USD'"),
    (HOLD + "[market]\nspott = 1\n", "did you mean 'spot'"),
    (HOLD + "[market]\nspot = 1\n", "[market.spot]"),
    (HOLD + '[market.spot]\nBTC = "x"\n', "[market.spot] BTC = 'x'"),
    (HOLD + "[market.forward]\nBTC = 3\n", "[market.forward.BTC]"),
    (HOLD + "[market.forward.BTC]\nsoon = 3\n", "'soon'"),
    (HOLD + "[market]\ntime = 3\n", "time = 3"),
    (HOLD + "[market.spot]\nBTC = -1\n", "[market.spot] BTC = -1"),
    (HOLD + "[market.mark]\nBTC-PERPETUAL = 0\n", "[market.mark] BTC/USD:BTC = 0"),
    (HOLD + "[market.volatility]\nBTC = nan\n", "BTC = nan"),
    (HOLD + "[market.forward.BTC]\n2026-03-27 = -5\n", "2026-03-27 = -5"),
    (HOLD + "[market.spot]\nBCT = 1\n", "[market.spot]: unknown name 'BCT'; did you mean 'BTC'?"),
    (HOLD + "[market.volatility]\nbtc = 1\n", "[market.volatility]: unknown name 'btc'"),
    (HOLD + "[market.forward.BTX]\n2026-03-27 = 5\n", "[market.forward]: unknown name 'BTX'"),
    (HOLD + "[market.coin_rate]\nETH = 0.1\n", "[market.coin_rate]: unknown name 'ETH'"),
    (HOLD + '[market.mark]\n"BTC/USTD:USDT" = 1\n', "did you mean 'BTC/USDT:USDT'?"),
    (HOLD + "[market.funding]\nBTC = 0.1\n", "[market.funding]: unknown name 'BTC'"),
    ("numeraire = 3\n" + HOLD, "numeraire = 3"),
    ("a = = 1\n", "not valid TOML"),
]


@pytest.mark.parametrize(("text", "said"), BAD, ids=[said for _, said in BAD])
def test_what_cannot_be_meant_is_refused_with_file_and_place(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.toml"
    with pytest.raises(ConfigError) as caught:
        book_of(text, path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert said in message


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.toml", None, "no such file"),
        ("none.csv", None, "no such file"),
        ("bad.json", b"{", "not valid JSON"),
        ("list.json", b"[1]", "must be a table"),
        ("bad.toml", b"\xff\xfe", "UTF-8"),
        ("bad.parquet", b"no parquet", "bad.parquet"),
        ("other.csv", b"a,b\n1,2\n", "no column 'symbol'"),
        ("empty.csv", b"symbol,size\n", "no rows"),
        ("more.csv", b"symbol,size,sizze\nBTC,1,1\n", "'sizze'"),
        ("text.csv", b"symbol,size\nBTC,much\n", "write numbers"),
    ],
)
def test_a_file_that_is_no_book_is_named(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_book(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="folder"):
        load_book(tmp_path)


def test_something_that_is_no_table_is_no_book() -> None:
    raw: Any = [1, 2]
    with pytest.raises(ConfigError, match="must be a table"):
        read_book(raw, "book")


def test_money_and_the_files_own_numeraire_may_have_a_price() -> None:
    raw = {"holding": {"asset": "BTC", "amount": 1}, "numeraire": "ETH"}
    market = {"spot": {"BTC": 6e4, "ETH": 3e3, "USDT": 0.99}}
    for numeraire in ("", "USD"):
        found = read_book(raw | {"market": market}, "b.toml", numeraire=numeraire)
        assert found.given.spot == market["spot"]
