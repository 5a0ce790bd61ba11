"""Recorded replies of venues are read into our values, and agree with the shipped tables."""

import csv
import json
import os
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from hedgerow.adapters.venue_replies import number
from hedgerow.funding.rules import settlement_rate
from hedgerow.market.tables import contract_rules, known_rules, spot_fee

LATE = date(2026, 11, 22)


@pytest.fixture
def data() -> Path:
    """Return the folder of recorded data, or skip."""
    folder = os.environ.get("HEDGEROW_DATA_DIR")
    if folder is None:
        pytest.skip("HEDGEROW_DATA_DIR names no folder of recorded market data")
    return Path(folder)


def reply(data: Path, name: str) -> Any:  # noqa: ANN401  as recorded
    with zipfile.ZipFile(data / "api/nautilus_adapter_payloads.zip") as archive:
        return json.loads(archive.read(name))


def exact(value: object) -> Decimal:
    found = number(value)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("identifier", "symbol"),
    [
        ("BTC-USDT-SWAP", "BTC/USDT:USDT"),
        ("ETH-USDT-SWAP", "ETH/USDT:USDT"),
        ("BTC-USD-SWAP", "BTC/USD:BTC"),
    ],
)
def test_okx_instruments_agree(data: Path, identifier: str, symbol: str) -> None:
    rows = reply(data, "okx/http_get_instruments_swap.json")["data"]
    row = next(row for row in rows if row["instId"] == identifier)
    size = known_rules("okx", symbol, LATE).size
    assert size is not None
    assert size.multiplier == exact(row["ctVal"]) * exact(row["ctMult"])
    assert (size.tick, size.lot) == (exact(row["tickSz"]), exact(row["lotSz"]))
    assert size.inverse == (row["ctType"] == "inverse")
    assert size.settle == row["settleCcy"]


def test_okx_highest_leverage_and_spot_fee_agree(data: Path) -> None:
    rows = reply(data, "okx/http_get_instruments_swap.json")["data"]
    lever = next(row["lever"] for row in rows if row["instId"] == "BTC-USDT-SWAP")
    tiers = contract_rules("okx", "BTC/USDT:USDT", LATE).tiers
    assert tiers[0].max_leverage == exact(lever)
    (fees,) = reply(data, "okx/http_get_trade_fee_response.json")["data"]
    spot, _ = spot_fee("okx", LATE)
    assert (spot.maker, spot.taker) == (-exact(fees["maker"]), -exact(fees["taker"]))


def test_okx_recorded_funding_lies_within_its_bounds(data: Path) -> None:
    rule = contract_rules("okx", "BTC/USDT:USDT", date(2024, 6, 1)).funding
    for row in reply(data, "okx/http_get_funding_rate_history.json")["data"]:
        assert rule.floor <= exact(row["fundingRate"]) <= rule.cap


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_bybit_linear_instruments_agree_where_they_were_not_made_up(data: Path, coin: str) -> None:
    # Ticks of these replies are invented by their keeper (BTC 0.5, ETH 0.05); the rest agrees.
    rows = reply(data, "bybit/http_get_instruments_linear.json")["result"]["list"]
    row = next(row for row in rows if row["symbol"] == f"{coin}USDT")
    rules = contract_rules("bybit", f"{coin}/USDT:USDT", LATE)
    assert rules.perpetual.lot == exact(row["lotSizeFilter"]["qtyStep"])
    assert rules.perpetual.minimum_notional == exact(row["lotSizeFilter"]["minNotionalValue"])
    assert rules.tiers[0].max_leverage == exact(row["leverageFilter"]["maxLeverage"])
    assert rules.funding.interval_hours == row["fundingInterval"]


def test_bybit_inverse_instrument_agrees(data: Path) -> None:
    (row,) = reply(data, "bybit/http_get_instruments_inverse.json")["result"]["list"]
    rules = contract_rules("bybit", "BTC/USD:BTC", LATE)
    assert rules.perpetual.lot == exact(row["lotSizeFilter"]["qtyStep"])
    assert rules.tiers[0].max_leverage == exact(row["leverageFilter"]["maxLeverage"])
    assert rules.perpetual.settle == row["settleCoin"]


def test_deribit_perpetual_and_option_agree(data: Path) -> None:
    row = reply(data, "deribit/http_get_instrument.json")["result"]
    rules = contract_rules("deribit", "BTC/USD:BTC", LATE)
    assert rules.perpetual.multiplier == exact(row["contract_size"])
    assert rules.perpetual.tick == exact(row["tick_size"])
    assert rules.perpetual.lot_size == exact(row["min_trade_amount"])
    assert rules.tiers[0].max_leverage == row["max_leverage"]
    assert rules.liquidation.fee == exact(row["max_liquidation_commission"])
    fee = rules.fees[0]
    assert (fee.maker, fee.taker) == (
        exact(row["maker_commission"]),
        exact(row["taker_commission"]),
    )


