"""What is wrong at the simulated venues now, and what their calls and quotes are like then."""

from dataclasses import dataclass, field, replace

from hedgerow.execution.effects import Place
from hedgerow.execution.order import OrderRequest, Side
from hedgerow.execution.port import Failure, QuoteReport
from hedgerow.live.chaos.faults import Fault
from hedgerow.live.effects import FetchFacts, FetchQuote, LiveEffect
from hedgerow.live.signals import Checked
from hedgerow.units import SECOND

THIN = 0.02  # of the size that usually lies at the best prices
LIMIT = 1.0  # seconds that a clock may be off before a venue refuses our time stamps


@dataclass(slots=True)
class Trouble:
    """Empty where all is well.

    Attributes
    ----------
    away
        Venues in maintenance.
    legs
        What happens to orders of an account and symbol.
    two_way
        Accounts whose position mode is wrong.
    skew
        Seconds by which a venue's clock is ahead of ours.
    storms
        By venue that asks for patience: until when it asked for it last.
    peg
        Dollars for a stablecoin.
    """

    away: set[str] = field(default_factory=set)
    legs: dict[tuple[str, str], Fault] = field(default_factory=dict)
    two_way: set[str] = field(default_factory=set)
    skew: dict[str, float] = field(default_factory=dict)
    storms: dict[str, int] = field(default_factory=dict)
    peg: float = 1.0

    @property
    def unreachable(self) -> set[str]:
        """Venues where no order can be placed, for one reason or another."""
        return self.away | self.skew.keys() | self.storms.keys()

    def refusal(self, effect: LiveEffect) -> Failure | None:
        """Return how a venue answers an effect that it does not carry out."""
        about = effect.request if isinstance(effect, Place) else effect
        venue = getattr(about, "venue", "")
        if venue in self.away:
            return Failure.UNREACHABLE
        if venue in self.skew and not isinstance(effect, FetchFacts | FetchQuote):
            return Failure.CLOCK
        if isinstance(effect, Place):
            request = effect.request
            refused = self.legs.get((request.account, request.symbol)) is Fault.LEG_REFUSED
            if request.account in self.two_way or (refused and opens(request)):
                return Failure.REFUSED
        return None

    def shown(self, quote: QuoteReport, account: str) -> QuoteReport:
        """Return a quote of the book as it is now; that of an account's leg may be thin."""
        match self.legs.get((account, quote.symbol)):
            case Fault.LEG_THIN:
                part = THIN
            case Fault.LEG_EMPTY:
                part = 0.0
            case _:
                return quote
        return replace(
            quote,
            bid_size=None if quote.bid_size is None else part * quote.bid_size,
            ask_size=None if quote.ask_size is None else part * quote.ask_size,
        )

    def stamped(self, quote: QuoteReport) -> QuoteReport:
        """Return a quote with the time stamp of a venue's clock."""
        off = self.skew.get(quote.venue, 0.0)
        return replace(quote, time=quote.time + round(off * SECOND)) if off else quote

    def measured(self, answer: Checked) -> Checked:
        """Return what an account says of itself, with what is wrong about it."""
        facts, off = answer.facts, self.skew.get(answer.facts.venue, 0.0)
        if facts.account in self.two_way or off:
            one_way = facts.account not in self.two_way
            return replace(answer, facts=replace(facts, one_way=one_way, clock_offset=off))
        return answer


def opens(request: OrderRequest) -> bool:
    """Whether an order may add risk; coins are only ever bought to open."""
    spot = ":" not in request.symbol
    return request.side is Side.BUY if spot else not request.reduce_only
