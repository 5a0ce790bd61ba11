"""A hedge elsewhere while a venue is away, and back again, never twice over.

A leg whose venue cannot be reached keeps its position but cannot be adjusted. What it lacks is
held on other legs for the time being (`lent`), and handed back as the leg itself trades again.
Its state is a fold over its facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Any, Final, NamedTuple

from hedgerow.errors import ConfigError
from hedgerow.execution.effects import Notice
from hedgerow.ledger.journal import Draft, Record
from hedgerow.units import MINUTE, SECOND

KIND: Final = "failover"
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverPlan:
    """Which legs stand in for which.

    Attributes
    ----------
    stand_ins
        By leg, the legs at other venues that may hedge in its place, best first.
    after
        How long a venue must be away before, nanoseconds.
    settled
        How long it must be back, and reconciled, before the hedge returns, nanoseconds.
    tolerance
        By how much the hedge may miss its goal while it returns, fraction of the larger of the
        goal and what is handed back, > 0.
    step
        Smallest change of what a stand-in holds, fraction of the goal.
    """

    stand_ins: Mapping[int, tuple[int, ...]]
    after: int = MINUTE
    settled: int = 30 * SECOND
    tolerance: Decimal = Decimal("0.1")
    step: Decimal = Decimal("0.02")

    def __post_init__(self) -> None:
        if self.tolerance <= 0:
            raise ConfigError(
                f"failover: tolerance = {self.tolerance} must be above zero; the hedge returns in "
                "slices of that size"
            )
        for leg, others in self.stand_ins.items():
            if leg in others:
                raise ConfigError(f"failover: leg {leg} cannot stand in for itself; name another")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegState:
    """One leg at a look; amounts are base coin, signed.

    Attributes
    ----------
    goal
        What this leg itself should hold, stand-ins not counted.
    held
        What its own hedge is; of a stand-in without what it has `lent`.
    pending
        What may still fill of its orders, the worst case where nobody knows.
    reachable
        Whether orders can be sent.
    settled
        Whether the account was reconciled since it is reachable.
    unit
        Base coin of one unit of the lot: 1 if linear, 1 / price if inverse.
    lot
        Smallest step of a position, in units.
    content
        How far from its goal its policy leaves a leg alone.
    """

    goal: Decimal
    held: Decimal
    pending: Decimal = ZERO
    reachable: bool = True
    settled: bool = True
    unit: Decimal = Decimal(1)
    lot: Decimal = Decimal("0.001")
    content: Decimal = ZERO


class Phase(StrEnum):
    """Where a leg is."""

    CALM = "calm"
    COVERING = "covering"  # others hold what it lacks
    RETURNING = "returning"  # it trades again, and others give back


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What stands in for a leg: base coin by stand-in, as aimed for, in the order it was taken."""

    phase: Phase = Phase.CALM
    extras: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """All that others hold for it."""
        return sum(self.extras.values(), ZERO)


class FailoverStep(NamedTuple):
    """Facts to make durable, and what a person hears."""

    drafts: tuple[Draft, ...] = ()
    notices: tuple[Notice, ...] = ()


CALM: Final = Cover()


