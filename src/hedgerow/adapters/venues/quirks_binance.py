"""Binance: spot, USD-margined and coin-margined futures, each with a wallet of its own."""

# ruff: noqa: ARG002  every venue is asked in the same way, and not all need all of it

from collections.abc import Mapping, Sequence
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
from hedgerow.execution.order import Cause
from hedgerow.execution.port import CashKind, Garbled

KINDS: Final[dict[Kind, dict[str, str]]] = {
    "spot": {"type": "spot"},
    "linear": {"type": "swap", "subType": "linear"},
    "inverse": {"type": "swap", "subType": "inverse"},
}
CASH: Final = {
    "TRANSFER": CashKind.TRANSFER,
    "INTERNAL_TRANSFER": CashKind.TRANSFER,
    "CROSS_COLLATERAL_TRANSFER": CashKind.TRANSFER,
    "STRATEGY_UMFUTURES_TRANSFER": CashKind.TRANSFER,
    "COIN_SWAP_DEPOSIT": CashKind.TRANSFER,
    "COIN_SWAP_WITHDRAW": CashKind.TRANSFER,
    "COMMISSION_REBATE": CashKind.REBATE,
    "REFERRAL_KICKBACK": CashKind.REBATE,
    "API_REBATE": CashKind.REBATE,
    "FEE_RETURN": CashKind.REBATE,
    "INSURANCE_CLEAR": CashKind.INSURANCE,
    "BFUSD_REWARD": CashKind.INTEREST,
    "WELCOME_BONUS": CashKind.OTHER,
    "CONTEST_REWARD": CashKind.OTHER,
    "AUTO_EXCHANGE": CashKind.OTHER,
    "POSITION_LIMIT_INCREASE_FEE": CashKind.OTHER,
    "DEPOSIT": CashKind.TRANSFER,  # of the spot wallet, in our own words
    "WITHDRAWAL": CashKind.TRANSFER,
    "DISTRIBUTION": CashKind.REBATE,
}
SPOT_TRANSFERS: Final = {
    "MAIN_UMFUTURE": -1,
    "MAIN_CMFUTURE": -1,
    "MAIN_FUNDING": -1,
    "UMFUTURE_MAIN": 1,
    "CMFUTURE_MAIN": 1,
    "FUNDING_MAIN": 1,
}
DEPOSITED: Final = frozenset({"1", "6"})  # credited, and credited but not yet to be withdrawn
LISTS: Final = ("/openOrders", "/userTrades", "/myTrades", "/income", "/positionRisk")
AT_ONCE: Final = 40  # symbols
WHOLE: Final = {  # what an answer must have, by the end of its address
    "/order": ("orderId", "status"),
    "/exchangeInfo": ("symbols",),
    "/bookTicker": ("bidPrice", "askPrice"),
    "/positionSide/dual": ("dualSidePosition",),
    "/transfer": ("tranId",),
}


WITHDRAWN: Final = frozenset({"0", "2", "4", "6"})  # asked for, waiting, on its way, done


def _spot(word: str, number: object, stamp: object, amount: object, code: object) -> Row:
    """Return a movement of the spot wallet."""
    return {
        "id": f"{word} {number}",
        "timestamp": stamp,
        "amount": amount,
        "code": code,
        "word": word,
    }


def _less(amount: object, fee: object) -> Decimal | None:
    """Return what a withdrawal takes, its fee with it; None where nobody says."""
    gone = exact(amount)
    return None if gone is None else -gone - (exact(fee) or Decimal(0))


class Expiring:
    """Laid over Binance, whose private stream falls silent when its listen key runs out.

    ccxt passes over the message that says so.
    """

    def handle_message(self, client: Any, message: Any) -> Any:  # noqa: ANN401
        """Let whoever waits know that nothing more will come."""
        if "listenKeyExpired" in (inside(message, "e"), inside(message, "data", "e")):
            return client.reset(error_kind("NetworkError")("the listen key ran out"))
        return super().handle_message(client, message)  # type: ignore[misc]


