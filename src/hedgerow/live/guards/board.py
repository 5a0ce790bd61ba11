"""All guards of a desk side by side: what trips, what resets, and what is allowed meanwhile.

What stands tripped is a fold over the board's own facts, so a guard that only an operator resets
is still tripped after a restart. A guard that raises counts as tripped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from hedgerow.errors import ConfigError, UnknownName
from hedgerow.execution.effects import Notice
from hedgerow.execution.machine import Step
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.guards.base import FINE, Guard, Pardoning, Remembering, Severity, Verdict
from hedgerow.live.guards.measures import Discrepancies, Equity, Headroom, Heard, Requested
from hedgerow.live.guards.permissions import Permissions, Tripped, permissions_of
from hedgerow.units import MINUTE

KIND = "guard"
HOLD = MINUTE  # after a restart: what stood tripped stays so until guards have seen something


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A guard tripped, reset, or concerns other legs than before."""

    time: int
    guard: str
    tripped: bool
    severity: Severity
    message: str
    legs: frozenset[int] = frozenset()
    venues: frozenset[str] = frozenset()


class Judgement(NamedTuple):
    """What a look at all guards found; `refused` says why a reset was not done."""

    changes: tuple[Change, ...] = ()
    step: Step = Step()
    refused: str = ""


UNCHANGED: Final = Judgement()


