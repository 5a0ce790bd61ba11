"""Everything a live desk is told before it starts, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from hedgerow.engine.terms import Terms
from hedgerow.execution.order import Cause, Listing
from hedgerow.execution.style import Limits, Style
from hedgerow.units import SECOND

Answer = Literal["rehedge", "adopt", "pause"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What to do about a change that the desk did not cause.

    ``"rehedge"`` books it and lets the policy act, ``"adopt"`` books it and keeps to it until the
    next decision of an operator, ``"pause"`` books it and pauses.
    """

    liquidation: Answer = "rehedge"
    deleveraging: Answer = "rehedge"
    manual: Answer = "pause"
    unknown: Answer = "pause"

    def to(self, cause: Cause | None) -> Answer:
        """Return the answer to a change by its cause; None is one that nobody can explain."""
        match cause:
            case Cause.LIQUIDATION:
                return self.liquidation
            case Cause.DELEVERAGING:
                return self.deleveraging
            case Cause.MANUAL:
                return self.manual
            case _:
                return self.unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTask:
    """Two legs that are held against each other.

    Attributes
    ----------
    first, second
        Legs, by their place among the listings; no policy orders on them.
    size
        What the first is to hold, base coin, long > 0; the second holds as much the other way.
        0 closes both.
    naked, naked_notional
        Limits of its own, as in `Limits`; None for those of the desk.
    """

    name: str
    first: int
    second: int
    size: Decimal
    naked: float | None = None
    naked_notional: float | None = None

    @property
    def legs(self) -> tuple[int, int]:
        """Both legs."""
        return self.first, self.second

    @property
    def targets(self) -> tuple[Decimal, Decimal]:
        """What the two are to hold."""
        return self.size, -self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A live desk's task.

    Attributes
    ----------
    name
        Of the desk; client ids and alerts carry it. Letters and digits, at most 12.
    mode
        ``"paper"`` or ``"live"``.
    terms
        What the engine is asked to do; its legs are the first of the listings.
    venues
        The venue of each account of the terms, by the account's name.
    listings, styles
        One of each a leg: first those of the terms, then spot, which the engine knows as coins in
        an account.
    cadence
        Time between two decisions, nanoseconds.
    check
        Time between two reconciliations, nanoseconds.
    answers
        To changes that the desk did not cause.
    tolerance
        What balances may differ by before it is a difference, fraction of the balance.
    bands
        Half-width of each leg's policy as a fraction of the exposure, None where it has none; for
        people to see.
    config_hash
        Of the config's text.
    pairs
        Legs that are held against each other.
    simulated
        Whether the market is made up; for people to see.
    speed
        How many of its seconds pass in one of ours; for people to see.
    """

    name: str
    mode: Literal["paper", "live"]
    terms: Terms
    venues: Mapping[str, str]
    listings: tuple[Listing, ...]
    styles: tuple[Style, ...]
    limits: Limits = field(default_factory=Limits)
    cadence: int = 5 * SECOND
    check: int = 30 * SECOND
    answers: Answers = field(default_factory=Answers)
    tolerance: float = 5e-6
    bands: tuple[float | None, ...] = ()
    config_hash: str = ""
    pairs: tuple[PairTask, ...] = ()
    simulated: bool = False
    speed: float = 1.0

    @property
    def legs(self) -> int:
        """How many legs the engine knows; those that follow are spot."""
        return len(self.terms.legs)

    @property
    def paired(self) -> frozenset[int]:
        """The legs of pairs."""
        return frozenset(leg for pair in self.pairs for leg in pair.legs)

    @property
    def leg_names(self) -> tuple[str, ...]:
        """What each leg is: venue, account and symbol, in order."""
        return tuple(f"{leg.venue} {leg.account} {leg.symbol}" for leg in self.listings)
