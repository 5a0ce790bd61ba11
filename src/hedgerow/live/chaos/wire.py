"""The wire between a simulated desk and its paper venues, and all that may happen on it."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from hedgerow.errors import HedgeError
from hedgerow.execution.effects import Cancel, Place
from hedgerow.execution.port import Failure, RateLimited, VenueError
from hedgerow.live.chaos.faults import Fault, Faults
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.trouble import Trouble
from hedgerow.live.effects import LiveEffect, SendTransfer
from hedgerow.live.paper.port import PaperVenue
from hedgerow.live.signals import CallFailed, Checked, Signal
from hedgerow.live.wires import PATIENCE, Wire, Wires, failure_of
from hedgerow.units import SECOND

T = TypeVar("T")
Hear: TypeAlias = Callable[[Signal], None]

_ACTS: Final = (Place, Cancel, SendTransfer)
_DONE: Final[Mapping[Fault, Failure]] = {
    Fault.DROPPED_REPLY: Failure.UNKNOWN,
    Fault.SERVER_ERROR: Failure.UNKNOWN,
    Fault.GARBLED: Failure.GARBLED,
}
_UNDONE: Final[Mapping[Fault, Failure]] = {
    Fault.NEVER_SENT: Failure.UNREACHABLE,
    Fault.REJECTED: Failure.REFUSED,
    Fault.RATE_LIMITED: Failure.RATE_LIMITED,
    Fault.SERVER_ERROR_UNDONE: Failure.UNKNOWN,
    Fault.GARBLED_UNDONE: Failure.GARBLED,
    Fault.CLOCK_SKEW: Failure.CLOCK,
}
_READS: Final = frozenset({Failure.UNKNOWN, Failure.REFUSED, Failure.CLOCK})
BAN: Final = 60.0  # seconds of patience that a venue asks for from who did not keep the last
WINDOW: Final = 5 * SECOND  # a request older than this is refused by its time stamp


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns that never waits.

    >>> async def three() -> int:
    ...     return 3
    >>> at_once(three())
    3
    """
    try:
        work.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    work.close()
    raise HedgeError("a paper venue waited for something; in a simulation nothing may")


class PaperWires(Wires):
    """The wires of the real desk, on paper venues that answer at once."""

    def act(self, effect: LiveEffect) -> Signal | None:
        """Do what an effect asks; return what came of it."""
        try:
            return at_once(self._ask(effect))
        except VenueError as error:
            wait = error.retry_after if isinstance(error, RateLimited) else 0.0
            return self._failed(effect, failure_of(error), str(error), wait)

    def broken(self, effect: LiveEffect, failure: Failure, wait: float = 0.0) -> CallFailed:
        """Return what the desk hears of a call that went wrong."""
        return self._failed(effect, failure, f"{failure.value} (simulated)", wait)


@dataclass(slots=True)
class ChaosWire:
    """Carries effects to the venues and answers back, with delays and faults."""

    clock: VirtualClock
    faults: Faults
    wires: PaperWires
    trouble: Trouble

    def carry(self, effect: LiveEffect, hear: Hear) -> None:
        """Send a call on its way; `hear` is told what comes of it, or nothing.

        The opening deposit lies at the venue already.
        """
        if isinstance(effect, SendTransfer) and effect.opening:
            return
        travel = self.faults.between(0.02, 0.2)
        if self._is_stormed(effect, hear, travel):
            return
        if isinstance(effect, SendTransfer) and (lost := self.faults.transfer()) is not None:
            if lost is Fault.TRANSFER_DONE:
                self.clock.after(travel, lambda: self._unheard(effect))
            late = round(PATIENCE * SECOND)
            self._later(late, self._broken(effect, Failure.UNKNOWN), hear)
            return
        fault = self.faults.call()
        if fault is None:
            self.clock.after(travel, lambda: self._arrive(effect, hear, travel))
        elif fault in _UNDONE:
            wait = self.faults.random.uniform(1.0, 10.0)
            answer = self._broken(effect, _UNDONE[fault], wait)
            self._later(travel, answer, hear)
        elif fault in _DONE:
            self.clock.after(travel, lambda: self._unheard(effect))
            self._later(2 * travel, self._broken(effect, _DONE[fault]), hear)
        else:
            self._slowly(fault, effect, hear, travel)

    def _slowly(self, fault: Fault, effect: LiveEffect, hear: Hear, travel: int) -> None:
        patience = round(PATIENCE * SECOND)
        match fault:
            case Fault.LOST_REQUEST:
                self._later(patience, self._broken(effect, Failure.UNKNOWN), hear)
            case Fault.LATE_REQUEST:
                late = self.faults.between(0.5, 0.99 * WINDOW / SECOND)
                self.clock.after(late, lambda: self._arrive(effect, hear, travel))
            case Fault.STALE_REQUEST:
                late = self.faults.between(WINDOW / SECOND, 2 * PATIENCE)
                known = late < patience
                failure = Failure.CLOCK if known else Failure.UNKNOWN
                self._later(min(late, patience), self._broken(effect, failure), hear)
            case Fault.TWICE:
                self.clock.after(travel, lambda: self._unheard(effect))
                self.clock.after(
                    travel + self.faults.between(0.001, 0.5),
                    lambda: self._arrive(effect, hear, travel),
                )
            case _:  # the reply is late
                late = self.faults.between(1.0, 0.95 * PATIENCE)
                self.clock.after(travel, lambda: self._arrive(effect, hear, late))

    def _arrive(self, effect: LiveEffect, hear: Hear, back: int) -> None:
        answer = self._act(effect)
        if answer is not None:
            self._later(back, answer, hear)

    def _unheard(self, effect: LiveEffect) -> None:
        self._act(effect)

    def _is_stormed(self, effect: LiveEffect, hear: Hear, travel: int) -> bool:
        """Ask for patience, and for more of it where it was not kept."""
        about = effect.request if isinstance(effect, Place) else effect
        venue, storms = getattr(about, "venue", ""), self.trouble.storms
        if venue not in storms:
            return False
        early = self.clock.now < storms[venue]
        self.faults.count(Fault.BANNED if early else Fault.TOLD_TO_WAIT)
        wait = BAN if early else self.faults.random.uniform(1.0, 10.0)
        storms[venue] = self.clock.now + round(wait * SECOND)
        self._later(travel, self._broken(effect, Failure.RATE_LIMITED, wait), hear)
        return True

    def _act(self, effect: LiveEffect) -> Signal | None:
        refusal = self.trouble.refusal(effect)
        if refusal is not None:
            return self.wires.broken(effect, refusal)
        answer = self.wires.act(effect)
        return self.trouble.measured(answer) if isinstance(answer, Checked) else answer

    def _broken(self, effect: LiveEffect, failure: Failure, wait: float = 0.0) -> CallFailed:
        if not isinstance(effect, _ACTS) and failure in _READS:
            failure = Failure.UNREACHABLE
        return self.wires.broken(effect, failure, wait if failure is Failure.RATE_LIMITED else 0.0)

    def _later(self, delay: int, answer: Signal, hear: Hear) -> None:
        self.clock.after(delay, lambda: hear(answer))


def wires_of(
    venues: Mapping[str, PaperVenue], places: Mapping[str, str], clock: VirtualClock
) -> PaperWires:
    """Return the wires of accounts, by name, at the venues they are held at."""
    return PaperWires(
        {name: venue.feed() for name, venue in venues.items()},
        {
            name: Wire(gateway=venues[venue].gateway(name), account=venues[venue].account(name))
            for name, venue in places.items()
        },
        {name: venues[venue].exchange.symbols for name, venue in places.items()},
        lambda: clock.now,
    )