class Failover:
    """Stand-ins of all legs; `names` are what people call the legs."""

    __slots__ = ("_away", "_back", "_covers", "_names", "_plan", "_stuck")

    def __init__(self, plan: FailoverPlan, names: Sequence[str] = ()) -> None:
        self._plan = plan
        self._names = tuple(names)
        self._covers: dict[int, Cover] = {}
        self._away: dict[int, int] = {}  # since when a leg cannot be reached
        self._back: dict[int, int] = {}  # since when it can, and is reconciled
        self._stuck: set[int] = set()  # nobody could stand in, and a person has heard of it

    def cover(self, leg: int) -> Cover:
        """Return what stands in for a leg."""
        return self._covers.get(leg, CALM)

    def stand_ins(self, leg: int) -> tuple[int, ...]:
        """Return the legs that may stand in for a leg, best first."""
        return self._plan.stand_ins.get(leg, ())

    @property
    def after(self) -> int:
        """How long a venue must be away before others stand in, nanoseconds."""
        return self._plan.after

    def lent(self, leg: int) -> Decimal:
        """Return what a leg should hold for others, base coin, beside its own goal."""
        return sum((cover.extras.get(leg, ZERO) for cover in self._covers.values()), ZERO)

    def allowed(self, leg: int, state: LegState, late: Decimal = ZERO) -> Decimal:
        """Return the position that a leg itself may go to now, base coin.

        While others stand in it keeps what it has; while they give back, its own hedge and theirs
        together stay within the tolerance of its goal; `late` is what they hold beyond what they
        are to hold, as it is not handed back yet.
        """
        cover = self.cover(leg)
        if cover.phase is Phase.CALM:
            return state.goal
        if cover.phase is Phase.COVERING:
            return state.held
        slack = max(abs(state.goal), abs(cover.total)) * self._plan.tolerance
        slack += state.lot * state.unit  # one lot at least, or nothing would ever return
        alone = state.goal - cover.total - late
        wanted = min(max(state.goal, alone - slack), alone + slack)
        # Only towards the goal: what is beyond the bounds already is for the stand-ins to undo.
        between = sorted((state.held, state.goal))
        return min(max(wanted, between[0]), between[1])

    def late(self, leg: int, states: Mapping[int, LegState]) -> Decimal:
        """Return what stand-ins of a leg have not handed back yet, base coin."""
        total, late = self.cover(leg).total, ZERO
        for by in self.cover(leg).extras:
            beyond = states[by].held - states[by].goal
            if beyond * total > 0 and abs(beyond) > states[by].content:
                late += beyond
        return late

    def look(self, states: Mapping[int, LegState], now: int) -> FailoverStep:
        """Look at all legs, and change what stands in for whom."""
        drafts: list[Draft] = []
        notices: list[Notice] = []
        for leg in self._plan.stand_ins:
            if leg not in states:
                continue
            self._time(leg, states[leg], now)
            before = self.cover(leg)
            after, told = self._next(leg, before, states, now)
            if after != before:
                draft = _draft(leg, after, now)
                self.apply(draft)
                drafts.append(draft)
            notices.extend(told)
        return FailoverStep(tuple(drafts), tuple(notices))

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        if fact.kind != KIND:
            return
        body = fact.body
        if body["phase"] == Phase.CALM:
            self._covers.pop(body["leg"], None)
            return
        extras = {leg: Decimal(amount) for leg, amount in body["extras"]}
        self._covers[body["leg"]] = Cover(phase=Phase(body["phase"]), extras=extras)

    def snapshot(self) -> object:
        """Return what stands in for whom."""
        return dict(self._covers)

    def _name(self, leg: int) -> str:
        return self._names[leg] if self._names else f"leg {leg}"

    def _time(self, leg: int, state: LegState, now: int) -> None:
        if state.reachable:
            self._away.pop(leg, None)
        else:
            self._away.setdefault(leg, now)
        if state.reachable and state.settled:
            self._back.setdefault(leg, now)
        else:
            self._back.pop(leg, None)

    def _next(
        self, leg: int, cover: Cover, states: Mapping[int, LegState], now: int
    ) -> tuple[Cover, Sequence[Notice]]:
        state = states[leg]
        if not state.reachable and now - self._away[leg] >= self._plan.after:
            return self._covered(leg, replace(cover, phase=Phase.COVERING), states)
        if cover.phase is Phase.CALM:
            return cover, ()
        if cover.phase is Phase.COVERING:
            if leg not in self._back or now - self._back[leg] < self._plan.settled:
                return cover, ()
            text = f"{self._name(leg)} trades again; what others hold for it is handed back"
            return replace(cover, phase=Phase.RETURNING), [_told("info", text)]
        return self._given_back(leg, cover, states)

    def _covered(
        self, leg: int, cover: Cover, states: Mapping[int, LegState]
    ) -> tuple[Cover, Sequence[Notice]]:
        """Aim for what a leg lacks, as if what may still fill in the same direction had filled."""
        state = states[leg]
        missing = state.goal - state.held
        if missing * state.pending > 0:
            missing -= _towards(state.pending, missing)
        change = missing - cover.total
        least = max(self._plan.step * abs(state.goal), state.lot * state.unit)
        if not cover.extras:
            least = max(least, state.content)
        if abs(change) < least:
            # Nothing to do is not a cover.
            return (cover if cover.extras else CALM), ()
        extras = self._spread(leg, cover.extras, change, states)
        if extras == cover.extras:
            able = any(_can(states.get(by)) for by in self._plan.stand_ins[leg])
            if able or leg in self._stuck:
                return (cover if cover.extras else CALM), ()
            self._stuck.add(leg)
            text = (
                f"{self._name(leg)} cannot be reached and lacks {_plain(change)} of its hedge; "
                "nobody can stand in for it. Hedge it by hand elsewhere, or wait for the venue"
            )
            return (cover if cover.extras else CALM), [_told("critical", text)]
        self._stuck.discard(leg)
        held = (
            ", ".join(f"{_plain(amount)} in {self._name(by)}" for by, amount in extras.items())
            or "none"
        )
        text = (
            f"{self._name(leg)} cannot be reached and lacks {_plain(missing)} of its hedge; held "
            f"elsewhere until it is back: {held}"
        )
        return Cover(phase=Phase.COVERING, extras=extras), [_told("warning", text)]

    def _given_back(
        self, leg: int, cover: Cover, states: Mapping[int, LegState]
    ) -> tuple[Cover, Sequence[Notice]]:
        """Shrink what others hold to what the leg itself still lacks; never enlarge it."""
        state = states[leg]
        left = _towards(state.goal - state.held, cover.total)
        if abs(left) < state.lot * state.unit or abs(left) <= state.content:
            left = ZERO
        extras = self._spread(leg, cover.extras, left - cover.total, states)
        if extras == cover.extras:
            return cover, ()
        if extras:
            return replace(cover, extras=extras), ()
        return CALM, [_told("info", f"{self._name(leg)} holds its own hedge again")]

    def _spread(
        self,
        leg: int,
        extras: Mapping[int, Decimal],
        change: Decimal,
        states: Mapping[int, LegState],
    ) -> dict[int, Decimal]:
        """Return what others hold after a change: given back by the last first, else to the best.

        Only legs that can be reached change; each holds whole lots, rounded toward zero.
        """
        kept = _netted(extras, states)
        for by in reversed(list(extras)):
            if change and kept[by] * change < 0 and _can(states.get(by)):
                undone = _towards(change, -kept[by])
                kept[by], change = _whole(kept[by] + undone, states[by]), change - undone
        for by in self._plan.stand_ins[leg]:
            if change and _can(states.get(by)):
                kept[by] = _whole(kept.get(by, ZERO) + change, states[by])
                break
        return {by: amount for by, amount in kept.items() if amount}


