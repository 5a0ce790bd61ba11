"""Keeps accounts away from liquidation: tops them up, else reduces their hedge, else alerts.

A top-up comes from the reserve inside the venue's own accounts and is never sent twice: while one
is under way, or nobody knows what became of it, there is no other. Its state is a fold over its
facts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_UP, Decimal
from typing import Any, Final, NamedTuple

from hedgerow.execution.effects import Notice
from hedgerow.execution.port import Failure, TransferReport
from hedgerow.ledger.journal import Draft, Record
from hedgerow.live.effects import SendTransfer
from hedgerow.live.margin_room import MarginRoom, Reduction
from hedgerow.units import MINUTE, SECOND, YEAR

KIND: Final = "margin"
STEP: Final = Decimal("1e-8")  # of a currency
SAME: Final = Decimal("1e-3")  # part of a transfer by which a balance may miss it
NEVER: Final = -YEAR
UNSENT: Final = (Failure.UNREACHABLE, Failure.RATE_LIMITED, Failure.REFUSED, Failure.CLOCK)


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
    venue: str
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
        Between two reductions, or a failed top-up and the next, nanoseconds.
    give_up
        After which a top-up of which no balance shows anything counts as never sent, nanoseconds.
    """

    critical: float = 0.4
    odds: float = 0.02
    pause: int = 30 * SECOND
    give_up: int = 10 * MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """A transfer under way; `unknown` where nobody knows whether it was carried out."""

    transfer_id: str
    amount: Decimal
    sent: int
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What the guard knows of one account."""

    low: bool = False
    top_up: TopUp | None = None
    sent: int = 0  # how many top-ups there were
    failed: int = NEVER  # when the last one failed
    reduced: int = NEVER  # when the hedge was reduced last
    unmet: bool = False


class MarginStep(NamedTuple):
    """Facts to make durable, then what to do: transfers, and positions to make smaller."""

    drafts: tuple[Draft, ...] = ()
    transfers: tuple[SendTransfer, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an account may count on.

    Attributes
    ----------
    reserve
        Collateral that lies ready inside the venue's own accounts.
    coming
        What somebody else already sent to the account.
    reducible
        Legs of which orders can be sent now.
    """

    reserve: Decimal = Decimal(0)
    coming: Decimal = Decimal(0)
    reducible: frozenset[int] = field(default_factory=frozenset)


