"""What Binance USD-M tells and does for the holder of a key."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

from fake_venue import binance_payloads as payloads
from fake_venue.binance_public import number
from fake_venue.contracts import Refusal
from fake_venue.exchange import FakeExchange
from fake_venue.orders import Order, Ticket

WEEK: Final = 7 * 86_400_000
Values: TypeAlias = Mapping[str, str]
Document: TypeAlias = Any  # what json writes


class BinanceRefusal(Exception):
    """A no that has a code of its own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Holder(Protocol):
    """The part of the server that private questions need."""

    exchange: FakeExchange
    spot_wallet: dict[str, Decimal]
    transfers: list[dict[str, Document]]

    def now(self) -> int:
        """Return the venue's time."""
        ...

    def count_down(self, name: str, milliseconds: int) -> None:
        """Cancel all orders in `name` after that time; 0 never."""
        ...


def place(venue: Holder, values: Values) -> Document:
    """Answer ``POST order``; without RESULT the reply knows nothing of what traded."""
    if values["type"] not in {"LIMIT", "MARKET"}:
        raise BinanceRefusal(-1116, "Invalid orderType.")
    limited = values["type"] == "LIMIT"
    force = values.get("timeInForce", "")
    if limited and not force:
        raise BinanceRefusal(
            -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."
        )
    ticket = Ticket(
        name=values.get("symbol", ""),
        side=values["side"].lower(),
        amount=number(values, "quantity"),
        price=number(values, "price") if limited else None,
        client_id=values.get("newClientOrderId") or f"web_{len(venue.exchange.orders)}",
        reduce_only=values.get("reduceOnly", "false").lower() == "true",
        post_only=force == "GTX",
        immediate=force in {"IOC", "FOK"},
        position_side=values.get("positionSide", "BOTH"),
    )
    document = payloads.order_document(venue.exchange.place(ticket))
    del document["time"]
    if values.get("newOrderRespType") != "RESULT":
        nothing = {"avgPrice": "0.00", "executedQty": "0", "cumQty": "0", "cumQuote": "0"}
        document |= {"status": "NEW", **nothing}
    return document


def query(venue: Holder, values: Values) -> Document:
    """Answer ``GET order``."""
    return payloads.order_document(_order(venue, values))


def query_open(venue: Holder, values: Values) -> Document:
    """Answer ``GET openOrder``."""
    order = _order(venue, values)
    if order.status != "open":
        raise BinanceRefusal(-2013, "Order does not exist.")
    return payloads.order_document(order)


def cancel(venue: Holder, values: Values) -> Document:
    """Answer ``DELETE order``."""
    try:
        order = venue.exchange.cancel(_order(venue, values))
    except (Refusal, BinanceRefusal):
        raise BinanceRefusal(-2011, "Unknown order sent.") from None
    document = payloads.order_document(order)
    del document["time"]
    return document


def cancel_all(venue: Holder, values: Values) -> Document:
    """Answer ``DELETE allOpenOrders``."""
    for order in venue.exchange.open_orders(values["symbol"]):
        venue.exchange.cancel(order)
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def open_orders(venue: Holder, values: Values) -> Document:
    """Answer ``GET openOrders``."""
    found = venue.exchange.open_orders(values.get("symbol", ""))
    return [payloads.order_document(order) for order in found]


def all_orders(venue: Holder, values: Values) -> Document:
    """Answer ``GET allOrders``."""
    limit = int(values.get("limit", 500))
    found = [
        order
        for order in venue.exchange.orders.values()
        if order.ticket.name == values["symbol"]
        and order.created >= int(values.get("startTime", 0))
        and order.id >= int(values.get("orderId", 0))
    ]
    return [payloads.order_document(order) for order in found[:limit]]


def user_trades(venue: Holder, values: Values) -> Document:
    """Answer ``GET userTrades``: a week at most, from the start on or the latest."""
    start, end, first = values.get("startTime"), values.get("endTime"), values.get("fromId")
    if start and end and int(end) - int(start) > WEEK:
        raise BinanceRefusal(
            -4166, "Search window is restricted to recent 90 days, and 7 days at once."
        )
    since = int(start) if start else 0
    until = int(end) if end else (since + WEEK if start else venue.now())
    found = [
        trade
        for trade in venue.exchange.trades
        if trade.name == values["symbol"]
        and (trade.id >= int(first) if first else since <= trade.time <= until)
        and values.get("orderId", str(trade.order_id)) == str(trade.order_id)
    ]
    limit = min(int(values.get("limit", 500)), 1_000)
    chosen = found[:limit] if start or first else found[-limit:]
    return [payloads.trade_document(trade) for trade in chosen]


def income(venue: Holder, values: Values) -> Document:
    """Answer ``GET income``."""
    start, limit = values.get("startTime"), min(int(values.get("limit", 100)), 1_000)
    since = int(start) if start else venue.now() - WEEK
    until = int(values.get("endTime", venue.now()))
    found = [
        document
        for document in map(payloads.income_document, venue.exchange.account.income)
        if since <= document["time"] <= until
        and values.get("symbol", document["symbol"]) == document["symbol"]
        and values.get("incomeType", document["incomeType"]) == document["incomeType"]
    ]
    return found[:limit] if start else found[-limit:]


