"""What Binance USD-M writes: documents in the shapes of its public documentation."""

from decimal import Decimal
from typing import Any

from fake_venue.contracts import Contract
from fake_venue.exchange import FakeExchange
from fake_venue.holdings import Income, Position
from fake_venue.market import Market
from fake_venue.orders import Order, Trade

Document = dict[str, Any]
STATUSES = {"filled": "FILLED", "cancelled": "CANCELED", "expired": "EXPIRED"}
INCOME = {
    "funding": "FUNDING_FEE",
    "commission": "COMMISSION",
    "profit": "REALIZED_PNL",
    "transfer": "TRANSFER",
    "insurance": "INSURANCE_CLEAR",
}


def plain(number: Decimal) -> str:
    """Return a number as Binance writes it: no exponent."""
    return f"{number:f}"


def wallet_text(number: Decimal) -> str:
    """Return an amount of an asset, eight places."""
    return f"{number:.8f}"


def levels(book: dict[Decimal, Decimal], most: int, *, highest_first: bool) -> list[list[str]]:
    """Return one side of a book."""
    prices = sorted(book, reverse=highest_first)[:most]
    return [[plain(price), plain(book[price])] for price in prices]


def listing(contract: Contract, *, trading: bool) -> Document:
    """Return one symbol of ``GET /fapi/v1/exchangeInfo``."""
    return {
        "symbol": contract.name,
        "pair": contract.name,
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING" if trading else "SETTLING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base,
        "quoteAsset": contract.quote,
        "marginAsset": contract.settle,
        "pricePrecision": -int(contract.tick.as_tuple().exponent),
        "quantityPrecision": -int(contract.lot.as_tuple().exponent),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": plain(contract.liquidation_fee),
        "marketTakeBound": "0.05",
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "maxPrice": "4529764",
                "minPrice": plain(contract.tick),
                "tickSize": plain(contract.tick),
            },
            {
                "filterType": "LOT_SIZE",
                "maxQty": "1000",
                "minQty": plain(contract.lot),
                "stepSize": plain(contract.lot),
            },
            {
                "filterType": "MARKET_LOT_SIZE",
                "maxQty": "120",
                "minQty": plain(contract.lot),
                "stepSize": plain(contract.lot),
            },
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": plain(contract.minimum_notional)},
            {
                "filterType": "PERCENT_PRICE",
                "multiplierUp": "1.0500",
                "multiplierDown": "0.9500",
                "multiplierDecimal": "4",
            },
        ],
        "orderTypes": [
            "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
            "TRAILING_STOP_MARKET",
        ],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }  # fmt: skip


def brackets(contract: Contract) -> Document:
    """Return one symbol of ``GET /fapi/v1/leverageBracket``: two brackets."""
    top = contract.maximum_leverage
    return {
        "symbol": contract.name,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": 1, "initialLeverage": top, "notionalCap": 300_000, "notionalFloor": 0,
                "maintMarginRatio": float(contract.maintenance), "cum": 0.0,
            },
            {
                "bracket": 2, "initialLeverage": top // 2, "notionalCap": 10_000_000,
                "notionalFloor": 300_000,
                "maintMarginRatio": float(contract.maintenance * 2),
                "cum": float(300_000 * contract.maintenance),
            },
        ],
    }  # fmt: skip


def premium(market: Market, now: int) -> Document:
    """Return one symbol of ``GET /fapi/v1/premiumIndex``."""
    return {
        "symbol": market.contract.name,
        "markPrice": plain(market.mark),
        "indexPrice": plain(market.index),
        "estimatedSettlePrice": plain(market.index),
        "lastFundingRate": plain(market.funding_rate),
        "interestRate": "0.00010000",
        "nextFundingTime": market.next_funding,
        "time": now,
    }


def order_status(order: Order) -> str:
    """Return the status of an order as Binance calls it."""
    if order.status == "open":
        return "PARTIALLY_FILLED" if order.filled else "NEW"
    return STATUSES[order.status]


def order_type(order: Order) -> str:
    """Return the type of an order as Binance calls it."""
    return "MARKET" if order.kind == "market" else "LIMIT"


def time_in_force(order: Order) -> str:
    """Return how long an order stays."""
    if order.ticket.post_only:
        return "GTX"
    return "IOC" if order.ticket.immediate else "GTC"


def order_document(order: Order) -> Document:
    """Return an order as ``/fapi/v1/order`` writes it."""
    ticket = order.ticket
    return {
        "orderId": order.id,
        "symbol": ticket.name,
        "status": order_status(order),
        "clientOrderId": ticket.client_id,
        "price": plain(ticket.price or Decimal(0)),
        "avgPrice": f"{order.average():.5f}",
        "origQty": plain(ticket.amount),
        "executedQty": plain(order.filled),
        "cumQty": plain(order.filled),
        "cumQuote": plain(order.cost),
        "timeInForce": time_in_force(order),
        "type": order_type(order),
        "reduceOnly": ticket.reduce_only,
        "closePosition": False,
        "side": ticket.side.upper(),
        "positionSide": ticket.position_side,
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "priceMatch": "NONE",
        "selfTradePreventionMode": "NONE",
        "goodTillDate": 0,
        "priceProtect": False,
        "origType": order_type(order),
        "time": order.created,
        "updateTime": order.updated,
    }


