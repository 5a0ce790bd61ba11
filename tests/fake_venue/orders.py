"""Orders and trades of a fake venue, and the events that tell of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

ZERO = Decimal(0)
Level: TypeAlias = tuple[Decimal, Decimal]
"""Price and amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """An order as it arrives; `position_side` is BOTH outside hedge mode."""

    name: str
    side: str  # "buy" or "sell"
    amount: Decimal
    price: Decimal | None  # None: a market order
    client_id: str
    reduce_only: bool = False
    post_only: bool = False
    immediate: bool = False
    position_side: str = "BOTH"


@dataclass(slots=True, kw_only=True)
class Order:
    """An order as the exchange keeps it.

    `status` is open, filled, cancelled or expired; `kind` limit, market or liquidation.
    """

    id: int
    ticket: Ticket
    created: int
    updated: int
    kind: str = "limit"
    status: str = "open"
    filled: Decimal = ZERO
    cost: Decimal = ZERO  # sum of amount times price
    harmonic: Decimal = ZERO  # sum of amount over price, for inverse contracts
    fee: Decimal = ZERO

    @property
    def sign(self) -> int:
        """+1 for a purchase."""
        return 1 if self.ticket.side == "buy" else -1

    @property
    def left(self) -> Decimal:
        """What has not traded."""
        return self.ticket.amount - self.filled

    def average(self, *, inverse: bool = False) -> Decimal:
        """Return the average price of what traded; 0 where nothing did."""
        if not self.filled:
            return ZERO
        return self.filled / self.harmonic if inverse else self.cost / self.filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One trade of the user; `fee` > 0 is paid, `realised` is profit before the fee."""

    id: int
    order_id: int
    client_id: str
    name: str
    side: str
    position_side: str
    amount: Decimal
    price: Decimal
    fee: Decimal
    fee_asset: str
    realised: Decimal
    maker: bool
    kind: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderEvent:
    """An order changed; `order` is a copy as it was then, `what` new, trade, cancelled, expired."""

    what: str
    order: Order
    trade: Trade | None = None
    time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent:
    """Wallet or positions changed; `reason` is order, funding, transfer or liquidation."""

    reason: str
    asset: str
    change: Decimal
    name: str = ""
    position_side: str = "BOTH"
    time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEvent:
    """Levels that changed from update `before` to update `last`; an amount of 0 is a level gone."""

    name: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    before: int
    last: int
    time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkEvent:
    """Mark, index or predicted funding were told again."""

    name: str
    time: int = 0


Event: TypeAlias = OrderEvent | AccountEvent | BookEvent | MarkEvent
