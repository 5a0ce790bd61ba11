"""Deribit: sizes in coins or face, client ids as labels, orders that travel as GET."""

# ruff: noqa: ARG002  every venue is asked in the same way, and not all need all of it

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from hedgerow.adapters.venues.contracts import ZERO, Kind, exact
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
    inside,
    total,
)
from hedgerow.execution.budget import Rate
from hedgerow.execution.order import Cause
from hedgerow.execution.port import CashKind, Garbled
from hedgerow.units import SECOND

LISTS: Final = (
    "/get_positions",
    "/get_open_orders_by_currency",
    "/get_order_state_by_label",
    "/get_instruments",
)


CASH: Final = {
    "transfer": CashKind.TRANSFER,
    "deposit": CashKind.TRANSFER,
    "withdrawal": CashKind.TRANSFER,
    "usdc_reward": CashKind.INTEREST,
    "negative_balance_fee": CashKind.INTEREST,
    "swap": CashKind.OTHER,
    "correction": CashKind.OTHER,
}


class Deribit(Quirks):
    """The unified client id is ignored there, so a label it is, in every question too."""

    venue = "deribit"
    connector = "deribit"
    in_units = True
    trades: ClassVar[Pages] = Pages(span=30 * DAY, limit=1000)
    funding: ClassVar[Pages] = Pages(span=30 * DAY, limit=1000)
    cash: ClassVar[Pages] = Pages(span=30 * DAY, limit=1000)
    cash_words = CASH
    rate: ClassVar[Rate] = Rate(weight=160.0, window=8 * SECOND)
    client_keys = ("label",)

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options."""
        return {"defaultType": "swap", "adjustForTimeDifference": False}

    def shape(self, url: str, asked: str, reply: object) -> str:
        """Return what a reply lacks."""
        found = inside(reply, "result")
        path = url.partition("?")[0]
        if found is None:
            return "no result"
        if path.endswith(LISTS):
            return "" if isinstance(found, list) else "no list"
        if path.endswith(("/buy", "/sell")) and not isinstance(inside(found, "order"), dict):
            return "no order"
        return ""

    def named(self, wire_id: str) -> dict[str, Any]:
        """Return the client id as the venue calls it."""
        return {"label": wire_id}

    async def cancel(self, exchange: Any, wire_id: str, symbol: str) -> Row | None:  # noqa: ANN401
        """Look for the label, then cancel by the venue's id."""
        found = await self.probe(exchange, wire_id, symbol)
        if found.get("status") != "open":
            return found
        ended: Row = await exchange.cancel_order(found["id"], symbol)
        return ended

    async def probe(self, exchange: Any, wire_id: str, symbol: str) -> Row:  # noqa: ANN401
        """Return the order of a label."""
        market = exchange.market(symbol)
        reply = await exchange.privateGetGetOrderStateByLabel(
            {"currency": market["settleId"], "label": wire_id}
        )
        rows = [
            row
            for row in inside(reply, "result")
            if row.get("label") == wire_id and row.get("instrument_name") == market["id"]
        ]
        if not rows:
            raise error_kind("OrderNotFound")(f"{self.venue}: no order {wire_id}")
        if len(rows) > 1:
            raise Garbled(
                f"{self.venue}: {symbol}: {len(rows)} orders have the label {wire_id}; "
                "look at them on the venue's page and cancel what is too much"
            )
        found: Row = exchange.parse_order(rows[0], market)
        return found

    async def switch(self, exchange: Any, seconds: float, scopes: Sequence[Scope]) -> bool:  # noqa: ANN401
        """Return that there is none: its own ends orders of a socket, and ours go by request."""
        return False

    def cause_of(self, row: Row) -> Cause | None:
        """Return whether our side of the trade was liquidated."""
        info = row.get("info")
        sides = str(inside(info, "liquidation") or "")
        return Cause.LIQUIDATION if str(inside(info, "liquidity") or "-") in sides else None

    async def mine(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return the account's trades of a span."""
        found: list[Row] = await exchange.fetch_my_trades(
            symbol, since, self.trades.limit, {"end_timestamp": until, "sorting": "asc"}
        )
        return found

    async def open_orders(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return the orders by settle currency."""
        found: list[Row] = []
        for currency in self._currencies(exchange, scopes):
            reply = await exchange.privateGetGetOpenOrdersByCurrency({"currency": currency})
            found += exchange.parse_orders(inside(reply, "result"))
        return found

    async def positions(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return the positions by settle currency."""
        found: list[Row] = []
        for currency in self._currencies(exchange, scopes):
            found += await exchange.fetch_positions(None, {"currency": currency})
        return found

    def wallets(self, balance: Row, positions: Sequence[Row]) -> dict[str, Decimal]:
        """Return equity less open profit by entry, less funding of the running session.

        The venue's own balance knows profit only from one settlement to the next.
        """
        summaries = inside(balance, "info", "summaries")
        found = self.worth(summaries, "currency", "equity")
        for row in summaries:
            options = exact(row.get("options_value")) or ZERO
            if options:
                found[row["currency"]] -= options
        for row in positions:
            if inside(row, "info", "kind") == "option":
                continue
            currency = str(row["symbol"]).rpartition(":")[2].partition("-")[0]
            open_profit = total((row,), "total_profit_loss")
            running = exact(inside(row, "info", "realized_funding")) or ZERO
            found[currency] = found.get(currency, ZERO) - open_profit - running
        return found

    async def paid(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return the funding of each session, as its settlement books it."""
        market = exchange.market(symbol)
        span = {"start_timestamp": since, "end_timestamp": until, "query": "settlement"}
        rows = await self._log(exchange, {"currency": market["settleId"], **span})
        return [self._payment(row) for row in rows if self._is_funding(row, market["id"])]

    async def moved(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
        since: int,
        until: int,
    ) -> list[Row]:
        """Return the transaction log of each currency, trades with it."""
        found: list[Row] = []
        for currency in self._currencies(exchange, scopes):
            span = {"start_timestamp": since, "end_timestamp": until}
            found += [
                {
                    "id": str(row.get("id")),
                    "symbol": currency,
                    "timestamp": row.get("timestamp"),
                    "amount": row.get("change"),
                    "code": row.get("currency"),
                    "word": row.get("type"),
                }
                for row in await self._log(exchange, {"currency": currency, **span})
            ]
        return found

    async def _log(self, exchange: Any, asked: Mapping[str, Any]) -> list[Row]:  # noqa: ANN401
        """Return the transaction log, page by page."""
        found: list[Row] = []
        page = {**asked, "count": self.funding.limit}
        while True:
            reply = await exchange.privateGetGetTransactionLog(dict(page))
            rows = inside(reply, "result", "logs")
            if not isinstance(rows, list):
                raise Garbled(f"{self.venue}: transaction log: the reply has none")
            found += rows
            onward = inside(reply, "result", "continuation")
            if not onward:
                return found
            page["continuation"] = onward

    def _is_funding(self, row: Row, name: str) -> bool:
        return row.get("type") == "settlement" and row.get("instrument_name") == name

    def _payment(self, row: Row) -> Row:
        return {
            "timestamp": row.get("timestamp"),
            "amount": row.get("total_interest_pl"),
            "code": row.get("currency"),
            "price": inside(row, "info", "settlement_price") or row.get("price"),
        }

    async def margin(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Return the margin model, which is the account's: no position has margin of its own."""
        reply = await exchange.privateGetGetAccountSummaries({})
        rows = inside(reply, "result", "summaries")
        if not isinstance(rows, list):
            raise Garbled(f"{self.venue}: margin model: the reply has no summaries")
        models = {str(row.get("currency")): str(row.get("margin_model") or "") for row in rows}
        modes: dict[str, str] = {}
        for symbol in (symbol for scope in scopes for symbol in scope.symbols):
            model = models.get(self._currency(exchange, symbol), "")
            if model:
                modes[symbol] = "portfolio" if model.endswith("_pm") else "cross"
        return modes, {}

    async def rights(self, exchange: Any, keys: Keys) -> Rights:  # noqa: ANN401
        """Return the scope of a token signed for; the secret itself does not travel."""
        stamp = exchange.milliseconds()
        signed = exchange.hmac(
            exchange.encode(f"{stamp}\n{stamp}\n"),
            exchange.encode(exchange.secret),
            hashlib.sha256,
        )
        reply = await exchange.publicGetAuth(
            {
                "grant_type": "client_signature",
                "client_id": exchange.apiKey,
                "timestamp": stamp,
                "nonce": str(stamp),
                "data": "",
                "signature": signed,
            }
        )
        scope = str(inside(reply, "result", "scope") or "").split()
        if not scope:
            raise Garbled(f"{self.venue}: rights of the key: the reply does not tell them")
        return Rights(trade="trade:read_write" in scope, withdraw="wallet:read_write" in scope)

    def quote_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return the ticker, which has all of a quote."""
        every = [symbol for scope in scopes for symbol in scope.symbols]
        return (self.stream("ticker", "watch_tickers", every),)

    def _currencies(self, exchange: Any, scopes: Sequence[Scope]) -> tuple[str, ...]:  # noqa: ANN401
        symbols = (symbol for scope in scopes for symbol in scope.symbols)
        return tuple(dict.fromkeys(self._currency(exchange, symbol) for symbol in symbols))

    def _currency(self, exchange: Any, symbol: str) -> str:  # noqa: ANN401
        market = exchange.market(symbol)
        return str(market["settleId"] or market["quoteId"])
