"""What Deribit answers, by JSON-RPC method; the same over HTTP and over a socket."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

from fake_venue import deribit_payloads as payloads
from fake_venue.contracts import Contract, Reason, Refusal
from fake_venue.exchange import FakeExchange
from fake_venue.history import History
from fake_venue.orders import Order, Ticket

Values: TypeAlias = Mapping[str, Any]
Document: TypeAlias = Any  # what json writes
MOST_BARS: Final = 5_000
MINUTES: Final = {
    "1": 1, "3": 3, "5": 5, "10": 10, "15": 15, "30": 30, "60": 60, "120": 120, "180": 180,
    "360": 360, "720": 720, "1D": 1_440,
}  # fmt: skip


class Venue(Protocol):
    """The part of the server that methods need."""

    exchange: FakeExchange
    history: History

    def now(self) -> int:
        """Return the venue's time."""
        ...


def get_instruments(venue: Venue, values: Values) -> Document:
    """Answer ``public/get_instruments``."""
    wanted = values.get("currency", "any")
    return [
        payloads.instrument(market.contract, active=market.listed)
        for market in venue.exchange.markets.values()
        if wanted in {"any", market.contract.settle}
    ]


def get_currencies(venue: Venue, _: Values) -> Document:
    """Answer ``public/get_currencies``."""
    return [
        {"currency": asset, "currency_long": asset, "coin_type": asset, "fee_precision": 4,
         "min_confirmations": 1, "min_withdrawal_fee": 0.0001, "withdrawal_fee": 0.0001,
         "withdrawal_priorities": []}
        for asset in venue.exchange.account.wallet
    ]  # fmt: skip


def ticker(venue: Venue, values: Values) -> Document:
    """Answer ``public/ticker``."""
    return payloads.ticker(venue.exchange.market(values["instrument_name"]), venue.now())


def get_order_book(venue: Venue, values: Values) -> Document:
    """Answer ``public/get_order_book``."""
    market = venue.exchange.market(values["instrument_name"])
    return payloads.book(market, int(values.get("depth", 5)), venue.now())


def get_funding_rate_value(venue: Venue, values: Values) -> Document:
    """Answer ``public/get_funding_rate_value``."""
    return payloads.number(venue.exchange.market(values["instrument_name"]).funding_rate)


def get_funding_rate_history(venue: Venue, values: Values) -> Document:
    """Answer ``public/get_funding_rate_history``: by the hour, the latest where there are more."""
    contract = venue.exchange.market(values["instrument_name"]).contract
    end = min(int(values["end_timestamp"]), venue.now())
    found = list(venue.history.settlements(contract, int(values["start_timestamp"]), end))
    return [
        {
            "timestamp": row.time,
            "index_price": payloads.number(row.mark),
            "prev_index_price": payloads.number(row.mark),
            "interest_8h": float(row.rate),
            "interest_1h": float(row.rate / 8),
        }
        for row in found[-venue.history.funding_limit :]
    ]


def get_tradingview_chart_data(venue: Venue, values: Values) -> Document:
    """Answer ``public/get_tradingview_chart_data``."""
    contract = venue.exchange.market(values["instrument_name"]).contract
    step = MINUTES[str(values["resolution"])] * 60_000
    start = int(values["start_timestamp"])
    end = min(int(values["end_timestamp"]), venue.now())
    rows = list(venue.history.bars(contract, "trade", step, start, end))[-MOST_BARS:]
    columns = {
        name: [payloads.number(getattr(row, name)) for row in rows]
        for name in ("open", "high", "low", "close", "volume")
    }
    ticks = [row.opens for row in rows]
    cost = [payloads.number(row.volume * row.close) for row in rows]
    return columns | {"ticks": ticks, "cost": cost, "status": "ok" if rows else "no_data"}


