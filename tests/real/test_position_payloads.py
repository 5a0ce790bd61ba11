"""Recorded positions and accounts of venues: read, and reckoned again where all inputs are there.

None of the recorded replies that print a liquidation price has all that it is made of: see
`WITHOUT`. Replies that do, from live accounts, are among the published cases in ``tests/golden``.
"""

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hedgerow.margin.collateral import Collateral
from hedgerow.margin.initial import initial_margin
from hedgerow.margin.liquidation import bankruptcy_price
from hedgerow.margin.margin_account import MarginAccount, available_balance, isolated
from hedgerow.margin.outcome import Trade, return_on_margin
from hedgerow.margin.position import Position
from hedgerow.margin.terms import flat_terms

ARCHIVE = "api/nautilus_adapter_payloads.zip"
PRINTED = re.compile(
    r'"(liquidationPrice|liqPx|liqPrice|liquidation_price|liquidationPx)": "?[1-9]'
)
WITHOUT = {
    "binance/futures/http_json/position_risk.json": "cross: the wallet is not in it",
    "bitmex/http_get_positions.json": "its cost and its average entry are of different trades",
    "bitmex/ws_position.json": "its cost and its average entry are of different trades",
    "bybit/http_get_positions.json": "an example: its bankruptcy price is none of its leverage",
    "bybit/ws_account_position.json": "cross: the wallet is not in it",
    "bybit/ws_account_position_short.json": "cross: the wallet is not in it",
    "bybit/ws_account_position_with_open_time.json": "an example, as the one above",
    "lighter/ws_account_all_positions_update.json": "cross: the collateral is not in it",
    "okx/http_get_positions.json": "an example: a margin of 0.5 BTC behind 0.5 contracts",
}


@pytest.fixture(scope="module")
def archive() -> zipfile.ZipFile:
    """Return the recorded replies, or skip."""
    folder = os.environ.get("HEDGEROW_DATA_DIR")
    if folder is None:
        pytest.skip("HEDGEROW_DATA_DIR names no folder of recorded market data")
    return zipfile.ZipFile(Path(folder) / ARCHIVE)


