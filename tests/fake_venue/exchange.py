"""The exchange behind a fake venue: it matches, books and tells, the same way every time."""

import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from fake_venue.contracts import Contract, Reason, Refusal
from fake_venue.holdings import Account, Income
from fake_venue.market import Market
from fake_venue.orders import (
    AccountEvent,
    Event,
    Level,
    MarkEvent,
    Order,
    OrderEvent,
    Ticket,
    Trade,
)

ZERO = Decimal(0)
HOUR = 3_600_000
PRICES = {"BTC": Decimal(60_000), "ETH": Decimal(3_000), "1000PEPE": Decimal("0.01")}


def wall_clock() -> int:
    """Return the time in milliseconds."""
    return time.time_ns() // 1_000_000


class FakeExchange:
    """Markets and one account.

    Attributes
    ----------
    listeners
        Told of every event, in order.
    fractions
        Of the coming orders, how much of each may trade when it arrives; scripted.
    unique_names
        Whether a client id may not be used again while an order rests under it.
    """

    def __init__(
        self,
        contracts: Iterable[Contract],
        wallet: dict[str, Decimal],
        clock: Callable[[], int] = wall_clock,
    ) -> None:
        self.clock = clock
        self.account = Account(wallet=dict(wallet))
        self.markets: dict[str, Market] = {}
        self.orders: dict[int, Order] = {}
        self.trades: list[Trade] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.fractions: list[Decimal] = []
        self.unique_names = True
        self._numbers = itertools.count(8_000_001)
        for contract in contracts:
            price = PRICES[contract.base]
            hours = contract.interval_hours * HOUR
            self.markets[contract.name] = Market(
                contract=contract,
                mark=price,
                index=price,
                last=price,
                next_funding=(clock() // hours + 1) * hours,
            )
            self.book(contract.name, price - contract.tick, price + contract.tick, Decimal(10**6))

    # What the market does.

    def book(self, name: str, bid: Decimal, ask: Decimal, depth: Decimal, levels: int = 5) -> None:
        """Quote `depth` at the best bid and ask and at each of the next levels, a tick apart."""
        tick = self.market(name).contract.tick
        self.quote(
            name,
            [(bid - tick * step, depth) for step in range(levels)],
            [(ask + tick * step, depth) for step in range(levels)],
        )

    def quote(self, name: str, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Quote these levels; what rests and is crossed trades."""
        self._tell(self.market(name).quote(bids, asks, self.clock()))
        self._match_resting(name)

    def mark(self, name: str, mark: Decimal, index: Decimal | None = None) -> None:
        """Move the mark, and the index with it unless given; nothing is liquidated by it."""
        market = self.market(name)
        market.mark, market.index = mark, mark if index is None else index
        self._tell(MarkEvent(name=name, time=self.clock()))

    def move(self, name: str, price: Decimal, depth: Decimal = Decimal(10**6)) -> None:
        """Move mark, index, last price and book together."""
        tick = self.market(name).contract.tick
        self.market(name).last = price
        self.mark(name, price)
        self.book(name, price - tick, price + tick, depth)

    def tick(self) -> None:
        """Put back what takers took and tell book and mark of every market again."""
        for name, market in self.markets.items():
            self._tell(market.restore(self.clock()))
            self._match_resting(name)
            self._tell(MarkEvent(name=name, time=self.clock()))

    def settle_funding(
        self, name: str, rate: Decimal | None = None, at: int | None = None
    ) -> Decimal:
        """Settle one interval and return the cash flow: < 0 where the account paid."""
        market = self.market(name)
        contract, now = market.contract, self.clock() if at is None else at
        due = market.funding_rate if rate is None else rate
        total = ZERO
        for position in self.account.open_positions():
            if position.contract.name == name:
                cash = -contract.worth(position.amount, market.mark) * due
                total += cash
                self._book(
                    "funding",
                    contract,
                    cash,
                    now,
                    rate=due,
                    price=market.mark,
                    held=position.amount,
                )
                self._tell_account("funding", contract, cash, position.side)
        market.next_funding = max(market.next_funding, now) + contract.interval_hours * HOUR
        return total

    def transfer(self, asset: str, amount: Decimal) -> Income:
        """Bring collateral in (> 0) or take it out."""
        entry = Income(
            number=next(self._numbers), kind="transfer", name="", asset=asset, amount=amount,
            time=self.clock(),
        )  # fmt: skip
        self.account.book(entry)
        self._tell(AccountEvent(reason="transfer", asset=asset, change=amount, time=entry.time))
        return entry

    def liquidate(self, name: str, price: Decimal | None = None, side: str = "BOTH") -> Order:
        """Close a position by force, as a venue does below the maintenance margin."""
        return self._force(name, side, f"autoclose-{self.clock()}", "liquidation", price, None)

    def deleverage(
        self, name: str, amount: Decimal | None = None, price: Decimal | None = None
    ) -> Order:
        """Take `amount` (all by default) of a position away against someone else's bankruptcy."""
        return self._force(name, "BOTH", "adl_autoclose", "deleveraging", price, amount)

    # What the user does.

    def market(self, name: str) -> Market:
        """Return a market, or raise `Refusal`."""
        market = self.markets.get(name)
        if market is None or not market.listed:
            raise Refusal(Reason.SYMBOL)
        return market

    def place(self, ticket: Ticket) -> Order:
        """Take an order, trade what it crosses and return it; what rests stays."""
        market = self.market(ticket.name)
        amount = self._checked(ticket, market)
        now = self.clock()
        order = Order(
            id=next(self._numbers),
            ticket=ticket,
            created=now,
            updated=now,
            kind="market" if ticket.price is None else "limit",
        )
        self.orders[order.id] = order
        self._tell_order("new", order)
        fraction = self.fractions.pop(0) if self.fractions else None
        if fraction is not None:
            lot = market.contract.lot
            amount = min(amount, (ticket.amount * fraction) // lot * lot)
        self._take(order, market, amount)
        if order.status == "open" and (ticket.price is None or ticket.immediate):
            self._close(order, "expired")
        return order

    def cancel(self, order: Order) -> Order:
        """Cancel what is open, or raise `Refusal`."""
        if order.status != "open":
            raise Refusal(Reason.UNKNOWN_ORDER)
        self._close(order, "cancelled")
        return order

    def find(self, name: str, *, id: int | None = None, client_id: str = "") -> Order:  # noqa: A002
        """Return the latest order with this id or client id, or raise `Refusal`."""
        for order in reversed(self.orders.values()):
            mine = order.id == id if id is not None else order.ticket.client_id == client_id
            if mine and name in {order.ticket.name, ""}:
                return order
        raise Refusal(Reason.UNKNOWN_ORDER)

    def open_orders(self, name: str = "") -> list[Order]:
        """Return what rests, oldest first."""
        return [
            o for o in self.orders.values() if o.status == "open" and name in {o.ticket.name, ""}
        ]

    def placed(self, client_id: str) -> int:
        """Return how many orders with this client id were ever taken: more than 1 is a fault."""
        return sum(order.ticket.client_id == client_id for order in self.orders.values())

    def marks(self) -> dict[str, Decimal]:
        """Return the mark by name."""
        return {name: market.mark for name, market in self.markets.items()}

    def available(self, asset: str) -> Decimal:
        """Return what is free for new positions in one asset."""
        marks = self.marks()
        return self.account.equity(asset, marks) - self.account.initial_margin(asset, marks)

    def _checked(self, ticket: Ticket, market: Market) -> Decimal:
        """Return how much may trade, or raise `Refusal`."""
        contract = market.contract
        if ticket.amount <= 0 or ticket.amount % contract.lot:
            raise Refusal(Reason.LOT)
        if ticket.price is not None and (ticket.price <= 0 or ticket.price % contract.tick):
            raise Refusal(Reason.TICK)
        if (ticket.position_side == "BOTH") == self.account.hedge_mode:
            raise Refusal(Reason.POSITION_SIDE)
        if self.unique_names and any(
            order.ticket.client_id == ticket.client_id for order in self.open_orders()
        ):
            raise Refusal(Reason.DUPLICATE)
        signed = ticket.amount if ticket.side == "buy" else -ticket.amount
        held = self.account.position(contract, ticket.position_side).amount
        price = ticket.price or market.mark
        if ticket.reduce_only:
            if held * signed >= 0:
                raise Refusal(Reason.REDUCE_ONLY)
            return min(ticket.amount, abs(held))
        face = ticket.amount if contract.inverse else ticket.amount * price
        if face < contract.minimum_notional:
            raise Refusal(Reason.NOTIONAL)
        if ticket.post_only and ticket.price and market.crosses(ticket.side, ticket.price):
            raise Refusal(Reason.POST_ONLY)
        grows = max(abs(held + signed) - abs(held), ZERO)
        needed = contract.worth(grows, price) / self.account.leverage_of(contract.name)
        if grows and needed > self.available(contract.settle):
            raise Refusal(Reason.MARGIN)
        return ticket.amount

    def _take(self, order: Order, market: Market, most: Decimal) -> None:
        ticket, left = order.ticket, most
        for price in market.against(ticket.side):
            limit = ticket.price
            beyond = limit is not None and (
                price > limit if ticket.side == "buy" else price < limit
            )
            if left <= 0 or beyond:
                break
            levels = market.asks if ticket.side == "buy" else market.bids
            amount = min(left, levels[price])
            left -= amount
            bids, asks = dict(market.bids), dict(market.asks)
            taken = asks if ticket.side == "buy" else bids
            taken[price] -= amount
            if not taken[price]:
                del taken[price]
            event = market.changed(bids, asks, self.clock())
            market.bids, market.asks = bids, asks
            self._trade(order, market, amount, price, maker=False)
            self._tell(event)

    def _match_resting(self, name: str) -> None:
        market = self.markets[name]
        for order in self.open_orders(name):
            price = order.ticket.price
            if price is None or not market.crosses(order.ticket.side, price):
                continue
            there = market.asks if order.ticket.side == "buy" else market.bids
            reached = [p for p in there if (p <= price if order.sign > 0 else p >= price)]
            most = order.left
            if order.ticket.reduce_only:
                held = self.account.position(market.contract, order.ticket.position_side).amount
                most = min(most, max(-held * order.sign, ZERO))
            amount = min(most, sum((there[p] for p in reached), ZERO))
            if amount:
                self._trade(order, market, amount, price, maker=True)

    def _trade(
        self, order: Order, market: Market, amount: Decimal, price: Decimal, *, maker: bool
    ) -> None:
        contract, ticket, now = market.contract, order.ticket, self.clock()
        position = self.account.position(contract, ticket.position_side)
        realised = position.trade(amount * order.sign, price)
        position.updated = now
        forced = order.kind in {"liquidation", "deleveraging"}
        fraction = contract.maker if maker else contract.taker
        fee = ZERO if forced else contract.worth(amount, price) * fraction
        order.filled += amount
        order.cost += amount * price
        order.harmonic += amount / price
        order.fee += fee
        order.updated = now
        order.status = "open" if order.left else "filled"
        market.last = price
        trade = Trade(
            id=next(self._numbers), order_id=order.id, client_id=ticket.client_id,
            name=contract.name, side=ticket.side, position_side=ticket.position_side,
            amount=amount, price=price, fee=fee, fee_asset=contract.settle, realised=realised,
            maker=maker, kind=order.kind, time=now,
        )  # fmt: skip
        self.trades.append(trade)
        if realised:
            self._book("profit", contract, realised, now, trade_id=str(trade.id))
        if fee:
            self._book("commission", contract, -fee, now, trade_id=str(trade.id))
        self._tell_account(
            "liquidation" if forced else "order", contract, realised - fee, ticket.position_side
        )
        self._tell_order("trade", order, trade)

    def _force(
        self, name: str, side: str, client_id: str, kind: str, price: Decimal | None,
        amount: Decimal | None,
    ) -> Order:  # fmt: skip
        market = self.market(name)
        held = self.account.position(market.contract, side).amount
        if not held:
            raise Refusal(Reason.REDUCE_ONLY)
        at = market.mark if price is None else price
        now = self.clock()
        size = abs(held) if amount is None else min(amount, abs(held))
        ticket = Ticket(
            name=name, side="sell" if held > 0 else "buy", amount=size, price=at,
            client_id=client_id, immediate=True, reduce_only=True, position_side=side,
        )  # fmt: skip
        order = Order(id=next(self._numbers), ticket=ticket, created=now, updated=now, kind=kind)
        self.orders[order.id] = order
        self._tell_order("new", order)
        self._trade(order, market, size, at, maker=False)
        if kind == "liquidation":
            fee = market.contract.worth(size, at) * market.contract.liquidation_fee
            self._book("insurance", market.contract, -fee, now)
        return order

    def _close(self, order: Order, status: str) -> None:
        order.status, order.updated = status, self.clock()
        self._tell_order(status, order)

    def _book(
        self, kind: str, contract: Contract, amount: Decimal, time: int, *, trade_id: str = "",
        rate: Decimal = ZERO, price: Decimal = ZERO, held: Decimal = ZERO,
    ) -> None:  # fmt: skip
        self.account.book(
            Income(
                number=next(self._numbers),
                kind=kind,
                name=contract.name,
                asset=contract.settle,
                amount=amount,
                time=time,
                trade_id=trade_id,
                rate=rate,
                price=price,
                held=held,
            )
        )

    def _tell(self, event: Event) -> None:
        for listener in tuple(self.listeners):
            listener(event)

    def _tell_order(self, what: str, order: Order, trade: Trade | None = None) -> None:
        self._tell(OrderEvent(what=what, order=replace(order), trade=trade, time=self.clock()))

    def _tell_account(
        self, reason: str, contract: Contract, change: Decimal, position_side: str
    ) -> None:
        self._tell(
            AccountEvent(
                reason=reason,
                asset=contract.settle,
                change=change,
                name=contract.name,
                position_side=position_side,
                time=self.clock(),
            )
        )