def _netted(extras: Mapping[int, Decimal], states: Mapping[int, LegState]) -> dict[int, Decimal]:
    """Return extras without a long and a short that hedge each other, where both can be closed."""
    kept = dict(extras)
    able = [by for by in kept if _can(states.get(by))]
    for long in (by for by in able if kept[by] > 0):
        for short in (by for by in able if kept[by] < 0):
            both = min(kept[long], -kept[short])
            kept[long] = _whole(kept[long] - both, states[long])
            kept[short] = _whole(kept[short] + both, states[short])
    return kept


def _can(state: LegState | None) -> bool:
    return state is not None and state.reachable and state.settled


def _towards(amount: Decimal, bound: Decimal) -> Decimal:
    """Return the part of `amount` between zero and `bound`.

    >>> [_towards(Decimal(amount), Decimal(-2)) for amount in (-3, -1, 1)]
    [Decimal('-2'), Decimal('-1'), Decimal('0')]
    """
    if amount * bound <= 0:
        return ZERO
    return amount if abs(amount) < abs(bound) else bound


def _whole(amount: Decimal, state: LegState) -> Decimal:
    size = state.lot * state.unit
    return (amount / size).to_integral_value(ROUND_DOWN) * size


def _plain(amount: Decimal) -> str:
    """Return an amount without digits that mean nothing.

    >>> _plain(Decimal("-2.000000000000")), _plain(Decimal("0.00000001"))
    ('-2', '1e-08')
    """
    return f"{float(amount):.10g}"


def _draft(leg: int, cover: Cover, now: int) -> Draft:
    body: dict[str, Any] = {
        "leg": leg,
        "phase": str(cover.phase),
        "extras": [[by, str(amount)] for by, amount in cover.extras.items()],
    }
    return Draft(time=now, kind=KIND, body=body)


def _told(level: str, text: str) -> Notice:
    return Notice(level=level, topic="failover", text=text)
