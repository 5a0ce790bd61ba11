"""Keeps accounts away from liquidation where their top-ups do not: it reduces, else it alerts.

Collateral is sent by the desk's collateral rule, from the reserve inside the venue's own accounts.
This guard looks at what is left and what is on its way, and makes the hedge smaller where that
comes too late or is too little. Its state is a fold over its facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hedgerow.execution.effects import Notice
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.margin_room import MarginRoom, Reduction
from hedgerow.units import MINUTE, SECOND, YEAR

KIND: Final = "margin"
NEVER: Final = -YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginAccount:
    """One account that is guarded.

    Attributes
    ----------
    below, upto
        Headroom at which something is done, and to which it is restored, fractions of notional.
    delay
        How long a top-up takes, nanoseconds.
    """

    name: str
    currency: str
    below: float = 0.05
    upto: float = 0.10
    delay: int = MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginLimits:
    """When waiting for a top-up is not enough.

    Attributes
    ----------
    critical
        Part of an account's `below` at which the hedge is reduced at once.
    odds
        Odds of a liquidation before the top-up arrives, above which the hedge is reduced at once.
    pause
        Between two reductions, nanoseconds.
    """

    critical: float = 0.4
    odds: float = 0.02
    pause: int = 30 * SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the guard knows of one account."""

    low: bool = False
    reduced: int = NEVER  # when the hedge was reduced last
    unmet: bool = False


class MarginStep(NamedTuple):
    """Facts to make durable, then what to do: positions to make smaller, and words."""

    drafts: tuple[Draft, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an account may count on.

    Attributes
    ----------
    reserve
        Collateral that the collateral rule may still send, and has not.
    coming
        What is on its way to the account, of known outcome.
    reducible
        Legs of which orders can be sent now.
    """

    reserve: Decimal = Decimal(0)
    coming: Decimal = Decimal(0)
    reducible: frozenset[int] = field(default_factory=frozenset)

    def words(self, currency: str) -> str:
        """Say what the reserve does about it."""
        left = f"the reserve still has {self.reserve:,.2f} {currency}"
        if self.coming > 0:
            coming = f"{self.coming:,.2f} {currency} are on their way, too little or too late"
            return f"{coming}, and {left}" if self.reserve > 0 else coming
        if self.reserve > 0:
            return f"{left}, of which nothing is on its way: look at top_up_below and top_up_to"
        return "the reserve is empty"


class MarginGuard:
    """Watches the accounts of a desk."""

    __slots__ = ("_accounts", "_limits", "_watch")

    def __init__(
        self, accounts: Sequence[MarginAccount], limits: MarginLimits | None = None
    ) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._limits = limits or MarginLimits()
        self._watch = {account.name: Watch() for account in accounts}

    def watch(self, account: str) -> Watch:
        """Return what is known of an account."""
        return self._watch[account]

    def look(self, account: str, room: MarginRoom, means: Means, now: int) -> MarginStep:
        """Look at an account's room, and do about it what has to be done."""
        given, watch = self._accounts[account], self._watch[account]
        headroom = room.headroom
        if headroom >= given.below:
            if not (watch.low or watch.unmet):
                return MarginStep()
            text = f"{account}: headroom is {headroom:.2%} again"
            notice = Notice(level="info", topic="margin-top-up", text=text)
            return self._done("restored", account, {}, now, notices=(notice,))
        steps = [] if watch.low else [self._done("low", account, {}, now)]
        odds = room.odds(given.delay / YEAR)
        helpful = means.coming if self._can_wait(given, headroom, odds) else Decimal(0)
        short = room.call(given.below) > float(helpful)
        if short and now - watch.reduced >= self._limits.pause:
            steps.append(self._reduce(given, room, float(helpful), means, odds, now))
        return _joined(steps)

    def apply(self, fact: Draft | Record) -> None:
        """Take over one fact of the journal; others' are passed over."""
        if fact.kind != KIND or fact.body["account"] not in self._watch:
            return
        account = fact.body["account"]
        self._watch[account] = _moved(self._watch[account], fact.body, fact.time)

    def snapshot(self) -> object:
        """Return what is known of every account."""
        return dict(self._watch)

    def _can_wait(self, given: MarginAccount, headroom: float, odds: float) -> bool:
        urgent = headroom < self._limits.critical * given.below
        return not urgent and odds <= self._limits.odds

    def _reduce(
        self,
        given: MarginAccount,
        room: MarginRoom,
        cash: float,
        means: Means,
        odds: float,
        now: int,
    ) -> MarginStep:
        wanted = room.reductions(given.upto, cash)
        chosen = tuple(one for one in wanted if one.leg in means.reducible)
        if not chosen:
            return self._unmet(given, room, means, now)
        parts = ", ".join(
            f"{one.lots * room.legs[one.leg].lot_size:g} of {room.legs[one.leg].instrument}"
            for one in chosen
        )
        text = (
            f"{given.name}: headroom is {room.headroom:.2%} and {means.words(given.currency)} "
            f"(odds of a liquidation within the time of a top-up: {odds:.1%}); the hedge is "
            f"reduced by {parts}. Part of the exposure is naked until collateral is added"
        )
        notice = Notice(level="critical", topic="margin-reduce", text=text)
        body = {"legs": [[one.leg, one.lots] for one in chosen]}
        step = self._done("reduced", given.name, body, now, notices=(notice,))
        return step._replace(reductions=chosen)

    def _unmet(self, given: MarginAccount, room: MarginRoom, means: Means, now: int) -> MarginStep:
        if self._watch[given.name].unmet:
            return MarginStep()
        text = (
            f"{given.name}: headroom is {room.headroom:.2%}, {means.words(given.currency)}, and no "
            f"order can be sent. Add {room.call(given.upto):,.2f} {given.currency} to the account "
            "by hand now"
        )
        notice = Notice(level="critical", topic="margin-unmet", text=text)
        return self._done("unmet", given.name, {}, now, notices=(notice,))

    def _done(
        self,
        what: str,
        account: str,
        body: Mapping[str, Any],
        now: int,
        *,
        notices: tuple[Notice, ...] = (),
    ) -> MarginStep:
        draft = Draft(time=now, kind=KIND, body={"what": what, "account": account, **body})
        self.apply(draft)
        return MarginStep(drafts=(draft,), notices=notices)


def _moved(watch: Watch, body: Mapping[str, Any], time: int) -> Watch:
    changes: dict[str, Any] = {}
    match body["what"]:
        case "low":
            changes = {"low": True}
        case "restored":
            changes = {"low": False, "unmet": False}
        case "reduced":
            changes = {"reduced": time, "unmet": False}
        case "unmet":
            changes = {"unmet": True}
    return replace(watch, **changes)


def _joined(steps: Sequence[MarginStep]) -> MarginStep:
    return MarginStep(
        tuple(draft for step in steps for draft in step.drafts),
        tuple(reduction for step in steps for reduction in step.reductions),
        tuple(notice for step in steps for notice in step.notices),
    )
