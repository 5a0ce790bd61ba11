"""The hall of a paper exchange: its accounts and books, and how trades and payments are booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from hedgerow.errors import UnknownName
from hedgerow.execution.order import (
    Cause,
    FundingReport,
    OrderStatus,
    PositionReport,
    Side,
    TradeReport,
)
from hedgerow.execution.port import PrivateReport, TransferReport
from hedgerow.kernels.contract import after_fill
from hedgerow.kernels.funding import funding_cash
from hedgerow.live.paper.account import Flow, PaperAccount
from hedgerow.live.paper.book import Book, Depth
from hedgerow.live.paper.contract import PaperContract
from hedgerow.live.paper.margin import MarginRules
from hedgerow.live.paper.order import PaperOrder
from hedgerow.live.paper.settlement import SettlementClock

NOTHING: Final = Decimal(0)
FEES: Final = {Cause.OURS, Cause.MANUAL}
OF_ITS_OWN: Final = frozenset({"conversion", "insurance"})  # what the venue moves by itself


class Deal(NamedTuple):
    """One trade: `amount` is signed; `fee` None is the venue's usual one."""

    symbol: str
    amount: Decimal
    price: Decimal
    reference: float
    client_id: str = ""
    maker: bool = False
    cause: Cause = Cause.OURS
    fee: Decimal | None = None


def exact(number: float) -> Decimal:
    """Return a float of a kernel as the decimal that it prints as.

    >>> exact(0.1)
    Decimal('0.1')
    """
    return Decimal(repr(float(number)))


