"""The warden of a desk: its guards, its margin and its stand-ins, and what they allow.

Everything it does is written down by the machines it keeps; it holds no other state.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal

from hedgerow.engine.desk_margin import FLAT, room
from hedgerow.engine.desk_worth import worth
from hedgerow.execution.dealer import Permission
from hedgerow.execution.effects import Notice
from hedgerow.execution.port import QuoteReport
from hedgerow.kernels.contract import base_size
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.core import Core
from hedgerow.live.effects import FetchQuote, FetchSnapshot
from hedgerow.live.failover import Failover, FailoverPlan, LegState
from hedgerow.live.guards.base import Severity
from hedgerow.live.guards.desk_guards import guard_board
from hedgerow.live.guards.limits import GuardLimits
from hedgerow.live.guards.measures import Discrepancies, Requested, Unresolved
from hedgerow.live.guards.places import Places
from hedgerow.live.guards.stablecoin_peg import StablecoinPeg
from hedgerow.live.guards.stale_stream import StaleStream
from hedgerow.live.margin_guard import MarginAccount, MarginGuard, Means
from hedgerow.live.margin_room import margin_room
from hedgerow.live.pair_desk import PairDesk
from hedgerow.live.reach import Reach
from hedgerow.live.signals import Quoted, Signal
from hedgerow.units import SECOND

SHIFT = "shift"  # kind of the fact that a goal is moved
QUESTIONS = 5 * SECOND  # between two quotes by request while a stream is silent
LOOKS = SECOND // 2  # between two looks at all guards, nanoseconds
REDUCE = 0.5  # of the headroom guard's threshold: below, the hedge itself is made smaller


class Warden:
    """Guards, margin and failover of one core."""

    def __init__(
        self,
        core: Core,
        limits: GuardLimits,
        plan: FailoverPlan | None = None,
        pairs: PairDesk | None = None,
    ) -> None:
        setup = core.setup
        self.core = core
        self.limits = limits
        core.stale_after = limits.book_age
        self.pairs = pairs
        self.peg = StablecoinPeg(Places(setup.listings), limits)
        self.board = guard_board(setup.listings, limits, self.peg)
        self.margin = MarginGuard(
            [
                MarginAccount(
                    name=account.name,
                    currency=account.collateral,
                    below=limits.headroom * REDUCE,
                    upto=limits.headroom,
                )
                for account in setup.terms.accounts
            ]
        )
        self.failover = (
            None
            if plan is None
            else Failover(plan, [f"{one.symbol} at {one.venue}" for one in setup.listings])
        )
        self.changed = False
        self._told_blind = False
        self._next_look = 0
        self._next_question = 0
        self._headroom: dict[str, float] = {}
        self._below = limits.headroom * REDUCE
        self._quotes: dict[tuple[str, str, bool, bool, bool, bool], QuoteReport] = {}
        self.agreed: Callable[[str, int], bool] = lambda account, since: False  # noqa: ARG005
        self._reach = Reach(tuple(setup.venues.values()))
        self._back = dict.fromkeys(setup.venues.values(), 0)  # since when it can be reached
        self._shifted = [0.0 for _ in setup.terms.legs]  # of goals, by what stands in
        self._planned = [0.0 for _ in setup.terms.legs]  # the same when goals were last looked at
        self._low: dict[int, str] = {}  # legs blocked by margin

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        self.board.apply(fact)
        self.margin.apply(fact)
        if self.failover is not None:
            self.failover.apply(fact)
            if fact.kind == SHIFT:
                self._shifted[fact.body["leg"]] = fact.body["amount"]

    def snapshot(self) -> object:
        """Return all state as plain, comparable values."""
        failover = None if self.failover is None else self.failover.snapshot()
        return self.board.snapshot(), self.margin.snapshot(), failover, tuple(self._shifted)

    def keep(self, quote: QuoteReport) -> None:
        """Keep a quote for the next look: of those that say the same numbers, only the last."""
        key = (
            quote.venue,
            quote.symbol,
            quote.bid is None,
            quote.mark is None,
            quote.funding is None,
            quote.index is None,
        )
        self._quotes[key] = quote

    def observe(self, signal: Signal) -> None:
        """Let every guard take in what concerns it."""
        self.board.observe(signal)
        self._reach.observe(signal)

    def requested(self, quoted: Quoted) -> None:
        """Let the guards hold a silent stream against a quote by request."""
        self.board.observe_requested(Requested(time=quoted.time, quote=quoted.quote))

    def _cross_check(self, now: int) -> None:
        """Ask for the quotes of legs whose streams are silent."""
        silent = self.board.tripped.get(StaleStream.name)
        if silent is None or now < self._next_question:
            return
        self._next_question = now + QUESTIONS
        for leg in silent.legs or range(len(self.core.setup.listings)):
            listing = self.core.setup.listings[leg]
            self.core.ask(FetchQuote(venue=listing.venue, symbol=listing.symbol))

    def discrepancies(self, found: Discrepancies) -> None:
        """Let the guard of positions know what a reconciliation found."""
        self.board.observe_discrepancies(found)

    def judge(self, now: int) -> Iterator[str]:
        """Judge all; yield why the desk must pause, where a guard demands it."""
        if now < self._next_look:
            self.changed = False
            return
        self._next_look = now + LOOKS
        for quote in self._quotes.values():
            self.board.observe(quote)
        self._quotes.clear()
        self._measure(now)
        judged = self.board.judge(now)
        self.core.take(judged.step)
        self.changed = bool(judged.changes)
        for change in judged.changes:
            if change.tripped and change.severity is Severity.PAUSE:
                yield f"{change.guard}: {change.message}"
        self._cross_check(now)
        self._margin(now)
        self._ask_again(now)
        self._stand_in(now)

    def permit(self) -> None:
        """Say which legs may add no risk, and why."""
        core, permissions = self.core, self.board.permissions
        core.blocked = {**core.answered, **self._low}
        tripped = self.board.tripped
        if not tripped:
            return
        for leg, listing in enumerate(core.setup.listings):
            if permissions.of(leg, listing.venue) >= Severity.REDUCE_ONLY:
                words = [
                    f"{name}: {state.message}"
                    for name, state in tripped.items()
                    if self.board.severity(name) >= Severity.REDUCE_ONLY
                    and (
                        not (state.legs or state.venues)
                        or leg in state.legs
                        or listing.venue in state.venues
                    )
                ]
                core.blocked[leg] = "; ".join(words) or "a guard is tripped"

    def reset(self, name: str, now: int) -> str:
        """Clear a tripped guard; return why not, or nothing."""
        judged = self.board.reset(name, now)
        self.core.take(judged.step)
        return judged.refused

    def _measure(self, now: int) -> None:
        """Tell the guards what only the books know."""
        desk = self.core.desk
        self.board.observe(Unresolved(time=now, orders=self.core.dealer.lost()))
        self.core.market.pegs.clear()
        self.core.market.pegs.update(self.peg.worth)
        self._say_blind(now)
        if not desk.market.quotes:
            return
        for number, account in enumerate(desk.terms.accounts):
            fraction = room(desk.books, desk.market, number).headroom
            self._headroom[account.name] = fraction
            self.board.observe_headroom(account.name, min(fraction, FLAT), now)
        made = worth(desk.books, desk.market) - desk.books.sums.flows
        self.board.observe_equity(made, now)  # coins that go are no loss

    def _say_blind(self, now: int) -> None:
        """Tell a person, once a start, of which stablecoins no pair is heard."""
        if self._told_blind or self.core.setup.simulated:
            return
        words = self.peg.unheard(now)
        if words:
            self._told_blind = True
            notice = Notice(level="warning", topic="stablecoin-peg", text=words)
            self.core.notice(notice)

    def _margin(self, now: int) -> None:
        """Make the hedge smaller where no collateral comes in time."""
        core, desk = self.core, self.core.desk
        if not desk.market.quotes or core.allowed is Permission.NONE:
            return
        for number, account in enumerate(desk.terms.accounts):
            watch = self.margin.watch(account.name)
            if self._headroom.get(account.name, FLAT) >= self._below and not (
                watch.low or watch.unmet
            ):
                continue
            purse = desk.books.purses[number]
            legs = frozenset(
                leg
                for leg, listing in enumerate(core.setup.listings)
                if listing.account == account.name
            )
            certain = Decimal(repr(purse.transit)) - core.transfers.doubted(number)
            means = Means(
                reserve=Decimal(repr(max(purse.reserve + purse.line, 0.0))),
                coming=max(certain, Decimal(0)),
                reducible=legs,
            )
            step = self.margin.look(
                account.name, margin_room(desk.books, desk.market, number), means, now
            )
            for draft in step.drafts:
                core.write(draft)
            for notice in step.notices:
                core.notice(notice)
            for reduction in step.reductions:
                if self.pairs is not None and reduction.leg in core.paired:
                    self.pairs.cut(reduction.leg, reduction.lots)
                else:
                    core.reduce(reduction.leg, reduction.lots, now)
            low = self.margin.watch(account.name).low
            for leg in legs:
                if low:
                    self._low[leg] = f"{account.name} is short of margin"
                else:
                    self._low.pop(leg, None)

    # --- stand-ins --------------------------------------------------------------------------------

    def begin(self, now: int) -> None:
        """Hold for others what was held for them before a restart."""
        self._back = dict.fromkeys(self._back, now)
        for leg, amount in enumerate(self._shifted):
            self.core.shift(leg, "stand-in", amount)
        self.decided()

    def decided(self) -> None:
        """Remember which shifts are in the goals: the policy has just been asked."""
        self._planned = [*self._shifted]

    def _ask_again(self, now: int) -> None:
        """Ask venues that did not answer whether they are there, where that decides something."""
        if self.failover is None:
            return
        for venue in self._reach.doubted(now):
            for account, place in self.core.setup.venues.items():
                if place == venue:
                    self.core.ask(FetchSnapshot(venue=venue, account=account))

    def excused(self, missing: Collection[int], silence: int) -> Mapping[int, int]:
        """Return who stands in for legs not heard for so long; nobody unless each has one."""
        if self.failover is None or silence < self.failover.after:
            return {}
        found = {
            leg: next((by for by in self.failover.stand_ins(leg) if by not in missing), None)
            for leg in missing
        }
        able = {leg: by for leg, by in found.items() if by is not None}
        return able if len(able) == len(found) else {}

    def _stand_in(self, now: int) -> None:
        """Let other legs hold what a leg lacks whose venue is away."""
        core, desk = self.core, self.core.desk
        if self.failover is None or not desk.market.quotes or core.allowed is Permission.NONE:
            return
        legs = [leg for leg in range(core.setup.legs) if leg not in core.paired]
        away = {core.setup.listings[leg].venue for leg in legs if not self._reachable(leg)}
        for venue in away:
            self._back[venue] = now
        states = {leg: self._state(leg) for leg in legs}
        step = self.failover.look(states, now)
        for draft in step.drafts:
            core.write(draft)
        for notice in step.notices:
            core.notice(notice)
        for leg, state in states.items():
            late = self.failover.late(leg, states)
            alone = float(self.failover.allowed(leg, state, late) - state.goal)
            shift = alone + float(self.failover.lent(leg))
            self._shift(leg, shift, float(state.lot * state.unit), now)

    def _shift(self, leg: int, amount: float, size: float, now: int) -> None:
        """Move a goal, durably; less than half a lot is none, unless it is back."""
        before = self._shifted[leg]
        if amount == before or (amount != 0.0 and abs(amount - before) < size / 2.0):
            return
        self._shifted[leg] = amount
        self.core.write(Draft(time=now, kind=SHIFT, body={"leg": leg, "amount": amount}))
        self.core.shift(leg, "stand-in", amount)

    def _reachable(self, leg: int) -> bool:
        """Whether a leg's venue answers, and its streams speak."""
        venue = self.core.setup.listings[leg].venue
        silent = self.board.tripped.get(StaleStream.name)
        if silent is not None and (leg in silent.legs or venue in silent.venues):
            return False
        return not self._reach.is_away(venue)

    def _state(self, leg: int) -> LegState:
        core, desk = self.core, self.core.desk
        listing, terms = core.setup.listings[leg], desk.terms.legs[leg]
        mark = desk.market.quotes[leg].mark
        unit = base_size(1.0, mark, terms.inverse)
        lent = Decimal(0) if self.failover is None else self.failover.lent(leg)
        goal = desk.plans[leg].goal - self._planned[leg]
        exact = Decimal(repr(unit))
        band = core.setup.bands[leg] if core.setup.bands else None
        content = max((band or 0.0) * abs(desk.plans[leg].exposure), terms.minimum / mark)
        reachable = self._reachable(leg)
        return LegState(
            goal=Decimal(repr(goal)),
            held=core.dealer.position(leg) * exact - lent,
            pending=core.dealer.pending(leg) * exact,
            reachable=reachable,
            settled=reachable and self.agreed(listing.account, self._back[listing.venue]),
            unit=exact,
            lot=listing.lot,
            content=Decimal(repr(content)),
        )