class GuardBoard:
    """All guards of a desk.

    Parameters
    ----------
    guards
        One of each name.
    severities
        By name: what a guard stops, where that is not its own.
    """

    __slots__ = (
        "_failed",
        "_guards",
        "_hearers",
        "_held_until",
        "_memories",
        "_messages",
        "_over",
        "_permissions",
        "_remembering",
        "_restored",
        "_severities",
        "_tripped",
    )

    def __init__(
        self, guards: Sequence[Guard], severities: Mapping[str, Severity] | None = None
    ) -> None:
        self._guards = {guard.name: guard for guard in guards}
        if len(self._guards) != len(guards):
            raise ConfigError("two guards have the same name; give each its own")
        for name in severities or {}:
            if name not in self._guards:
                raise UnknownName("guard", name, [*self._guards], where="[guards] severities")
        own = {guard.name: guard.severity for guard in guards}
        self._severities: dict[str, Severity] = {**own, **(severities or {})}
        self._hearers: dict[type, list[Guard]] = {}
        for guard in guards:
            for kind in guard.hears:
                self._hearers.setdefault(kind, []).append(guard)
        self._remembering = {
            guard.name: guard for guard in guards if isinstance(guard, Remembering)
        }
        self._tripped: dict[str, Tripped] = {}
        self._memories: dict[str, Mapping[str, Any]] = {}
        self._messages: dict[str, str] = {}  # the latest, for people
        self._failed: dict[str, dict[str, str]] = {}  # by guard and by what it could not take in
        self._over: set[str] = set()
        self._restored: set[str] = set()
        self._held_until: int | None = None
        self._permissions = Permissions()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all guards."""
        return tuple(self._guards)

    @property
    def permissions(self) -> Permissions:
        """What the guards that stand tripped allow."""
        return self._permissions

    @property
    def tripped(self) -> Mapping[str, Tripped]:
        """The guards that stand tripped, by name, with their latest words."""
        return {name: self._with_words(name, state) for name, state in self._tripped.items()}

    def _with_words(self, name: str, state: Tripped) -> Tripped:
        words = self._messages.get(name, state.message)
        return state if words == state.message else replace(state, message=words)

    def severity(self, name: str) -> Severity:
        """Return what a guard stops."""
        return self._severities[name]

    def latches(self, name: str) -> bool:
        """Return whether only an operator resets a guard."""
        return self._severities[name] is Severity.PAUSE

    def observe(self, heard: Heard) -> None:
        """Let every guard take in what concerns it."""
        kind = type(heard)
        for guard in self._hearers.get(kind, ()):
            try:
                guard.observe(heard)
            except Exception as error:  # noqa: BLE001 - a guard that fails counts as tripped
                self._failed.setdefault(guard.name, {})[kind.__name__] = _defect(error)
            else:
                if self._failed and guard.name in self._failed:
                    self._failed[guard.name].pop(kind.__name__, None)

    def observe_headroom(self, account: str, fraction: float, now: int) -> None:
        """Take in the headroom of an account, a fraction of its notional."""
        self.observe(Headroom(time=now, account=account, fraction=fraction))

    def observe_equity(self, equity: float, now: int) -> None:
        """Take in the worth of the whole book, numeraire."""
        self.observe(Equity(time=now, amount=equity))

    def observe_discrepancies(self, found: Discrepancies) -> None:
        """Take in what a reconciliation could not explain, or that all agrees."""
        self.observe(found)

    def observe_requested(self, requested: Requested) -> None:
        """Take in a quote that was asked for while a stream was silent."""
        self.observe(requested)

    def judge(self, now: int) -> Judgement:
        """Ask every guard, and return what changed since the last time."""
        if self._held_until is None:
            self._held_until = now + HOLD
        changes: list[Change] = []
        drafts: list[Draft] = []
        for name, guard in self._guards.items():
            verdict = self._verdict(guard, now)
            if verdict.tripped or name in self._tripped:
                change = self._judged(name, verdict, now)
                if change is not None:
                    changes.append(change)
                    drafts.append(self._taken(_draft(change)))
            if name in self._remembering:
                remembered = self._remembered(name, now)
                if remembered is not None:
                    drafts.append(self._taken(remembered))
        if not drafts:
            return UNCHANGED
        notices = tuple(_notice(change) for change in changes)
        return Judgement(tuple(changes), Step(tuple(drafts), notices))

    def reset(self, name: str, now: int) -> Judgement:
        """Clear a guard that stands tripped, if its condition is over.

        A guard that counts from some point, such as the loss since the start, counts anew from
        now.
        """
        guard = self._guards.get(name)
        if guard is None:
            return Judgement(refused=str(UnknownName("guard", name, self.names)))
        standing = self._tripped.get(name)
        if standing is None:
            return Judgement(refused=f"{name} is not tripped")
        if isinstance(guard, Pardoning):
            guard.pardon(now)
        verdict = self._verdict(guard, now)
        if verdict.tripped:
            return Judgement(refused=f"{name} still holds: {verdict.message}")
        change = self._reset(name, now, "reset by an operator")
        drafts = [self._taken(_draft(change))]
        remembered = self._remembered(name, now)
        if remembered is not None:
            drafts.append(self._taken(remembered))
        return Judgement((change,), Step(tuple(drafts), (_notice(change),)))

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        if fact.kind != KIND or fact.body["guard"] not in self._guards:
            return
        self._take(fact)
        self._restored.add(fact.body["guard"])

    def snapshot(self) -> object:
        """Return what stands tripped, and what guards remember."""
        return dict(self._tripped), dict(self._memories)

    def is_over(self, name: str) -> bool:
        """Return whether a guard that stands tripped would be cleared by a reset."""
        return name in self._over

    def _taken(self, draft: Draft) -> Draft:
        self._take(draft)
        self._restored.discard(draft.body["guard"])
        return draft

    def _take(self, fact: Draft | Record) -> None:
        body = fact.body
        name = body["guard"]
        match body["what"]:
            case "memory":
                self._recall(name, body["memory"])
            case "reset":
                self._tripped.pop(name, None)
                self._messages.pop(name, None)
                self._over.discard(name)
            case _:
                before = self._tripped.get(name)
                self._tripped[name] = Tripped(
                    since=before.since if before else fact.time,
                    message=body["message"],
                    legs=frozenset(body["legs"]),
                    venues=frozenset(body["venues"]),
                )
        self._permissions = permissions_of(self._tripped, self._severities)

    def _verdict(self, guard: Guard, now: int) -> Verdict:
        failed = self._failed.get(guard.name) if self._failed else None
        if failed:
            what, reason = next(iter(failed.items()))
            return _failure(guard.name, f"could not take in a {what}: {reason}")
        try:
            return guard.verdict(now)
        except Exception as error:  # noqa: BLE001 - a guard that fails counts as tripped
            return _failure(guard.name, _defect(error))

    def _judged(self, name: str, verdict: Verdict, now: int) -> Change | None:
        standing = self._tripped.get(name)
        if not verdict.tripped:
            if standing is None or self._holds(name, now):
                return None
            if self.latches(name):
                self._over.add(name)
                return None
            return self._reset(name, now, "all is well again")
        self._over.discard(name)
        self._messages[name] = verdict.message
        if standing is None:
            return self._change(name, verdict, now)
        wider = self._widened(name, standing, verdict)
        if (wider.legs, wider.venues) == (standing.legs, standing.venues):
            return None
        return self._change(name, wider, now)

    def _holds(self, name: str, now: int) -> bool:
        """Return whether it is too early after a restart to believe that all is well."""
        return name in self._restored and self._held_until is not None and now < self._held_until

    def _widened(self, name: str, standing: Tripped, verdict: Verdict) -> Verdict:
        """Return a verdict that, where only an operator resets, concerns no less than before."""
        if not self.latches(name):
            return verdict
        if not (standing.legs or standing.venues) or not (verdict.legs or verdict.venues):
            return replace(verdict, legs=frozenset(), venues=frozenset())
        return replace(
            verdict,
            legs=standing.legs | verdict.legs,
            venues=standing.venues | verdict.venues,
        )

    def _change(self, name: str, verdict: Verdict, now: int) -> Change:
        return Change(
            time=now,
            guard=name,
            tripped=True,
            severity=self._severities[name],
            message=verdict.message,
            legs=verdict.legs,
            venues=verdict.venues,
        )

    def _reset(self, name: str, now: int, message: str) -> Change:
        return replace(self._change(name, FINE, now), tripped=False, message=message)

    def _remembered(self, name: str, now: int) -> Draft | None:
        guard = self._remembering.get(name)
        if guard is None:
            return None
        try:
            memory = guard.memory()
        except Exception as error:  # noqa: BLE001 - a guard that fails counts as tripped
            self._failed.setdefault(name, {})["memory"] = _defect(error)
            return None
        self._failed.get(name, {}).pop("memory", None)
        if memory == self._memories.get(name, {}):
            return None
        body = {"guard": name, "what": "memory", "memory": memory}
        return Draft(time=now, kind=KIND, body=body)

    def _recall(self, name: str, memory: Mapping[str, Any]) -> None:
        self._memories[name] = memory
        guard = self._remembering.get(name)
        if guard is None:
            return
        try:
            if guard.memory() != memory:
                guard.recall(memory)
        except Exception as error:  # noqa: BLE001 - a guard that fails counts as tripped
            self._failed.setdefault(name, {})["memory"] = _defect(error)


def _draft(change: Change) -> Draft:
    body = {
        "guard": change.guard,
        "what": "tripped" if change.tripped else "reset",
        "message": change.message,
        "legs": sorted(change.legs),
        "venues": sorted(change.venues),
    }
    return Draft(time=change.time, kind=KIND, body=body)


def _notice(change: Change) -> Notice:
    level = "info"
    if change.tripped:
        level = "critical" if change.severity is Severity.PAUSE else "warning"
    return Notice(level=level, topic=change.guard, text=change.message)


def _failure(name: str, reason: str) -> Verdict:
    return Verdict(
        tripped=True,
        message=(
            f"the guard {name} itself failed ({reason}) and counts as tripped until it works "
            "again; please report it"
        ),
    )


def _defect(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
