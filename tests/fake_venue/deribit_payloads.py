"""What Deribit writes: documents in the shapes of its public documentation."""

from decimal import Decimal
from typing import Any, Final

from fake_venue.contracts import Contract
from fake_venue.exchange import FakeExchange
from fake_venue.holdings import Income, Position
from fake_venue.market import Market
from fake_venue.orders import BookEvent, Level, Order, Trade

Document = dict[str, Any]
STATES: Final = {"expired": "cancelled"}
LOG: Final = {
    "funding": "settlement",
    "profit": "trade",
    "commission": "trade",
    "transfer": "transfer",
    "insurance": "liquidation",
}
FORCED: Final = frozenset({"liquidation", "deleveraging"})


def number(value: Decimal) -> float | int:
    """Return a number as JSON has it: whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def number_of_order(order_id: int, contract: str) -> str:
    """Return the id of an order: linear and other coins carry their currency."""
    coin = contract.partition("-")[0].rpartition("_")[2]
    return str(order_id) if coin == "BTC" else f"{coin}-{order_id}"


def instrument(contract: Contract, *, active: bool) -> Document:
    """Return one of ``public/get_instruments``."""
    return {
        "tick_size": number(contract.tick),
        "tick_size_steps": [],
        "taker_commission": number(contract.taker),
        "maker_commission": number(contract.maker),
        "block_trade_commission": 0.00025,
        "settlement_period": "perpetual",
        "settlement_currency": contract.settle,
        "rfq": False,
        "quote_currency": contract.quote,
        "price_index": f"{contract.base}_{contract.quote}".lower(),
        "min_trade_amount": number(contract.lot),
        "max_liquidation_commission": number(contract.liquidation_fee),
        "max_leverage": contract.maximum_leverage,
        "kind": "future",
        "is_active": active,
        "instrument_name": contract.name,
        "instrument_id": 124972,
        "instrument_type": "reversed" if contract.inverse else "linear",
        "future_type": "reversed" if contract.inverse else "linear",
        "expiration_timestamp": 32503708800000,
        "creation_timestamp": 1534167754000,
        "counter_currency": contract.quote,
        "contract_size": number(contract.lot),
        "base_currency": contract.base,
    }


def ticker(market: Market, now: int) -> Document:
    """Return ``public/ticker``, also sent as ``ticker.{instrument}.{interval}``."""
    (bid, bid_size), (ask, ask_size) = market.best_bid(), market.best_ask()
    return {
        "timestamp": now,
        "stats": {"volume_usd": 1e9, "volume": 16_000.0, "price_change": 0.0,
                  "low": number(market.last), "high": number(market.last)},
        "state": "open" if market.listed else "closed",
        "settlement_price": number(market.index),
        "open_interest": 900_000_000,
        "min_price": number(market.mark * Decimal("0.985")),
        "max_price": number(market.mark * Decimal("1.015")),
        "mark_price": number(market.mark),
        "last_price": number(market.last),
        "interest_value": 0.05,
        "instrument_name": market.contract.name,
        "index_price": number(market.index),
        "funding_8h": number(market.funding_rate),
        "current_funding": number(market.funding_rate),
        "estimated_delivery_price": number(market.index),
        "best_bid_price": number(bid),
        "best_bid_amount": number(bid_size),
        "best_ask_price": number(ask),
        "best_ask_amount": number(ask_size),
    }  # fmt: skip


def book(market: Market, depth: int, now: int) -> Document:
    """Return ``public/get_order_book``."""
    bids, asks = sorted(market.bids, reverse=True)[:depth], sorted(market.asks)[:depth]
    return ticker(market, now) | {
        "change_id": market.update,
        "bids": [[number(price), number(market.bids[price])] for price in bids],
        "asks": [[number(price), number(market.asks[price])] for price in asks],
    }


def snapshot(market: Market, now: int) -> Document:
    """Return the first message of ``book.{instrument}.{interval}``."""
    return {
        "type": "snapshot",
        "timestamp": now,
        "instrument_name": market.contract.name,
        "change_id": market.update,
        "bids": [["new", number(p), number(market.bids[p])] for p in sorted(market.bids)[::-1]],
        "asks": [["new", number(p), number(market.asks[p])] for p in sorted(market.asks)],
    }


def book_change(event: BookEvent, now: int) -> Document:
    """Return a later message of ``book.{instrument}.{interval}``."""
    return {
        "type": "change",
        "timestamp": now,
        "prev_change_id": event.before,
        "instrument_name": event.name,
        "change_id": event.last,
        "bids": _changes(event.bids),
        "asks": _changes(event.asks),
    }


def order_document(order: Order, contract: Contract) -> Document:
    """Return an order as ``private/buy`` and its kin write it."""
    ticket = order.ticket
    document: Document = {
        "is_liquidation": order.kind == "liquidation",
        "risk_reducing": False,
        "order_type": "market" if ticket.price is None else "limit",
        "creation_timestamp": order.created,
        "last_update_timestamp": order.updated,
        "order_state": STATES.get(order.status, order.status),
        "reject_post_only": ticket.post_only,
        "contracts": number(ticket.amount / contract.lot),
        "average_price": number(order.average(inverse=contract.inverse)),
        "reduce_only": ticket.reduce_only,
        "post_only": ticket.post_only,
        "mmp": False,
        "reference_price": None,
        "filled_amount": number(order.filled),
        "replaced": False,
        "web": False,
        "api": order.kind not in FORCED,
        "amount": number(ticket.amount),
        "order_id": number_of_order(order.id, contract.name),
        "instrument_name": contract.name,
        "max_show": number(ticket.amount),
        "time_in_force": "immediate_or_cancel" if ticket.immediate else "good_til_cancelled",
        "direction": ticket.side,
        "price": "market_price" if ticket.price is None else number(ticket.price),
        "label": "" if order.kind in FORCED else ticket.client_id,
    }
    if order.status in {"cancelled", "expired"}:
        document["cancel_reason"] = "user_request" if order.status == "cancelled" else "other"
    return document


def trade_document(trade: Trade, order: Order, market: Market) -> Document:
    """Return a trade of ``private/get_user_trades_by_instrument``."""
    contract = market.contract
    coin = contract.name.partition("-")[0].rpartition("_")[2]
    document: Document = {
        "trade_seq": trade.id % 1_000_000,
        "trade_id": str(trade.id) if coin == "BTC" else f"{coin}-{trade.id}",
        "timestamp": trade.time,
        "tick_direction": 0,
        "state": STATES.get(order.status, order.status),
        "self_trade": False,
        "risk_reducing": False,
        "reduce_only": order.ticket.reduce_only,
        "profit_loss": number(trade.realised),
        "price": number(trade.price),
        "post_only": order.ticket.post_only,
        "order_type": "liquidation" if trade.kind == "liquidation" else trade.kind,
        "order_id": number_of_order(trade.order_id, contract.name),
        "mmp": False,
        "matching_id": None,
        "mark_price": number(market.mark),
        "liquidity": "M" if trade.maker else "T",
        "instrument_name": contract.name,
        "index_price": number(market.index),
        "fee_currency": trade.fee_asset,
        "fee": number(trade.fee),
        "direction": trade.side,
        "contracts": number(trade.amount / contract.lot),
        "api": trade.kind not in FORCED,
        "amount": number(trade.amount),
    }
    if trade.kind in FORCED:
        document["liquidation"] = "T"
    elif trade.client_id:
        document["label"] = trade.client_id
    return document


def position_document(exchange: FakeExchange, position: Position) -> Document:
    """Return ``private/get_position``; a short one has a size below zero."""
    contract = position.contract
    market = exchange.markets[contract.name]
    worth = contract.worth(position.amount, market.mark)
    leverage = exchange.account.leverage_of(contract.name)
    side = "buy" if position.amount > 0 else "sell" if position.amount < 0 else "zero"
    coins = worth if contract.inverse else position.amount
    return {
        "average_price": number(position.entry),
        "delta": number(coins),
        "direction": side,
        "estimated_liquidation_price": None,
        "floating_profit_loss": number(position.unrealised(market.mark)),
        "index_price": number(market.index),
        "initial_margin": number(abs(worth) / leverage),
        "instrument_name": contract.name,
        "interest_value": 0.05,
        "kind": "future",
        "leverage": leverage,
        "maintenance_margin": number(abs(worth) * contract.maintenance),
        "mark_price": number(market.mark),
        "open_orders_margin": 0,
        "realized_funding": 0,
        "realized_profit_loss": number(position.realised),
        "settlement_price": number(market.index),
        "size": number(position.amount),
        "size_currency": number(coins),
        "total_profit_loss": number(position.unrealised(market.mark)),
    }


def summary(exchange: FakeExchange, asset: str) -> Document:
    """Return one of ``private/get_account_summaries``."""
    account, marks = exchange.account, exchange.marks()
    wallet, equity = account.wallet[asset], account.equity(asset, marks)
    initial = account.initial_margin(asset, marks)
    return {
        "currency": asset,
        "balance": number(wallet),
        "equity": number(equity),
        "margin_balance": number(equity),
        "initial_margin": number(initial),
        "maintenance_margin": number(account.maintenance_margin(asset, marks)),
        "available_funds": number(equity - initial),
        "available_withdrawal_funds": number(max(min(wallet, equity - initial), Decimal(0))),
        "session_upl": number(equity - wallet),
        "session_rpl": 0,
        "total_pl": number(equity - wallet),
        "futures_pl": number(equity - wallet),
        "options_value": 0,
        "delta_total": 0,
        "fee_balance": 0,
        "portfolio_margining_enabled": False,
        "cross_collateral_enabled": False,
        "margin_model": "segregated_sm",
    }


def log_entry(entry: Income, balance: Decimal, trades: dict[str, Trade]) -> Document:
    """Return one of ``private/get_transaction_log``."""
    trade = trades.get(entry.trade_id)
    document: Document = {
        "id": entry.number,
        "type": LOG[entry.kind],
        "timestamp": entry.time,
        "currency": entry.asset,
        "change": number(entry.amount),
        "cashflow": number(entry.amount) if entry.kind in {"profit", "funding"} else 0,
        "commission": number(-entry.amount) if entry.kind == "commission" else 0,
        "balance": number(balance),
        "equity": number(balance),
        "user_id": 7,
        "username": "desk",
        "user_seq": entry.number,
        "info": {},
    }
    if entry.name:
        document["instrument_name"] = entry.name
    if entry.kind == "funding":
        document |= {
            "interest_pl": number(entry.amount),
            "position": number(entry.held),
            "mark_price": number(entry.price),
            "session_rpl": 0,
            "session_upl": 0,
        }
    if trade is not None:
        document |= {
            "trade_id": str(trade.id),
            "order_id": number_of_order(trade.order_id, trade.name),
            "side": trade.side,
            "price": number(trade.price),
            "amount": number(trade.amount),
            "user_role": "maker" if trade.maker else "taker",
        }
    return document


def _changes(side: tuple[Level, ...]) -> list[list[Any]]:
    return [
        ["change" if amount else "delete", number(price), number(amount)] for price, amount in side
    ]