def order(venue: Venue, values: Values, side: str) -> Document:
    """Answer ``private/buy`` and ``private/sell``."""
    limited = values.get("type", "limit") == "limit"
    ticket = Ticket(
        name=values["instrument_name"],
        side=side,
        amount=Decimal(str(values["amount"])),
        price=Decimal(str(values["price"])) if limited else None,
        client_id=str(values.get("label", "")),
        reduce_only=truth(values, "reduce_only"),
        post_only=truth(values, "post_only"),
        immediate=values.get("time_in_force") in {"immediate_or_cancel", "fill_or_kill"},
    )
    placed = venue.exchange.place(ticket)
    trades = [
        payloads.trade_document(trade, placed, venue.exchange.markets[ticket.name])
        for trade in venue.exchange.trades
        if trade.order_id == placed.id
    ]
    return {"order": _written(venue, placed), "trades": trades}


def cancel(venue: Venue, values: Values) -> Document:
    """Answer ``private/cancel``."""
    return _written(venue, venue.exchange.cancel(_order(venue, values)))


def cancel_by_label(venue: Venue, values: Values) -> Document:
    """Answer ``private/cancel_by_label`` with how many were cancelled."""
    found = [
        order for order in venue.exchange.open_orders() if order.ticket.client_id == values["label"]
    ]
    for one in found:
        venue.exchange.cancel(one)
    return len(found)


def cancel_all(venue: Venue, values: Values) -> Document:
    """Answer ``private/cancel_all`` and ``private/cancel_all_by_instrument``."""
    found = venue.exchange.open_orders(values.get("instrument_name", ""))
    for one in found:
        venue.exchange.cancel(one)
    return len(found)


