"""Every venue's rules on recorded markets: hourly and 8-hour funding against the raw files.

Set HEDGEROW_DATA_DIR to the folder that holds bundle/, ohlcv/ and funding/.
"""

import os
from pathlib import Path

import polars as pl
import pytest

import hedgerow as hr
from hedgerow.adapters.importing import ImportOptions, import_files
from hedgerow.ledger import EntryKind
from hedgerow.market.instrument import Settlement, parse_symbol

DATA = Path(os.environ.get("HEDGEROW_DATA_DIR") or "nowhere")
pytestmark = pytest.mark.skipif(
    not (DATA / "bundle").is_dir(),
    reason="real market data not found: set HEDGEROW_DATA_DIR to the folder that holds them",
)

COINS = 20.0
BINANCE = "binance:BTC/USDT:USDT"
BUNDLE = "bundle/binance_btcusdt_1h_aligned.parquet"
THREE = "ohlcv/aha_3venue_spot_perp_funding_8h.parquet"
EXACT = 1e-9

# One funding file of a venue whose prices are not held: what it says, in a column map.
FUNDING_MAP = """
[[series]]
kind = "funding"
venue = "{venue}"
symbol = "{symbol}"
time = {{ column = "ts" }}
columns = {{ rate = "{rate}" }}
where = {{ symbol = "{name}" }}
"""
RECORDED = {
    "hyperliquid": (
        "funding/hyperliquid_funding_premium_1h.parquet",
        "BTC/USDC:USDC",
        "BTC",
        "funding_rate",
    ),
    "deribit": (
        "funding/deribit_btc_funding_1h.parquet",
        "BTC/USD:BTC",
        "BTC-PERPETUAL",
        "interest_1h",
    ),
    "bitmex": ("funding/bitmex_funding_8h.parquet", "BTC/USD:BTC", "XBTUSD", "funding_rate"),
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> hr.Lake:
    """Return Binance's hourly prices with the recorded funding of three other venues."""
    folder = tmp_path_factory.mktemp("venues")
    import_files([DATA / BUNDLE], folder / "lake", ImportOptions())
    for venue, (file, symbol, name, rate) in RECORDED.items():
        text = FUNDING_MAP.format(venue=venue, symbol=symbol, name=name, rate=rate)
        (folder / f"{venue}.toml").write_text(text, encoding="utf-8")
        options = ImportOptions(map=str(folder / f"{venue}.toml"))
        import_files([DATA / file], folder / "lake", options)
    return hr.Lake(folder / "lake")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> hr.Lake:
    """Return 8-hour prices and funding of three venues."""
    place = tmp_path_factory.mktemp("three") / "lake"
    import_files([DATA / THREE], place, ImportOptions(map="tidy-exchanges"))
    return hr.Lake(place)


def hedged(venue: str, symbol: str, world: hr.Replay) -> hr.Run:
    """Return a run of a whole short that its account can bear: money or coins enough."""
    pair = parse_symbol(symbol)
    coins = pair.settlement is Settlement.INVERSE
    book = hr.Book([hr.Holding(pair.base, COINS)])
    deposit = COINS if coins else 5_000_000.0
    return hr.run(
        hr.Hedge(book, instrument=symbol, venue=venue, policy=hr.Hold()),
        world,
        margin=hr.Margin(collateral=str(pair.settle), deposit=deposit),
    )


def owed(run: hr.Run, rows: pl.DataFrame) -> tuple[float, int]:
    """Return funding and settlements from the raw rows (ts, rate, price), after the fill."""
    (fill,) = run.ledger.of(EntryKind.FILL)
    pair = parse_symbol(fill.instrument)
    after = rows.filter(
        (pl.col("ts").dt.epoch("ns") > fill.time) & (pl.col("ts").dt.epoch("ns") < run.end)
    )
    if pair.settlement is Settlement.INVERSE:
        face = fill.quantity * fill.price
        paid = after.select((-face / pl.col("price") * pl.col("rate")).sum()).item()
    else:
        paid = after.select((-fill.quantity * pl.col("price") * pl.col("rate")).sum()).item()
    return float(paid), len(after)


def check(run: hr.Run, rows: pl.DataFrame) -> None:
    """Hold the ledger's funding to the raw rows, settlement for settlement; all adds up."""
    expected, settlements = owed(run, rows)
    lines = run.ledger.of(EntryKind.FUNDING)
    assert len(lines) == settlements > 0
    assert sum(line.cash for line in lines) == pytest.approx(expected, rel=EXACT)
    assert abs(run.pnl.residual) <= EXACT * max(run.turnover, run.opening_worth)
    assert not run.liquidations
    assert not run.simulated


def raw_funding(venue: str) -> pl.DataFrame:
    file, _, name, rate = RECORDED[venue]
    rows = pl.read_parquet(DATA / file).filter(pl.col("symbol") == name)
    return rows.select(pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.col(rate).alias("rate"))


def raw_prices(column: str) -> pl.DataFrame:
    """Return Binance's hourly opens; those of the perpetual in hours without a spot market."""
    opens = [pl.col(name).fill_nan(None) for name in (column, "perp_open")]
    rows = pl.read_parquet(DATA / BUNDLE)
    return rows.select(
        pl.col("ts").cast(pl.Datetime("ms", "UTC")), pl.coalesce(opens).alias("price")
    )


WINDOWS = [
    ("hyperliquid", "2024-02-01", "2024-02-19", "spot_open", 19 * 24),
    ("deribit", "2020-02-01", "2020-05-31", "spot_open", 121 * 24),
    ("bitmex", "2020-01-01", "2022-12-31", "perp_open", 1_096 * 3),
]


@pytest.mark.parametrize(("venue", "start", "end", "price", "settlements"), WINDOWS)
def test_recorded_funding_on_the_prices_of_another_venue(
    venue: str, start: str, end: str, price: str, settlements: int, lake: hr.Lake
) -> None:
    symbol = RECORDED[venue][1]
    run = hedged(venue, symbol, hr.Replay(lake, start, end, proxy={symbol: BINANCE}))
    assert run.coverage.settlements_present == run.coverage.settlements_expected == settlements
    rows = raw_funding(venue).join(raw_prices(price), on="ts", how="inner")
    check(run, rows)
    assert any(
        stamp.startswith("PROXY") and "those of BTC/USDT:USDT at binance" in stamp
        for stamp in run.stamps
    )
    assert any("confidence" in stamp and venue in stamp for stamp in run.stamps)


def test_a_year_with_gaps_counts_what_is_missing_and_makes_nothing_up(lake: hr.Lake) -> None:
    symbol = RECORDED["hyperliquid"][1]
    world = hr.Replay(lake, "2024-01-01", "2024-12-31", proxy={symbol: BINANCE}, allow_gaps=True)
    run = hedged("hyperliquid", symbol, world)
    rows = raw_funding("hyperliquid")
    assert run.coverage.settlements_expected == 366 * 24
    assert run.coverage.settlements_present == len(rows)
    check(run, rows.join(raw_prices("spot_open"), on="ts", how="inner"))
    missing = 366 * 24 - len(rows)
    assert any(f"{missing} settlements are missing" in stamp for stamp in run.stamps)
    with pytest.raises(hr.MarketDataError, match="allow_gaps"):
        hedged(
            "hyperliquid",
            symbol,
            hr.Replay(lake, "2024-01-01", "2024-12-31", proxy={symbol: BINANCE}),
        )


PAIRS = {
    "BTC/USDT:USDT": "BTCUSDT",
    "BTC/USD:BTC": "BTCUSDCM",
    "ETH/USDT:USDT": "ETHUSDT",
    "ETH/USD:ETH": "ETHUSDCM",
}
LISTED = [
    ("binance", "BTC/USDT:USDT"),
    ("binance", "BTC/USD:BTC"),
    ("binance", "ETH/USDT:USDT"),
    ("bybit", "BTC/USDT:USDT"),
    ("bybit", "BTC/USD:BTC"),
    ("bybit", "ETH/USDT:USDT"),
    ("okx", "BTC/USDT:USDT"),
    ("okx", "BTC/USD:BTC"),
    ("okx", "ETH/USDT:USDT"),
]


@pytest.mark.parametrize(("venue", "symbol"), LISTED)
def test_8_hour_bars_of_a_venue_pay_its_own_funding_at_its_own_opens(
    venue: str, symbol: str, three: hr.Lake
) -> None:
    world = hr.Replay(three, "2023-01-01", "2024-06-30", bar="8h", allow_gaps=True)
    run = hedged(venue, symbol, world)
    rows = pl.read_parquet(DATA / THREE).filter(
        (pl.col("exchange") == venue)
        & (pl.col("pair") == PAIRS[symbol])
        & (pl.col("contract") == "perpetual")
    )
    inside = rows.filter(pl.col("ts").dt.epoch("ns") < run.end)
    assert run.coverage.settlements_present == len(inside)
    assert run.coverage.settlements_expected == 547 * 3
    check(
        run, rows.select("ts", pl.col("funding_rate").alias("rate"), pl.col("open").alias("price"))
    )
