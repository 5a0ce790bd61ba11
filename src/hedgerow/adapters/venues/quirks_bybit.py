"""Bybit: a unified account; its answer to an order is only that it was heard."""

# ruff: noqa: ARG002  every venue is asked in the same way, and not all need all of it

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from hedgerow.adapters.venues.contracts import Kind, exact
from hedgerow.adapters.venues.keys import Keys
from hedgerow.adapters.venues.loader import error_kind
from hedgerow.adapters.venues.quirks import (
    DAY,
    Pages,
    Quirks,
    Rights,
    Row,
    Scope,
    Stream,
    by_kind,
    inside,
)
from hedgerow.execution.budget import Rate
from hedgerow.execution.order import Cause
from hedgerow.execution.port import CashKind, Garbled
from hedgerow.units import SECOND

CAUSES: Final = {"AdlTrade": Cause.DELEVERAGING, "BustTrade": Cause.LIQUIDATION}
CASH: Final = {
    "TRANSFER_IN": CashKind.TRANSFER,
    "TRANSFER_OUT": CashKind.TRANSFER,
    "TRANSFER_IN_INS_LOAN": CashKind.TRANSFER,
    "TRANSFER_OUT_INS_LOAN": CashKind.TRANSFER,
    "FEE_REFUND": CashKind.REBATE,
    "INTEREST": CashKind.INTEREST,
    "AIRDROP": CashKind.OTHER,
    "BONUS": CashKind.OTHER,
    "BONUS_RECOLLECT": CashKind.OTHER,
    "CURRENCY_BUY": CashKind.OTHER,
    "CURRENCY_SELL": CashKind.OTHER,
    "AUTO_DEDUCTION": CashKind.OTHER,
}
TRADES: Final = frozenset({"Trade", "AdlTrade", "BustTrade", "BlockTrade", "Delivery", "Settle"})


