"""What the desk itself measures and its guards judge, beside what it hears."""

from dataclasses import dataclass
from typing import TypeAlias

from hedgerow.execution.port import QuoteReport
from hedgerow.live.signals import Signal


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """Equity less maintenance of an account, as a fraction of its notional."""

    time: int
    account: str
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """What the whole book is worth, in numeraire."""

    time: int
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancies:
    """What an account holds otherwise than our books say, in words; none where they agree.

    `symbols` are those concerned; none means the account itself.
    """

    time: int
    venue: str
    account: str
    texts: tuple[str, ...] = ()
    symbols: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A quote that was asked for while a stream was silent."""

    time: int
    quote: QuoteReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """The orders of which the dealer does not know what became: client id, leg, when sent."""

    time: int
    orders: tuple[tuple[str, int, int], ...] = ()


Measure: TypeAlias = Headroom | Equity | Discrepancies | Requested | Unresolved
Heard: TypeAlias = Signal | Measure
