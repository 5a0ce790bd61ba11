"""What the live desk hears: the market, the venues, the clock, its operator and its own wires."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from hedgerow.engine.events import Event
from hedgerow.execution.order import AccountSnapshot, FundingReport, OrderReport, TradeReport
from hedgerow.execution.port import (
    CashReport,
    Facts,
    Failure,
    QuoteReport,
    StreamReport,
    TransferReport,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The time; sent at least every second."""

    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFailed:
    """A request to a venue failed.

    Attributes
    ----------
    call
        "place", "cancel", "probe", "trades", "cash", "snapshot", "facts", "transfer", "quote" or
        "switch".
    client_id
        The order's, where it was about one.
    retry_after
        Seconds, where the venue says.
    """

    time: int
    venue: str
    account: str
    call: str
    failure: Failure
    reason: str
    client_id: str = ""
    symbol: str = ""
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """The answer to a probe; `report` None where the venue is certain it never saw the order."""

    time: int
    client_id: str
    report: OrderReport | None
    trades: tuple[TradeReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Trades and funding of a symbol, or cash of an account, that were asked for.

    All since `since`, without holes; `symbol` is "" where it is about the account's cash.
    """

    time: int
    venue: str
    account: str
    symbol: str
    since: int
    trades: tuple[TradeReport, ...] = ()
    funding: tuple[FundingReport, ...] = ()
    cash: tuple[CashReport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a preflight found out."""

    time: int
    facts: Facts


class Order(StrEnum):
    """What an operator may tell a desk."""

    ARM = "arm"  # measure and decide, open nothing
    RESUME = "resume"  # trade (again)
    PAUSE = "pause"  # open nothing, closing goes on
    FLATTEN = "flatten"  # close every hedge, then stay paused
    KILL = "kill"  # cancel what waits, freeze the hedge as it is, do nothing more
    RESET = "reset"  # clear a tripped guard (`subject`), if its condition is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An operator spoke; `by` says who, `subject` what it is about."""

    time: int
    order: Order
    by: str
    subject: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFailed:
    """The journal could not be written; nothing that adds risk may be done until it can."""

    time: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalBack:
    """The journal takes records again."""

    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote that was asked for while a stream was silent."""

    time: int
    quote: QuoteReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Whoever runs the desk saw something that people should hear of and the journal keep."""

    time: int
    level: str
    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """What the paper venue's bars do beside orders, as the engine knows it (replay only)."""

    time: int
    event: Event = field()


Signal: TypeAlias = (
    Clock
    | QuoteReport
    | StreamReport
    | OrderReport
    | TradeReport
    | FundingReport
    | TransferReport
    | AccountSnapshot
    | CallFailed
    | Probed
    | Fetched
    | Checked
    | Told
    | JournalFailed
    | JournalBack
    | Quoted
    | Noticed
    | Venue
)


def signal_time(signal: Signal) -> int:
    """Return the instant of a signal, UTC nanoseconds; of a quote, when we received it."""
    match signal:
        case QuoteReport():
            return signal.received
        case FundingReport():
            return signal.settlement
        case _:
            return signal.time
