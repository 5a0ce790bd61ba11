"""What the desk asks of a venue: a feed, a gateway for orders and an account.

Adapters, paper venues and tests stand behind these three protocols; nothing above knows which.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from hedgerow.errors import HedgeError
from hedgerow.execution.order import (
    AccountSnapshot,
    FundingReport,
    Listing,
    OrderReport,
    OrderRequest,
    TradeReport,
)


class Failure(StrEnum):
    """How a request failed, from harmless to grave."""

    UNREACHABLE = "unreachable"  # it never left; nothing was done
    RATE_LIMITED = "rate_limited"
    REFUSED = "refused"  # a certain no
    CLOCK = "clock"  # a certain no, for our time stamp
    GARBLED = "garbled"  # an answer that is none
    UNKNOWN = "unknown"  # it may have been done


class VenueError(HedgeError):
    """Something between the desk and a venue went wrong; the message names both and the mend."""


class OutcomeUnknown(VenueError):
    """The request may or may not have been carried out: ask, never send again."""


class Refused(VenueError):
    """The venue said no, for certain; `code` is its own, `reason` ours where we know it."""

    def __init__(self, message: str, *, code: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class RateLimited(Refused):
    """The venue asks for patience, and did nothing; `retry_after` in seconds."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message, reason="rate_limit")
        self.retry_after = retry_after


class ClockSkewed(Refused):
    """The venue refuses our time stamp; nothing was done."""


class Unreachable(VenueError):
    """The request never left, or the venue is in maintenance; nothing was done."""


class Garbled(VenueError):
    """The reply is no answer to the question (HTML with status 200, missing ids, NaN)."""


NO_ANSWER: Final = (
    HedgeError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)
"""What reading an answer may come to that is none; not one of them is a reason to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReport:
    """What a venue shows of one symbol; prices are quote per base, None where it does not say.

    Attributes
    ----------
    time, received
        The venue's stamp and ours, UTC nanoseconds.
    bid_size, ask_size
        In the unit of `Listing.lot`.
    funding
        Predicted rate of the running interval, fraction for `interval_hours`, due at
        `settlement`.
    high, low
        Extremes of the mark since the last report, where a feed has seen them.
    """

    venue: str
    symbol: str
    time: int
    received: int
    bid: float | None = None
    ask: float | None = None
    bid_size: float | None = None
    ask_size: float | None = None
    last: float | None = None
    mark: float | None = None
    index: float | None = None
    funding: float | None = None
    interval_hours: float | None = None
    settlement: int | None = None
    high: float | None = None
    low: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReport:
    """A stream of a venue came up or went down."""

    venue: str
    stream: str
    alive: bool
    time: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferReport:
    """A transfer between the reserve and an account arrived (or failed: `reason`)."""

    venue: str
    account: str
    currency: str
    amount: Decimal  # into the account > 0
    time: int
    transfer_id: str
    reason: str = ""


class CashKind(StrEnum):
    """Why cash came or went beside trades, their fees and funding."""

    TRANSFER = "transfer"  # from or to another wallet: a deposit, a withdrawal, a top-up
    REBATE = "rebate"
    INTEREST = "interest"
    INSURANCE = "insurance"  # what the fund takes (< 0) after a liquidation, or covers (> 0)
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CashReport:
    """Cash that came (> 0) or went past trades and funding.

    (`venue`, `account`, `flow_id`) is unique; `word` is the venue's own for it.
    """

    venue: str
    account: str
    flow_id: str
    kind: CashKind
    currency: str
    amount: Decimal
    time: int
    word: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a preflight finds out about an account before the first order.

    Attributes
    ----------
    one_way
        One position a symbol; False in hedge mode; None where the venue has no such choice.
    margin_mode, leverage
        By symbol, where the venue says.
    maker, taker
        Fees by symbol as fractions of notional.
    clock_offset
        The venue's clock less ours, seconds.
    listings
        What is tradable now; a symbol that was asked for and is not here is delisted or renamed.
    may_trade, may_withdraw
        Rights of the key; None where the venue does not tell.
    interval_hours
        Of funding, by symbol.
    unusable
        What is listed, and cannot be ordered as the venue does not say its steps: why, by symbol.
    """

    venue: str
    account: str
    one_way: bool | None
    margin_mode: dict[str, str]
    leverage: dict[str, float]
    maker: dict[str, float]
    taker: dict[str, float]
    clock_offset: float
    listings: dict[str, Listing]
    may_trade: bool | None
    may_withdraw: bool | None
    interval_hours: dict[str, float]
    testnet: bool = False
    unusable: dict[str, str] = field(default_factory=dict)


FeedReport: TypeAlias = QuoteReport | StreamReport
PrivateReport: TypeAlias = (
    OrderReport | TradeReport | FundingReport | TransferReport | AccountSnapshot | StreamReport
)


class Feed(Protocol):
    """Public market data of one venue."""

    venue: str

    def watch(self, symbols: Sequence[str]) -> AsyncIterator[FeedReport]:
        """Yield quotes as they come, and what becomes of the streams; reconnects by itself."""
        ...

    async def quote(self, symbol: str) -> QuoteReport:
        """Return one quote by request, to cross-check the stream."""
        ...

    async def close(self) -> None:
        """Let go of all connections."""
        ...


class Gateway(Protocol):
    """Orders of one account.

    Every method raises a `VenueError`: `OutcomeUnknown` where the venue may have acted.
    """

    venue: str
    account: str

    async def place(self, request: OrderRequest) -> OrderReport:
        """Send an order once; never retried underneath."""
        ...

    async def cancel(self, client_id: str, symbol: str) -> OrderReport:
        """Cancel an order; one that is already final is reported as it is."""
        ...

    async def probe(self, client_id: str, symbol: str) -> OrderReport | None:
        """Return what became of an order; None where the venue is certain it never saw it."""
        ...

    async def cancel_all_after(self, seconds: float) -> bool:
        """Set the venue's dead-man switch (0 clears it); False where it has none."""
        ...


class Account(Protocol):
    """What an account holds, and what happens to it."""

    venue: str
    account: str

    def watch(self) -> AsyncIterator[PrivateReport]:
        """Yield reports of the private stream as they come; reconnects by itself."""
        ...

    async def snapshot(self) -> AccountSnapshot:
        """Return balances, positions and open orders by request."""
        ...

    async def trades(self, symbol: str, since: int) -> tuple[TradeReport, ...]:
        """Return trades from `since` (UTC nanoseconds) on, oldest first, without holes."""
        ...

    async def funding(self, symbol: str, since: int) -> tuple[FundingReport, ...]:
        """Return funding payments from `since` on, oldest first, without holes."""
        ...

    async def cash(self, since: int) -> tuple[CashReport, ...]:
        """Return cash that came or went past trades and funding from `since` on, oldest first."""
        ...

    async def transfer(self, currency: str, amount: Decimal, transfer_id: str) -> TransferReport:
        """Move collateral inside the venue's own accounts, into this one if `amount` > 0."""
        ...

    async def facts(self, symbols: Sequence[str]) -> Facts:
        """Return what a preflight checks; changes nothing."""
        ...

    async def close(self) -> None:
        """Let go of all connections, those of its gateway too."""
        ...
