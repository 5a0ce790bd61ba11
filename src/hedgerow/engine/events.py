"""What may happen to a desk: everything it learns, and all it ever learns.

Legs, accounts and assets are named by their place in the terms. Every event carries its instant
in UTC nanoseconds, so a desk needs no clock.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from hedgerow.engine.terms import Terms


class Quote(NamedTuple):
    """What is known of one leg's instrument at a close."""

    mark: float  # quote per base
    index_price: float
    volatility: float  # yearly
    funding: float  # predicted rate of the running interval
    interval: float  # its hours


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOpened:
    """A bar opens: index and mark of each leg, and the worth of a unit of each asset, numeraire."""

    time: int
    index: tuple[float, ...]
    mark: tuple[float, ...]
    worth: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRanged:
    """How far the mark of each leg went inside the bar: worst for a short, worst for a long."""

    time: int
    high: tuple[float, ...]
    low: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketClosed:
    """A bar closes: a quote of each leg and the worth of one unit of each asset, numeraire."""

    time: int
    quotes: tuple[Quote, ...]
    worth: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingSettled:
    """A funding row of one leg; paid on what is held at this instant.

    `cash`, in settle asset, and `lots` are what a venue says it paid and on what; None where both
    follow from the position.
    """

    time: int
    leg: int
    rate: float
    price: float
    cash: float | None = None
    lots: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """An order of ours traded.

    Attributes
    ----------
    lots
        Signed change of position.
    price, reference
        Paid, and what it would have been without slippage; quote per base.
    index, worth
        At that instant: the leg's index, and one unit of its settle asset in numeraire.
    fee
        Change of the wallet, in settle asset: < 0 but for rebates.
    left
        Lots of the leg's order that still wait.
    adopted
        No trade of ours: a position that was there, taken over at its entry price; what it has
        made until now, at `reference`, came with it.
    """

    time: int
    leg: int
    lots: float
    price: float
    reference: float
    index: float
    worth: float
    fee: float
    left: float = 0.0
    adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquidation:
    """The venue closed a position, or a part of it; fields as in `Fill`.

    `source` says which price did it: "mark", "bounded" or "last".
    """

    time: int
    leg: int
    lots: float
    price: float
    index: float
    worth: float
    fee: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleveraging:
    """The venue took a winning position, or a part of it, at `price` while `market` was the mark.

    The rest as in `Fill`.
    """

    time: int
    leg: int
    lots: float
    price: float
    market: float
    index: float
    worth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The venue exchanged a pledge for what an account owes.

    Attributes
    ----------
    sold
        Units of the asset; < 0 where it was bought back.
    price
        In collateral.
    got, slipped, fee
        Collateral: all that came (< 0: that went), and of it what spread and fee took.
    worth, unit
        Of one of the asset and one of the collateral, numeraire.
    """

    time: int
    account: int
    asset: int
    sold: float
    price: float
    got: float
    slipped: float
    fee: float
    worth: float
    unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdraft:
    """The venue charged interest on what an account owes of an asset; `amount` < 0 in units."""

    time: int
    account: int
    asset: int
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCovered:
    """The venue bore a loss beyond the wallet; `amount` > 0 in collateral, `worth` of one unit."""

    time: int
    account: int
    amount: float
    worth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAck:
    """The venue took an order; it waits."""

    time: int
    leg: int


class Refusal(StrEnum):
    """Why an order is no more."""

    OUTAGE = "outage"
    BREACH = "breach"  # the account is below maintenance: the venue cancels what waits
    EXPIRED = "expired"  # a resting order that nobody traded through
    HELD = "held"  # the desk may not add risk now
    REFUSED = "refused"  # by the venue


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReject:
    """An order is gone without a fill."""

    time: int
    leg: int
    reason: Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer arrived: at the account if `amount` > 0, at the reserve if < 0."""

    time: int
    account: int
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingFlow:
    """The holding changed from outside: mined, bought, sold, spent; `amount` in units."""

    time: int
    asset: int
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFlow:
    """Somebody moved money or coins into an account, or out of it, past the desk.

    `amount` is in units of the asset, into the account > 0; `note` says why, for people.
    """

    time: int
    account: int
    asset: int
    amount: float
    note: str = "past the desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalShifted:
    """A leg is to hold `amount` more than ratio and exposure ask for, base coin, until told again.

    A leg stands in for one whose venue is away; that one holds as much less.
    """

    time: int
    leg: int
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChanged:
    """Venues apply other rules from this instant on: `terms` are ours under them."""

    time: int
    terms: Terms


class Duty(StrEnum):
    """What the clock reminds a desk of."""

    INTEREST = "interest"  # a UTC day, or the run, ends
    HEDGE = "hedge"  # ask the policy
    COLLATERAL = "collateral"  # look at headroom


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The clock; `years` since the last interest where that is the duty."""

    time: int
    duty: Duty
    years: float = 0.0


MarketUpdate: TypeAlias = MarketOpened | MarketRanged | MarketClosed
Event: TypeAlias = (
    MarketUpdate
    | FundingSettled
    | Fill
    | Liquidation
    | Deleveraging
    | Conversion
    | Overdraft
    | LossCovered
    | OrderAck
    | OrderReject
    | Transfer
    | HoldingFlow
    | AccountFlow
    | GoalShifted
    | RulesChanged
    | Tick
)
