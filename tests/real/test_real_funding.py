"""Funding rules against what exchanges recorded: premiums, rates, bounds and marks."""

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

from hedgerow.funding.bounds import BITMEX_SHARE, interest_part, margin_cap
from hedgerow.funding.marks import MarkInputs, mark_price
from hedgerow.funding.payment import funding_payment
from hedgerow.funding.premiums import mark_premium
from hedgerow.funding.rates import RealisedFunding
from hedgerow.funding.rules import settlement_rate
from hedgerow.kernels.premium import impact_premium
from hedgerow.market.tables import contract_rules, contracts
from hedgerow.pricing.annual import annualised
from hedgerow.units import nanoseconds

REPLY = date(2026, 7, 4)  # of the exchange's recorded answers
LINEAR = [symbol for symbol in contracts("binance") if symbol.endswith(":USDT")]
HOURLY = date(2024, 1, 1)


@pytest.fixture
def data() -> Path:
    """Return the folder of recorded data, or skip."""
    folder = os.environ.get("HEDGEROW_DATA_DIR")
    if folder is None:
        pytest.skip("HEDGEROW_DATA_DIR names no folder of recorded market data")
    return Path(folder)


def payload(data: Path, name: str) -> Any:  # noqa: ANN401 - an exchange's JSON
    with zipfile.ZipFile(data / "api/nautilus_adapter_payloads.zip") as archive:
        return json.loads(archive.read(name))


