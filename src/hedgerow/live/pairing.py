"""Pairs of a running desk: opened while it trades, kept square, closed together.

How a two-leg trade is carried out is `execution.pair`'s; here is when one begins, and what becomes
of a leg that is alone while none is under way. Its state is a fold over its facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hedgerow.execution.child import back_off
from hedgerow.execution.dealer import Dealer, Permission, Touch
from hedgerow.execution.effects import Notice
from hedgerow.execution.machine import Step
from hedgerow.execution.order import Listing
from hedgerow.execution.pair import Pairs, tradable
from hedgerow.execution.pair_book import PairTrade
from hedgerow.execution.quantise import exact
from hedgerow.execution.style import Limits
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.setup import PairTask
from hedgerow.units import HOUR, MINUTE, SECOND

KIND: Final = "pairing"
BREAKER: Final = "naked"  # also the topic of what is said of it
MENDS: Final = 5  # times a missing leg is asked for alone before the other one is taken back
ZERO: Final = Decimal(0)
Targets = tuple[Decimal, Decimal]


class Sight(NamedTuple):
    """What pairs must know of an instant, by leg.

    `liquidity` is higher where a leg trades more easily; `left` are legs that are left as somebody
    else changed them; `closing` says that everything is being closed.
    """

    touches: Mapping[int, Touch]
    liquidity: Mapping[int, float]
    permission: Mapping[int, Permission]
    left: frozenset[int] = frozenset()
    closing: bool = False


class Act(NamedTuple):
    """A pair begins to go somewhere."""

    task: PairTask
    targets: Targets


@dataclass(frozen=True, slots=True)
class PairState:
    """What is remembered of one pair.

    Attributes
    ----------
    failures, next_at
        Trades that were given up in a row, and when the next one may begin.
    mends, mend_at
        The same of a single leg that was traded to match the other.
    tripped
        Whether a trade passed the naked limit, and nobody has reset it.
    """

    failures: int = 0
    next_at: int = 0
    mends: int = 0
    mend_at: int = 0
    tripped: bool = False


class Pairing:
    """All pairs of a desk over its dealer."""

    __slots__ = ("_acts", "_dealer", "_limits", "_listings", "_pairs", "_states", "_tasks")

    def __init__(
        self, tasks: Iterable[PairTask], dealer: Dealer, listings: Sequence[Listing], limits: Limits
    ) -> None:
        self._tasks = {task.name: task for task in tasks}
        self._dealer = dealer
        self._listings = tuple(listings)
        self._limits = {name: _own_limits(task, limits) for name, task in self._tasks.items()}
        self._pairs = {name: Pairs(dealer, listings, self._limits[name]) for name in self._tasks}
        self._states = {name: PairState() for name in self._tasks}
        self._acts: list[Act] = []

    @property
    def tasks(self) -> tuple[PairTask, ...]:
        """All pairs."""
        return tuple(self._tasks.values())

    def apply(self, fact: Draft | Record) -> None:
        """Change the state by one fact; other kinds are passed over."""
        if fact.kind not in {"pair", KIND} or fact.body["pair"] not in self._tasks:
            return
        self._pairs[fact.body["pair"]].apply(fact)
        self._remember(fact)

    def snapshot(self) -> object:
        """Return the whole state as plain, comparable values."""
        return {name: (self._pairs[name].snapshot(), self._states[name]) for name in self._tasks}

    def look(self, now: int, sight: Sight) -> Step:
        """Do what is due for every pair."""
        step = Step()
        for name, pairs in self._pairs.items():
            if pairs.active():
                part = pairs.advance(now, sight.touches, sight.permission)
                step = step.then(self._noted(part))
            else:
                step = step.then(self._at_rest(self._tasks[name], now, sight))
        return step

    def cut(self, leg: int, amount: Decimal, now: int, sight: Sight) -> Step:
        """Take an amount off both legs of the pair that a leg belongs to."""
        task = next(task for task in self._tasks.values() if leg in task.legs)
        if self._is_busy(task):
            return Step()
        held = self._held(task)
        targets = tuple(_towards_zero(each, amount) for each in held)
        return self._go(task, (targets[0], targets[1]), now, sight)

    def taken_acts(self) -> tuple[Act, ...]:
        """Return what began since this was asked last."""
        acts, self._acts = tuple(self._acts), []
        return acts

    def breakers(self) -> dict[str, str]:
        """Return what stands tripped, with its message."""
        names = [name for name, state in self._states.items() if state.tripped]
        if not names:
            return {}
        text = (
            f"pair {', '.join(names)} passed its limit of naked notional times seconds: no pair is "
            "opened until an operator resets it; look first why a leg did not trade"
        )
        return {BREAKER: text}

    def reset(self, now: int) -> Step:
        """Let pairs open again."""
        step = Step()
        for name, state in self._states.items():
            if state.tripped:
                step = step.then(self._noted(_fact(now, name, what="reset")))
        if step.drafts:
            told = Notice(level="info", topic=BREAKER, text="reset by an operator: pairs may open")
            step = step.then(Step(effects=(told,)))
        return step

    def try_again(self, now: int) -> Step:
        """Open at once what is waiting after a trade that was given up: somebody resumed."""
        step = Step()
        for name, state in self._states.items():
            if state.next_at > now:
                step = step.then(self._noted(_fact(now, name, what="again")))
        return step

    def why_not(self, task: PairTask, now: int) -> str:
        """Return why a pair is not opened, beside what stops its legs; "" for nothing."""
        tripped = self.breakers().get(BREAKER)
        if tripped:
            return tripped
        state = self._states[task.name]
        if now < state.next_at:
            wait = (state.next_at - now) / SECOND
            return f"its last trade was given up; it is tried again in {wait:.0f} s"
        return ""

    def trade(self, task: PairTask) -> PairTrade | None:
        """Return the trade of a pair that is under way."""
        return next(iter(self._pairs[task.name].active()), None)

    def durations(self) -> tuple[int, ...]:
        """Return for how long each finished trade was naked, nanoseconds."""
        return tuple(each for pairs in self._pairs.values() for each in pairs.durations())

    def limit(self, task: PairTask) -> float:
        """Return the most that a pair may be naked, quote times seconds."""
        return self._limits[task.name].naked

    def targets(self, task: PairTask, now: int, sight: Sight) -> Targets:
        """Return what the legs of a pair are to hold now.

        While nothing may be opened, what both hold against each other stays, and no more; the same
        where a leg is missing and its venue takes no order for it.
        """
        if sight.closing:
            return ZERO, ZERO
        wanted = self._wanted(task)
        tired = self._states[task.name].mends >= MENDS
        if self._may_open(task, now, sight) and not tired:
            return wanted, -wanted
        first, second = self._held(task)
        if first * second >= ZERO or first * wanted <= ZERO:
            return ZERO, ZERO
        both = min(abs(first), abs(second), abs(wanted))
        both = both if first > ZERO else -both
        return both, -both

    # --- what is done ---------------------------------------------------------------------------

    def _at_rest(self, task: PairTask, now: int, sight: Sight) -> Step:
        if self._is_busy(task) or sight.left & set(task.legs):
            return Step()
        return self._go(task, self.targets(task, now, sight), now, sight)

    def _go(self, task: PairTask, targets: Targets, now: int, sight: Sight) -> Step:
        """Bring the legs to their targets: together, or one alone to where the other is."""
        held = self._held(task)
        ways = [target - each for target, each in zip(targets, held, strict=True)]
        away = [
            leg
            for leg, target in zip(task.legs, targets, strict=True)
            if self._is_away(leg, target, sight)
        ]
        if not away:
            mended = self._states[task.name].mends
            return self._noted(_fact(now, task.name, what="square")) if mended else Step()
        if len(away) == 1 or ways[0] * ways[1] >= ZERO:
            return self._mend(task, dict(zip(task.legs, targets, strict=True)), now, sight, away)
        self._acts.append(Act(task, targets))
        step = self._pairs[task.name].open(
            task.name,
            *task.legs,
            targets,
            sight.touches,
            now,
            min(sight.permission[leg] for leg in task.legs),
            liquidity=(sight.liquidity[task.first], sight.liquidity[task.second]),
        )
        return self._noted(step)

    def _mend(
        self,
        task: PairTask,
        targets: Mapping[int, Decimal],
        now: int,
        sight: Sight,
        away: Sequence[int],
    ) -> Step:
        """Trade a leg alone: the other is where it is to be."""
        if now < self._states[task.name].mend_at:
            return Step()
        self._acts.append(Act(task, (targets[task.first], targets[task.second])))
        step = self._noted(_fact(now, task.name, what="mend", legs=list(away)))
        for leg in away:
            listing, target = self._listings[leg], targets[leg]
            held = self._dealer.expected(leg)
            text = (
                f"pair {task.name}: {listing.symbol} at {listing.venue} holds {held:f} and is to "
                f"hold {target:f}, as the other leg; it is traded alone. Look what changed it"
            )
            aimed = self._dealer.aim(
                leg, target, sight.touches[leg], now, sight.permission[leg], "survivor", hurry=True
            )
            told = Notice(level="warning", topic=BREAKER, text=text)
            step = step.then(aimed).then(Step(effects=(told,)))
        return step

    # --- what there is --------------------------------------------------------------------------

    def _held(self, task: PairTask) -> Targets:
        return self._dealer.expected(task.first), self._dealer.expected(task.second)

    def _wanted(self, task: PairTask) -> Decimal:
        """Return the size of a pair in whole lots of both legs, signed."""
        lot = max(self._listings[leg].lot for leg in task.legs)
        return _towards_zero(task.size, abs(task.size) % lot)

    def _is_busy(self, task: PairTask) -> bool:
        return bool(self._pairs[task.name].active()) or any(
            not self._dealer.settled(leg) or self._dealer.target(leg) is not None
            for leg in task.legs
        )

    def _may_open(self, task: PairTask, now: int, sight: Sight) -> bool:
        return (
            all(sight.permission[leg] is Permission.ALL for leg in task.legs)
            and not self._dealer.breakers()
            and not self.why_not(task, now)
        )

    def _is_away(self, leg: int, target: Decimal, sight: Sight) -> bool:
        touch = sight.touches[leg]
        middle = exact((touch.bid + touch.ask) / 2.0)
        held = self._dealer.expected(leg)
        return middle is not None and tradable(self._listings[leg], held, target, middle)

    # --- what is remembered ---------------------------------------------------------------------

    def _noted(self, step: Step) -> Step:
        for draft in step.drafts:
            self._remember(draft)
        return step

    def _remember(self, fact: Draft | Record) -> None:
        if fact.kind in {"pair", KIND}:
            name = fact.body["pair"]
            self._states[name] = _changed(self._states[name], fact.body, fact.time)


def _changed(state: PairState, body: Mapping[str, Any], time: int) -> PairState:
    failures, mends = state.failures + 1, state.mends + 1
    match body["what"]:
        case "end" if body["reason"]:
            wait = back_off(failures, first=MINUTE, most=HOUR)
            state = replace(state, failures=failures, next_at=time + wait)
        case "end":
            state = replace(state, failures=0, next_at=0)
        case "told":
            state = replace(state, tripped=True)
        case "again":
            state = replace(state, failures=0, next_at=0)
        case "reset":
            state = replace(state, tripped=False, failures=0, next_at=0)
        case "mend":
            state = replace(state, mends=mends, mend_at=time + back_off(mends))
        case "square":
            state = replace(state, mends=0, mend_at=0)
    return state


def _fact(now: int, name: str, **body: Any) -> Step:  # noqa: ANN401 - the body of a record
    return Step((Draft(time=now, kind=KIND, body={"pair": name, **body}),))


def _own_limits(task: PairTask, limits: Limits) -> Limits:
    return replace(
        limits,
        naked=limits.naked if task.naked is None else task.naked,
        naked_notional=(
            limits.naked_notional if task.naked_notional is None else task.naked_notional
        ),
    )


def _towards_zero(held: Decimal, amount: Decimal) -> Decimal:
    """Return a position with an amount taken off, zero at most.

    >>> _towards_zero(Decimal(-3), Decimal(1)), _towards_zero(Decimal(1), Decimal(2))
    (Decimal('-2'), Decimal('0'))
    """
    left = max(abs(held) - amount, ZERO)
    return left if held > ZERO else -left if left else ZERO
