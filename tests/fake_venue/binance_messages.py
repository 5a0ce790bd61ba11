"""What Binance USD-M sends over its sockets."""

from decimal import Decimal
from typing import Any, Final

from fake_venue.binance_payloads import (
    order_status,
    order_type,
    plain,
    time_in_force,
    wallet_text,
)
from fake_venue.exchange import FakeExchange
from fake_venue.market import Market
from fake_venue.orders import AccountEvent, BookEvent, Level, OrderEvent

Document = dict[str, Any]
REASONS: Final = {
    "order": "ORDER",
    "funding": "FUNDING_FEE",
    "transfer": "DEPOSIT",
    "liquidation": "ORDER",
}


def order_update(event: OrderEvent, now: int) -> Document:
    """Return the event ORDER_TRADE_UPDATE."""
    order, trade = event.order, event.trade
    ticket = order.ticket
    forced = order.kind in {"liquidation", "deleveraging"}
    execution = {"new": "NEW", "cancelled": "CANCELED", "expired": "EXPIRED"}.get(event.what)
    document = {
        "s": ticket.name,
        "c": ticket.client_id,
        "S": ticket.side.upper(),
        "o": "LIQUIDATION" if forced else order_type(order),
        "f": time_in_force(order),
        "q": plain(ticket.amount),
        "p": plain(ticket.price or Decimal(0)),
        "ap": plain(order.average()),
        "sp": "0",
        "x": execution or ("CALCULATED" if order.kind == "liquidation" else "TRADE"),
        "X": order_status(order),
        "i": order.id,
        "l": plain(trade.amount if trade else Decimal(0)),
        "z": plain(order.filled),
        "L": plain(trade.price if trade else Decimal(0)),
        "T": order.updated,
        "t": trade.id if trade else 0,
        "b": "0",
        "a": "0",
        "m": trade.maker if trade else False,
        "R": ticket.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": order_type(order),
        "ps": ticket.position_side,
        "cp": False,
        "rp": plain(trade.realised if trade else Decimal(0)),
        "pP": False,
        "si": 0,
        "ss": 0,
        "V": "NONE",
        "pm": "NONE",
        "gtd": 0,
    }
    if trade:
        document |= {"N": trade.fee_asset, "n": plain(trade.fee)}
    return {"e": "ORDER_TRADE_UPDATE", "T": order.updated, "E": now, "o": document}


def account_update(exchange: FakeExchange, event: AccountEvent, now: int) -> Document:
    """Return the event ACCOUNT_UPDATE."""
    wallet = wallet_text(exchange.account.wallet.get(event.asset, Decimal(0)))
    change = event.change if event.reason in {"transfer", "funding"} else Decimal(0)
    held = []
    if event.name and event.reason != "funding":
        market = exchange.markets[event.name]
        position = exchange.account.position(market.contract, event.position_side)
        held.append(
            {
                "s": event.name,
                "pa": plain(position.amount),
                "ep": plain(position.entry),
                "bep": plain(position.entry),
                "cr": plain(position.realised),
                "up": wallet_text(position.unrealised(market.mark)),
                "mt": "isolated" if event.name in exchange.account.isolated else "cross",
                "iw": "0",
                "ps": position.side,
            }
        )
    return {
        "e": "ACCOUNT_UPDATE",
        "E": now,
        "T": event.time,
        "a": {
            "m": REASONS[event.reason],
            "B": [{"a": event.asset, "wb": wallet, "cw": wallet, "bc": plain(change)}],
            "P": held,
        },
    }


def depth_update(event: BookEvent, now: int) -> Document:
    """Return the event depthUpdate; `pu` is the `u` of the one before."""
    return {
        "e": "depthUpdate",
        "E": now,
        "T": event.time,
        "s": event.name,
        "U": event.before + 1,
        "u": event.last,
        "pu": event.before,
        "b": changes(event.bids),
        "a": changes(event.asks),
    }


def mark_update(market: Market, now: int) -> Document:
    """Return the event markPriceUpdate."""
    return {
        "e": "markPriceUpdate",
        "E": now,
        "s": market.contract.name,
        "p": plain(market.mark),
        "i": plain(market.index),
        "P": plain(market.index),
        "r": plain(market.funding_rate),
        "T": market.next_funding,
    }


def book_ticker(market: Market, now: int) -> Document:
    """Return best bid and ask, as a stream and as REST name them."""
    (bid, bid_size), (ask, ask_size) = market.best_bid(), market.best_ask()
    return {
        "e": "bookTicker",
        "u": market.update,
        "E": now,
        "T": now,
        "s": market.contract.name,
        "b": plain(bid),
        "B": plain(bid_size),
        "a": plain(ask),
        "A": plain(ask_size),
    }


def day_ticker(market: Market, now: int) -> Document:
    """Return the event 24hrTicker."""
    last = plain(market.last)
    return {
        "e": "24hrTicker", "E": now, "s": market.contract.name, "p": "0", "P": "0", "w": last,
        "c": last, "Q": "0.001", "o": last, "h": last, "l": last, "v": "1000", "q": "60000000",
        "O": now - 86_400_000, "C": now, "F": 1, "L": 2, "n": 2,
    }  # fmt: skip


def changes(side: tuple[Level, ...]) -> list[list[str]]:
    """Return changed levels."""
    return [[plain(price), plain(amount)] for price, amount in side]
