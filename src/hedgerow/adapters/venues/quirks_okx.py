"""OKX: one account for all; sizes in contracts, answers that say only that they heard."""

# ruff: noqa: ARG002  every venue is asked in the same way, and not all need all of it

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from hedgerow.adapters.venues.contracts import Kind, exact
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.quirks import (
    DAY,
    Pages,
    Quirks,
    Rights,
    Row,
    Scope,
    Stream,
    inside,
)
from hedgerow.execution.budget import Rate
from hedgerow.execution.order import Cause
from hedgerow.execution.port import CashKind, Garbled
from hedgerow.units import SECOND

LIQUIDATED: Final = frozenset(str(kind) for kind in (*range(100, 108), 110, 111))
DELEVERAGED: Final = frozenset({"125", "126", "127", "128"})
CASH: Final = {  # by type of bill
    "1": CashKind.TRANSFER,
    "6": CashKind.TRANSFER,
    "12": CashKind.TRANSFER,
    "4": CashKind.OTHER,  # conversions
    "11": CashKind.OTHER,
    "27": CashKind.OTHER,
    "28": CashKind.OTHER,
    "29": CashKind.OTHER,
    "7": CashKind.INTEREST,
    "10": CashKind.INSURANCE,  # clawback
}
CATEGORIES: Final = {
    "adl": Cause.DELEVERAGING,
    "full_liquidation": Cause.LIQUIDATION,
    "partial_liquidation": Cause.LIQUIDATION,
}
TYPES: Final[dict[Kind, str]] = {"spot": "spot", "linear": "swap", "inverse": "swap"}
SHORTEST_SWITCH: Final = 10.0  # seconds