class Binance(Quirks):
    """Client ids go out as ``newClientOrderId``; ccxt's own would carry its broker's tag."""

    venue = "binance"
    connector = "binance"
    layers = (Expiring,)
    one_wallet = False
    reserve = ("spot", "linear")
    trades: ClassVar[Pages] = Pages(span=7 * DAY, limit=1000)
    funding: ClassVar[Pages] = Pages(span=30 * DAY, limit=1000)
    cash: ClassVar[Pages] = Pages(span=7 * DAY, limit=1000)
    cash_words = CASH
    client_keys = ("clientOrderId", "c")
    asks_orders = True

    def options(self, kinds: frozenset[Kind]) -> dict[str, Any]:
        """Return the options: only the markets asked for, no call that moves a setting."""
        return {
            "defaultType": "spot" if kinds == {"spot"} else "swap",
            "defaultSubType": "inverse" if "linear" not in kinds else "linear",
            "fetchMarkets": {"types": sorted(kinds)},
            "fetchMargins": False,
            "warnOnFetchOpenOrdersWithoutSymbol": False,
            "adjustForTimeDifference": False,
            "watchPositions": {"fetchPositionsSnapshot": False},
            "watchBalance": {"fetchBalanceSnapshot": False},
        }

    def to_testnet(self, exchange: Any) -> None:  # noqa: ANN401
        """Switch to demo trading; the sandbox of its futures is closed."""
        exchange.enable_demo_trading(True)

    def shape(self, url: str, asked: str, reply: object) -> str:
        """Return what a reply lacks."""
        path = url.partition("?")[0]
        if path.endswith(LISTS):
            return "" if isinstance(reply, list) else "no list"
        if path.endswith("/asset/transfer") and inside(reply, "total") is not None:
            return ""  # a history of transfers, at the address where they are made
        first = reply[0] if isinstance(reply, list) and reply else reply
        for end, keys in WHOLE.items():
            if path.endswith(end) and not isinstance(reply, list):
                missing = [key for key in keys if inside(first, key) is None]
                return f"no {', '.join(missing)}" if missing else ""
        if (
            path.endswith("/account")
            and not inside(reply, "assets")
            and not inside(reply, "balances")
        ):
            return "no assets"
        return super().shape(url, asked, reply)

    async def cancel(self, exchange: Any, wire_id: str, symbol: str) -> Row | None:  # noqa: ANN401
        """Cancel; the reply is the order as it ends."""
        found: Row = await exchange.cancel_order(None, symbol, self.named(wire_id))
        return found

    async def switch(self, exchange: Any, seconds: float, scopes: Sequence[Scope]) -> bool:  # noqa: ANN401
        """Set the countdown of each futures symbol; spot has none."""
        done = False
        for scope in scopes:
            if scope.kind == "spot":
                continue
            set_one = (
                exchange.fapiPrivatePostCountdownCancelAll
                if scope.kind == "linear"
                else exchange.dapiPrivatePostCountdownCancelAll
            )
            for symbol in scope.symbols:
                market = exchange.market(symbol)["id"]
                await set_one({"symbol": market, "countdownTime": round(seconds * 1000)})
                done = True
        return done

    def forced_trade(self, exchange: Any, row: Row) -> Row | None:  # noqa: ANN401
        """Return the execution of a liquidation, which is not called a trade on the stream."""
        info = row.get("info")
        if inside(info, "x") != "CALCULATED" or str(inside(info, "t") or "0") == "0":
            return None
        found: Row = exchange.parse_ws_trade(info, exchange.market(row["symbol"]))
        return found

    def cause_of(self, row: Row) -> Cause | None:
        """Return what the client id of the venue's own orders says."""
        wire_id = self.wire_id_of(row)
        if wire_id.startswith("adl_autoclose"):
            return Cause.DELEVERAGING
        if wire_id.startswith(("autoclose-", "settlement_autoclose-")):
            return Cause.LIQUIDATION
        return None

    def accounts(self, scopes: Sequence[Scope]) -> tuple[str, str]:
        """Return the spot wallet as the reserve of a futures wallet; spot itself has none."""
        kind = next(iter(by_kind(scopes)))
        return ("", "") if kind == "spot" else ("spot", kind)

    async def positions(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return the positions of each kind of futures."""
        found: list[Row] = []
        for kind in by_kind(scopes):
            if kind != "spot":
                found += await exchange.fetch_positions(None, KINDS[kind])
        return found

    async def open_orders(self, exchange: Any, scopes: Sequence[Scope]) -> list[Row]:  # noqa: ANN401
        """Return the orders of each kind; one by one, symbols weigh a fortieth of all at once."""
        found: list[Row] = []
        for kind, symbols in by_kind(scopes).items():
            asked = symbols if len(symbols) < AT_ONCE else (None,)
            for symbol in asked:
                found += await exchange.fetch_open_orders(symbol, None, None, KINDS[kind])
        return found

    async def balance(self, exchange: Any, scopes: Sequence[Scope]) -> Row:  # noqa: ANN401
        """Return the balances of the account's one wallet."""
        found: Row = await exchange.fetch_balance(KINDS[next(iter(by_kind(scopes)))])
        return found

    def wallets(self, balance: Row, positions: Sequence[Row]) -> dict[str, Decimal]:
        """Return the wallet balances of futures, or free and locked of spot."""
        info = balance.get("info")
        assets = inside(info, "assets")
        if assets is not None:
            return self.worth(assets, "asset", "walletBalance")
        rows = inside(info, "balances")
        free = self.worth(rows, "asset", "free")
        for currency, locked in self.worth(rows, "asset", "locked").items():
            free[currency] = free.get(currency, Decimal(0)) + locked
        return free

    async def moved(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
        since: int,
        until: int,
    ) -> list[Row]:
        """Return the income of futures, trades with it; ids are unique within a type only."""
        kind = next(iter(by_kind(scopes)))
        if kind == "spot":
            return await self._spot_moved(exchange, since, until)
        linear = kind == "linear"
        ask = exchange.fapiPrivateGetIncome if linear else exchange.dapiPrivateGetIncome
        rows = await ask({"startTime": since, "endTime": until, "limit": self.cash.limit})
        return [
            {
                "id": f"{row.get('incomeType')} {row.get('tranId')} {row.get('asset')}",
                "symbol": row.get("symbol"),
                "timestamp": row.get("time"),
                "amount": row.get("income"),
                "code": row.get("asset"),
                "word": row.get("incomeType"),
            }
            for row in rows
        ]

    async def _spot_moved(self, exchange: Any, since: int, until: int) -> list[Row]:  # noqa: ANN401
        """Return deposits, withdrawals, distributions and transfers of the spot wallet."""
        span = {"startTime": since, "endTime": until}
        deposits = await exchange.sapiGetCapitalDepositHisrec({**span, "limit": 1000})
        withdrawals = await exchange.sapiGetCapitalWithdrawHistory({**span, "limit": 1000})
        given = inside(await exchange.sapiGetAssetAssetDividend({**span, "limit": 500}), "rows")
        found = [
            _spot("DEPOSIT", row["id"], row["insertTime"], row["amount"], row["coin"])
            for row in deposits
            if str(row.get("status")) in DEPOSITED
        ]
        found += [
            _spot("WITHDRAWAL", row["id"], exchange.parse8601(row["applyTime"]), gone, row["coin"])
            for row in withdrawals
            if str(row.get("status")) in WITHDRAWN
            and (gone := _less(row.get("amount"), row.get("transactionFee"))) is not None
        ]
        found += [
            _spot("DISTRIBUTION", row["id"], row["divTime"], row["amount"], row["asset"])
            for row in given or []
        ]
        for way, sign in SPOT_TRANSFERS.items():
            reply = await exchange.sapiGetAssetTransfer({**span, "type": way, "size": 100})
            found += [
                _spot("TRANSFER", row["tranId"], row["timestamp"], sign * amount, row["asset"])
                for row in inside(reply, "rows") or []
                if row.get("status") == "CONFIRMED"
                and (amount := exact(row.get("amount"))) is not None
            ]
        return found

    async def rights(self, exchange: Any, keys: Keys) -> Rights:  # noqa: ANN401
        """Return what the venue says of the key."""
        reply = await exchange.sapiGetAccountApiRestrictions()
        flags = {
            name: inside(reply, name)
            for name in ("enableWithdrawals", "enableFutures", "enableSpotAndMarginTrading")
        }
        if not all(isinstance(flag, bool) for flag in flags.values()):
            raise Garbled(f"{self.venue}: rights of the key: the reply does not tell them")
        spot = exchange.options.get("defaultType") == "spot"
        right = "enableSpotAndMarginTrading" if spot else "enableFutures"
        return Rights(trade=flags[right], withdraw=flags["enableWithdrawals"])

    async def one_way(self, exchange: Any, scopes: Sequence[Scope]) -> bool | None:  # noqa: ANN401
        """Return whether no kind of futures is in hedge mode."""
        modes = [
            await exchange.fetch_position_mode(None, {"subType": kind})
            for kind in by_kind(scopes)
            if kind != "spot"
        ]
        return all(mode["hedged"] is False for mode in modes) if modes else None

    async def margin(
        self,
        exchange: Any,  # noqa: ANN401
        scopes: Sequence[Scope],
    ) -> tuple[dict[str, str], dict[str, float]]:
        """Return what each symbol is set to."""
        modes: dict[str, str] = {}
        leverage: dict[str, float] = {}
        for kind, symbols in by_kind(scopes).items():
            if kind == "spot":
                continue
            rows = await exchange.fetch_leverages(list(symbols), KINDS[kind])
            for symbol in symbols:
                row = rows.get(symbol)
                if isinstance(row, Mapping):
                    modes[symbol] = str(row.get("marginMode"))
                    leverage[symbol] = float(row.get("longLeverage") or 0.0)
        return modes, leverage

    def quote_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return the touch, and mark, index and funding of futures."""
        found: list[Stream] = []
        for kind, symbols in by_kind(scopes).items():
            found.append(self.stream(f"{kind} touch", "watch_bids_asks", list(symbols), quiet=True))
            if kind != "spot":
                found.append(self.stream(f"{kind} mark", "watch_mark_prices", list(symbols)))
        return tuple(found)

    async def quote_parts(self, exchange: Any, symbol: str, kind: Kind) -> list[Row]:  # noqa: ANN401
        """Return the touch, and mark, index and funding of futures."""
        touches = await exchange.fetch_bids_asks([symbol])
        found: list[Row] = [touches[symbol]]
        if kind != "spot":
            found.append(await exchange.fetch_funding_rate(symbol))
        return found

    def order_streams(self, scopes: Sequence[Scope]) -> tuple[Stream, ...]:
        """Return one pair of streams for each kind."""
        return tuple(
            Stream(
                name=f"{kind} {name}",
                method=method,
                arguments=(),
                parameters=KINDS[kind],
                age=None,
            )
            for kind in by_kind(scopes)
            for name, method in (("orders", "watch_orders"), ("trades", "watch_my_trades"))
        )

    def forget(self, exchange: Any) -> None:  # noqa: ANN401
        """Have a new listen key made."""
        for options in exchange.options.values():
            if isinstance(options, dict) and "listenKey" in options:
                options.update({"listenKey": None, "lastAuthenticatedTime": 0})