def reply(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - as recorded
    return json.loads(archive.read(name))


def numbers(row: dict[str, Any]) -> dict[str, float]:
    """Return what can be read as a number."""
    found = {}
    for key, value in row.items():
        try:
            found[key] = float(value)
        except (TypeError, ValueError):
            continue
    return found


def linear(size: float, entry: float, leverage: float | None = None) -> Position:
    return Position(terms=flat_terms(0.0), size=size, entry=entry, leverage=leverage)


def test_no_printed_liquidation_price_is_passed_over(archive: zipfile.ZipFile) -> None:
    printed = {
        name
        for name in archive.namelist()
        if name.endswith(".json") and PRINTED.search(archive.read(name).decode("utf-8"))
    }
    assert printed == set(WITHOUT)


def test_binance_prints_our_profit_and_notional(archive: zipfile.ZipFile) -> None:
    (row,) = reply(archive, "binance/futures/http_json/position_risk.json")
    found = numbers(row)
    held = linear(found["positionAmt"], found["entryPrice"]).at(found["markPrice"])
    assert held.pnl() == pytest.approx(found["unRealizedProfit"], rel=1e-12)
    assert held.notional() == pytest.approx(found["notional"], rel=1e-12)
    assert row["marginType"] == "cross"
    assert "walletBalance" not in row


def test_binance_prints_our_available_balance(archive: zipfile.ZipFile) -> None:
    account = numbers(reply(archive, "binance/futures/http_json/account_info_v2.json"))
    equity = account["totalWalletBalance"] + account["totalUnrealizedProfit"]
    assert equity == pytest.approx(account["totalMarginBalance"])
    left = available_balance(equity, account["totalInitialMargin"])
    assert left == pytest.approx(account["availableBalance"])


def test_bybit_prints_our_profit_value_and_initial_margin(archive: zipfile.ZipFile) -> None:
    rows = reply(archive, "bybit/http_get_positions.json")["result"]["list"]
    checked = 0
    for row in rows:
        found = numbers(row)
        if not found["size"]:
            continue
        side = 1.0 if row["side"] == "Buy" else -1.0
        held = linear(side * found["size"], found["avgPrice"], found["leverage"])
        assert held.notional() == pytest.approx(found["positionValue"])
        assert held.pnl(found["markPrice"]) == pytest.approx(found["unrealisedPnl"])
        assert initial_margin(held) == pytest.approx(found["positionIM"])
        # Why its liquidation price cannot be reckoned: leverage says another bankruptcy price.
        bust = bankruptcy_price(isolated(held, found["positionIM"]))
        assert bust is not None
        assert abs(bust - found["bustPrice"]) > 0.01 * bust * (row["symbol"] == "BTCUSDT")
        checked += 1
    assert checked == 2


@pytest.mark.parametrize("name", ["ws_account_position", "ws_account_position_short"])
def test_bybit_streams_our_profit(archive: zipfile.ZipFile, name: str) -> None:
    (row,) = reply(archive, f"bybit/{name}.json")["data"]
    found = numbers(row)
    held = linear(-found["size"], found["entryPrice"])
    assert held.pnl(found["markPrice"]) == pytest.approx(found["unrealisedPnl"], abs=1e-9)
    assert row["tradeMode"] == 0  # cross
    assert not {"walletBalance", "equity"} & set(row)


def test_okx_prints_our_profit_fee_and_return(archive: zipfile.ZipFile) -> None:
    (row,) = reply(archive, "okx/http_get_account_positions-history.json")["data"]
    found = numbers(row)
    coins = found["closeTotalPos"] * 0.1  # one contract of ETH-USDT-SWAP is a tenth of a coin
    rate = -found["fee"] / (coins * (found["openAvgPx"] + found["closeAvgPx"]))
    trade = Trade(
        size=coins,
        entry=found["openAvgPx"],
        exit=found["closeAvgPx"],
        entry_fee=0.0007,
        exit_fee=0.0007,
    )
    assert rate == pytest.approx(0.0007, rel=1e-6)
    outcome = trade.outcome(found["fundingFee"], found["liqPenalty"])
    assert outcome.price == pytest.approx(found["pnl"], abs=1e-12)
    assert outcome.total == pytest.approx(found["realizedPnl"], abs=5e-9)
    put_up = initial_margin(linear(coins, found["openAvgPx"], found["lever"]))
    assert return_on_margin(outcome.total, put_up) == pytest.approx(found["pnlRatio"], abs=1e-9)


def test_hyperliquid_prints_our_equity_and_what_is_left(archive: zipfile.ZipFile) -> None:
    name = "hyperliquid/http_clearinghouse_state_negative_total_raw_usd.json"
    found = numbers(reply(archive, name)["crossMarginSummary"])
    state = numbers(reply(archive, name))
    value = found["totalNtlPos"]
    held = linear(value, 1.0)
    account = isolated(held, found["totalRawUsd"] + value)
    assert account.equity == pytest.approx(found["accountValue"], abs=1e-9)
    left = available_balance(account.equity, found["totalMarginUsed"])
    assert left == pytest.approx(state["withdrawable"], abs=1e-9)


@pytest.mark.parametrize("name", ["http_get_account_summaries", "ws_portfolio"])
def test_deribit_prints_our_available_funds(archive: zipfile.ZipFile, name: str) -> None:
    data = reply(archive, f"deribit/{name}.json")
    rows = data["result"]["summaries"] if "result" in data else [data["params"]["data"]]
    for row in rows:
        left = available_balance(row["margin_balance"], row["initial_margin"])
        assert left == pytest.approx(row["available_funds"], abs=1e-6)


def test_dydx_prints_the_equity_of_an_account_without_positions(archive: zipfile.ZipFile) -> None:
    row = reply(archive, "dydx/http_get_subaccount.json")["result"]["subaccount"]
    quote = float(row["assetPositions"]["USDC"]["size"])
    held = Collateral(asset="USDC", amount=quote)
    account = MarginAccount(positions=(), collaterals=(held,), unit="USDC")
    assert account.equity == float(row["equity"])
    assert account.available == float(row["freeCollateral"])


def test_bitmex_costs_and_entries_are_of_different_trades(archive: zipfile.ZipFile) -> None:
    rows = reply(archive, "bitmex/http_get_positions.json")
    rows.append(reply(archive, "bitmex/ws_position.json"))
    for row in rows:
        satoshis = 1e8 * row["currentQty"] / row["avgEntryPrice"]
        assert abs(satoshis + row["posCost"]) > 100.0
        profit = row["markValue"] - row["posCost"]
        assert profit == row["unrealisedPnl"]
