"""What a simulated desk was told that forbids it to add risk, seen from outside of its guards."""

from dataclasses import dataclass, field

from hedgerow.execution.order import OrderRequest
from hedgerow.execution.port import QuoteReport
from hedgerow.live.chaos.scenario import PEG_CALM, Scenario
from hedgerow.live.chaos.trouble import LIMIT
from hedgerow.live.signals import Checked, Clock, Signal
from hedgerow.units import MINUTE

FORGOTTEN = 10 * MINUTE  # what was heard longer ago says nothing about now


@dataclass(slots=True)
class Dangers:
    """Follows what the desk hears in one life of its process.

    A clock that is far off forbids at once; a stablecoin off its peg once the desk has looked
    twice, as long apart as its guard waits.
    """

    scenario: Scenario
    peg_after: int
    _life: int = -1
    _skewed: dict[str, int] = field(default_factory=dict)  # venues, and when it was measured
    _two_way: dict[str, int] = field(default_factory=dict)  # accounts, likewise
    _off_peg: int = 0  # when it was heard last, 0 while it is well
    _looked: int = 0  # first tick since it was heard
    _lost: bool = False

    def heard(self, signal: Signal, life: int, *, begun: bool) -> None:
        """Take in what the desk hears; guards look from when it has begun."""
        if life != self._life:
            self._life, self._off_peg, self._looked, self._lost = life, 0, 0, False
            self._skewed.clear()
            self._two_way.clear()
        match signal:
            case Checked(facts=facts, time=time):
                self._skewed.pop(facts.venue, None)
                self._two_way.pop(facts.account, None)
                if abs(facts.clock_offset) > LIMIT:
                    self._skewed[facts.venue] = time
                if facts.one_way is False:
                    self._two_way[facts.account] = time
            case QuoteReport(symbol="USDT/USD", last=float() as price, received=received):
                off = abs(price - 1.0) > self.scenario.care.guards.peg
                if not off:
                    self._looked, self._lost = 0, False
                self._off_peg = received if off else 0
            case Clock(time=time) if self._off_peg and begun:
                self._looked = self._looked or time
                self._lost = self._lost or time - self._looked >= self.peg_after
            case _:
                pass

    def forbids(self, request: OrderRequest, now: int) -> str:
        """Return why an order that adds risk may not be sent, "" for nothing."""
        if now - self._skewed.get(request.venue, -FORGOTTEN) < FORGOTTEN:
            return f"the clock of {request.venue} is off"
        if request.account in self._two_way:
            return f"account {request.account} is in the wrong position mode"
        fresh = self._off_peg and now - self._off_peg < FORGOTTEN - PEG_CALM
        if self._lost and fresh and "USDT" in request.symbol:
            return "the stablecoin has lost its peg"
        return ""
