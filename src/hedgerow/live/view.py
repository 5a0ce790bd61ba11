"""What a running desk shows of itself: plain values, filled by it and read by everybody else.

Amounts are base coin unless a line says otherwise (quote face where a leg is inverse), money is in
the unit that is named beside it, times are UTC nanoseconds, ages are seconds. None means that
nobody knows, never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class State(StrEnum):
    """What a desk may do."""

    STOPPED = "stopped"  # nothing; it has not begun, or has ended in good order
    ARMED = "armed"  # measure, decide and reduce risk; open nothing
    TRADING = "trading"  # everything
    PAUSED = "paused"  # reduce risk; open nothing until it is resumed
    KILLED = "killed"  # nothing at all: the hedge is frozen as it is


class Mode(StrEnum):
    """Whose money a desk trades."""

    PAPER = "paper"  # nobody's, at live prices
    LIVE = "live"  # the owner's
    SIMULATED = "simulated"  # nobody's, at recorded or made-up prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which desk this is, and what it may do.

    Attributes
    ----------
    since, reason, by
        Of the state: when it was entered, why, and who or what asked for it.
    started
        When the process began.
    numeraire
        What worth is counted in, such as ``"USD"`` or ``"BTC"``.
    speed
        How many seconds of the market, in which all ages and times here are, pass in one of ours.
    """

    name: str
    mode: Mode
    state: State
    since: int
    started: int
    reason: str = ""
    by: str = ""
    version: str = ""
    config_hash: str = ""
    numeraire: str = "USD"
    speed: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BookView:
    """One asset of the book and its hedge, in base coin, long > 0.

    Attributes
    ----------
    exposure
        Delta of the book without the hedge.
    goal
        The hedge that is sought, summed over the legs.
    hedge, pending
        What is held, and what working orders may still add.
    lower, upper
        Between which the policy leaves the hedge alone; None where it has no band.
    price
        Index, numeraire per coin.
    age
        Of the oldest number it is made of.
    """

    asset: str
    exposure: float
    goal: float
    hedge: float
    pending: float = 0.0
    lower: float | None = None
    upper: float | None = None
    price: float | None = None
    age: float | None = None

    @property
    def net(self) -> float:
        """What is left open: exposure and hedge together."""
        return self.exposure + self.hedge

    @property
    def inside(self) -> bool | None:
        """Whether the hedge is within its band; None where there is none."""
        if self.lower is None or self.upper is None:
            return None
        return self.lower <= self.hedge <= self.upper


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """What a leg holds; base coin, or quote face where it is inverse.

    `coins` is the position in base coin; `unrealised`, `realised` and `fees` are in the settle
    asset, received > 0.
    """

    amount: float
    coins: float
    target: float | None = None
    pending: float = 0.0
    entry: float | None = None
    unrealised: float | None = None
    realised: float = 0.0
    fees: float = 0.0
    age: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceView:
    """What the market of a leg shows, quote per base; each number with its age."""

    mark: float | None = None
    mark_age: float | None = None
    index: float | None = None
    index_age: float | None = None
    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    quote_age: float | None = None

    @property
    def basis(self) -> float | None:
        """Mark over index, less one; fraction."""
        if self.mark is None or not self.index:
            return None
        return self.mark / self.index - 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingView:
    """Funding of a leg, settle asset, received > 0; rates are fractions of one interval.

    Attributes
    ----------
    received
        Sum of all payments so far; < 0 where the book paid.
    last_time, last_rate, last_amount
        Of the last settlement.
    next_time
        When the next one is due.
    predicted, low, high
        Rate expected then, and the range it is expected in.
    interval_hours
        Of the running interval.
    annual
        The predicted rate over a year of 365 days, simple.
    expected
        Payment at the predicted rate on what is held.
    age
        Of the prediction.
    """

    received: float = 0.0
    last_time: int | None = None
    last_rate: float | None = None
    last_amount: float | None = None
    next_time: int | None = None
    predicted: float | None = None
    low: float | None = None
    high: float | None = None
    interval_hours: float | None = None
    annual: float | None = None
    expected: float | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    """One instrument that hedges one asset from one account.

    Attributes
    ----------
    number
        Of the leg, from 0.
    liquidation_price, distance
        Quote per base, and how far the mark is from it, fraction of the mark; None where no price
        liquidates it.
    unresolved
        Whether an order's outcome is not known: no new risk, closing goes on.
    blocked
        Why it may add no risk; "" where it may.
    """

    number: int
    venue: str
    account: str
    symbol: str
    asset: str
    settle: str
    position: PositionView
    prices: PriceView = field(default_factory=PriceView)
    funding: FundingView = field(default_factory=FundingView)
    inverse: bool = False
    spot: bool = False
    liquidation_price: float | None = None
    distance: float | None = None
    unresolved: bool = False
    blocked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One margin account, in its collateral.

    Attributes
    ----------
    headroom
        Equity less maintenance, fraction of notional; None when flat.
    floor
        Headroom below which it is topped up.
    reserve, in_transit
        What may be sent to it, and what is on its way.
    age
        Of the venue's last word on it.
    not_ours
        Positions there that no leg of the desk is, by symbol; they draw on the same margin.
    """

    venue: str
    account: str
    collateral: str
    wallet: float
    equity: float
    maintenance: float
    headroom: float | None = None
    floor: float | None = None
    reserve: float = 0.0
    in_transit: float = 0.0
    age: float | None = None
    not_ours: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One child order that works, or whose outcome is not known.

    `status` is the desk's word for where it is: "sending", "open", "cancelling", "unknown" ...
    """

    client_id: str
    leg: int
    venue: str
    symbol: str
    side: str
    kind: str
    amount: Decimal
    filled: Decimal
    price: Decimal
    age: float
    status: str
    purpose: str = "hedge"
    reduce_only: bool = False
    unresolved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardView:
    """One guard or breaker.

    Attributes
    ----------
    stops
        What it stops when tripped: "nothing", "risk" (orders that add it) or "until resumed".
    latched
        Whether it stays tripped until a person resets it.
    message
        What is wrong, with numbers, and what to do.
    """

    name: str
    tripped: bool
    stops: str = "risk"
    since: int | None = None
    message: str = ""
    latched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamView:
    """One stream of a venue; `age` is that of its last message."""

    venue: str
    name: str
    alive: bool
    age: float | None = None
    limit: float | None = None  # the age at which it counts as stale
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NakedView:
    """How long and how large two-leg trades stood on one leg.

    Attributes
    ----------
    notional, seconds
        Of the trade that stands on one leg now; quote.
    limit
        Highest notional times seconds; None where there is none.
    count, p50, p95, p99, longest
        Trades so far, and percentiles of their naked seconds.
    """

    notional: float = 0.0
    seconds: float = 0.0
    limit: float | None = None
    count: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    longest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """One look at one leg: a trade, or why there was none.

    Attributes
    ----------
    words
        The whole decision as a sentence.
    exposure, hedge, goal, target
        Base coin: of the book, held, sought by the policy, and after all limits.
    traded
        What was ordered, signed; 0 for none. Base coin, or quote face where the leg is inverse.
    band
        Between which hedges the policy leaves it alone, base coin; None where it has no band.
    bound
        The constraint that decided, such as "inside the band", "cooldown" or "minimum order".
    costs
        Expected, by name ("fee", "spread" of what is ordered, "to goal" of what is not), numeraire.
    numbers
        Whatever else went into it, by name.
    """

    time: int
    leg: int
    symbol: str
    words: str
    exposure: float
    hedge: float
    goal: float
    target: float
    traded: float
    band: tuple[float, float] | None = None
    bound: str = ""
    costs: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """Something a person was told; `level` is "info", "warning" or "critical"."""

    time: int
    level: str
    topic: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyView:
    """What the book is worth, numeraire; `parts` is the attribution since the start, by name.

    `unvalued_fees` are in no result: amounts by the coin that paid them, whose price is not known.
    """

    equity: float
    opening: float
    unhedged: float
    parts: Mapping[str, float] = field(default_factory=dict)
    unvalued_fees: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """Everything a running desk shows at `time`.

    Attributes
    ----------
    decisions, notices
        The last of each, oldest first; at most 50.
    counters
        Counts since the start of the process, by name: "events", "records", "decisions" ...
    orders_by_outcome
        Child orders so far: "filled", "cancelled", "rejected", "unknown" ...
    """

    time: int
    desk: Identity
    money: MoneyView
    book: tuple[BookView, ...] = ()
    legs: tuple[LegView, ...] = ()
    accounts: tuple[AccountView, ...] = ()
    orders: tuple[OrderView, ...] = ()
    guards: tuple[GuardView, ...] = ()
    streams: tuple[StreamView, ...] = ()
    naked: NakedView = field(default_factory=NakedView)
    decisions: tuple[DecisionView, ...] = ()
    notices: tuple[NoticeView, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    orders_by_outcome: Mapping[str, int] = field(default_factory=dict)

    @property
    def tripped(self) -> tuple[GuardView, ...]:
        """The guards that say no."""
        return tuple(guard for guard in self.guards if guard.tripped)
