"""Hyperliquid: addresses for names, hashes for client ids, no fee for anybody else."""

# ruff: noqa: ARG002  every venue is asked in the same way, and not all need all of it

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from hedgerow.adapters.venues.contracts import Kind, exact
from hedgerow.adapters.venues.hyperliquid_ledger import ledger_row
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
from hedgerow.adapters.venues.tuned import Unfeed
from hedgerow.execution.order import Cause, OrderKind, OrderRequest
from hedgerow.execution.port import CashKind, Garbled

SHORTEST_SWITCH: Final = 5.0  # seconds
LISTS: Final = frozenset(
    {
        "userFillsByTime",
        "userFills",
        "userFunding",
        "userNonFundingLedgerUpdates",
        "frontendOpenOrders",
        "openOrders",
    }
)
CASH: Final = dict.fromkeys(
    (
        "deposit",
        "withdraw",
        "internalTransfer",
        "subAccountTransfer",
        "accountClassTransfer",
        "spotTransfer",
        "send",
        "vaultDeposit",
        "vaultWithdraw",
    ),
    CashKind.TRANSFER,
)
WHOLE: Final = {
    "clearinghouseState": ("assetPositions", "marginSummary"),
    "spotClearinghouseState": ("balances",),
    "orderStatus": ("status",),
    "l2Book": ("levels",),
}


def cloid(client_id: str) -> str:
    """Return the 128 bits that stand for a client id; the same for the same, always.

    Examples
    --------
    >>> cloid("desk0000001")
    '0x2ff5c1f0830a1924b68e77279e214b57'
    """
    return "0x" + hashlib.blake2b(client_id.encode(), digest_size=16).hexdigest()