def force_orders(venue: Holder, values: Values) -> Document:
    """Answer ``GET forceOrders``: liquidations and deleveraging."""
    kinds = {"LIQUIDATION": "liquidation", "ADL": "deleveraging"}
    wanted = kinds.get(values.get("autoCloseType", ""), "")
    return [
        payloads.order_document(order)
        for order in venue.exchange.orders.values()
        if order.kind in set(kinds.values()) and wanted in {order.kind, ""}
        and values.get("symbol", order.ticket.name) == order.ticket.name
    ]  # fmt: skip


def position_risk(venue: Holder, values: Values) -> Document:
    """Answer ``GET positionRisk``: only what is not flat."""
    name = values.get("symbol")
    return [
        payloads.position_document(venue.exchange, position)
        for position in venue.exchange.account.open_positions()
        if name in {None, position.contract.name}
    ]


def account(venue: Holder, _: Values) -> Document:
    """Answer ``GET account``."""
    return payloads.account_document(venue.exchange)


def balance(venue: Holder, _: Values) -> Document:
    """Answer ``GET balance``."""
    found = []
    for asset in sorted(venue.exchange.account.wallet):
        told = payloads.asset_document(venue.exchange, asset)
        names = ("asset", "crossWalletBalance", "crossUnPnl", "availableBalance", "updateTime")
        found.append(
            {"accountAlias": "SgsR", "balance": told["walletBalance"], "marginAvailable": True,
             "maxWithdrawAmount": told["maxWithdrawAmount"]} | {name: told[name] for name in names}
        )  # fmt: skip
    return found


def account_config(venue: Holder, _: Values) -> Document:
    """Answer ``GET accountConfig``."""
    own = venue.exchange.account
    return {
        "feeTier": 0, "canTrade": "trade" in own.rights, "canDeposit": True,
        "canWithdraw": "withdraw" in own.rights, "dualSidePosition": own.hedge_mode,
        "updateTime": venue.now(), "multiAssetsMargin": own.multi_assets, "tradeGroupId": -1,
    }  # fmt: skip


def symbol_config(venue: Holder, values: Values) -> Document:
    """Answer ``GET symbolConfig``."""
    own = venue.exchange.account
    return [
        {
            "symbol": name,
            "marginType": "ISOLATED" if name in own.isolated else "CROSSED",
            "isAutoAddMargin": False,
            "leverage": own.leverage_of(name),
            "maxNotionalValue": "1000000",
        }
        for name in venue.exchange.markets
        if values.get("symbol", name) == name
    ]


def leverage_brackets(venue: Holder, values: Values) -> Document:
    """Answer ``GET leverageBracket``."""
    return [
        payloads.brackets(market.contract)
        for name, market in venue.exchange.markets.items()
        if values.get("symbol", name) == name
    ]


def position_mode(venue: Holder, _: Values) -> Document:
    """Answer ``GET positionSide/dual``."""
    return {"dualSidePosition": venue.exchange.account.hedge_mode}


def set_position_mode(venue: Holder, values: Values) -> Document:
    """Answer ``POST positionSide/dual``."""
    wanted = values["dualSidePosition"].lower() == "true"
    own = venue.exchange.account
    if wanted == own.hedge_mode:
        raise BinanceRefusal(-4059, "No need to change position side.")
    if own.open_positions():
        raise BinanceRefusal(-4068, "Position side cannot be changed if there exists position.")
    own.hedge_mode = wanted
    return {"code": 200, "msg": "success"}


def multi_assets(venue: Holder, _: Values) -> Document:
    """Answer ``GET multiAssetsMargin``."""
    return {"multiAssetsMargin": venue.exchange.account.multi_assets}


def set_leverage(venue: Holder, values: Values) -> Document:
    """Answer ``POST leverage``."""
    contract, wanted = venue.exchange.market(values["symbol"]).contract, int(values["leverage"])
    if not 1 <= wanted <= contract.maximum_leverage:
        raise BinanceRefusal(-4028, f"Leverage {wanted} is not valid")
    venue.exchange.account.leverage[contract.name] = wanted
    return {"leverage": wanted, "maxNotionalValue": "1000000", "symbol": contract.name}


def set_margin_type(venue: Holder, values: Values) -> Document:
    """Answer ``POST marginType``."""
    isolated, name = venue.exchange.account.isolated, values["symbol"]
    wanted = values["marginType"] == "ISOLATED"
    if wanted == (name in isolated):
        raise BinanceRefusal(-4046, "No need to change margin type.")
    (isolated.add if wanted else isolated.discard)(name)
    return {"code": 200, "msg": "success"}


