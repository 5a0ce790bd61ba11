"""Shipped tables against records of the exchange's replies that others kept."""

import csv
import gzip
import json
import os
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hedgerow.kernels.funding_rate import FundingTerms, funding_rate
from hedgerow.market.tables import contract_rules, contracts

LATE = date(2026, 9, 1)
LINEAR = [symbol for symbol in contracts("binance") if symbol.endswith(":USDT")]


@pytest.fixture
def data() -> Path:
    """Return the folder of recorded data, or skip."""
    folder = os.environ.get("HEDGEROW_DATA_DIR")
    if folder is None:
        pytest.skip("HEDGEROW_DATA_DIR names no folder of recorded market data")
    return Path(folder)


def replies(data: Path, name: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(data / "api/binance_public_rest_20260704.zip") as archive:
        content = json.loads(archive.read(f"fapi-v1-{name}.json"))
    rows: list[dict[str, Any]] = content["symbols"] if isinstance(content, dict) else content
    return rows


def of(rows: list[dict[str, Any]], symbol: str) -> dict[str, Any]:
    name = symbol.split(":", maxsplit=1)[0].replace("/", "")
    return next(row for row in rows if row["symbol"] == name)


@pytest.mark.parametrize("symbol", LINEAR)
def test_brackets_are_those_of_the_record(data: Path, symbol: str) -> None:
    with gzip.open(data / "margin/binance_um_leverage_tiers_20241024.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["symbol"] == symbol]
    names = ("min_notional", "max_notional", "mm_rate", "mm_cum", "max_leverage")
    recorded = [tuple(Decimal(row[name]) for name in names) for row in rows]
    tiers = contract_rules("binance", symbol, date(2024, 10, 24)).tiers
    shipped = [(t.floor, t.cap, t.rate, t.amount, t.max_leverage) for t in tiers]
    assert shipped == recorded


@pytest.mark.parametrize("symbol", contracts("binance"))
def test_sizes_are_those_of_a_second_record(data: Path, symbol: str) -> None:
    base, quote = symbol.split(":", maxsplit=1)[0].split("/")
    ticker = f"{base}USD_PERP" if quote == "USD" else f"{base}USDT"
    with (data / "margin/lean_cryptofuture_contract_specs.csv").open() as file:
        row = next(
            row
            for row in csv.DictReader(file)
            if row["market"] == "binance" and row["market_ticker"] == ticker
        )
    size = contract_rules("binance", symbol, LATE).perpetual
    assert size.multiplier == Decimal(row["contract_multiplier"])
    assert size.tick == Decimal(row["minimum_price_variation"])
    assert size.lot == Decimal(row["lot_size"])


@pytest.mark.parametrize("symbol", LINEAR)
def test_sizes_and_fees_of_liquidation_are_those_of_the_reply(data: Path, symbol: str) -> None:
    reply = of(replies(data, "exchangeInfo"), symbol)
    filters = {row["filterType"]: row for row in reply["filters"]}
    rules = contract_rules("binance", symbol, LATE)
    assert rules.perpetual.tick == Decimal(filters["PRICE_FILTER"]["tickSize"])
    assert rules.perpetual.lot == Decimal(filters["LOT_SIZE"]["stepSize"])
    assert rules.perpetual.minimum_notional == Decimal(filters["MIN_NOTIONAL"]["notional"])
    assert rules.liquidation.fee == Decimal(reply["liquidationFee"])
    assert rules.listed == datetime.fromtimestamp(reply["onboardDate"] / 1000, UTC).date()


@pytest.mark.parametrize("symbol", LINEAR)
def test_funding_rules_are_those_of_the_reply(data: Path, symbol: str) -> None:
    bounds = of(replies(data, "fundingInfo"), symbol)
    premium = of(replies(data, "premiumIndex"), symbol)
    rule = contract_rules("binance", symbol, LATE).funding
    assert rule.cap == Decimal(bounds["adjustedFundingRateCap"])
    assert rule.floor == Decimal(bounds["adjustedFundingRateFloor"])
    assert rule.interval_hours == bounds["fundingIntervalHours"]
    assert rule.interest == Decimal(premium["interestRate"])


def test_bitcoin_funding_has_touched_its_bounds_and_never_passed_them(data: Path) -> None:
    rates = (
        pl.read_parquet(data / "funding/binance_um_funding.parquet")
        .filter(pl.col("symbol") == "BTCUSDT")
        .get_column("funding_rate")
        .to_numpy()
    )
    rule = contract_rules("binance", "BTC/USDT:USDT", LATE).funding
    assert rates.max() == float(rule.cap)
    assert rates.min() == float(rule.floor)


def test_the_rule_gives_the_rates_of_a_venue_that_publishes_its_premium(data: Path) -> None:
    rows = pl.read_parquet(data / "funding/hyperliquid_funding_premium_1h.parquet")
    terms = FundingTerms(interest=0.0001, clamp=0.0005, cap=0.04, floor=-0.04, interval_hours=1.0)
    computed = [funding_rate(premium, terms) for premium in rows["premium"].to_list()]
    published = rows["funding_rate"].to_numpy()
    np.testing.assert_allclose(computed, published, rtol=0.0, atol=1e-10)