class Bybit(Quirks):
    """Client ids go out as ``orderLinkId``."""

    venue = "bybit"
    connector = "bybit"
    follows_up = True
    reserve = ("funding", "unified")
    trades: ClassVar[Pages] = Pages(span=7 * DAY - 1, limit=100)
    funding: ClassVar[Pages] = Pages(span=7 * DAY - 1, limit=100)
    cash: ClassVar[Pages] = Pages(span=7 * DAY - 1, limit=50)
    cash_words = CASH
    rate: ClassVar[Rate] = Rate(weight=250.0, window=5 * SECOND)
    client_keys = ("clientOrderId", "orderLinkId")

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options: a unified account is taken as given, so nothing is asked first."""
        return {
            "defaultType": "swap",
            "fetchMarkets": {"types": sorted(kinds)},
            "enableUnifiedAccount": True,
            "enableUnifiedMargin": False,
            "unifiedMarginStatus": 6,
            "brokerId": "hedgerow",  # an empty one falls back to that of ccxt's authors
            "adjustForTimeDifference": False,
        }

    def shape(self, url: str, asked: str, reply: object) -> str:
        """Return what a reply lacks."""
        if inside(reply, "retCode") is None or not isinstance(inside(reply, "result"), dict):
            return "no retCode and result"
        listed = ("/position/list", "/order/realtime", "/order/history", "/execution/list")
        path = url.partition("?")[0]
        if path.endswith(listed) and not isinstance(inside(reply, "result", "list"), list):
            return "no list"
        return ""

    async def cancel(self, exchange: Any, wire_id: str, symbol: str) -> Row | None:  # noqa: ANN401
        """Cancel; the reply says only that it was heard."""
        await exchange.cancel_order(None, symbol, {"orderLinkId": wire_id})
        return None

    async def probe(self, exchange: Any, wire_id: str, symbol: str) -> Row:  # noqa: ANN401
        """Look among the recent orders, then in the history."""
        market = exchange.market(symbol)
        asked = {"category": self._category(market), "symbol": market["id"]}
        for ask in (exchange.privateGetV5OrderRealtime, exchange.privateGetV5OrderHistory):
            reply = await ask({**asked, "orderLinkId": wire_id})
            rows = inside(reply, "result", "list")
            if rows:
                found: Row = exchange.parse_order(rows[0], market)
                return found
        raise error_kind("OrderNotFound")(f"{self.venue}: no order {wire_id}")

    async def switch(self, exchange: Any, seconds: float, scopes: Sequence[Scope]) -> bool:  # noqa: ANN401
        """Return that there is none: its own hangs on a socket that subscribes to it."""
        return False

    def cause_of(self, row: Row) -> Cause | None:
        """Return what the kind of execution says."""
        return CAUSES.get(str(inside(row, "info", "execType")))

    def transfer_parameters(self, transfer_id: str) -> dict[str, Any]:
        """Return the venue's own kind of id, always the same for the same transfer."""
        return {"transferId": str(uuid.uuid5(uuid.NAMESPACE_OID, transfer_id))}

    async def mine(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return trades of a span, forced ones with them; ccxt would ask for plain ones only."""
        market = exchange.market(symbol)
        reply = await exchange.privateGetV5ExecutionList(
            {
                "category": self._category(market),
                "symbol": market["id"],
                "startTime": since,
                "endTime": until,
                "limit": self.trades.limit,
            }
        )
        rows = inside(reply, "result", "list")
        found: list[Row] = exchange.parse_trades(rows, market)
        return found

    def counts(self, row: Row) -> bool:
        """Whether a row of the executions is a trade; funding is listed among them."""
        return str(inside(row, "info", "execType")) in TRADES

    async def positions(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return the positions by kind and settle coin."""
        found: list[Row] = []
        for scope in scopes:
            if scope.kind != "spot":
                found += await exchange.fetch_positions(None, self._scope(scope))
        return found

    async def open_orders(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return the orders by kind and settle coin, page by page: one alone has twenty."""
        found: list[Row] = []
        for scope in scopes:
            asked: dict[str, Any] = {"category": scope.kind, "limit": 50}
            if scope.kind == "linear":
                asked["settleCoin"] = scope.settle
            while True:
                reply = await exchange.privateGetV5OrderRealtime(dict(asked))
                rows = inside(reply, "result", "list")
                kind = "spot" if scope.kind == "spot" else "contract"
                found += [
                    exchange.parse_order(
                        row, exchange.safe_market(row.get("symbol"), None, None, kind)
                    )
                    for row in rows
                ]
                asked["cursor"] = inside(reply, "result", "nextPageCursor")
                if not rows or not asked["cursor"]:
                    break
        return found

    async def balance(self, exchange: Any, scopes: Sequence[Scope]) -> Row:  # noqa: ANN401
        """Return the balances of the unified account."""
        found: Row = await exchange.fetch_balance({"type": "unified"})
        return found

    def wallets(self, balance: Row, positions: Sequence[Row]) -> dict[str, Decimal]:
        """Return the wallet balances of the unified account."""
        accounts = inside(balance, "info", "result", "list")
        if not accounts:
            raise Garbled(f"{self.venue}: balance: the reply has no account")
        return self.worth(inside(accounts[0], "coin"), "coin", "walletBalance")

    async def paid(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return funding payments of a span.

        The venue books them as fees, so what is paid is positive there, and ccxt hands that on;
        its currency is a guess, and the rate is signed by the side of the position.
        """
        market = exchange.market(symbol)
        reply = await exchange.privateGetV5ExecutionList(
            {
                "category": self._category(market),
                "symbol": market["id"],
                "execType": "Funding",
                "startTime": since,
                "endTime": until,
                "limit": self.funding.limit,
            }
        )
        return [
            {
                "id": row.get("execId"),
                "symbol": symbol,
                "timestamp": row.get("execTime"),
                "amount": -fee if (fee := exact(row.get("execFee"))) is not None else None,
                "code": market["settle"],
                "price": row.get("execPrice"),
            }
            for row in inside(reply, "result", "list")
        ]

    async def moved(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
        since: int,
        until: int,
    ) -> list[Row]:
        """Return the log of the unified account, trades with it."""
        reply = await exchange.privateGetV5AccountTransactionLog(
            {
                "accountType": "UNIFIED",
                "startTime": since,
                "endTime": until,
                "limit": self.cash.limit,
            }
        )
        rows = inside(reply, "result", "list")
        if not isinstance(rows, list):
            raise Garbled(f"{self.venue}: movements of cash: the reply has no list")
        return [
            {
                "id": row.get("id"),
                "symbol": row.get("symbol"),
                "timestamp": row.get("transactionTime"),
                "amount": row.get("change"),
                "code": row.get("currency"),
                "word": row.get("type"),
            }
            for row in rows
        ]

    async def rights(self, exchange: Any, keys: Keys) -> Rights:  # noqa: ANN401
        """Return what the venue says of the key."""
        found = inside(await exchange.privateGetV5UserQueryApi(), "result")
        permissions = inside(found, "permissions")
        if not isinstance(permissions, dict):
            raise Garbled(f"{self.venue}: rights of the key: the reply does not tell them")
        trade = bool(permissions.get("ContractTrade") or permissions.get("Derivatives"))
        writes = str(inside(found, "readOnly")) == "0"
        return Rights(
            trade=writes and (trade or bool(permissions.get("Spot"))),
            withdraw=writes and "Withdraw" in (permissions.get("Wallet") or ()),
        )

    async def one_way(self, exchange: Any, scopes: Sequence[Scope]) -> bool | None:  # noqa: ANN401
        """Return whether every position row is that of one-way mode."""
        rows = await self._settings(exchange, scopes)
        return all(str(inside(row, "positionIdx")) == "0" for row in rows) if rows else None

    async def margin(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Return the mode of the account and the leverage of each symbol."""
        words = {"REGULAR_MARGIN": "cross", "ISOLATED_MARGIN": "isolated"}
        reply = await exchange.privateGetV5AccountInfo()
        told = str(inside(reply, "result", "marginMode"))
        mode = words.get(told, told.removesuffix("_MARGIN").lower())
        rows = await self._settings(exchange, scopes)
        leverage = {
            exchange.safe_symbol(row["symbol"], None, None, "contract"): float(
                row.get("leverage") or 0.0
            )
            for row in rows
        }
        symbols = [symbol for scope in scopes if scope.kind != "spot" for symbol in scope.symbols]
        return dict.fromkeys(symbols, mode), {
            symbol: leverage[symbol] for symbol in symbols if symbol in leverage
        }

    async def _settings(self, exchange: Any, scopes: Sequence[Scope]) -> list[dict[str, Any]]:  # noqa: ANN401
        """Return the rows of positions, flat ones too, which carry the settings."""
        found: list[dict[str, Any]] = []
        for scope in scopes:
            if scope.kind == "spot":
                continue
            for symbol in scope.symbols:
                reply = await exchange.privateGetV5PositionList(
                    {"category": scope.kind, "symbol": exchange.market(symbol)["id"]}
                )
                found += inside(reply, "result", "list") or []
        return found

    def quote_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return the ticker, which has all of a quote."""
        return tuple(
            self.stream(f"{kind} ticker", "watch_tickers", list(symbols))
            for kind, symbols in by_kind(scopes).items()
        )

    def _scope(self, scope: Scope) -> dict[str, str]:
        if scope.kind == "spot":
            return {"type": "spot"}
        found = {"type": "swap", "subType": scope.kind}
        return {**found, "settleCoin": scope.settle} if scope.settle else found

    def _category(self, market: Row) -> str:
        if market.get("spot"):
            return "spot"
        return "linear" if market.get("linear") else "inverse"