def commission(venue: Holder, values: Values) -> Document:
    """Answer ``GET commissionRate``."""
    contract = venue.exchange.market(values["symbol"]).contract
    return {
        "symbol": contract.name,
        "makerCommissionRate": payloads.plain(contract.maker),
        "takerCommissionRate": payloads.plain(contract.taker),
        "rpiCommissionRate": payloads.plain(contract.maker),
    }


def adl_quantile(venue: Holder, _: Values) -> Document:
    """Answer ``GET adlQuantile``."""
    held = venue.exchange.account.open_positions()
    return [{"symbol": p.contract.name, "adlQuantile": {p.side: 2}} for p in held]


def count_down(venue: Holder, values: Values) -> Document:
    """Answer ``POST countdownCancelAll``."""
    venue.count_down(values["symbol"], int(values["countdownTime"]))
    return {"symbol": values["symbol"], "countdownTime": values["countdownTime"]}


def key_rights(venue: Holder, _: Values) -> Document:
    """Answer ``GET /sapi/v1/account/apiRestrictions``."""
    rights = venue.exchange.account.rights
    return {
        "ipRestrict": False, "createTime": 1623840271000, "enableReading": "read" in rights,
        "enableWithdrawals": "withdraw" in rights, "enableInternalTransfer": False,
        "enableMargin": False, "enableFutures": "trade" in rights,
        "permitsUniversalTransfer": True, "enableVanillaOptions": False,
        "enableFixApiTrade": False, "enableFixReadOnly": True,
        "enableSpotAndMarginTrading": False, "enablePortfolioMarginTrading": False,
    }  # fmt: skip


def transfer(venue: Holder, values: Values) -> Document:
    """Answer ``POST /sapi/v1/asset/transfer``: between the spot wallet and this account."""
    asset, amount = values["asset"], number(values, "amount")
    inward = values["type"] == "MAIN_UMFUTURE"
    reserve = venue.spot_wallet.get(asset, Decimal(0))
    if amount > (reserve if inward else venue.exchange.available(asset)):
        raise BinanceRefusal(-5013, "Asset transfer failed: insufficient balance")
    venue.spot_wallet[asset] = reserve - amount if inward else reserve + amount
    entry = venue.exchange.transfer(asset, amount if inward else -amount)
    document = {
        "asset": asset, "amount": payloads.plain(amount), "type": values["type"],
        "status": "CONFIRMED", "tranId": entry.number, "timestamp": entry.time,
    }  # fmt: skip
    venue.transfers.append(document)
    return {"tranId": entry.number}


def transfers(venue: Holder, values: Values) -> Document:
    """Answer ``GET /sapi/v1/asset/transfer``."""
    found = [one for one in venue.transfers if values.get("type", one["type"]) == one["type"]]
    return {"total": len(found), "rows": found}


def spot_account(venue: Holder, _: Values) -> Document:
    """Answer ``GET /api/v3/account``: the wallet that collateral comes from."""
    return {
        "makerCommission": 15, "takerCommission": 15, "canTrade": False, "canWithdraw": False,
        "canDeposit": True, "updateTime": venue.now(), "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": payloads.wallet_text(amount), "locked": "0.00000000"}
            for asset, amount in sorted(venue.spot_wallet.items())
        ],
    }  # fmt: skip


def _order(venue: Holder, values: Values) -> Order:
    try:
        return venue.exchange.find(
            values["symbol"],
            id=int(values["orderId"]) if values.get("orderId") else None,
            client_id=values.get("origClientOrderId", ""),
        )
    except Refusal:
        raise BinanceRefusal(-2013, "Order does not exist.") from None


PRIVATE: Final[dict[str, Callable[[Holder, Values], Document]]] = {
    "POST fapi/order": place,
    "GET fapi/order": query,
    "DELETE fapi/order": cancel,
    "GET fapi/openOrder": query_open,
    "GET fapi/openOrders": open_orders,
    "DELETE fapi/allOpenOrders": cancel_all,
    "GET fapi/allOrders": all_orders,
    "GET fapi/userTrades": user_trades,
    "GET fapi/income": income,
    "GET fapi/forceOrders": force_orders,
    "GET fapi/positionRisk": position_risk,
    "GET fapi/account": account,
    "GET fapi/balance": balance,
    "GET fapi/accountConfig": account_config,
    "GET fapi/symbolConfig": symbol_config,
    "GET fapi/leverageBracket": leverage_brackets,
    "GET fapi/positionSide/dual": position_mode,
    "POST fapi/positionSide/dual": set_position_mode,
    "GET fapi/multiAssetsMargin": multi_assets,
    "POST fapi/leverage": set_leverage,
    "POST fapi/marginType": set_margin_type,
    "GET fapi/commissionRate": commission,
    "GET fapi/adlQuantile": adl_quantile,
    "POST fapi/countdownCancelAll": count_down,
    "GET sapi/account/apiRestrictions": key_rights,
    "POST sapi/asset/transfer": transfer,
    "GET sapi/asset/transfer": transfers,
    "GET api/account": spot_account,
}
"""By method, room and what follows the version in the path."""