@dataclass(slots=True)
class Hall:
    """All that a paper exchange keeps; its methods book, and decide nothing."""

    venue: str
    contracts: Mapping[str, PaperContract]
    books: Mapping[str, Book]
    clocks: Mapping[str, SettlementClock]
    rules: MarginRules
    accounts: Mapping[str, PaperAccount]
    delisted: set[str] = field(default_factory=set)
    first: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)

    def account(self, name: str) -> PaperAccount:
        """Return an account by its name."""
        if name not in self.accounts:
            raise UnknownName("account", name, sorted(self.accounts), where=self.venue)
        return self.accounts[name]

    def number(self, kind: str) -> str:
        """Return a running number, as the venue's own name of something."""
        self._numbers[kind] = self._numbers.get(kind, self.first) + 1
        return f"{kind}-{self._numbers[kind]}"

    def position(self, account: PaperAccount, symbol: str) -> PositionReport:
        """Return a position as the venue shows it."""
        held = account.position(symbol)
        leg = self.rules.number(account.name, symbol)
        price = None if leg is None else self.rules.liquidation_price(account, leg)
        return PositionReport(
            symbol=symbol,
            amount=held.amount,
            entry=exact(held.entry),
            mark=exact(self.books[symbol].mark),
            liquidation_price=None if price is None else exact(price),
        )

    def trade(self, account: PaperAccount, deal: Deal, now: int) -> list[PrivateReport]:
        """Book a trade; what is left of it for the account to hear, in order."""
        self.move(account, deal, now)
        return self.tell(account, deal, now)

    def move(self, account: PaperAccount, deal: Deal, now: int) -> None:
        """Change position and balances by a trade, but for its fee."""
        contract = self.contracts[deal.symbol]
        if contract.listing.spot:
            cost = -deal.amount * deal.price
            account.pay(Flow(now, contract.base, deal.amount, "trade", deal.symbol))
            account.pay(Flow(now, contract.quote, cost, "trade", deal.symbol))
            return
        leg = self.rules.number(account.name, deal.symbol)
        if leg is None:
            raise UnknownName("leg", deal.symbol, sorted(self.contracts), where=account.name)
        held = account.position(deal.symbol)
        size, traded = self.rules.size(leg, held.amount), self.rules.size(leg, deal.amount)
        filled = after_fill(
            size, held.entry, traded, float(deal.price), self.rules.terms.legs[leg].inverse
        )
        held.amount += deal.amount
        held.entry = filled.entry
        if filled.realised != 0.0:
            realised = exact(filled.realised)
            account.pay(Flow(now, contract.settle, realised, "realised", deal.symbol))

    def tell(self, account: PaperAccount, deal: Deal, now: int) -> list[PrivateReport]:
        """Charge the fee of a trade and report it, and what it ended."""
        contract, book = self.contracts[deal.symbol], self.books[deal.symbol]
        fee = self._fee(contract, deal) if deal.fee is None else deal.fee
        if fee:
            account.pay(Flow(now, contract.settle, fee, "fee", deal.symbol))
        trade = TradeReport(
            venue=self.venue,
            account=account.name,
            symbol=deal.symbol,
            trade_id=self.number("trade"),
            client_id=deal.client_id,
            side=Side.BUY if deal.amount > 0 else Side.SELL,
            amount=abs(deal.amount),
            price=deal.price,
            fee=fee,
            fee_currency=contract.settle,
            time=now,
            maker=deal.maker,
            cause=deal.cause,
            reference=deal.reference,
            index=book.index,
            worth=self.rules.worth(contract.settle),
        )
        account.trades.setdefault(deal.symbol, []).append(trade)
        return [trade, *self._prune(account, deal.symbol, now)]

    def end(
        self, account: PaperAccount, order: PaperOrder, status: OrderStatus, now: int, reason: str
    ) -> PrivateReport:
        """Let an order be final, and report it."""
        order.end(status, now, reason)
        account.close(order)
        return order.report()

    def cancel_all(self, account: PaperAccount, now: int, reason: str) -> list[PrivateReport]:
        """Cancel all that waits in an account."""
        return [
            self.end(account, order, OrderStatus.CANCELLED, now, reason)
            for order in list(account.working.values())
        ]

    def settle(self, symbol: str, now: int) -> list[PrivateReport]:
        """Pay a settlement that is due to every account, on what it holds."""
        clock, book, contract = self.clocks[symbol], self.books[symbol], self.contracts[symbol]
        due = clock.settle(now)
        if due is None:
            return []
        price = book.mark if contract.funding_price == "mark" else book.index
        reports: list[PrivateReport] = []
        for account in self.accounts.values():
            leg = self.rules.number(account.name, symbol)
            held = account.held.get(symbol)
            if leg is None or held is None or not held.amount:
                continue
            size = self.rules.size(leg, held.amount)
            inverse = self.rules.terms.legs[leg].inverse
            amount = exact(funding_cash(size, price, clock.rate, inverse))
            account.pay(Flow(now, contract.settle, amount, "funding", symbol))
            payment = FundingReport(
                venue=self.venue,
                account=account.name,
                symbol=symbol,
                settlement=due,
                amount=amount,
                currency=contract.settle,
                rate=exact(clock.rate),
                price=exact(price),
            )
            account.funding.setdefault(symbol, []).append(payment)
            reports.append(payment)
        return reports

    def credit(
        self, account: PaperAccount, currency: str, amount: Decimal, transfer_id: str, now: int
    ) -> PrivateReport:
        """Change a balance and report it as a transfer."""
        kind = transfer_id.partition("-")[0]
        kind = kind if kind in OF_ITS_OWN else "transfer"
        account.pay(Flow(now, currency, amount, kind, name=transfer_id))
        return TransferReport(
            venue=self.venue,
            account=account.name,
            currency=currency,
            amount=amount,
            time=now,
            transfer_id=transfer_id,
        )

    def _fee(self, contract: PaperContract, deal: Deal) -> Decimal:
        if deal.cause not in FEES:
            return NOTHING
        rate = contract.maker if deal.maker else contract.taker
        return -rate * contract.notional(abs(deal.amount), deal.price)

    def _prune(self, account: PaperAccount, symbol: str, now: int) -> list[PrivateReport]:
        """Cancel reduce-only orders that have nothing left to reduce."""
        amount = account.position(symbol).amount if symbol in account.held else NOTHING
        return [
            self.end(account, order, OrderStatus.CANCELLED, now, "nothing left to reduce")
            for order in list(account.working.values())
            if order.resting
            and order.request.symbol == symbol
            and order.request.reduce_only
            and order.left
            and amount * order.request.side.sign >= 0
        ]


def hall_of(
    venue: str,
    contracts: Sequence[PaperContract],
    rules: MarginRules,
    books: Mapping[str, Book],
    balances: Mapping[str, Mapping[str, Decimal]],
    first: int = 0,
) -> Hall:
    """Return a hall with its accounts funded; its own numbers begin after `first`."""
    hall = Hall(
        first=first,
        venue=venue,
        contracts={contract.symbol: contract for contract in contracts},
        books=books,
        clocks={contract.symbol: SettlementClock() for contract in contracts},
        rules=rules,
        accounts={name: PaperAccount(name) for name in balances},
    )
    for name, account in hall.accounts.items():
        for currency, amount in balances[name].items():
            account.pay(Flow(0, currency, amount, "opening"))
    return hall


def books_of(contracts: Sequence[PaperContract], depth: Depth) -> dict[str, Book]:
    """Return an empty book of each contract."""
    return {
        contract.symbol: Book(tick=contract.listing.tick, lot=contract.listing.lot, depth=depth)
        for contract in contracts
    }