def trade_document(trade: Trade) -> Document:
    """Return a trade of ``GET /fapi/v1/userTrades``."""
    return {
        "buyer": trade.side == "buy",
        "commission": plain(trade.fee),
        "commissionAsset": trade.fee_asset,
        "id": trade.id,
        "maker": trade.maker,
        "orderId": trade.order_id,
        "price": plain(trade.price),
        "qty": plain(trade.amount),
        "quoteQty": plain(trade.amount * trade.price),
        "realizedPnl": plain(trade.realised),
        "side": trade.side.upper(),
        "positionSide": trade.position_side,
        "symbol": trade.name,
        "time": trade.time,
    }


def income_document(entry: Income) -> Document:
    """Return an entry of ``GET /fapi/v1/income``."""
    return {
        "symbol": entry.name,
        "incomeType": INCOME[entry.kind],
        "income": wallet_text(entry.amount),
        "asset": entry.asset,
        "info": entry.kind.upper() if entry.kind != "commission" else entry.trade_id,
        "time": entry.time,
        "tranId": entry.number,
        "tradeId": entry.trade_id,
    }


def liquidation_price(exchange: FakeExchange, position: Position) -> Decimal:
    """Return where the account runs out, were only this mark to move; 0 for never."""
    marks = exchange.marks()
    asset, contract = position.contract.settle, position.contract
    room = exchange.account.equity(asset, marks) - exchange.account.maintenance_margin(asset, marks)
    slope = position.amount - abs(position.amount) * contract.maintenance
    price = marks[contract.name] - room / slope if slope else Decimal(0)
    return max(price, Decimal(0))


def position_document(exchange: FakeExchange, position: Position) -> Document:
    """Return a position of ``GET /fapi/v3/positionRisk``."""
    contract, account = position.contract, exchange.account
    mark = exchange.markets[contract.name].mark
    notional = position.amount * mark
    initial = abs(notional) / account.leverage_of(contract.name)
    isolated = contract.name in account.isolated
    return {
        "symbol": contract.name,
        "positionSide": position.side,
        "positionAmt": plain(position.amount),
        "entryPrice": plain(position.entry),
        "breakEvenPrice": plain(position.entry),
        "markPrice": plain(mark),
        "unRealizedProfit": wallet_text(position.unrealised(mark)),
        "liquidationPrice": plain(liquidation_price(exchange, position)),
        "leverage": str(account.leverage_of(contract.name)),
        "marginType": "isolated" if isolated else "cross",
        "isolatedMargin": wallet_text(initial) if isolated else "0",
        "isolatedWallet": wallet_text(initial) if isolated else "0",
        "notional": wallet_text(notional),
        "marginAsset": contract.settle,
        "initialMargin": wallet_text(initial),
        "maintMargin": wallet_text(abs(notional) * contract.maintenance),
        "positionInitialMargin": wallet_text(initial),
        "openOrderInitialMargin": "0",
        "adl": 2,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": position.updated,
    }


def asset_document(exchange: FakeExchange, asset: str) -> Document:
    """Return an asset of ``GET /fapi/v3/account``."""
    account, marks = exchange.account, exchange.marks()
    wallet = account.wallet.get(asset, Decimal(0))
    equity = account.equity(asset, marks)
    initial = account.initial_margin(asset, marks)
    return {
        "asset": asset,
        "walletBalance": wallet_text(wallet),
        "unrealizedProfit": wallet_text(equity - wallet),
        "marginBalance": wallet_text(equity),
        "maintMargin": wallet_text(account.maintenance_margin(asset, marks)),
        "initialMargin": wallet_text(initial),
        "positionInitialMargin": wallet_text(initial),
        "openOrderInitialMargin": "0.00000000",
        "crossWalletBalance": wallet_text(wallet),
        "crossUnPnl": wallet_text(equity - wallet),
        "availableBalance": wallet_text(max(equity - initial, Decimal(0))),
        "maxWithdrawAmount": wallet_text(max(min(wallet, equity - initial), Decimal(0))),
        "updateTime": exchange.clock(),
    }


def account_document(exchange: FakeExchange) -> Document:
    """Return ``GET /fapi/v3/account``, with the rights that only version 2 tells."""
    assets = [asset_document(exchange, asset) for asset in sorted(exchange.account.wallet)]
    totals = {
        f"total{name[0].upper()}{name[1:]}": wallet_text(
            sum((Decimal(asset[name]) for asset in assets), Decimal(0))
        )
        for name in (
            "walletBalance", "unrealizedProfit", "marginBalance", "maintMargin", "initialMargin",
            "positionInitialMargin", "openOrderInitialMargin", "crossWalletBalance", "crossUnPnl",
        )
    }  # fmt: skip
    rights = exchange.account.rights
    return {
        **totals,
        "availableBalance": wallet_text(max(exchange.available("USDT"), Decimal(0))),
        "feeTier": 0,
        "canTrade": "trade" in rights,
        "canDeposit": True,
        "canWithdraw": "withdraw" in rights,
        "multiAssetsMargin": exchange.account.multi_assets,
        "assets": assets,
        "positions": [
            position_document(exchange, position) | {"isolated": False}
            for position in exchange.account.open_positions()
        ],
    }