def binance(data: Path, name: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a recorded reply by symbol."""
    with zipfile.ZipFile(data / "api/binance_public_rest_20260704.zip") as archive:
        rows = json.loads(archive.read(f"fapi-v1-{name}.json"))
    return {row["symbol"]: row for row in rows}


def ticker(symbol: str) -> str:
    return symbol.split(":", maxsplit=1)[0].replace("/", "")


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
def test_hyperliquid_s_recorded_premium_gives_its_recorded_funding(data: Path, coin: str) -> None:
    rows = pl.read_parquet(data / "funding/hyperliquid_funding_premium_1h.parquet")
    rows = rows.filter(pl.col("symbol") == coin)
    rule = contract_rules("hyperliquid", f"{coin}/USDC:USDC", HOURLY).funding
    found = [settlement_rate(rule, premium).rate for premium in rows["premium"].to_list()]
    assert rows.height > 1_000
    worst = np.abs(np.array(found) - rows["funding_rate"].to_numpy()).max()
    assert worst <= 5.0001e-11  # the exchange writes ten digits


def test_hyperliquid_s_impact_prices_give_its_premium(data: Path) -> None:
    dexes = payload(data, "hyperliquid/ws_all_dexs_asset_ctxs.json")["data"]["ctxs"]
    (own,) = [contexts for dex, contexts in dexes if dex == ""]  # others' rules are not published
    seen = 0
    for context in own:
        if context.get("impactPxs") is None:
            continue
        bid, ask = map(float, context["impactPxs"])
        found = impact_premium(bid, ask, float(context["oraclePx"]))
        assert found == pytest.approx(float(context["premium"]), abs=5.0001e-11)
        seen += 1
    assert seen > 100


def test_hyperliquid_s_history_obeys_its_rule(data: Path) -> None:
    rule = contract_rules("hyperliquid", "BTC/USDC:USDC", HOURLY).funding
    for row in payload(data, "hyperliquid/http_funding_history.json"):
        assert abs(float(row["fundingRate"])) <= rule.cap
    first = payload(data, "hyperliquid/http_funding_history.json")[0]
    found = settlement_rate(rule, float(first["premium"])).rate
    assert found == pytest.approx(float(first["fundingRate"]), abs=5.0001e-11)


def test_binance_s_last_rates_lie_within_its_published_bounds(data: Path) -> None:
    bounds, last = binance(data, "fundingInfo"), binance(data, "premiumIndex")
    assert len(set(bounds) & set(last)) > 600
    for symbol in set(bounds) & set(last):
        row = bounds[symbol]
        rate = Decimal(last[symbol]["lastFundingRate"])
        floor, cap = row["adjustedFundingRateFloor"], row["adjustedFundingRateCap"]
        assert Decimal(floor) <= rate <= Decimal(cap), symbol
        assert row["fundingIntervalHours"] in {1, 2, 4, 8}, symbol


@pytest.mark.parametrize("symbol", LINEAR)
def test_binance_s_table_says_what_the_reply_says(data: Path, symbol: str) -> None:
    rule = contract_rules("binance", symbol, REPLY).funding
    row, now = binance(data, "fundingInfo")[ticker(symbol)], binance(data, "premiumIndex")
    assert rule.interval_hours == row["fundingIntervalHours"]
    assert rule.cap == Decimal(row["adjustedFundingRateCap"])
    assert rule.floor == Decimal(row["adjustedFundingRateFloor"])
    assert rule.interest == Decimal(now[ticker(symbol)]["interestRate"])


@pytest.mark.parametrize("symbol", LINEAR)
def test_binance_s_rates_become_settlements_that_pay(data: Path, symbol: str) -> None:
    rule = contract_rules("binance", symbol, REPLY).funding
    row = binance(data, "premiumIndex")[ticker(symbol)]
    settled = RealisedFunding(
        venue="binance",
        instrument=symbol,
        time=int(row["nextFundingTime"]) * 1_000_000,
        rate=float(row["lastFundingRate"]),
        interval_hours=float(rule.interval_hours),
    )
    mark = float(row["markPrice"])
    short, long = (funding_payment(settled, size, mark) for size in (-1.0, 1.0))
    assert short == -long == pytest.approx(mark * settled.rate, rel=1e-15)


def test_bitmex_s_instrument_obeys_its_own_rules(data: Path) -> None:
    row = payload(data, "bitmex/http_get_instrument_xbtusd.json")
    margins = Decimal(str(row["initMargin"])), Decimal(str(row["maintMargin"]))
    table = contract_rules("bitmex", "BTC/USD:BTC", date(2024, 11, 25))
    cap = margin_cap(*margins, BITMEX_SHARE)
    assert table.funding.cap == cap
    assert abs(row["fundingRate"]) <= cap
    assert abs(row["indicativeFundingRate"]) <= cap
    rates = Decimal(str(row["fundingQuoteRate"])), Decimal(str(row["fundingBaseRate"]))
    assert interest_part(*rates, Decimal(3)) == table.funding.interest
    found = annualised(row["fundingRate"], 3 * 365)
    assert found == pytest.approx(row["fairBasisRate"], rel=1e-12)


def test_bitmex_s_mark_is_its_index_with_the_funding_to_come(data: Path) -> None:
    row = payload(data, "bitmex/http_get_instrument_xbtusd.json")
    settles, now = (
        datetime.fromisoformat(row[key]).astimezone(UTC)
        for key in ("fundingTimestamp", "timestamp")
    )
    minute = now.replace(second=0, microsecond=0)  # the exchange renews it once a minute
    rule = contract_rules("bitmex", "BTC/USD:BTC", date(2024, 11, 25)).mark
    assert rule is not None
    given = MarkInputs(
        index=row["indicativeSettlePrice"],
        funding_rate=row["fundingRate"],
        hours_to_funding=(nanoseconds(settles) - nanoseconds(minute)) / 3.6e12,
        interval_hours=8.0,
    )
    assert mark_price(rule, given) == pytest.approx(row["markPrice"], abs=0.005)


@pytest.mark.parametrize("name", ["http_get_order_book", "ws_ticker"])
def test_deribit_s_current_funding_is_that_of_its_mark(data: Path, name: str) -> None:
    reply = payload(data, f"deribit/{name}.json")
    row = reply["result"] if "result" in reply else reply["params"]["data"]
    rule = contract_rules("deribit", "BTC/USD:BTC", date(2025, 12, 12)).funding
    found = settlement_rate(rule, mark_premium(row["mark_price"], row["index_price"])).rate
    assert found == pytest.approx(row["current_funding"], abs=5e-9)


def test_deribit_s_hours_stay_within_the_bound_of_its_rule(data: Path) -> None:
    rows = pl.read_parquet(data / "funding/deribit_btc_funding_1h.parquet").drop_nulls()
    rule = contract_rules("deribit", "BTC/USD:BTC", date(2020, 3, 12)).funding
    hourly = float(rule.cap) / rule.interval_hours
    # An hour's interest is told on one index of the hour and accrues on all of them.
    move = (rows["prev_index_price"] / rows["index_price"]).log().abs().exp()
    paid = rows["interest_1h"].abs().to_numpy()
    assert (paid <= hourly * move.to_numpy()).all()
    assert paid.max() > 0.99 * hourly  # the bound was met in March 2020


def test_dydx_s_rates_are_whole_millionths_of_eight_hours_within_bounds(data: Path) -> None:
    history = payload(data, "dydx/http_get_historical_funding.json")["result"]["historicalFunding"]
    for row in history:
        millionths = Decimal(row["rate"]) * 8 * 1_000_000
        assert millionths == millionths.to_integral_value()
    markets = payload(data, "dydx/http_get_perpetual_markets.json")["result"]["markets"]
    for name, market in markets.items():
        margins = (
            Decimal(market["initialMarginFraction"]),
            Decimal(market["maintenanceMarginFraction"]),
        )
        symbol = name.replace("-USD", "/USDC:USDC")
        rule = contract_rules("dydx", symbol, date(2025, 12, 8)).funding
        assert rule.cap == margin_cap(*margins, Decimal(6)) / 8
        assert abs(Decimal(market["nextFundingRate"])) <= rule.cap


def test_okx_s_settled_rates_lie_within_the_bounds_of_their_day(data: Path) -> None:
    rule = contract_rules("okx", "BTC/USDT:USDT", date(2024, 3, 5)).funding
    for row in payload(data, "okx/http_get_funding_rate_history.json")["data"]:
        assert rule.floor <= Decimal(row["realizedRate"]) <= rule.cap