class Okx(Quirks):
    """Client ids go out as ``clOrdId``, the broker's tag does not."""

    venue = "okx"
    connector = "okx"
    follows_up = True
    reserve = ("funding", "trading")
    trades: ClassVar[Pages] = Pages(span=7 * DAY, limit=100)
    funding: ClassVar[Pages] = Pages(span=7 * DAY, limit=100)
    cash_words = CASH
    rate: ClassVar[Rate] = Rate(weight=40.0, window=4 * SECOND)
    client_keys = ("clientOrderId", "clOrdId")

    def config(self, keys: Keys) -> dict[str, Any]:
        """Return the credentials, which have three parts."""
        return {**super().config(keys), "password": keys.passphrase.reveal()}

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options: the order's own address, no broker."""
        return {
            "defaultType": "swap",
            "brokerId": "",
            "createOrder": "privatePostTradeOrder",
            "fetchMarkets": {"types": sorted({TYPES[kind] for kind in kinds})},
            "adjustForTimeDifference": False,
        }

    def shape(self, url: str, asked: str, reply: object) -> str:
        """Return what a reply lacks."""
        return "" if isinstance(inside(reply, "data"), list) else "no code and data"

    def named(self, wire_id: str) -> dict[str, Any]:
        """Return the client id as the venue calls it."""
        return {"clOrdId": wire_id}

    async def switch(self, exchange: Any, seconds: float, scopes: Sequence[Scope]) -> bool:  # noqa: ANN401
        """Set the timer of the account, ten seconds at least."""
        wait = max(seconds, SHORTEST_SWITCH) if seconds else 0.0
        await exchange.cancel_all_orders_after(round(wait * 1000))
        return True

    def cause_of(self, row: Row) -> Cause | None:
        """Return what the kind of bill, or the category of the order, says."""
        info = row.get("info")
        kind = str(inside(info, "subType"))
        if kind in LIQUIDATED:
            return Cause.LIQUIDATION
        if kind in DELEVERAGED:
            return Cause.DELEVERAGING
        return CATEGORIES.get(str(inside(info, "category")))

    async def open_orders(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return all orders that wait, page by page."""
        found: list[Row] = []
        asked: dict[str, Any] = {"limit": 100}
        while True:
            page = inside(await exchange.privateGetTradeOrdersPending(dict(asked)), "data") or []
            found += exchange.parse_orders(page)
            if len(page) < 100:
                return found
            asked["after"] = min(page, key=lambda row: int(row["ordId"]))["ordId"]

    def wallets(self, balance: Row, positions: Sequence[Row]) -> dict[str, Decimal]:
        """Return the cash balances."""
        data = inside(balance, "info", "data")
        if not data:
            raise Garbled(f"{self.venue}: balance: the reply has no account")
        return self.worth(inside(data[0], "details"), "ccy", "cashBal")

    async def paid(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return funding payments of a span, of all swaps; ccxt would pass over the span."""
        reply = await exchange.privateGetAccountBillsArchive(
            {
                "instType": "SWAP",
                "type": "8",
                "begin": since,
                "end": until,
                "limit": self.funding.limit,
            }
        )
        return [
            {
                "id": row.get("billId"),
                "symbol": exchange.safe_symbol(row.get("instId"), None, "-", "swap"),
                "timestamp": row.get("ts"),
                "amount": exact(row.get("balChg")) or exact(row.get("posBalChg")),
                "code": row.get("ccy"),
                "price": row.get("px"),
            }
            for row in inside(reply, "data")
        ]

    async def moved(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
        since: int,
        until: int,
    ) -> list[Row]:
        """Return the bills of the account, trades with them."""
        reply = await exchange.privateGetAccountBillsArchive(
            {"begin": since, "end": until, "limit": self.cash.limit}
        )
        return [
            {
                "id": row.get("billId"),
                "symbol": row.get("instId"),
                "timestamp": row.get("ts"),
                "amount": row.get("balChg"),
                "code": row.get("ccy"),
                "word": row.get("type"),
            }
            for row in inside(reply, "data")
        ]

    async def rights(self, exchange: Any, keys: Keys) -> Rights:  # noqa: ANN401
        """Return what the venue says of the key."""
        data = inside(await exchange.privateGetAccountConfig(), "data")
        told = inside(data[0], "perm") if data else None
        if not isinstance(told, str) or not told:
            raise Garbled(f"{self.venue}: rights of the key: the reply does not tell them")
        permissions = told.split(",")
        return Rights(trade="trade" in permissions, withdraw="withdraw" in permissions)

    async def one_way(self, exchange: Any, scopes: Sequence[Scope]) -> bool | None:  # noqa: ANN401
        """Return the position mode of the account."""
        mode = await exchange.fetch_position_mode()
        return mode["hedged"] is False

    async def margin(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Return the cross leverage; the mode is part of every order here, and always cross."""
        modes: dict[str, str] = {}
        leverage: dict[str, float] = {}
        for scope in scopes:
            if scope.kind == "spot":
                continue
            for symbol in scope.symbols:
                row = await exchange.fetch_leverage(symbol, {"marginMode": "cross"})
                modes[symbol] = str(row.get("marginMode") or "cross")
                leverage[symbol] = float(row.get("longLeverage") or 0.0)
        return modes, leverage

    def quote_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return ticker, and mark and funding of swaps; the index comes by request."""
        every = [symbol for scope in scopes for symbol in scope.symbols]
        swaps = [symbol for scope in scopes if scope.kind != "spot" for symbol in scope.symbols]
        found = [self.stream("ticker", "watch_tickers", every, quiet=True)]
        if swaps:
            found.append(self.stream("mark", "watch_mark_prices", swaps))
            funding = self.stream("funding", "watch_funding_rates", swaps, quiet=True)
            found.append(
                Stream(
                    name=funding.name,
                    method=funding.method,
                    arguments=funding.arguments,
                    parameters={},
                    age=3 * (funding.age or 0.0),  # told once in one or two minutes
                )
            )
        return tuple(found)

    async def quote_parts(self, exchange: Any, symbol: str, kind: Kind) -> list[Row]:  # noqa: ANN401
        """Return ticker, mark, index and funding."""
        found: list[Row] = [await exchange.fetch_ticker(symbol)]
        if kind == "spot":
            return found
        market = exchange.market(symbol)
        reply = await exchange.publicGetMarketIndexTickers(
            {"instId": f"{market['baseId']}-{market['quoteId']}"}
        )
        rows = inside(reply, "data")
        found.append(await exchange.fetch_mark_price(symbol))
        found.append({"indexPrice": inside(rows[0], "idxPx") if rows else None})
        found.append(await exchange.fetch_funding_rate(symbol))
        return found

    def order_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return the orders' channel, which carries the trades too."""
        return tuple(
            Stream(name=name, method=method, arguments=(), parameters={"type": "ANY"}, age=None)
            for name, method in (("orders", "watch_orders"), ("trades", "watch_my_trades"))
        )
