"""An order as the desk means it, and what a venue says of it; sizes are never contracts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a purchase, -1 for a sale."""
        return 1 if self is Side.BUY else -1


class OrderKind(StrEnum):
    """How an order meets the book."""

    LIMIT = "limit"  # rests at its price, may take
    POST_ONLY = "post_only"  # rests at its price, is refused or cancelled where it would take
    IMMEDIATE = "immediate"  # takes what there is up to its price, the rest is cancelled
    MARKET = "market"  # takes what there is; `price` is the collar and never None


class OrderStatus(StrEnum):
    """What a venue says of an order."""

    OPEN = "open"  # taken, and perhaps traded in part
    FILLED = "filled"
    CANCELLED = "cancelled"  # by us, by the venue, or because it expired; may have traded in part
    REJECTED = "rejected"  # never took part

    @property
    def is_final(self) -> bool:
        """Whether nothing more can happen to it."""
        return self is not OrderStatus.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one tradable thing asks of an order.

    Attributes
    ----------
    venue, account, symbol
        Where it is held; the symbol is the unified one, the account the desk's name for it.
    tick
        Smallest step of the price, quote per base.
    lot
        Smallest step of the size: base coin if linear or spot, quote face if inverse.
    minimum_size, minimum_notional
        Smallest order, in the unit of `lot`, and in quote.
    inverse, spot
        Which kind it is; spot has no position to reduce.
    """

    venue: str
    account: str
    symbol: str
    tick: Decimal
    lot: Decimal
    minimum_size: Decimal = Decimal(0)
    minimum_notional: Decimal = Decimal(0)
    inverse: bool = False
    spot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """One order on its way to a venue.

    Attributes
    ----------
    client_id
        Ours, derived from the intent: the same intent always gives the same one.
    amount
        > 0, whole lots: base coin if linear or spot, quote face if inverse.
    price
        On the tick, quote per base; the collar of a market order.
    reduce_only
        The venue must not let it open or enlarge a position.
    purpose
        Why it is sent: "hedge", "close", "pair", "survivor", "failover", "flatten".
    """

    client_id: str
    venue: str
    account: str
    symbol: str
    side: Side
    amount: Decimal
    kind: OrderKind
    price: Decimal
    reduce_only: bool = False
    purpose: str = "hedge"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What a venue says of one order of ours at `time`, UTC nanoseconds.

    `filled` is all that traded so far, in the unit of the request's amount; `average` the price
    of that, None where nothing traded or the venue does not say.
    """

    venue: str
    client_id: str
    venue_id: str
    symbol: str
    status: OrderStatus
    filled: Decimal
    average: Decimal | None
    time: int
    reason: str = ""


class Cause(StrEnum):
    """Who made a trade."""

    OURS = "ours"  # an order of this desk
    MANUAL = "manual"  # an order that this desk did not send
    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeReport:
    """One trade in an account of ours; (`venue`, `symbol`, `trade_id`) is unique.

    Attributes
    ----------
    client_id
        Of the order that traded; "" where it is none of ours.
    amount
        > 0, in the unit of `Listing.lot`.
    fee
        Change of the account, as the book feels it: paid < 0, rebate > 0, in `fee_currency`.
    reference, index, worth
        Known to a paper venue only: the price without slippage, the index, and the worth of one
        unit of the settle asset at that instant; None from a real one.
    """

    venue: str
    account: str
    symbol: str
    trade_id: str
    client_id: str
    side: Side
    amount: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    time: int
    maker: bool = False
    cause: Cause = Cause.OURS
    reference: float | None = None
    index: float | None = None
    worth: float | None = None

    @property
    def moved(self) -> Decimal:
        """What it does to what is held, signed: a fee that spot pays in its coin comes off."""
        pair, _, settle = self.symbol.partition(":")
        in_coin = not settle and self.fee_currency == pair.partition("/")[0]
        return self.side.sign * self.amount + (self.fee if in_coin else Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingReport:
    """One funding payment; (`venue`, `account`, `symbol`, `settlement`) is unique.

    `amount` is in `currency`, received > 0; `settlement` is the instant it was due, UTC
    nanoseconds to the second; rate and price are None where the venue does not say.
    """

    venue: str
    account: str
    symbol: str
    settlement: int
    amount: Decimal
    currency: str
    rate: Decimal | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionReport:
    """A position as the venue books it, both sides of hedge mode summed; signed, unit of `lot`."""

    symbol: str
    amount: Decimal
    entry: Decimal | None
    mark: Decimal | None = None
    liquidation_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSnapshot:
    """One account of a venue at `time`.

    Attributes
    ----------
    balances
        Wallet by currency, open profit not counted.
    positions
        Those that are not flat.
    open_orders
        All that wait, ours and others'.
    """

    venue: str
    account: str
    time: int
    balances: dict[str, Decimal]
    positions: tuple[PositionReport, ...]
    open_orders: tuple[OrderReport, ...]
