"""What is broken around a desk, switched on and off by hand."""

from dataclasses import dataclass, field

from hedgerow.execution.effects import Cancel, Place
from hedgerow.execution.port import Failure
from hedgerow.live.effects import LiveEffect, SendTransfer

_ACTS = (Place, Cancel, SendTransfer)


@dataclass(slots=True)
class Switches:
    """All is well while nothing is set.

    Attributes
    ----------
    silent
        Venues whose quotes do not come.
    mute
        Accounts whose private stream says nothing.
    away
        Venues that cannot be reached: nothing arrives there.
    hung
        Venues that take a connection and never answer; what acts may or may not have been done,
        and was not.
    lost_answers
        How many orders to come are taken while their answer is lost.
    skew
        By how much the venues' clocks are ahead of ours, nanoseconds; stamps of ours are refused
        beyond `skew_refused`.
    dies
        At which of its next steps that write or act the process dies, and at which moment of it:
        "before" the facts are durable, "between" facts and effects, "after" the effects.
    """

    silent: set[str] = field(default_factory=set)
    mute: set[str] = field(default_factory=set)
    away: set[str] = field(default_factory=set)
    hung: set[str] = field(default_factory=set)
    lost_answers: int = 0
    skew: int = 0
    skew_refused: int = 10**9
    dies: str = ""

    def before(self, effect: LiveEffect) -> Failure | None:
        """Return how a call fails before it does anything; None where it arrives."""
        venue = venue_of(effect)
        if venue in self.away:
            return Failure.UNREACHABLE
        if venue in self.hung:
            return Failure.UNKNOWN if isinstance(effect, _ACTS) else Failure.UNREACHABLE
        if abs(self.skew) > self.skew_refused:
            return Failure.CLOCK
        return None

    def loses_answer(self, effect: LiveEffect) -> bool:
        """Return whether the answer to a call that was carried out is lost."""
        if self.lost_answers and isinstance(effect, Place):
            self.lost_answers -= 1
            return True
        return False


def venue_of(effect: LiveEffect) -> str:
    """Return the venue that a call goes to; "" where it is about none."""
    about = effect.request if isinstance(effect, Place) else effect
    return str(getattr(about, "venue", ""))
