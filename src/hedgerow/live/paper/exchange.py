"""A paper exchange of one venue: quotes and orders in, reports out; no clock, no network."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from hedgerow.engine.terms import Terms
from hedgerow.execution.order import (
    AccountSnapshot,
    Cause,
    FundingReport,
    OrderReport,
    OrderRequest,
    OrderStatus,
    Side,
    TradeReport,
)
from hedgerow.execution.port import (
    CashKind,
    CashReport,
    Facts,
    PrivateReport,
    QuoteReport,
    Refused,
)
from hedgerow.live.paper.account import Flow, PaperAccount
from hedgerow.live.paper.admission import admit, check
from hedgerow.live.paper.book import Book, Depth
from hedgerow.live.paper.contract import PaperContract
from hedgerow.live.paper.forced import Liquidator, taken_lots, wins
from hedgerow.live.paper.hall import NOTHING, Deal, books_of, exact, hall_of
from hedgerow.live.paper.margin import MarginRules, Way
from hedgerow.live.paper.matching import act, arrive, by_hand, keep, match
from hedgerow.live.paper.order import PaperOrder
from hedgerow.units import SECOND

CASH: Final[Mapping[str, CashKind]] = {
    "transfer": CashKind.TRANSFER,
    "rebate": CashKind.REBATE,
    "interest": CashKind.INTEREST,
    "insurance": CashKind.INSURANCE,
    "conversion": CashKind.OTHER,
}


class PaperExchange:
    """Accounts, orders, fees, funding, margin and liquidation of one venue.

    Every method that may change something takes the instant, and returns what its accounts would
    hear, in order. A request that a venue would refuse raises `Refused` and changes nothing; call
    `advance` before, or what happened until then is told to nobody.

    Parameters
    ----------
    venue
        Its name.
    contracts
        What it trades.
    terms
        Of the desk: they say what each leg asks for as margin, and what happens below it.
    balances
        What each account holds at the start, by currency.
    depth
        What lies behind the best prices.
    latency
        How long an order travels before it acts, nanoseconds.
    first
        Numbers of trades and orders begin after it; two lives of an exchange share none.
    """

    __slots__ = ("_hall", "_latency", "_moved", "_travelling", "venue")

    def __init__(
        self,
        *,
        venue: str,
        contracts: Sequence[PaperContract],
        terms: Terms,
        balances: Mapping[str, Mapping[str, Decimal]],
        depth: Depth | None = None,
        latency: int = 0,
        first: int = 0,
    ) -> None:
        self.venue = venue
        books = books_of(contracts, depth or Depth())
        self._hall = hall_of(venue, contracts, MarginRules(terms, books), books, balances, first)
        self._latency = latency
        self._travelling: list[tuple[PaperAccount, PaperOrder]] = []
        self._moved: set[str] = set()  # ids of transfers

    @property
    def accounts(self) -> Mapping[str, PaperAccount]:
        """All accounts by name; for tests and audits, never for the desk."""
        return self._hall.accounts

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is traded here."""
        return tuple(self._hall.contracts)

    @property
    def missed_settlements(self) -> int:
        """Settlements that nobody could pay, as the feed was silent."""
        return sum(clock.missed for clock in self._hall.clocks.values())

    def remember(self, account: str, deal: Deal, now: int) -> None:
        """Book a trade that an earlier life of the exchange made and told nobody of."""
        self._hall.trade(self._hall.account(account), deal, now)

    def book(self, symbol: str) -> Book:
        """Return the book of a symbol."""
        return self._hall.books[symbol]

    def lot(self, symbol: str) -> Decimal:
        """Return the smallest step of a symbol's size."""
        return self._hall.contracts[symbol].listing.lot

    def next_time(self) -> int | None:
        """Return when something happens next without a quote; None if nothing is due."""
        times = [order.acts for _, order in self._travelling]
        times += [clock.due for clock in self._hall.clocks.values() if clock.due is not None]
        times += [each.switch for each in self.accounts.values() if each.switch is not None]
        return min(times, default=None)

    def probe(self, account: str, client_id: str) -> OrderReport | None:
        """Return what became of an order, None if it was never taken."""
        order = self._hall.account(account).orders.get(client_id)
        return None if order is None else order.report()

    def trades(self, account: str, symbol: str, since: int) -> tuple[TradeReport, ...]:
        """Return the trades of a symbol from `since` on, oldest first."""
        made = self._hall.account(account).trades.get(symbol, ())
        return tuple(trade for trade in made if trade.time >= since)

    def funding(self, account: str, symbol: str, since: int) -> tuple[FundingReport, ...]:
        """Return the funding payments of a symbol from `since` on, oldest first."""
        paid = self._hall.account(account).funding.get(symbol, ())
        return tuple(payment for payment in paid if payment.settlement >= since)

    def cash(self, account: str, since: int) -> tuple[CashReport, ...]:
        """Return cash that came or went past trades and funding from `since` on, oldest first."""
        held = self._hall.account(account)
        return tuple(
            CashReport(
                venue=self.venue,
                account=account,
                flow_id=flow.name,
                kind=CASH[flow.kind],
                currency=flow.currency,
                amount=flow.amount,
                time=flow.time,
                word=flow.kind,
            )
            for flow in held.flows
            if flow.kind in CASH and flow.time >= since
        )

    def by_hand(
        self, account: str, currency: str, amount: Decimal, now: int, kind: str = "transfer"
    ) -> None:
        """Let cash come (> 0) or go past the desk, as by a person at the venue's web page."""
        held = self._hall.account(account)
        held.pay(Flow(now, currency, amount, kind, name=self._hall.number("hand")))

    def snapshot(self, account: str, now: int) -> AccountSnapshot:
        """Return balances, positions and open orders."""
        held = self._hall.account(account)
        return AccountSnapshot(
            venue=self.venue,
            account=account,
            time=now,
            balances=dict(held.balances),
            positions=tuple(
                self._hall.position(held, symbol)
                for symbol, position in held.held.items()
                if position.amount
            ),
            open_orders=tuple(order.report() for order in held.working.values()),
        )

    def facts(self, account: str, symbols: Sequence[str]) -> Facts:
        """Return what a preflight asks for."""
        hall, rules = self._hall, self._hall.rules
        hall.account(account)
        known = {
            name: hall.contracts[name]
            for name in symbols
            if name in hall.contracts and name not in hall.delisted
        }
        perpetual = [name for name in known if rules.number(account, name) is not None]
        hours = {name: hall.clocks[name].interval_hours for name in perpetual}
        return Facts(
            venue=self.venue,
            account=account,
            one_way=True,
            margin_mode=dict.fromkeys(perpetual, "cross"),
            leverage={
                name: float(rules.leg(account, name).brackets.leverage[0]) for name in perpetual
            },
            maker={name: float(contract.maker) for name, contract in known.items()},
            taker={name: float(contract.taker) for name, contract in known.items()},
            clock_offset=0.0,
            listings={
                name: replace(contract.listing, venue=self.venue, account=account)
                for name, contract in known.items()
            },
            may_trade=True,
            may_withdraw=False,
            interval_hours={name: each for name, each in hours.items() if each is not None},
        )

    def place(self, request: OrderRequest, now: int) -> list[PrivateReport]:
        """Take an order; it acts at once, or after the latency."""
        reports = self.advance(now)
        account = self._hall.account(request.account)
        check(self._hall, account, request)
        if self._latency == 0:
            admit(self._hall, account, request)
        order = PaperOrder(
            request=request,
            venue_id=self._hall.number("order"),
            time=now,
            acts=now + self._latency,
        )
        keep(account, order)
        if self._latency == 0:
            return reports + act(self._hall, account, order, now)
        self._travelling.append((account, order))
        return [*reports, order.report()]

    def cancel(self, account: str, client_id: str, now: int) -> list[PrivateReport]:
        """Cancel an order; one that is final already is reported as it is."""
        reports = self.advance(now)
        held = self._hall.account(account)
        order = held.orders.get(client_id)
        if order is None:
            raise Refused(
                f"{self.venue}: account {account} has no order {client_id!r}; look at those that "
                "wait",
                code="-2011",
                reason="unknown_order",
            )
        if order.status.is_final:
            return [*reports, order.report()]
        ended = self._hall.end(held, order, OrderStatus.CANCELLED, now, "cancelled")
        return [*reports, ended]

    def cancel_all_after(self, account: str, seconds: float, now: int) -> list[PrivateReport]:
        """Set the dead-man switch: unless it is set again, all that waits is cancelled then."""
        reports = self.advance(now)
        held = self._hall.account(account)
        held.switch = now + round(seconds * SECOND) if seconds > 0.0 else None
        return reports

    def transfer(
        self, account: str, currency: str, amount: Decimal, transfer_id: str, now: int
    ) -> list[PrivateReport]:
        """Move collateral into an account, or out of it if `amount` < 0.

        Refused where less would be left than the account needs for its positions and orders, or
        where a transfer of that id was made already.
        """
        if transfer_id in self._moved:
            raise Refused(
                f"{self.venue}: transfer {transfer_id!r} was made already; look at the balance",
                reason="duplicate",
            )
        reports = self.advance(now)
        held = self._hall.account(account)
        if amount < 0:
            self._check_withdrawal(held, currency, amount)
        self._moved.add(transfer_id)
        return [*reports, self._hall.credit(held, currency, amount, transfer_id, now)]

    def quote(self, quote: QuoteReport, now: int) -> list[PrivateReport]:
        """Let the market of one symbol move.

        What it settles is paid first, then margin is watched along the way of the mark, then what
        rests and has been reached trades.
        """
        reports = self.advance(now - 1)
        hall = self._hall
        if quote.symbol not in hall.contracts:
            return reports
        book, clock = hall.books[quote.symbol], hall.clocks[quote.symbol]
        before = hall.rules.here()
        new = book.mark == 0.0
        if quote.settlement is not None and quote.settlement <= now:
            clock.hear(quote)
        book.update(quote)
        reports += hall.settle(quote.symbol, now)
        clock.hear(quote)
        if not new:
            for extreme in (quote.low, quote.high, book.mark):
                if extreme is not None:
                    reports += self._watch(quote.symbol, before, extreme, now)
        reports += match(hall, quote.symbol, now)
        return reports + self.advance(now)

    def advance(self, now: int) -> list[PrivateReport]:
        """Let time pass: orders arrive, settlements are paid and dead-man switches fall."""
        reports: list[PrivateReport] = []
        while (due := self.next_time()) is not None and due <= now:
            for symbol, clock in self._hall.clocks.items():
                if clock.due == due:
                    reports += self._hall.settle(symbol, now)
            arriving = [each for each in self._travelling if each[1].acts == due]
            self._travelling = [each for each in self._travelling if each[1].acts != due]
            for account, order in arriving:
                reports += arrive(self._hall, account, order, due)
            for account in self.accounts.values():
                if account.switch == due:
                    account.switch = None
                    reports += self._hall.cancel_all(account, due, "dead-man switch")
        return reports

    def manual(self, account: str, symbol: str, amount: Decimal, now: int) -> list[PrivateReport]:
        """Trade past the desk, as a person at the venue's web page would; `amount` is signed."""
        reports = self.advance(now)
        book = self._hall.books[symbol]
        price = book.opposite(Side.BUY if amount > 0 else Side.SELL)
        if price is None:
            raise Refused(f"{self.venue} {symbol}: there is no market yet", reason="no_market")
        deal = Deal(symbol=symbol, amount=amount, price=price, reference=book.middle)
        return reports + by_hand(self._hall, self._hall.account(account), deal, now)

    def deleverage(
        self, symbol: str, share: float, now: int, price: float | None = None
    ) -> list[PrivateReport]:
        """Take a share of every winning position of a symbol, at `price` or the mark."""
        reports = self.advance(now)
        hall, book = self._hall, self._hall.books[symbol]
        at = book.mark if price is None else price
        for account in self.accounts.values():
            leg, held = hall.rules.number(account.name, symbol), account.held.get(symbol)
            if leg is None or held is None or not wins(held.amount, held.entry, at):
                continue
            lots = taken_lots(hall.rules.lots(leg, held.amount), share)
            if lots == 0.0:
                continue
            deal = Deal(
                symbol=symbol,
                amount=int(lots) * hall.contracts[symbol].listing.lot,
                price=exact(at),
                reference=book.mark,
                cause=Cause.DELEVERAGING,
            )
            reports += hall.trade(account, deal, now)
        return reports

    def adopt(self, terms: Terms) -> None:
        """Apply other margin rules from now on."""
        self._hall.rules.adopt(terms)

    def delist(self, symbol: str, now: int) -> list[PrivateReport]:
        """Stop trading a symbol: what waits is cancelled, positions stay."""
        reports = self.advance(now)
        self._hall.delisted.add(symbol)
        for account in self.accounts.values():
            for order in list(account.working.values()):
                if order.request.symbol == symbol:
                    ended = self._hall.end(account, order, OrderStatus.CANCELLED, now, "delisted")
                    reports.append(ended)
        return reports

    def _check_withdrawal(self, account: PaperAccount, currency: str, amount: Decimal) -> None:
        left = account.balance(currency) + amount
        rules = self._hall.rules
        short = left < 0
        if rules.legs(account.name):
            equity, asked = rules.free(account, {})
            unit = rules.price_of(rules.collateral(account))
            taken = float(-amount) * rules.price_of(currency)
            short = short or equity - (taken / unit if unit > 0.0 else 0.0) < asked
        if short:
            raise Refused(
                f"{self.venue}: {-amount} {currency} are more than account {account.name} can "
                "spare; close something first",
                code="-5013",
                reason="margin",
            )

    def _watch(self, symbol: str, before: Way, mark: float, now: int) -> list[PrivateReport]:
        """Liquidate what does not survive the way of a symbol's mark from `before` to `mark`."""
        hall = self._hall
        worst = [
            mark if leg.instrument == symbol else price
            for leg, price in zip(hall.rules.terms.legs, before.start, strict=True)
        ]
        way = before._replace(worst=worst)
        reports: list[PrivateReport] = []
        for account in self.accounts.values():
            if (
                any(held.amount for held in account.held.values())
                and hall.rules.room(account, way) < 0.0
            ):
                reports += self._liquidate(account, way, now)
        return reports

    def _liquidate(self, account: PaperAccount, way: Way, now: int) -> list[PrivateReport]:
        hall = self._hall
        reports = hall.cancel_all(account, now, "liquidation")
        liquidator = Liquidator(hall.rules, account, way)
        for closing in liquidator.closings():
            symbol = hall.rules.terms.legs[closing.leg].instrument
            deal = Deal(
                symbol=symbol,
                amount=int(closing.lots) * hall.contracts[symbol].listing.lot,
                price=exact(closing.price),
                reference=closing.price,
                cause=Cause.LIQUIDATION,
            )
            hall.move(account, deal, now)
            fee = exact(liquidator.charge(closing).fee)
            reports += hall.tell(account, deal._replace(fee=fee), now)
        base = hall.rules.collateral(account)
        for sale in liquidator.conversions():
            number = hall.number("conversion")
            reports.append(hall.credit(account, sale.asset, -exact(sale.sold), number, now))
            reports.append(hall.credit(account, base, exact(sale.got), number, now))
        flat = not any(held.amount for held in account.held.values())
        owed = account.balance(base)
        if flat and owed < NOTHING:
            reports.append(hall.credit(account, base, -owed, hall.number("insurance"), now))
        return reports