@pytest.mark.parametrize("coin", ["BTC", "ETH", "SOL"])
def test_dydx_markets_agree(data: Path, coin: str) -> None:
    result = reply(data, "dydx/http_get_perpetual_markets.json")["result"]
    row = result["markets"][f"{coin}-USD"]
    rules = contract_rules("dydx", f"{coin}/USDC:USDC", LATE)
    initial = exact(row["initialMarginFraction"])
    maintenance = exact(row["maintenanceMarginFraction"])
    assert rules.perpetual.tick == exact(row["tickSize"])
    assert rules.perpetual.lot == exact(row["stepSize"])
    assert rules.tiers[0].rate == maintenance
    assert 1 / rules.tiers[0].max_leverage == initial
    assert rules.funding.cap == 6 * (initial - maintenance) / 8
    assert (rules.margin.open_interest_lower or 0) == exact(row["openInterestLowerCap"])
    assert (rules.margin.open_interest_upper or 0) == exact(row["openInterestUpperCap"])
    assert rules.premium is not None
    assert rules.premium.impact_notional == 500 / initial


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_hyperliquid_markets_agree(data: Path, coin: str) -> None:
    rows = reply(data, "hyperliquid/http_meta_perp_sample.json")["universe"]
    row = next(row for row in rows if row["name"] == coin)
    rules = contract_rules("hyperliquid", f"{coin}/USDC:USDC", LATE)
    assert rules.perpetual.lot == Decimal(1).scaleb(-row["szDecimals"])
    assert rules.tiers[0].max_leverage == row["maxLeverage"]


def test_hyperliquid_rule_gives_recorded_rates_of_all_hours(data: Path) -> None:
    rows = pl.read_parquet(data / "funding/hyperliquid_funding_premium_1h.parquet")
    for coin in ("BTC", "ETH"):
        rule = contract_rules("hyperliquid", f"{coin}/USDC:USDC", date(2024, 1, 1)).funding
        mine = rows.filter(pl.col("symbol") == coin)
        assert mine.height > 6_000
        worst = max(
            abs(settlement_rate(rule, premium).rate - rate)
            for premium, rate in mine.select("premium", "funding_rate").iter_rows()
        )
        assert worst < 1e-9


def test_bitmex_instrument_agrees(data: Path) -> None:
    row = reply(data, "bitmex/http_get_instrument_xbtusd.json")
    rules = contract_rules("bitmex", "BTC/USD:BTC", LATE)
    assert rules.perpetual.tick == exact(row["tickSize"])
    assert rules.perpetual.lot == row["lotSize"]
    assert rules.listed == datetime.fromisoformat(row["listing"]).astimezone(UTC).date()
    assert rules.tiers[0].rate == exact(row["maintMargin"])
    assert 1 / rules.tiers[0].max_leverage == exact(row["initMargin"])
    assert rules.tiers[0].cap == exact(row["riskLimit"]) / 10**8
    assert rules.fees[0].taker == exact(row["takerFee"])
    assert (
        rules.funding.interest
        == (exact(row["fundingQuoteRate"]) - exact(row["fundingBaseRate"])) / 3
    )
    cap = Decimal("0.75") * (exact(row["initMargin"]) - exact(row["maintMargin"]))
    assert rules.funding.cap == cap


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
@pytest.mark.parametrize("venue", ["binance", "bybit"])
def test_early_bounds_of_funding_are_touched_and_never_passed(
    data: Path, venue: str, coin: str
) -> None:
    rule = contract_rules(venue, f"{coin}/USDT:USDT", date(2023, 1, 1)).funding
    rates = (
        pl.read_parquet(data / "funding/cex_dex_funding_2020_2023.parquet")
        .filter((pl.col("venue") == venue) & (pl.col("symbol") == f"{coin}USDT"))
        .get_column("funding_rate")
        .to_list()
    )
    assert max(rates) == float(rule.cap)
    assert min(rates) >= float(rule.floor)


@pytest.mark.parametrize("coin", ["XRP", "DOGE"])
def test_later_bounds_of_bybit_funding_are_touched_and_never_passed(data: Path, coin: str) -> None:
    rule = known_rules("bybit", f"{coin}/USDT:USDT", LATE).funding
    assert rule is not None
    rates = (
        pl.read_parquet(data / "funding/crossvenue_funding_2025_2026.parquet")
        .filter((pl.col("venue") == "bybit") & (pl.col("symbol") == f"{coin}USDT"))
        .get_column("funding_rate")
        .to_list()
    )
    assert min(rates) == float(rule.floor)
    assert max(rates) <= float(rule.cap)


@pytest.mark.parametrize("coin", ["BTC", "ETH", "SOL", "XRP", "DOGE", "LTC", "LINK", "ADA", "AVAX"])
def test_bybit_sizes_are_those_of_a_second_record(data: Path, coin: str) -> None:
    with (data / "margin/lean_cryptofuture_contract_specs.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["market"] == "bybit"]
    pairs = ((f"{coin}USDT", f"{coin}/USDT:USDT"), (f"{coin}USD", f"{coin}/USD:{coin}"))
    for ticker, symbol in pairs:
        row = next(row for row in rows if row["market_ticker"] == ticker)
        size = known_rules("bybit", symbol, LATE).size
        assert size is not None
        assert size.tick == exact(row["minimum_price_variation"])
        assert size.lot == exact(row["lot_size"])
