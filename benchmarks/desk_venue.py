"""A venue that answers at once, so that a desk is measured and not the exchange."""

from collections.abc import Iterator
from decimal import Decimal

from hedgerow.execution.effects import Place
from hedgerow.execution.order import (
    AccountSnapshot,
    OrderReport,
    OrderRequest,
    OrderStatus,
    PositionReport,
    TradeReport,
)
from hedgerow.execution.port import QuoteReport, TransferReport
from hedgerow.live.effects import FetchPast, FetchSnapshot, LiveEffect, SendTransfer
from hedgerow.live.signals import Fetched, Signal

FEE = 5e-4


class PromptVenue:
    """One account with one linear position; every order is filled whole at the touch."""

    def __init__(self, currency: str, wallet: float) -> None:
        self.trades = 0
        self.quote: QuoteReport | None = None
        self._currency = currency
        self._wallet = wallet
        self._size = 0.0
        self._entry = 0.0

    def answers(self, effect: LiveEffect, time: int) -> Iterator[Signal]:
        """Yield what the venue says to an effect."""
        match effect:
            case Place():
                yield from self._fill(effect.request, time)
            case FetchSnapshot():
                yield self._snapshot(effect, time)
            case FetchPast():
                yield Fetched(
                    time=time,
                    venue=effect.venue,
                    account=effect.account,
                    symbol=effect.symbol,
                    since=effect.since,
                )
            case SendTransfer():
                if not effect.opening:
                    self._wallet += float(effect.amount)
                    yield TransferReport(
                        venue=effect.venue,
                        account=effect.account,
                        currency=effect.currency,
                        amount=effect.amount,
                        time=time,
                        transfer_id=effect.transfer_id,
                    )

    def _fill(self, request: OrderRequest, time: int) -> Iterator[Signal]:
        if self.quote is None or self.quote.bid is None or self.quote.ask is None:
            raise LookupError("an order came before the first quote")
        self.trades += 1
        price = self.quote.ask if request.side.sign > 0 else self.quote.bid
        amount = float(request.amount)
        fee = -amount * price * FEE
        self._book(request.side.sign * amount, price)
        self._wallet += fee
        number = str(self.trades)
        yield TradeReport(
            venue=request.venue,
            account=request.account,
            symbol=request.symbol,
            trade_id=number,
            client_id=request.client_id,
            side=request.side,
            amount=request.amount,
            price=Decimal(repr(price)),
            fee=Decimal(repr(fee)),
            fee_currency=self._currency,
            time=time,
        )
        yield OrderReport(
            venue=request.venue,
            client_id=request.client_id,
            venue_id=number,
            symbol=request.symbol,
            status=OrderStatus.FILLED,
            filled=request.amount,
            average=Decimal(repr(price)),
            time=time,
        )

    def _book(self, size: float, price: float) -> None:
        after = self._size + size
        if self._size * size >= 0.0:
            self._entry = (self._size * self._entry + size * price) / after if after else 0.0
        else:
            closed = min(abs(size), abs(self._size))
            self._wallet += closed * (price - self._entry) * (1.0 if self._size > 0.0 else -1.0)
            if abs(size) > abs(self._size):
                self._entry = price
        self._size = round(after, 9)

    def _snapshot(self, effect: FetchSnapshot, time: int) -> AccountSnapshot:
        position = PositionReport(
            symbol="BTC/USDT:USDT",
            amount=Decimal(repr(self._size)),
            entry=Decimal(repr(self._entry)),
        )
        return AccountSnapshot(
            venue=effect.venue,
            account=effect.account,
            time=time,
            balances={self._currency: Decimal(repr(self._wallet))},
            positions=(position,) if self._size else (),
            open_orders=(),
        )
