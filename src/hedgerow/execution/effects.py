"""What the execution asks to be done; whoever carries it out reports back."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from hedgerow.execution.order import OrderRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Send an order, once its intent is durable."""

    request: OrderRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Cancel an order."""

    venue: str
    account: str
    symbol: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """Ask what became of an order whose outcome is unknown, and fetch the trades since `since`."""

    venue: str
    account: str
    symbol: str
    client_id: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchTrades:
    """Ask for the trades of a symbol since an instant: an order traded more than was told."""

    venue: str
    account: str
    symbol: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a person should hear about.

    Attributes
    ----------
    level
        "info", "warning" or "critical".
    topic
        Name of the runbook page, such as "order-unknown".
    text
        What happened, with numbers, and what to do.
    """

    level: str
    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An order of a leg traded: `lots`, signed, of which `left` still are to come."""

    leg: int
    lots: Decimal
    price: Decimal
    left: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A leg's aim is given up, in part or whole: `reason` in words."""

    leg: int
    reason: str


WireEffect: TypeAlias = Place | Cancel | Probe | FetchTrades
Effect: TypeAlias = WireEffect | Notice | Moved | Given
