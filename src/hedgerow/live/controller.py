"""The live desk: signals in, facts and effects out; no clock, no network, no randomness.

Its state is a fold over the facts it writes down (`apply`), so a restart, an audit and the running
desk cannot differ. Whoever drives it makes the facts of an outcome durable before its effects.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from hedgerow.engine.events import Duty, Tick
from hedgerow.execution.dealer import Permission
from hedgerow.execution.effects import Notice
from hedgerow.execution.order import AccountSnapshot, FundingReport, OrderReport, TradeReport
from hedgerow.execution.port import QuoteReport, StreamReport, TransferReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.core import Core
from hedgerow.live.effects import Outcome
from hedgerow.live.setup import Setup
from hedgerow.live.signals import (
    CallFailed,
    Checked,
    Clock,
    Fetched,
    JournalBack,
    JournalFailed,
    Order,
    Probed,
    Signal,
    Told,
    Venue,
    signal_time,
)
from hedgerow.live.standing import DeskState, after, state_of
from hedgerow.live.view import State
from hedgerow.units import DAY, YEAR

_DECIDES: Final = frozenset({State.ARMED, State.TRADING, State.PAUSED})


class Controller:
    """A live desk for one setup.

    Parameters
    ----------
    setup
        What it is asked to do.
    records
        Of a desk that stopped, to go on where it did.
    """

    def __init__(self, setup: Setup, records: Iterable[Draft | Record] = ()) -> None:
        self.setup = setup
        self.core = Core(setup)
        self.standing = DeskState()
        self._journal_down = ""
        self._next_bar = 0
        self._bar_open = False
        self._day_end = 0
        self._interest_from = 0
        self._handlers: Mapping[type, Callable[[Any], None]] = {
            QuoteReport: self._quote,
            Clock: self._clock,
            OrderReport: self.core.report,
            TradeReport: self._trade,
            FundingReport: self.core.funding,
            TransferReport: self.core.transfer,
            AccountSnapshot: self._snapshot,
            StreamReport: self._stream,
            CallFailed: self.core.failed,
            Probed: self.core.probed,
            Fetched: self._fetched,
            Checked: self._checked,
            Told: self._told,
            JournalFailed: self._journal_failed,
            JournalBack: self._journal_back,
            Venue: self._venue,
        }
        begun = False
        for record in records:
            self.apply(record)
            begun = True
        if begun:
            self.core.go_on()

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        if fact.kind == "state":
            self.standing = state_of(fact.time, fact.body)
        else:
            self.core.apply(fact)

    def snapshot(self) -> object:
        """Return the whole folded state as plain, comparable values."""
        return self.core.snapshot(), self.standing

    # --- signals ----------------------------------------------------------------------------------

    def handle(self, signal: Signal) -> Outcome:
        """Take in one signal; return the facts to record, then what to do."""
        core = self.core
        core.counters["events"] += 1
        core.now = max(core.now, signal_time(signal))
        self._permit()
        self._handlers[type(signal)](signal)
        return core.collected()

    def begin(self, time: int, state: State, by: str) -> Outcome:
        """Leave "stopped": everything that must be known is."""
        self.core.now = max(self.core.now, time)
        self._enter(DeskState(state=state, since=time, reason="begun", by=by))
        return self.core.collected()

    def _quote(self, quote: QuoteReport) -> None:
        self.core.market.take(quote)

    def _clock(self, clock: Clock) -> None:
        core = self.core
        if core.market.complete and clock.time >= self._next_bar:
            self._bar(clock.time)
        core.tick(clock.time)

    def _bar(self, time: int) -> None:
        """End the running bar, if there is one, and begin the next."""
        core = self.core
        if self._bar_open:
            core.tell(core.market.ranged(time))
            core.tell(core.market.closed(time))
            if time >= self._day_end:
                years = (time - self._interest_from) / YEAR
                core.tell(Tick(time=time, duty=Duty.INTEREST, years=years))
                self._interest_from = time
            self._decide(time)
            if core.desk.terms.checked:
                core.tell(Tick(time=time, duty=Duty.COLLATERAL))
        else:
            self._interest_from = time
        self._day_end = (time // DAY + 1) * DAY
        core.tell(core.market.opened(time))
        self._bar_open = True
        self._next_bar = (time // self.setup.cadence + 1) * self.setup.cadence

    def _decide(self, time: int) -> None:
        if self.standing.state in _DECIDES:
            self.core.decide(time)

    def _trade(self, report: TradeReport) -> None:
        self.core.trade(report)

    def _fetched(self, fetched: Fetched) -> None:
        for trade in fetched.trades:
            self._trade(trade)
        for payment in fetched.funding:
            self.core.funding(payment)

    def _venue(self, signal: Venue) -> None:
        """Take in what a replayed venue does beside orders."""
        event, core = signal.event, self.core
        if isinstance(event, Tick) and event.duty is Duty.HEDGE:
            self._decide(event.time)
            return
        core.tell(event)
        leg = getattr(event, "leg", None)
        if leg is not None:
            core.adopt(leg)

    def _snapshot(self, snapshot: AccountSnapshot) -> None:
        self.core.counters["snapshots"] += 1
        del snapshot

    def _stream(self, report: StreamReport) -> None:
        self.core.counters["streams"] += 1
        del report

    def _checked(self, checked: Checked) -> None:
        self.core.counters["checks"] += 1
        del checked

    # --- what stops and what starts it ------------------------------------------------------------

    def _permit(self) -> None:
        """Set what orders may be sent now, and why not more."""
        core, state = self.core, self.standing.state
        if self._journal_down:
            core.allowed = Permission.NONE
            core.held_back = f"the journal cannot be written ({self._journal_down})"
        elif state is State.TRADING:
            core.allowed, core.held_back = Permission.ALL, ""
        else:
            reducing = state in {State.ARMED, State.PAUSED}
            core.allowed = Permission.REDUCE_ONLY if reducing else Permission.NONE
            core.held_back = f"the desk is {state} ({self.standing.reason})"

    def _enter(self, entered: DeskState) -> None:
        self.standing = entered
        self.core.write(entered.draft())
        self._permit()

    def _told(self, told: Told) -> None:
        core = self.core
        target = after(told.order, self.standing.state)
        body = {
            "order": str(told.order),
            "by": told.by,
            "subject": told.subject,
            "reason": told.reason,
            "done": target is not None,
        }
        core.write(Draft(time=told.time, kind="operator", body=body))
        if target is None:
            return
        self._enter(
            DeskState(
                state=target,
                since=told.time,
                reason=told.reason or str(told.order),
                by=told.by,
                flattening=told.order is Order.FLATTEN,
            )
        )
        if told.order is Order.KILL:
            core.drop_all(told.time, "killed")
        elif told.order is Order.FLATTEN:
            core.flatten(told.time)

    def _journal_failed(self, failed: JournalFailed) -> None:
        if not self._journal_down:
            self._journal_down = failed.reason
            self._permit()
            text = (
                f"The journal cannot be written ({failed.reason}): nothing is sent until it can. "
                "Free the disk or the database; trading goes on by itself afterwards"
            )
            self.core.notice(Notice(level="critical", topic="journal", text=text))

    def _journal_back(self, back: JournalBack) -> None:
        if self._journal_down:
            self._journal_down = ""
            self.core.now = max(self.core.now, back.time)
            self._permit()
            text = "The journal takes records again; trading goes on"
            self.core.notice(Notice(level="info", topic="journal", text=text))
