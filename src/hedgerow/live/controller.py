"""The live desk: signals in, facts and effects out; no clock, no network, no randomness.

Its state is a fold over the facts it writes down (`apply`), so a restart, an audit and the running
desk cannot differ. Whoever drives it makes the facts of an outcome durable before its effects.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

from hedgerow.engine.events import Duty, Tick
from hedgerow.execution.dealer import Permission
from hedgerow.execution.effects import Notice
from hedgerow.execution.order import (
    AccountSnapshot,
    Cause,
    FundingReport,
    OrderReport,
    TradeReport,
)
from hedgerow.execution.port import Failure, QuoteReport, StreamReport, TransferReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.admission import Admission, Preflight
from hedgerow.live.audit import Auditor
from hedgerow.live.core import QUIET, Core
from hedgerow.live.decisions import shown
from hedgerow.live.effects import Outcome, SetSwitch
from hedgerow.live.failover import FailoverPlan
from hedgerow.live.guards.clock_drift import ClockDrift
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.handle import Reply
from hedgerow.live.pair_desk import PairDesk
from hedgerow.live.pairing import BREAKER
from hedgerow.live.setup import Setup
from hedgerow.live.showing import desk_view
from hedgerow.live.signals import (
    CallFailed,
    Checked,
    Clock,
    Fetched,
    JournalBack,
    JournalFailed,
    Noticed,
    Order,
    Probed,
    Quoted,
    Signal,
    Told,
    Venue,
    signal_time,
)
from hedgerow.live.standing import DeskState, after, state_of
from hedgerow.live.view import DecisionView, DeskView, State
from hedgerow.live.warden import Warden
from hedgerow.units import DAY, SECOND, YEAR

_DECIDES: Final = frozenset({State.ARMED, State.TRADING, State.PAUSED})
_TOPICS: Final[Mapping[Cause, str]] = {
    Cause.OURS: "manual-trade",
    Cause.LIQUIDATION: "liquidated",
    Cause.DELEVERAGING: "deleveraged",
    Cause.MANUAL: "manual-trade",
}
_FOREIGN: Final[Mapping[Cause, str]] = {
    Cause.LIQUIDATION: "the venue liquidated: {side} {amount} {symbol} at {price}",
    Cause.DELEVERAGING: "the venue deleveraged: {side} {amount} {symbol} at {price}",
    Cause.MANUAL: "somebody traded past the desk: {side} {amount} {symbol} at {price}",
    Cause.OURS: "{side} {amount} {symbol} at {price}",
}
_BEGINS_AS: Final[Mapping[Order, State]] = {
    Order.ARM: State.ARMED,
    Order.PAUSE: State.PAUSED,
    Order.FLATTEN: State.PAUSED,
    Order.KILL: State.KILLED,
}
_ANNOUNCED: Final[Mapping[Order, tuple[str, str]]] = {
    Order.KILL: ("critical", "killed"),
    Order.FLATTEN: ("critical", "flattened"),
}
_DONE: Final[Mapping[Order, str]] = {
    Order.ARM: "armed: it measures and decides, and opens nothing",
    Order.RESUME: "trading",
    Order.PAUSE: "paused: it opens nothing, closing goes on",
    Order.FLATTEN: "closing every hedge; it stays paused afterwards",
    Order.KILL: "killed: what waited is cancelled, the hedge stays as it is",
    Order.RESET: "reset",
}
UNREAD: Final = 3  # failed looks at an account's cash after which the desk does without it
LATE: Final = 60 * SECOND  # after the start, before a person hears that it has not begun
SWITCH: Final = 60.0  # seconds after which a silent desk's orders are cancelled by the venue
SWITCH_EVERY: Final = 20 * SECOND
_NEED_A_MARKET: Final = (TradeReport, FundingReport, Probed, Fetched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """What a desk that nobody watches needs beside its task; a replay needs none of it.

    Attributes
    ----------
    guards
        Thresholds of the guards.
    preflight
        Checks what an account says of itself; None where there is nothing to check.
    start
        The state to begin in.
    failover
        Which legs stand in for which.
    """

    guards: GuardLimits
    preflight: Preflight | None = None
    start: State = State.ARMED
    failover: FailoverPlan | None = None


class Controller:
    """A live desk for one setup.

    Parameters
    ----------
    setup
        What it is asked to do.
    records
        Of a desk that stopped, to go on where it did.
    care
        Guards, audits and checks; None for a replay, whose driver begins it.
    """

    def __init__(
        self,
        setup: Setup,
        records: Iterable[Draft | Record] = (),
        care: Care | None = None,
    ) -> None:
        self.setup = setup
        self.core = Core(setup)
        self.standing = DeskState()
        self.care = care
        self.pairs = PairDesk(self.core)
        self.warden = (
            None if care is None else Warden(self.core, care.guards, care.failover, self.pairs)
        )
        preflight = None if care is None else care.preflight
        self.admission = Admission(self.core, preflight, self._not_admitted)
        self._begun = care is None
        self._next_switch = 0
        self._early: list[Signal] = []  # heard before the first bar, when nothing can be booked
        self.started = 0
        self.first_fact = self.last_fact = 0
        self.streams: dict[str, StreamReport] = {}
        self._config_started = ""
        self._config_before = ""  # with which it last did more than start
        self._told_lacks = False
        self._cashless: set[str] = set()
        self._unread: Counter[str] = Counter()  # by account, failed looks at its cash in a row
        self.refusal = ""  # why the last reset was not done
        self._journal_down = ""
        self._next_bar = 0
        self._bar_open = False
        self._day_end = 0
        self._interest_from = 0
        self._resumes = DeskState()  # the last state that was more than a start
        self._opened: dict[str, int] = {}  # accounts taken over as found, and when
        self._handlers: Mapping[type, Callable[[Any], None]] = {
            Clock: self._clock,
            OrderReport: self.core.report,
            TradeReport: self._trade,
            FundingReport: self.core.funding,
            TransferReport: self.core.transfers.take,
            AccountSnapshot: self._snapshot,
            StreamReport: self._stream,
            CallFailed: self._failed,
            Probed: self._probed,
            Fetched: self._fetched,
            Checked: self._checked,
            Told: self._told,
            JournalFailed: self._journal_failed,
            JournalBack: self._journal_back,
            Noticed: self._noticed,
            Quoted: self._quoted,
            Venue: self._venue,
        }
        self.auditor = Auditor(core=self.core, answer=self._answer, opened=self._opened)
        if self.warden is not None:
            self.warden.agreed = self.auditor.agreed_since
        past = False
        for record in records:
            self.apply(record)
            self.last_fact = max(self.last_fact, record.time)
            self.first_fact = self.first_fact or record.time
            past = True
        if past:
            self.core.go_on()

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact."""
        if fact.kind == "state":
            self.standing = state_of(fact.time, fact.body)
            if self.standing.state is not State.STOPPED:
                self._resumes = self.standing
                self._config_before = self._config_started
            return
        if fact.kind == "taken_over":
            self._opened[fact.body["account"]] = fact.body["as_of"]
            return
        if fact.kind == "operator" and fact.body.get("begins_as"):
            self._begin_as(fact)
        if fact.kind in {"agreed", "not_ours"}:
            self.auditor.apply(fact)
            return
        if fact.kind == "started":
            self._config_started = fact.body["config"]
            return
        self.core.apply(fact)
        self.pairs.apply(fact)
        if self.warden is not None:
            self.warden.apply(fact)

    def snapshot(self) -> object:
        """Return the whole folded state as plain, comparable values."""
        warden = None if self.warden is None else self.warden.snapshot()
        return self.core.snapshot(), self.standing, warden, self.pairs.snapshot()

    # --- signals ----------------------------------------------------------------------------------

    def handle(self, signal: Signal) -> Outcome:
        """Take in one signal; return the facts to record, then what to do."""
        core = self.core
        core.counters["events"] += 1
        if type(signal) is QuoteReport:  # most signals are: nothing follows before the clock ticks
            core.market.take(signal)
            if signal.received > core.now:  # noqa: PLR1730 - a call takes as long as all of this
                core.now = signal.received
            if self.warden is not None:
                self.warden.keep(signal)
            return QUIET
        core.now = max(core.now, signal_time(signal))
        self._permit()
        if isinstance(signal, _NEED_A_MARKET) and not core.desk.market.worth:
            self._early.append(signal)
        else:
            self._handlers[type(signal)](signal)
        if self.warden is not None:
            self.warden.observe(signal)
            if core.happened:
                self._answer_happened()
        if self._begun and self.setup.pairs:
            self.pairs.look(closing=self.standing.flattening)
        return core.collected()

    def start(self, time: int) -> Outcome:
        """Ask the accounts what they are and hold; the desk begins once all is known."""
        core = self.core
        core.now = max(core.now, time)
        self.started = time
        body = {
            "name": self.setup.name,
            "mode": self.setup.mode,
            "venues": dict(self.setup.venues),
            "legs": list(self.setup.leg_names),
            "config": self.setup.config_hash,
            "version": version("hedgerow"),
        }
        core.write(Draft(time=time, kind="started", body=body))
        self._enter(DeskState(state=State.STOPPED, since=time, reason="starting", by="desk"))
        core.take(core.dealer.resume(time))
        core.transfers.doubt_all()
        self.admission.ask(time)
        self.auditor.remember(self.first_fact or time)
        self.auditor.ask(time)
        return core.collected()

    def begin(self, time: int, state: State, by: str) -> Outcome:
        """Leave "stopped": everything that must be known is."""
        self.core.now = max(self.core.now, time)
        self._enter(DeskState(state=state, since=time, reason="begun", by=by))
        return self.core.collected()

    def _clock(self, clock: Clock) -> None:
        core = self.core
        if not self._begun:
            self._try_to_begin(clock.time)
            self._say_what_lacks(clock.time)
            self.auditor.due(clock.time)
            self._check_facts(clock.time)
            return
        self._supervise(clock.time)
        if clock.time >= self._next_bar and core.market.complete:
            self._bar(clock.time)
        core.tick(clock.time)

    def _supervise(self, time: int) -> None:
        """Look at guards and accounts, and keep the venues' dead-man switches set."""
        if self.warden is None:
            return
        self.auditor.due(time)
        self.auditor.settlements(time)
        self._look_for_blindness(time)
        self._check_facts(time)
        if self.auditor.told is not None:
            self.warden.discrepancies(self.auditor.told)
            self.auditor.told = None
        for reason in self.warden.judge(time):
            self._pause(reason)
        if self.warden.changed:
            self._permit()
        if time >= self._next_switch and self.standing.state in _DECIDES:
            self._next_switch = time + SWITCH_EVERY
            for account, venue in self.setup.venues.items():
                self.core.ask(SetSwitch(venue=venue, account=account, seconds=SWITCH))

    def _look_for_blindness(self, time: int) -> None:
        """Open nothing in an account that has not agreed with the books for long, and say so."""
        core, blind = self.core, self.auditor.blind(time)
        for account in blind.keys() - core.blind.keys():
            text = f"{blind[account]}; nothing is opened there until they are seen to agree again"
            core.notice(Notice(level="critical", topic="venue-down", text=text))
        for account in core.blind.keys() - blind.keys():
            text = f"{account}: the books are seen to agree again"
            core.notice(Notice(level="info", topic="venue-down", text=text))
        core.blind = blind

    def _check_facts(self, time: int) -> None:
        """Ask the accounts what they are."""
        drifts = self.warden is not None and ClockDrift.name in self.warden.board.tripped
        self.admission.due(time, well=self._begun and not drifts)

    def _try_to_begin(self, time: int) -> None:
        """Begin once every account is checked and heard, and every market is known."""
        care = self.care
        if care is None or self.admission.refused or self._journal_down:
            return
        if not self._is_heard(time):
            return
        self._begun = True
        self.auditor.began = time
        self._bar(time)
        if self.warden is not None:
            self.warden.begin(time)
        looks = tuple(self.auditor.looks.values())
        for snapshot in looks:
            self.auditor.take_over(snapshot)
        early, self._early = self._early, []
        for signal in early:
            self._handlers[type(signal)](signal)
        for snapshot in looks:
            self.auditor.snapshot(snapshot, begun=True)
        self._go_on(care.start, time)

    def _is_heard(self, time: int) -> bool:
        """Whether all is known, but for venues that are away for long and have stand-ins."""
        listings, market = self.setup.listings, self.core.market
        known = self.admission.is_checked(set(self.auditor.looks))
        missing = [
            leg
            for leg, listing in enumerate(listings)
            if listing.account not in known or market.seen(leg) is None
        ]
        if not missing:
            return market.complete and known == set(self.setup.venues)
        places = {listings[leg].account for leg in missing}
        if self.warden is None or not places <= set(self._opened):
            return False
        lenders = self.warden.excused(missing, time - self.started)
        for leg, lender in lenders.items():
            market.lend(leg, lender)
        return bool(lenders) and market.complete

    def _say_what_lacks(self, time: int) -> None:
        """Tell a person, once, when the desk cannot begin: nobody looks after the hedge."""
        if self._begun or self._told_lacks or not self.started or time - self.started < LATE:
            return
        self._told_lacks = True
        venues = self.setup.venues
        silent = [
            f"{leg.venue} {leg.symbol}"
            for number, leg in enumerate(self.setup.listings)
            if (seen := self.core.market.seen(number)) is None or seen.mark <= 0.0
        ]
        lacks = [f"prices of {', '.join(silent)}"] if silent else []
        lacks += [f"the account {name} at {venues[name]}" for name in self._unheard()]
        what = self.admission.why_not or f"it waits for {' and '.join(lacks) or 'the venues'}"
        text = (
            f"{self.setup.name} has not begun after {LATE // SECOND} s: {what}. Nobody looks after "
            "the hedge, which stays as it is; look at the venue's status page and at the network"
        )
        self.core.notice(Notice(level="critical", topic="venue-down", text=text))

    def _unheard(self) -> list[str]:
        """Return the accounts that have not said what they hold."""
        return [name for name in self.setup.venues if name not in self.auditor.looks]

    def _go_on(self, start: State, time: int) -> None:
        """Enter the state that an operator or a guard left it in, else the one to begin in."""
        before = self._resumes
        resumed = before.state is not State.STOPPED
        state = before.state if resumed else start
        if self._config_before not in {"", self.setup.config_hash} and state is State.TRADING:
            state = State.ARMED
            text = (
                "the config is another than when the desk last ran: it is armed, and opens nothing "
                "until `hedgerow resume`; look at `hedgerow why` for what it would do"
            )
            self.core.notice(Notice(level="warning", topic="config-changed", text=text))
        said = before.reason.removeprefix(f"begun; was {state} (").removesuffix(")")
        self._enter(
            DeskState(
                state=state,
                since=time,
                reason=f"begun; was {before.state} ({said})" if resumed else "begun",
                by="desk",
                flattening=resumed and before.flattening,
            )
        )
        text = f"{self.setup.name} runs in {self.setup.mode}: {state}"
        self.core.notice(Notice(level="info", topic="started", text=text))

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
            if core.desk.terms.checked and time >= core.transfers.none_until:
                core.tell(Tick(time=time, duty=Duty.COLLATERAL))
        else:
            self._interest_from = time
        self._day_end = (time // DAY + 1) * DAY
        core.tell(core.market.opened(time))
        self._bar_open = True
        self._next_bar = (time // self.setup.cadence + 1) * self.setup.cadence

    def _decide(self, time: int) -> None:
        """Ask the policy; while every hedge is being closed it is not asked."""
        if self.standing.flattening and not self.core.is_flat:
            self.core.flatten(time)
        elif self.standing.state in _DECIDES:
            self.pairs.leave_alone()
            self.core.decide(time)
            if self.warden is not None:
                self.warden.decided()
            self.pairs.note_all(time, closing=self.standing.flattening)

    def _trade(self, report: TradeReport) -> None:
        """Take in a trade, unless it was in the account before that was taken over."""
        if report.time > self._opened.get(report.account, -1) or self.core.is_ours(
            report.client_id
        ):
            self.core.trade(report)

    def _probed(self, probed: Probed) -> None:
        if self.core.desk.market.worth:  # else it is asked again once trades can be booked
            self.core.probed(probed)

    def _fetched(self, fetched: Fetched) -> None:
        for trade in fetched.trades:
            self._trade(trade)
        for payment in fetched.funding:
            if payment.settlement > self._opened.get(payment.account, -1):
                self.core.funding(payment)
        for moved in fetched.cash:
            if moved.time > self._opened.get(moved.account, -1):
                self.core.cash_moved(moved)
        if not fetched.symbol:
            self._unread.pop(fetched.account, None)
            self._cashless.discard(fetched.account)
        self.auditor.fetched(fetched)

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
        self.auditor.snapshot(snapshot, begun=self._begun)

    def _stream(self, report: StreamReport) -> None:
        name = f"{report.venue} {report.stream}"
        before = self.streams.get(name)
        self.streams[name] = report
        if self._begun and report.alive and before is not None and not before.alive:
            self.auditor.catch_up(report.venue)

    def _checked(self, checked: Checked) -> None:
        """Take in what an account says of itself."""
        self.admission.take(checked.facts)
        self.core.listed(checked.facts)

    def _not_admitted(self, why_not: str) -> None:
        """Stop trading, or do not begin, as an account is refused."""
        if self._begun:
            self._pause(why_not)
        elif self.standing.reason != why_not:
            since = self.core.now
            self._enter(DeskState(state=State.STOPPED, since=since, reason=why_not, by="desk"))

    @property
    def cannot_begin(self) -> str:
        """Why the desk refuses to begin, "" where it has begun or only waits for an answer."""
        return "" if self._begun else self.admission.why_not

    def _failed(self, failed: CallFailed) -> None:
        """Take in that a request failed; where it says that we may not ask at all, stop."""
        self.core.failed(failed)
        if failed.call == "place" and failed.failure is Failure.REFUSED:
            self.admission.doubt(failed.time)  # it may be set otherwise than it was
            return
        if failed.call == "cash":
            self._unread[failed.account] += 1
            if failed.failure is Failure.REFUSED or self._unread[failed.account] >= UNREAD:
                self._without_cash(failed)
        self.admission.failed(failed, begun=self._begun)

    def _without_cash(self, failed: CallFailed) -> None:
        """Go on without an account's history of cash; a person hears of it once."""
        self.auditor.no_cash(failed.account)
        if failed.account not in self._cashless:
            self._cashless.add(failed.account)
            text = (
                f"{failed.account}: the venue does not tell what came and went beside trades "
                f"({failed.reason}): a deposit, a rebate or interest is a difference that nothing "
                "explains. Give the key the right to read the account's history"
            )
            notice = Notice(level="warning", topic="balance-differs", text=text)
            self.core.notice(notice)

    # --- what stops and what starts it ------------------------------------------------------------

    def _permit(self) -> None:
        """Set what orders may be sent now, and why not more."""
        core, state = self.core, self.standing.state
        if self.warden is not None:
            self.warden.permit()
        # A killed desk still squares a pair that stands on one leg, by closing only.
        killed = state is State.KILLED and not self._journal_down
        core.finishing = core.paired if killed else frozenset()
        if self._journal_down:
            core.allowed = Permission.NONE
            core.held_back = f"the journal cannot be written ({self._journal_down})"
        elif state is State.TRADING:
            core.allowed, core.held_back = Permission.ALL, ""
        else:
            reducing = state in {State.ARMED, State.PAUSED}
            core.allowed = Permission.REDUCE_ONLY if reducing else Permission.NONE
            core.held_back = f"the desk is {state} ({self.standing.reason})"

    def _answer_happened(self) -> None:
        """Answer the trades that nobody here ordered, as the setup wants it."""
        for leg, report in self.core.happened:
            listing = self.setup.listings[leg]
            words = _FOREIGN[report.cause].format(
                side=report.side, amount=report.amount, symbol=listing.symbol, price=report.price
            )
            text = f"{listing.venue} {listing.account}: {words}"
            self._answer(report.cause, leg, text, _TOPICS[report.cause])
        self.core.happened.clear()

    def _answer(self, cause: Cause | None, leg: int | None, words: str, topic: str) -> None:
        """Do what the setup says about a change that the desk did not cause."""
        answer = self.setup.answers.to(cause)
        then = {
            "rehedge": "booked; the policy goes on from there",
            "adopt": "booked, and left alone: the leg adds no risk until the desk is resumed",
            "pause": "booked; the desk pauses until it is resumed",
        }[answer]
        if topic == "not-ours":
            pauses = answer == "pause"
            then = "the desk pauses until it is resumed" if pauses else "the desk goes on"
        self.core.notice(Notice(level="critical", topic=topic, text=f"{words}; {then}"))
        if answer == "adopt" and leg is not None:
            self.core.block(leg, words)
        elif answer == "pause":
            self._pause(words)

    def _pause(self, reason: str) -> None:
        if self.standing.state in {State.TRADING, State.ARMED}:
            entered = DeskState(state=State.PAUSED, since=self.core.now, reason=reason, by="desk")
            self._enter(entered)

    def _enter(self, entered: DeskState) -> None:
        self.standing = entered
        self.core.write(entered.draft())
        self._permit()

    def _told(self, told: Told) -> None:
        core = self.core
        if told.order is Order.RESET:
            self._reset(told)
            return
        target = after(told.order, self.standing.state) if self._begun else None
        later = None if self._begun else _BEGINS_AS.get(told.order)
        body = {
            "order": str(told.order),
            "by": told.by,
            "subject": told.subject,
            "reason": told.reason,
            "done": target is not None,
            "begins_as": None if later is None else str(later),
            "flattening": later is not None and told.order is Order.FLATTEN,
        }
        draft = Draft(time=told.time, kind="operator", body=body)
        core.write(draft)
        if later is not None:
            self._begin_as(draft)
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
        core.unblock()
        if told.order is Order.RESUME:
            self.pairs.resume(told.time)
        if told.order in _ANNOUNCED:
            level, topic = _ANNOUNCED[told.order]
            text = f"{told.by} said {told.order}: {_DONE[told.order]}"
            core.notice(Notice(level=level, topic=topic, text=text))
        if told.order is Order.KILL:
            core.drop_all(told.time, "killed")
        elif told.order is Order.FLATTEN:
            core.flatten(told.time)

    def _begin_as(self, fact: Draft | Record) -> None:
        """Remember what an operator said before the desk began."""
        self._resumes = DeskState(
            state=State(fact.body["begins_as"]),
            since=fact.time,
            reason=fact.body["reason"] or fact.body["order"],
            by=fact.body["by"],
            flattening=fact.body.get("flattening", False),
        )

    def spoken(self, told: Told) -> Draft | None:
        """Return the fact with which a next start goes on as an operator's order has left it."""
        left = self.standing if self._begun else self._resumes
        if left.state is State.STOPPED or told.order is Order.RESET:
            return None
        body = {
            "order": str(told.order),
            "by": told.by,
            "subject": told.subject,
            "reason": told.reason,
            "done": True,
            "begins_as": str(left.state),
            "flattening": left.flattening,
        }
        return Draft(time=told.time, kind="operator", body=body)

    def recall(self, fact: Draft) -> Outcome:
        """Take in what an operator said to the last run, whose journal could not take it."""
        self.core.write(fact)
        self._begin_as(fact)
        return self.core.collected()

    def _reset(self, told: Told) -> None:
        """Clear a tripped guard or breaker by hand, if its condition is over."""
        self.refusal = ""
        if told.subject in self.core.dealer.breakers():
            self.core.take(self.core.dealer.reset(told.subject, told.time))
        elif told.subject == BREAKER and self.pairs.pairing.breakers():
            self.pairs.reset(told.time)
        elif self.warden is not None:
            self.refusal = self.warden.reset(told.subject, told.time)
        body = {
            "order": str(told.order),
            "by": told.by,
            "subject": told.subject,
            "reason": told.reason,
            "done": not self.refusal,
        }
        self.core.write(Draft(time=told.time, kind="operator", body=body))
        self._permit()

    def reply(self, told: Told, before: DeskState) -> Reply:
        """Return what came of an operator's order."""
        state = self.standing.state
        if not self._begun and told.order in _BEGINS_AS:
            words = f"the desk has not begun; it will begin as {_BEGINS_AS[told.order]}"
            if told.order is Order.FLATTEN:
                words += ", and close every hedge"
            return Reply(accepted=True, state=state, words=words)
        if told.order is Order.RESET:
            words = self.refusal or f"{told.subject} is reset"
            return Reply(accepted=not self.refusal, state=state, words=words)
        if self.standing is before:
            words = self.admission.why_not or f"the desk is {state} ({before.reason})"
            return Reply(accepted=False, state=state, words=f"{told.order}: not done; {words}")
        return Reply(accepted=True, state=state, words=_DONE[told.order])

    def why(self, leg: str | None, last: int) -> tuple[DecisionView, ...]:
        """Return the last decisions, oldest first; `leg` is a number or a symbol."""
        found = [shown(time, body) for time, body in self.core.told_decisions()]
        if leg is not None:
            found = [one for one in found if leg in {str(one.leg), one.symbol}]
        return tuple(found[-last:]) if last > 0 else ()

    def view(self, now: int) -> DeskView:
        """Return what the desk shows."""
        return desk_view(self, now)

    def _journal_failed(self, failed: JournalFailed) -> None:
        if not self._journal_down:
            self._journal_down = failed.reason
            self._permit()
            text = (
                f"The journal cannot be written ({failed.reason}): nothing is sent until it can. "
                "Free the disk or the database; trading goes on by itself afterwards"
            )
            self.core.notice(Notice(level="critical", topic="journal", text=text))

    def _quoted(self, quoted: Quoted) -> None:
        """Take a quote by request for what it is: good to close on, no sign of a living stream."""
        self.core.market.take(quoted.quote)
        self.core.fees.learn(quoted.quote)
        if self.warden is not None:
            self.warden.requested(quoted)

    def _noticed(self, noticed: Noticed) -> None:
        notice = Notice(level=noticed.level, topic=noticed.topic, text=noticed.text)
        self.core.notice(notice)

    def _journal_back(self, back: JournalBack) -> None:
        if self._journal_down:
            self._journal_down = ""
            self.core.now = max(self.core.now, back.time)
            self._permit()
            text = "The journal takes records again; trading goes on"
            self.core.notice(Notice(level="info", topic="journal", text=text))