class Hyperliquid(Quirks):
    """Client ids go out as ``cloid``, 128 bits that stand for ours."""

    venue = "hyperliquid"
    connector = "hyperliquid"
    layers: ClassVar[tuple[type, ...]] = (Unfeed,)
    reserve = ("spot", "swap")
    trades: ClassVar[Pages] = Pages(span=30 * DAY, limit=2000)
    funding: ClassVar[Pages] = Pages(span=14 * DAY, limit=500)
    cash: ClassVar[Pages] = Pages(span=14 * DAY, limit=500)
    cash_words = CASH
    client_keys = ("clientOrderId", "cloid")

    def config(self, keys: Keys) -> dict[str, Any]:
        """Return wallet and signer; a public feed has neither."""
        found = {"walletAddress": keys.wallet, "privateKey": keys.secret.reveal()}
        return {name: value for name, value in found.items() if value}

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options: no builder, no referral."""
        types = ["spot"] if "spot" in kinds else []
        if kinds - {"spot"}:
            types.append("swap")
        return {
            "defaultType": "swap",
            "builderFee": False,
            "approvedBuilderFee": False,
            "refSet": True,
            "fetchMarkets": {"types": types},
        }

    def shape(self, url: str, asked: str, reply: object) -> str:
        """Return what a reply lacks; what was asked stands in the body."""
        if url.endswith("/exchange"):
            return "" if inside(reply, "status") else "no status"
        try:
            question = json.loads(asked).get("type")
        except ValueError:
            question = None
        if question in LISTS:
            return "" if isinstance(reply, list) else "no list"
        missing = [key for key in WHOLE.get(question, ()) if inside(reply, key) is None]
        return f"no {', '.join(missing)}" if missing else ""

    def wire_id(self, client_id: str) -> str:
        """Return the hash that stands for a client id."""
        return cloid(client_id)

    def acknowledged(self, row: Row, request: OrderRequest) -> Row:
        """Return the answer with its status, which stands in the name of what it has."""
        info = row.get("info")
        if inside(info, "resting"):
            return {**row, "status": "open", "filled": 0}
        if inside(info, "filled"):
            rests = request.kind is OrderKind.LIMIT
            done = exact(row.get("filled")) == exact(row.get("amount"))
            return {**row, "status": "closed" if done or not rests else "open"}
        return row

    async def switch(self, exchange: Any, seconds: float, scopes: Sequence[Scope]) -> bool:  # noqa: ANN401
        """Set or clear the scheduled cancel; False below the volume the venue asks for."""
        nonce = exchange.incrementing_nonce()
        action: dict[str, Any] = {"type": "scheduleCancel"}
        if seconds:
            action["time"] = nonce + round(max(seconds, SHORTEST_SWITCH) * 1000)
        request = {
            "action": action,
            "nonce": nonce,
            "signature": exchange.sign_l1_action(action, nonce),
        }
        try:
            await exchange.privatePostExchange(request)
        except error_kind("ExchangeError") as error:
            if "volume" in str(error):
                return False
            raise
        return True

    def cause_of(self, row: Row) -> Cause | None:
        """Return whether the fill is our own liquidation, or deleveraging."""
        info = row.get("info")
        if "auto-deleveraging" in str(inside(info, "dir") or "").lower():
            return Cause.DELEVERAGING
        return Cause.LIQUIDATION if inside(info, "liquidation") else None

    def counts(self, row: Row) -> bool:
        """Whether a fill is of the account's own."""
        return row.get("id") is not None

    def wallets(self, balance: Row, positions: Sequence[Row]) -> dict[str, Decimal]:
        """Return the worth of the account less open profit; coins of a spot account."""
        info = balance.get("info")
        if inside(info, "balances") is not None:
            return self.worth(inside(info, "balances"), "coin", "total")
        worth = exact(inside(info, "marginSummary", "accountValue"))
        if worth is None:
            raise Garbled(f"{self.venue}: balance: the reply has no worth of the account")
        open_profit = sum(
            (total(({"info": inside(row, "info", "position")},), "unrealizedPnl"))
            for row in positions
        )
        wallet = worth - open_profit
        return {"USDC": wallet} if wallet else {}

    async def mine(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return the fills of a span, of all coins: a page is full or not before one is chosen."""
        reply = await exchange.publicPostInfo(
            {
                "type": "userFillsByTime",
                "user": exchange.walletAddress,
                "startTime": since,
                "endTime": until,
            }
        )
        found: list[Row] = exchange.parse_trades(reply)
        return found

    async def paid(self, exchange: Any, symbol: str, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return funding payments of a span, of all coins; their hashes are all the same."""
        reply = await exchange.publicPostInfo(
            {
                "type": "userFunding",
                "user": exchange.walletAddress,
                "startTime": since,
                "endTime": until,
            }
        )
        rows: list[dict[str, Any]] = [exchange.parse_income(row) for row in reply]
        return [{**row, "id": None} for row in rows]

    async def moved(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
        since: int,
        until: int,
    ) -> list[Row]:
        """Return what changed the wallet beside fills and funding."""
        owner = exchange.walletAddress
        reply = await exchange.publicPostInfo(
            {
                "type": "userNonFundingLedgerUpdates",
                "user": owner,
                "startTime": since,
                "endTime": until,
            }
        )
        perp = any(scope.kind != "spot" for scope in scopes)
        return [ledger_row(row, str(owner).lower(), perp=perp) for row in reply]

    async def rights(self, exchange: Any, keys: Keys) -> Rights:  # noqa: ANN401
        """Return that an agent's key trades, and the wallet's own may also withdraw."""
        secret = keys.secret.reveal()
        address = exchange.eth_get_address_from_private_key(
            secret if secret.startswith("0x") else f"0x{secret}"
        )
        return Rights(trade=True, withdraw=str(address).lower() == keys.wallet.lower())

    async def margin(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Return what each coin is set to."""
        modes: dict[str, str] = {}
        leverage: dict[str, float] = {}
        for scope in scopes:
            if scope.kind == "spot":
                continue
            for symbol in scope.symbols:
                reply = await exchange.publicPostInfo(
                    {
                        "type": "activeAssetData",
                        "user": exchange.walletAddress,
                        "coin": exchange.market(symbol)["baseName"],
                    }
                )
                found = inside(reply, "leverage")
                if isinstance(found, Mapping):
                    modes[symbol] = str(found.get("type"))
                    leverage[symbol] = float(found.get("value") or 0.0)
        return modes, leverage

    def quote_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return book, and mark, oracle and funding, of each symbol."""
        found: list[Stream] = []
        for scope in scopes:
            for symbol in scope.symbols:
                found.append(self.stream(f"{symbol} book", "watch_order_book", symbol))
                if scope.kind != "spot":
                    found.append(self.stream(f"{symbol} mark", "watch_ticker", symbol))
        return tuple(found)

    def parts_of(self, message: object) -> list[tuple[str, Row]]:
        """Return the parts; what ccxt calls bid and ask in a ticker are prices of impact."""
        return [
            (
                symbol,
                {**part, "bid": None, "ask": None} if "impactPxs" in self._info(part) else part,
            )
            for symbol, part in super().parts_of(message)
        ]

    def _info(self, part: Row) -> Row:
        info = part.get("info")
        return info if isinstance(info, Mapping) else {}

    async def quote_parts(self, exchange: Any, symbol: str, kind: Kind) -> list[Row]:  # noqa: ANN401
        """Return the book, and mark, oracle and funding."""
        book = await exchange.fetch_order_book(symbol)
        parts = [part for _, part in self.parts_of({**book, "symbol": symbol})]
        if kind != "spot":
            parts.append(await exchange.fetch_funding_rate(symbol))
        return parts
