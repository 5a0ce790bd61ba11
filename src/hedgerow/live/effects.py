"""What the live desk asks its wires to do beside orders, and what one signal leads to."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from hedgerow.execution.effects import Cancel, FetchTrades, Notice, Place, Probe
from hedgerow.ledger.journal import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSnapshot:
    """Ask an account what it holds."""

    venue: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchPast:
    """Ask for trades and funding of a symbol since an instant."""

    venue: str
    account: str
    symbol: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchCash:
    """Ask an account for cash that came or went past trades and funding since an instant."""

    venue: str
    account: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchQuote:
    """Ask for one quote by request: the stream has been silent."""

    venue: str
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFacts:
    """Ask an account for what a preflight checks."""

    venue: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTransfer:
    """Move collateral between reserve and account, into the account if `amount` > 0."""

    venue: str
    account: str
    currency: str
    amount: Decimal
    transfer_id: str
    delay_seconds: float
    opening: bool = False
    pledges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSwitch:
    """Set a venue's dead-man switch: without another word it cancels our orders by then."""

    venue: str
    account: str
    seconds: float


LiveEffect: TypeAlias = (
    Place
    | Cancel
    | Probe
    | FetchTrades
    | Notice
    | FetchSnapshot
    | FetchPast
    | FetchCash
    | FetchQuote
    | FetchFacts
    | SendTransfer
    | SetSwitch
)


class Outcome(NamedTuple):
    """Facts to make durable, then things to do: in this order, always."""

    drafts: tuple[Draft, ...] = ()
    effects: tuple[LiveEffect, ...] = ()