class MarginGuard:
    """Watches the accounts of a desk; `desk` begins the ids of its transfers."""

    __slots__ = ("_accounts", "_desk", "_limits", "_watch")

    def __init__(
        self, accounts: Sequence[MarginAccount], limits: MarginLimits | None = None, desk: str = ""
    ) -> None:
        self._accounts = {account.name: account for account in accounts}
        self._limits = limits or MarginLimits()
        self._desk = desk
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
            return self._done("restored", account, {}, now, notices=(_told("info", text),))
        call = Decimal(repr(room.call(given.upto))).quantize(STEP, ROUND_UP)
        coming = means.coming + (watch.top_up.amount if watch.top_up else Decimal(0))
        steps = [] if watch.low else [self._done("low", account, {}, now)]
        if not coming and now - watch.failed >= self._limits.pause and means.reserve > 0:
            coming = min(call, means.reserve)
            steps.append(self._send(given, coming, headroom, now))
        odds = room.odds(given.delay / YEAR)
        helpful = coming if self._can_wait(given, headroom, odds) else Decimal(0)
        if watch.top_up is not None and watch.top_up.unknown:
            helpful = Decimal(0)
        short = room.call(given.below) > float(helpful)
        if short and now - watch.reduced >= self._limits.pause:
            steps.append(self._reduce(given, room, float(helpful), means, odds, now))
        return _joined(steps)

    def transferred(self, report: TransferReport) -> MarginStep:
        """Take in that a transfer arrived or failed; others' are passed over."""
        for account, watch in self._watch.items():
            if watch.top_up is not None and watch.top_up.transfer_id == report.transfer_id:
                if report.reason:
                    return self._failed(account, report.reason, report.time)
                return self._done("arrived", account, {"by": "report"}, report.time)
        return MarginStep()

    def call_failed(self, account: str, failure: Failure, reason: str, now: int) -> MarginStep:
        """Take in that the request for a top-up failed, for certain or perhaps."""
        watch = self._watch.get(account)
        if watch is None or watch.top_up is None:
            return MarginStep()
        if failure in UNSENT:
            return self._failed(account, reason, now)
        text = (
            f"{account}: nobody knows whether the top-up of {watch.top_up.amount:f} was carried "
            f"out ({reason}); it is not sent again before the balance says so"
        )
        return self._done("unknown", account, {}, now, notices=(_told("warning", text),))

    def balance(self, account: str, surplus: Decimal, now: int) -> MarginStep:
        """Take in by how much a venue's balance exceeds our books, to find a lost top-up.

        One that shows has arrived; one that does not for long enough was never carried out.
        """
        watch = self._watch.get(account)
        if watch is None or watch.top_up is None:
            return MarginStep()
        top_up, age = watch.top_up, now - watch.top_up.sent
        if abs(surplus - top_up.amount) <= SAME * top_up.amount:
            return self._done("arrived", account, {"by": "balance"}, now)
        patience = self._limits.give_up + self._accounts[account].delay
        if abs(surplus) <= SAME * top_up.amount and age > patience:
            return self._failed(account, "no balance shows it", now)
        return MarginStep()

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

    def _send(self, given: MarginAccount, amount: Decimal, headroom: float, now: int) -> MarginStep:
        number = self._watch[given.name].sent + 1
        transfer = SendTransfer(
            venue=given.venue,
            account=given.name,
            currency=given.currency,
            amount=amount,
            transfer_id=f"{self._desk}m{number}{given.name}",
            delay_seconds=given.delay / SECOND,
        )
        text = (
            f"{given.name}: headroom is {headroom:.2%}, under {given.below:.2%}; "
            f"{amount:f} {given.currency} are on their way from the reserve"
        )
        body = {"transfer_id": transfer.transfer_id, "amount": str(amount)}
        notice = Notice(level="warning", topic="margin-top-up", text=text)
        step = self._done("sent", given.name, body, now, notices=(notice,))
        return step._replace(transfers=(transfer,))

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
            return self._unmet(given, room, now)
        parts = ", ".join(
            f"{one.lots * room.legs[one.leg].lot_size:g} of {room.legs[one.leg].instrument}"
            for one in chosen
        )
        text = (
            f"{given.name}: headroom is {room.headroom:.2%} and the reserve cannot restore it in "
            f"time (odds of a liquidation before a top-up arrives: {odds:.1%}); the hedge is "
            f"reduced by {parts}. Part of the exposure is naked until collateral is added"
        )
        notice = Notice(level="critical", topic="margin-reduce", text=text)
        body = {"legs": [[one.leg, one.lots] for one in chosen]}
        step = self._done("reduced", given.name, body, now, notices=(notice,))
        return step._replace(reductions=chosen)

    def _unmet(self, given: MarginAccount, room: MarginRoom, now: int) -> MarginStep:
        if self._watch[given.name].unmet:
            return MarginStep()
        text = (
            f"{given.name}: headroom is {room.headroom:.2%}, the reserve is empty and no order can "
            f"be sent. Add {room.call(given.upto):,.2f} {given.currency} to the account by hand now"
        )
        notice = Notice(level="critical", topic="margin-unmet", text=text)
        return self._done("unmet", given.name, {}, now, notices=(notice,))

    def _failed(self, account: str, reason: str, now: int) -> MarginStep:
        text = f"{account}: the top-up failed ({reason}); it is tried again, or the hedge reduced"
        return self._done(
            "failed", account, {"reason": reason}, now, notices=(_told("warning", text),)
        )

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
        case "sent":
            top_up = TopUp(
                transfer_id=body["transfer_id"], amount=Decimal(body["amount"]), sent=time
            )
            changes = {"top_up": top_up, "sent": watch.sent + 1, "unmet": False}
        case "unknown" if watch.top_up is not None:
            changes = {"top_up": replace(watch.top_up, unknown=True)}
        case "arrived":
            changes = {"top_up": None}
        case "failed":
            changes = {"top_up": None, "failed": time}
        case "reduced":
            changes = {"reduced": time, "unmet": False}
        case "unmet":
            changes = {"unmet": True}
    return replace(watch, **changes)


def _told(level: str, text: str) -> Notice:
    return Notice(level=level, topic="margin-top-up", text=text)


def _joined(steps: Sequence[MarginStep]) -> MarginStep:
    return MarginStep(
        tuple(draft for step in steps for draft in step.drafts),
        tuple(transfer for step in steps for transfer in step.transfers),
        tuple(reduction for step in steps for reduction in step.reductions),
        tuple(notice for step in steps for notice in step.notices),
    )
