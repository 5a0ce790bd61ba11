"""An operator who stops the desk at random, sometimes leaves it so, and lets it trade again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from hedgerow.live.chaos.faults import Fault, Faults
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.process import Process
from hedgerow.live.pairing import BREAKER
from hedgerow.live.signals import Order, Told
from hedgerow.live.standing import after
from hedgerow.live.view import State
from hedgerow.units import SECOND

AGAIN: Final = 5 * SECOND  # between two orders to go on
STOPS: Final = {
    Order.PAUSE: State.PAUSED,
    Order.ARM: State.ARMED,
    Order.FLATTEN: State.PAUSED,
    Order.KILL: State.KILLED,
}


class Left(NamedTuple):
    """How an operator wants the desk to stay."""

    order: Order
    reason: str

    @property
    def state(self) -> State:
        """The state that the order leads to."""
        return STOPS[self.order]


@dataclass(slots=True)
class Operator:
    """Says what to do, again and again where a desk that died may have forgotten it."""

    clock: VirtualClock
    faults: Faults
    process: Process
    stirred: Callable[[], None] = lambda: None
    left: Left | None = None
    _said: int = 0

    def stop(self) -> None:
        """Stop the desk in some way, once."""
        self._say(self.faults.random.choice(tuple(STOPS)))

    def leave(self) -> None:
        """Stop the desk in some way, and see to it that it stays so."""
        self._said += 1
        order = self.faults.random.choice(tuple(STOPS))
        self.left = Left(order, f"round {self._said}")
        self._insist(self.left)

    def set_going(self) -> None:
        """Say "resume" until it trades, unless it is to stay as it is."""
        standing = self.process.controller.standing
        if self.left is not None or (self.process.is_up and standing.state is State.TRADING):
            return
        self._say(Order.RESUME)
        self.clock.after(AGAIN, self.set_going)

    def go_on(self) -> None:
        """Let a desk that was left stopped trade again."""
        if self.left is not None:
            self.left = None
            self.set_going()

    def retry(self) -> None:
        """Have pairs that wait after a failure try again: their breaker is reset."""
        pairs = self.process.controller.pairs
        if self.left is not None or not self.process.is_up or not pairs.pairing.tasks:
            return
        if pairs.pairing.breakers():
            self._say(Order.RESET, subject=BREAKER)
        elif any(pairs.pairing.why_not(task, self.clock.now) for task in pairs.pairing.tasks):
            self._say(Order.PAUSE)
            self.set_going()

    def _insist(self, left: Left) -> None:
        if self.left is not left:
            return
        standing = self.process.controller.standing
        if self.process.is_up and standing.state is left.state and left.reason in standing.reason:
            return
        possible = after(left.order, standing.state) is not None
        self._say(left.order if possible else Order.RESUME, reason=left.reason)
        self.clock.after(AGAIN, lambda: self._insist(left))

    def _say(self, order: Order, *, subject: str = "", reason: str = "") -> None:
        if self.faults.happens(self.faults.odds.amid, Fault.CRASH_ORDERED):
            self.process.doomed = self.process.is_up
        told = Told(
            time=self.clock.now, order=order, by="simulation", subject=subject, reason=reason
        )
        self.process.hear(told)
        self.stirred()
