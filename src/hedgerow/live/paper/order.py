"""An order as a paper venue keeps it."""

from dataclasses import dataclass
from decimal import Decimal

from hedgerow.execution.order import OrderReport, OrderRequest, OrderStatus, Side


@dataclass(slots=True)
class PaperOrder:
    """One order of one account, until long after it is final."""

    request: OrderRequest
    venue_id: str
    time: int
    acts: int  # when it reaches the book
    status: OrderStatus = OrderStatus.OPEN
    filled: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)  # sum of price times amount
    reason: str = ""
    resting: bool = False  # it has been to the book

    @property
    def left(self) -> Decimal:
        """What has not traded."""
        return self.request.amount - self.filled

    @property
    def signed_left(self) -> Decimal:
        """The same, < 0 for a sale."""
        return self.left if self.request.side is Side.BUY else -self.left

    def trade(self, amount: Decimal, price: Decimal, now: int) -> None:
        """Count one trade."""
        self.filled += amount
        self.paid += amount * price
        self.time = now
        if self.left == 0:
            self.status = OrderStatus.FILLED

    def end(self, status: OrderStatus, now: int, reason: str) -> None:
        """Let it be final."""
        self.status = status
        self.time = now
        self.reason = reason

    def report(self) -> OrderReport:
        """Return what the venue says of it."""
        return OrderReport(
            venue=self.request.venue,
            client_id=self.request.client_id,
            venue_id=self.venue_id,
            symbol=self.request.symbol,
            status=self.status,
            filled=self.filled,
            average=self.paid / self.filled if self.filled else None,
            time=self.time,
            reason=self.reason,
        )