def get_order_state(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_order_state``."""
    return _written(venue, _order(venue, values))


def get_order_state_by_label(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_order_state_by_label``: all orders under it, the latest first."""
    return [
        _written(venue, one)
        for one in reversed(venue.exchange.orders.values())
        if one.ticket.client_id == values["label"]
        and values["currency"] == venue.exchange.markets[one.ticket.name].contract.settle
    ]


def get_open_orders(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_open_orders`` and its kin."""
    found = venue.exchange.open_orders(values.get("instrument_name", ""))
    return [_written(venue, one) for one in found if _wanted(venue, one.ticket.name, values)]


def get_order_history(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_order_history_by_instrument`` and its kin: the latest first."""
    return [
        _written(venue, one)
        for one in reversed(venue.exchange.orders.values())
        if one.status != "open" and _wanted(venue, one.ticket.name, values)
    ][: int(values.get("count", 20))]


def get_user_trades(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_user_trades_by_instrument`` and its kin, sorted as asked."""
    start, end = int(values.get("start_timestamp", 0)), int(values.get("end_timestamp", 1 << 60))
    found = [
        payloads.trade_document(
            trade, venue.exchange.orders[trade.order_id], venue.exchange.markets[trade.name]
        )
        for trade in venue.exchange.trades
        if _wanted(venue, trade.name, values) and start <= trade.time <= end
    ]
    if values.get("sorting", "asc" if "start_timestamp" in values else "desc") == "desc":
        found.reverse()
    count = min(int(values.get("count", 10)), 1_000)
    return {"trades": found[:count], "has_more": len(found) > count}


def get_user_trades_by_order(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_user_trades_by_order``."""
    found = get_user_trades(venue, {"count": 1_000, "sorting": "asc"})["trades"]
    return [one for one in found if one["order_id"] == values["order_id"]]


def get_position(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_position``: one that is flat is told too."""
    contract = venue.exchange.market(values["instrument_name"]).contract
    position = venue.exchange.account.position(contract)
    return payloads.position_document(venue.exchange, position)


def get_positions(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_positions``."""
    return [
        payloads.position_document(venue.exchange, position)
        for position in venue.exchange.account.open_positions()
        if _wanted(venue, position.contract.name, values)
    ]


def get_account_summary(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_account_summary``."""
    return payloads.summary(venue.exchange, values["currency"])


def get_account_summaries(venue: Venue, _: Values) -> Document:
    """Answer ``private/get_account_summaries``."""
    assets = venue.exchange.account.wallet
    return {
        "id": 7, "email": "desk@example.com", "username": "desk", "type": "main",
        "summaries": [payloads.summary(venue.exchange, asset) for asset in assets],
    }  # fmt: skip


def get_transaction_log(venue: Venue, values: Values) -> Document:
    """Answer ``private/get_transaction_log``: the latest first, page by page."""
    start, end = int(values["start_timestamp"]), int(values["end_timestamp"])
    trades = {str(trade.id): trade for trade in venue.exchange.trades}
    own = venue.exchange.account
    balance = dict(own.wallet)
    logs = []
    for entry in reversed(own.income):
        if entry.asset == values["currency"] and start <= entry.time <= end:
            logs.append(payloads.log_entry(entry, balance[entry.asset], trades))
        balance[entry.asset] -= entry.amount
    logs = [one for one in logs if values.get("query", one["type"]) in one["type"]]
    first = int(values.get("continuation") or 0)
    count = int(values.get("count", 100))
    more = first + count if len(logs) > first + count else None
    return {"logs": logs[first : first + count], "continuation": more}


def truth(values: Values, name: str) -> bool:
    """Return a flag, written as JSON or as text."""
    return str(values.get(name, "false")).lower() == "true"


def _contract(venue: Venue, name: str) -> Contract:
    return venue.exchange.markets[name].contract


def _wanted(venue: Venue, name: str, values: Values) -> bool:
    coin = values.get("currency", "any")
    return values.get("instrument_name", name) == name and coin in {
        "any",
        _contract(venue, name).settle,
    }


def _written(venue: Venue, one: Order) -> Document:
    return payloads.order_document(one, _contract(venue, one.ticket.name))


def _order(venue: Venue, values: Values) -> Order:
    _, _, number = str(values["order_id"]).rpartition("-")
    if not number.isdigit():
        raise Refusal(Reason.UNKNOWN_ORDER)
    return venue.exchange.find("", id=int(number))


def _buy(venue: Venue, values: Values) -> Document:
    return order(venue, values, "buy")


def _sell(venue: Venue, values: Values) -> Document:
    return order(venue, values, "sell")


def _time(venue: Venue, _: Values) -> Document:
    return venue.now()


def _version(_: Venue, __: Values) -> Document:
    return {"version": "1.2.26"}


def _ok(_: Venue, __: Values) -> Document:
    return "ok"


def _status(_: Venue, __: Values) -> Document:
    return {"locked": "false"}


METHODS: Final[dict[str, Callable[[Venue, Values], Document]]] = {
    "public/get_time": _time,
    "public/test": _version,
    "public/hello": _version,
    "public/status": _status,
    "public/set_heartbeat": _ok,
    "public/disable_heartbeat": _ok,
    "public/get_instruments": get_instruments,
    "public/get_currencies": get_currencies,
    "public/ticker": ticker,
    "public/get_order_book": get_order_book,
    "public/get_funding_rate_value": get_funding_rate_value,
    "public/get_funding_rate_history": get_funding_rate_history,
    "public/get_tradingview_chart_data": get_tradingview_chart_data,
    "private/buy": _buy,
    "private/sell": _sell,
    "private/cancel": cancel,
    "private/cancel_by_label": cancel_by_label,
    "private/cancel_all": cancel_all,
    "private/cancel_all_by_instrument": cancel_all,
    "private/get_order_state": get_order_state,
    "private/get_order_state_by_label": get_order_state_by_label,
    "private/get_open_orders": get_open_orders,
    "private/get_open_orders_by_currency": get_open_orders,
    "private/get_open_orders_by_instrument": get_open_orders,
    "private/get_order_history_by_instrument": get_order_history,
    "private/get_order_history_by_currency": get_order_history,
    "private/get_user_trades_by_instrument": get_user_trades,
    "private/get_user_trades_by_instrument_and_time": get_user_trades,
    "private/get_user_trades_by_currency": get_user_trades,
    "private/get_user_trades_by_currency_and_time": get_user_trades,
    "private/get_user_trades_by_order": get_user_trades_by_order,
    "private/get_position": get_position,
    "private/get_positions": get_positions,
    "private/get_account_summary": get_account_summary,
    "private/get_account_summaries": get_account_summaries,
    "private/get_transaction_log": get_transaction_log,
}
