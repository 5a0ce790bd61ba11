"""Everything a live desk is told before it starts, checked and complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class Setup:
    """A live desk's task.

    Attributes
    ----------
    name
        Of the desk; client ids and alerts carry it. Letters and digits, at most 12.
    mode
        ``"paper"`` or ``"live"``.
    terms
        What the engine is asked to do; one leg for each listing and style.
    venues
        The venue of each account of the terms, by the account's name.
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
    tolerance: float = 1e-6
    bands: tuple[float | None, ...] = ()
    config_hash: str = ""
