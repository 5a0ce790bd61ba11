"""A paper venue that trades on recorded bars, by the very rules of the backtest.

It takes orders and answers with reports, as any venue does; inside it is the engine's own venue,
so that what it fills, pays and liquidates is what a backtest would.
"""

from collections.abc import Iterator
from decimal import Decimal

from hedgerow.engine.desk_bar import Bar
from hedgerow.engine.desk_venue import Venue as EngineVenue
from hedgerow.engine.events import Event, Fill, OrderReject
from hedgerow.engine.terms import Terms
from hedgerow.execution.order import (
    FundingReport,
    Listing,
    OrderReport,
    OrderRequest,
    OrderStatus,
    Side,
    TradeReport,
)
from hedgerow.execution.port import TransferReport
from hedgerow.kernels.funding import funding_cash
from hedgerow.live.effects import SendTransfer
from hedgerow.live.signals import Signal, Venue
from hedgerow.units import Times

NOTHING = Decimal(0)


class BarVenue:
    """All venues of a replay in one; legs and accounts are those of the terms."""

    def __init__(self, terms: Terms, listings: tuple[Listing, ...], settlements: Times) -> None:
        self.terms = terms
        self._settlements = settlements  # instants of all settlements, in order
        self._settled = 0  # of the bars before this one
        self._listings = listings
        self._legs = {(given.account, given.symbol): leg for leg, given in enumerate(listings)}
        self._accounts = {account.name: number for number, account in enumerate(terms.accounts)}
        self._venue = EngineVenue(terms)
        self._waiting: dict[int, OrderRequest] = {}
        self._transfers: dict[int, tuple[SendTransfer, float]] = {}  # with its arrival, seconds
        self._trades = 0

    def adopt(self, terms: Terms) -> None:
        """Apply other rules from now on."""
        self.terms = terms
        self._venue.adopt(terms)

    # --- orders and transfers ---------------------------------------------------------------------

    def place(self, request: OrderRequest, time: int) -> OrderReport:
        """Take an order; it waits for the bar that fills it."""
        leg = self._legs[request.account, request.symbol]
        lots = float(request.side.sign * request.amount / self._listings[leg].lot)
        self._venue.take_order(leg, lots, time)
        self._waiting[leg] = request
        return _report(request, OrderStatus.OPEN, NOTHING, time)

    def cancel(self, client_id: str, time: int) -> OrderReport | None:
        """Forget an order; None where it no longer waits."""
        for leg, request in self._waiting.items():
            if request.client_id == client_id:
                self._venue.cancel(leg)
                del self._waiting[leg]
                return _report(request, OrderStatus.CANCELLED, NOTHING, time)
        return None

    def probe(self, client_id: str, time: int) -> OrderReport | None:
        """Return an order that waits, None where it does not."""
        for request in self._waiting.values():
            if request.client_id == client_id:
                return _report(request, OrderStatus.OPEN, NOTHING, time)
        return None

    def transfer(self, sent: SendTransfer, time: int) -> None:
        """Move collateral: out of an account at once, into it when it arrives."""
        account = self._accounts[sent.account]
        amount = float(sent.amount)
        if sent.opening or amount < 0.0:
            self._venue.credit(account, amount)
            self._venue.pledge(account, sent.pledges)
        if not sent.opening:
            arrival = time // 1_000_000_000 + sent.delay_seconds
            self._transfers[account] = (sent, arrival)

    # --- one bar ----------------------------------------------------------------------------------

    def arrivals(self, bar: Bar) -> Iterator[Signal]:
        """Yield the transfers that have arrived by the open of a bar."""
        for account in sorted(self._transfers):
            sent, arrival = self._transfers[account]
            if arrival > bar.time // 1_000_000_000:
                continue
            del self._transfers[account]
            if sent.amount > 0:
                self._venue.credit(account, float(sent.amount))
            yield TransferReport(
                venue=sent.venue,
                account=sent.account,
                currency=sent.currency,
                amount=sent.amount,
                time=bar.time,
                transfer_id=sent.transfer_id,
            )

    def settlements(self, bar: Bar, *, inside: bool) -> Iterator[Signal]:
        """Yield the funding that is paid at the open of a bar, or inside it."""
        for number, due in enumerate(bar.settlements):
            if due.inside != inside:
                continue
            listing, leg = self._listings[due.leg], self.terms.legs[due.leg]
            self._venue.settle(due, bar.time)
            size = self._venue.held[due.leg].lots * leg.lot_size
            if size == 0.0:
                continue
            cash = funding_cash(size, due.price, due.rate, leg.inverse)
            yield FundingReport(
                venue=listing.venue,
                account=listing.account,
                symbol=listing.symbol,
                settlement=int(self._settlements[self._settled + number]),
                amount=Decimal(cash),
                currency=leg.settle,
                rate=Decimal(due.rate),
                price=Decimal(due.price),
            )

    def pass_on(self, bar: Bar) -> None:
        """Leave a bar behind."""
        self._settled += len(bar.settlements)

    def fills(self, bar: Bar) -> Iterator[Signal]:
        """Yield what becomes of the orders that wait: a trade, a refusal, or nothing yet."""
        for leg in range(len(self._listings)):
            event = self._venue.try_order(bar, leg)
            if event is None:
                continue
            request = self._waiting.pop(leg)
            if isinstance(event, OrderReject):
                yield _report(request, OrderStatus.REJECTED, NOTHING, event.time, str(event.reason))
                continue
            yield self._trade(request, event)
            yield _report(request, OrderStatus.FILLED, request.amount, event.time)

    def forced(self, bar: Bar) -> Iterator[Event]:
        """Yield what the venue takes: liquidations, conversions, deleveragings."""
        for account in range(len(self.terms.accounts)):
            yield from self._venue.watch(bar, account)
        for leg in range(len(self._listings)):
            taken = self._venue.deleverage(bar, leg)
            if taken is not None:
                yield taken

    def charges(self, bar: Bar) -> Iterator[Signal]:
        """Yield the interest on what shared accounts owe."""
        for event in self._venue.charge(bar):
            yield Venue(time=event.time, event=event)

    def _trade(self, request: OrderRequest, fill: Fill) -> TradeReport:
        self._trades += 1
        return TradeReport(
            venue=request.venue,
            account=request.account,
            symbol=request.symbol,
            trade_id=str(self._trades),
            client_id=request.client_id,
            side=Side.BUY if fill.lots > 0.0 else Side.SELL,
            amount=request.amount,
            price=Decimal(fill.price),
            fee=Decimal(fill.fee),
            fee_currency=self.terms.legs[fill.leg].settle,
            time=fill.time,
            maker=self.terms.maker,
            reference=fill.reference,
            index=fill.index,
            worth=fill.worth,
        )

    def drop(self, leg: int, time: int) -> OrderReport | None:
        """Forget what waits in a leg, as a venue does that liquidates its account."""
        request = self._waiting.pop(leg, None)
        if request is None:
            return None
        self._venue.cancel(leg)
        return _report(request, OrderStatus.CANCELLED, NOTHING, time)

    @property
    def held(self) -> list[tuple[float, float]]:
        """Lots and entry of each leg, as the venue books them."""
        return [(held.lots, held.entry) for held in self._venue.held]

    @property
    def wallets(self) -> list[list[float]]:
        """What each account has: its collateral first, then each asset."""
        return [
            [wallet, *pledges]
            for wallet, pledges in zip(self._venue.wallets, self._venue.pledges, strict=True)
        ]


def _report(
    request: OrderRequest, status: OrderStatus, filled: Decimal, time: int, reason: str = ""
) -> OrderReport:
    return OrderReport(
        venue=request.venue,
        client_id=request.client_id,
        venue_id=f"bar-{request.client_id}",
        symbol=request.symbol,
        status=status,
        filled=filled,
        average=None,
        time=time,
        reason=reason,
    )
