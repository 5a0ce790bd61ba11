"""The desk's process in a simulation: facts first, then effects; it may die at any step."""

from collections.abc import Callable, Sequence
from typing import Final

from hedgerow.execution.effects import Notice, Place
from hedgerow.execution.port import Failure
from hedgerow.ledger.journal import Draft, JournalUnavailable, Record
from hedgerow.live.chaos.faults import Fault, Faults
from hedgerow.live.chaos.heap import VirtualClock
from hedgerow.live.chaos.scenario import Scenario
from hedgerow.live.chaos.tape import Tape
from hedgerow.live.chaos.wire import ChaosWire
from hedgerow.live.controller import Controller
from hedgerow.live.effects import LiveEffect, Outcome, SendTransfer
from hedgerow.live.signals import JournalBack, JournalFailed, Signal

EARLY: Final = 0.3  # of the deaths amid an operator's order, those before anything is written


class Died(Exception):
    """The process was killed in the middle of a step."""


class Process:
    """A controller with its journal and its wires: what the runtime does, without waiting.

    Parameters
    ----------
    kind
        Of controller.
    """

    def __init__(
        self,
        scenario: Scenario,
        kind: type[Controller],
        clock: VirtualClock,
        faults: Faults,
        wire: ChaosWire,
    ) -> None:
        self.scenario = scenario
        self.tape = Tape()
        self.controller = kind(scenario.setup, (), scenario.care)
        self.is_up = False
        self.life = 0  # which start this is
        self.recorded: Callable[[Sequence[Record]], None] = lambda _: None
        self.carried: Callable[[LiveEffect], None] = lambda _: None
        self.started: Callable[[], None] = lambda: None
        self.died: Callable[[Fault], None] = lambda _: None
        self.heard: Callable[[Signal], None] = lambda _: None
        self.doomed = False  # dies in the middle of the next step
        self._kind = kind
        self._clock = clock
        self._faults = faults
        self._wire = wire
        self._unwritten: list[Draft] = []

    def start(self) -> None:
        """Come up, out of what the journal holds."""
        self.life += 1
        self.is_up = True
        self._unwritten = []
        task = self.scenario
        self.controller = self._kind(task.setup, tuple(self.tape.records), task.care)
        self.started()
        self._safely(lambda: self._do(self.controller.start(self._clock.now)))

    def kill(self, fault: Fault) -> None:
        """Die at rest."""
        if self.is_up:
            self._die(fault)

    def hear(self, signal: Signal) -> None:
        """Take in a signal, if there is anybody to hear it."""
        if self.is_up:
            self.heard(signal)
            self._safely(lambda: self._do(self.controller.handle(signal)))

    def hearer(self) -> Callable[[Signal], None]:
        """Return who hears the answers to this life's calls: a later life does not."""
        life = self.life

        def hear(signal: Signal) -> None:
            if self.life == life:
                self.hear(signal)

        return hear

    def _safely(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Died:
            return

    def _do(self, outcome: Outcome) -> None:
        if not outcome.drafts and not outcome.effects and not self._unwritten:
            return
        fault = self._fate() if outcome.drafts or outcome.effects else None
        if fault is Fault.CRASH_BEFORE:
            self._die(fault)
            raise Died
        amid = fault in {Fault.CRASH_AMID, Fault.CRASH_ORDERED}
        durable = self._commit(outcome.drafts)
        if fault is Fault.CRASH_BETWEEN:
            self._die(fault)
            raise Died
        last = None
        if amid:
            last = self._faults.random.randrange(len(outcome.effects) + 1)
        for number, effect in enumerate(outcome.effects):
            if number == last:
                break
            self._carry(effect, durable=durable)
        if fault is not None:
            self._die(fault)
            raise Died

    def _fate(self) -> Fault | None:
        if not self.doomed:
            return self._faults.step()
        self.doomed = False
        early = self._faults.random.random() < EARLY
        return Fault.CRASH_BEFORE if early else Fault.CRASH_ORDERED

    def _carry(self, effect: LiveEffect, *, durable: bool) -> None:
        if isinstance(effect, Notice):
            self.carried(effect)
            return
        if not durable and isinstance(effect, Place | SendTransfer):
            never = self._wire.wires.broken(effect, Failure.UNREACHABLE)
            hear = self.hearer()
            self._clock.after(1, lambda: hear(never))
            return
        self.carried(effect)
        self._wire.carry(effect, self.hearer())

    def _commit(self, drafts: Sequence[Draft]) -> bool:
        if not drafts and not self._unwritten:
            return True
        waiting = [*self._unwritten, *drafts]
        try:
            stored = self.tape.append(waiting)
        except JournalUnavailable as error:
            first = not self._unwritten
            self._unwritten = waiting
            if first:
                failed = JournalFailed(time=self._clock.now, reason=str(error))
                self._do(self.controller.handle(failed))
            return False
        was_down = bool(self._unwritten)
        self._unwritten = []
        self.recorded(stored)
        if was_down:
            self._do(self.controller.handle(JournalBack(time=self._clock.now)))
        return True

    def _die(self, fault: Fault) -> None:
        self.is_up = False
        self._unwritten = []
        self.doomed = False
        self.died(fault)
