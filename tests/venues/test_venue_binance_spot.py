"""Binance's spot wallet on replies of the shapes its documentation shows."""

import time
from decimal import Decimal
from typing import Any

from replayed import Asked, Desk, told

from hedgerow.execution.port import CashKind

BTC = "BTC/USDT"
INSTRUMENTS = {
    "timezone": "UTC",
    "serverTime": 1565246363776,
    "rateLimits": [],
    "exchangeFilters": [],
    "symbols": [
        {
            "symbol": "BTCUSDT",
            "status": "TRADING",
            "baseAsset": "BTC",
            "baseAssetPrecision": 8,
            "quoteAsset": "USDT",
            "quotePrecision": 8,
            "quoteAssetPrecision": 8,
            "orderTypes": ["LIMIT", "MARKET"],
            "isSpotTradingAllowed": True,
            "isMarginTradingAllowed": False,
            "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "0.01", "tickSize": "0.01"},
                {"filterType": "LOT_SIZE", "minQty": "0.00001", "stepSize": "0.00001"},
                {"filterType": "NOTIONAL", "minNotional": "5"},
            ],
            "permissions": ["SPOT"],
        }
    ],
}


def test_the_wallet_tells_deposits_withdrawals_distributions_and_transfers() -> None:
    now = time.time_ns() // 1_000_000
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now / 1000 - 2))

    def transfers(asked: Asked) -> Any:  # noqa: ANN401 - a reply
        row = {
            "asset": "USDT",
            "amount": "40",
            "type": asked.query["type"],
            "status": "CONFIRMED",
            "tranId": 11415955596,
            "timestamp": now - 1_000,
        }
        there = asked.query["type"] in {"MAIN_UMFUTURE", "FUNDING_MAIN"}
        number = 11415955597 if asked.query["type"] == "FUNDING_MAIN" else 11415955596
        return {"total": int(there), "rows": [{**row, "tranId": number}] if there else []}

    replies = {
        "exchangeInfo": INSTRUMENTS,
        "deposit/hisrec": [
            {"id": "769800519366885376", "amount": "0.5", "coin": "BTC", "status": 1,
             "insertTime": now - 3_000},
            {"id": "769800519366885377", "amount": "9", "coin": "BTC", "status": 0,
             "insertTime": now - 3_000},
        ],
        "withdraw/history": [
            {"id": "b6ae22b3", "amount": "8.9", "transactionFee": "0.1", "coin": "USDT",
             "status": 6, "applyTime": stamp},
            {"id": "b6ae22b4", "amount": "5", "transactionFee": "0.1", "coin": "USDT",
             "status": 1, "applyTime": stamp},
        ],
        "asset/assetDividend": {
            "rows": [
                {"id": 242006910, "amount": "0.25", "asset": "USDT", "divTime": now - 4_000,
                 "enInfo": "Referral rebate", "tranId": 2968885920, "direction": 1}
            ],
            "total": 1,
        },
        "asset/transfer": transfers,
    }  # fmt: skip

    async def story(desk: Desk) -> None:
        found = await desk.account.cash((now - 60_000) * 1_000_000)
        assert sorted((str(one.kind), one.currency, one.amount) for one in found) == [
            (str(CashKind.REBATE), "USDT", Decimal("0.25")),
            (str(CashKind.TRANSFER), "BTC", Decimal("0.5")),
            (str(CashKind.TRANSFER), "USDT", Decimal(-40)),
            (str(CashKind.TRANSFER), "USDT", Decimal("-9.0")),
            (str(CashKind.TRANSFER), "USDT", Decimal(40)),
        ]

    told("binance", (BTC,), replies, story)
