"""The drill: one act after another on a desk of its own, and what came of each.

Every act begins with a hedged book. While it lasts coins come in, so that the desk has something
to do; when it is over the book must be hedged again within the limit.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from hedgerow.engine.events import HoldingFlow
from hedgerow.errors import HedgeError
from hedgerow.execution.effects import Notice
from hedgerow.execution.order import Cause
from hedgerow.live.controller import Controller
from hedgerow.live.drill.acts import Act, NotPossible, acts
from hedgerow.live.drill.hedge import assets, trouble, why_held_back
from hedgerow.live.drill.stage import Stage, Task
from hedgerow.live.guards.base import Severity
from hedgerow.live.signals import Order, Told, Venue
from hedgerow.live.view import State

OPENS: Final = 1800.0  # seconds within which a book must be hedged at first
RESTS: Final = 65.0  # seconds of peace before an act, and after the book is hedged again
PATIENCE: Final = 600.0  # seconds after which nobody waits any longer
TRANSFERS: Final = 7200.0  # the same while collateral is on its way
FLOW: Final = 0.05  # of the exposure: what comes in while something is wrong, at least
BANDS: Final = 2.0  # half-widths of the band: the same
RESETS: Final = frozenset({"all is well again", "reset by an operator"})  # as a guard says it
_NUMBERS: Final = re.compile(r"[-+]?\d[\d,.]*")


class Verdict(StrEnum):
    """How an act ended."""

    HEDGED = "hedged"
    RESUMED = "hedged once resumed"  # the config wants a person to look first
    HELD_BACK = "held back"  # a limit of the config keeps the rest open, and the desk says so
    SKIPPED = "not possible"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What came of one act.

    Attributes
    ----------
    did
        What the desk said and did, in its own words.
    seconds
        From the end of the act until the book was hedged; None where it was not.
    limit
        What it may have taken.
    why
        What went wrong, or why the book is not hedged; "" where all is well.
    orders
        How many the desk sent.
    """

    group: str
    killed: str
    verdict: Verdict
    did: tuple[str, ...] = ()
    seconds: float | None = None
    limit: float = 0.0
    why: str = ""
    orders: int = 0


def drill(
    task: Task,
    *,
    limit: float,
    seed: int = 7,
    only: Collection[str] = (),
    kind: type[Controller] = Controller,
) -> Iterator[Ending]:
    """Yield what came of each act; `limit` is in seconds, `only` are groups, all if empty.

    Raises
    ------
    HedgeError
        If the book cannot be hedged at all, so that there is nothing to drill.
    """
    plan = [act for act in acts(Stage(task, seed)) if not only or act.group in only]
    for act in plan:
        yield _played(act, hedged_stage(task, seed, kind), limit)


def hedged_stage(task: Task, seed: int, kind: type[Controller] = Controller) -> Stage:
    """Return a stage on which the book is hedged and at rest."""
    stage = Stage(task, seed, kind=kind)
    stage.start()
    if stage.wait_for(lambda: not trouble(stage), OPENS) is None:
        said = "; ".join(dict.fromkeys(notice.text for _, notice in stage.notices))
        raise HedgeError(
            f"nothing to drill: the book is not hedged after {OPENS / 60:g} minutes on paper "
            f"({why_held_back(stage) or trouble(stage)}). {said}".strip()
        )
    stage.pass_by(RESTS)
    return stage


def _played(act: Act, stage: Stage, limit: float) -> Ending:
    sent, heard, life = len(stage.sent), len(stage.notices), stage.life
    begun = stage.now
    try:
        act.begin(stage)
    except NotPossible as reason:
        return Ending(group=act.group, killed=act.killed, verdict=Verdict.SKIPPED, why=str(reason))
    stage.pass_by(act.bites)
    owed = _Flow(stage)
    owed.come()
    stage.pass_by(max(act.lasts - act.bites, 0.0))
    act.end(stage)
    allowed = limit + act.grace
    end = _recovered(stage, owed, act, allowed)
    verdict, why = _judged(stage, end)
    stage.pass_by(RESTS)
    wrong = "; ".join(broken(stage))
    if wrong:
        verdict, why = Verdict.FAILED, wrong
    return Ending(
        group=act.group,
        killed=act.killed,
        verdict=verdict,
        did=(
            *told([notice for _, notice in stage.notices[heard:]]),
            *(["came up again, out of its journal"] if stage.life > life else []),
            *_traded(stage, begun),
        ),
        seconds=end.seconds,
        limit=allowed,
        why=why or _paused(end.resumed) or (act.because if (end.seconds or 0.0) > limit else ""),
        orders=len(stage.sent) - sent,
    )


class _Recovery(NamedTuple):
    """After how many seconds the book was hedged, whether in time, and what was in the way."""

    seconds: float | None
    in_time: bool
    held_back: str = ""  # what the desk said when the time was over
    resumed: str = ""  # why a person was needed


def _recovered(stage: Stage, owed: "_Flow", act: Act, allowed: float) -> _Recovery:
    """Wait until the book is hedged; resume the desk where the config wants a person to."""

    def well() -> bool:
        owed.come()
        return owed.came and not trouble(stage)

    def stopped() -> bool:
        return _is_paused(stage) or well()

    resumed = ""
    took = stage.wait_for(stopped, allowed)
    answer = "" if act.cause is None else stage.task.setup.answers.to(act.cause)
    if _is_paused(stage) or (took is None and answer == "adopt"):
        blocked = next(iter(stage.controller.core.answered.values()), "")
        resumed = _first(stage.controller.standing.reason if _is_paused(stage) else blocked)
        if answer not in {"pause", "adopt"} and not _tripped(stage):
            return _Recovery(None, in_time=False)
        stage.pass_by(5.0)
        for name in _tripped(stage):
            _tell(stage, Order.RESET, name)
        _tell(stage, Order.PAUSE)  # what was adopted is left alone until then
        _tell(stage, Order.RESUME)
        took = stage.wait_for(well, allowed)
    if took is not None:
        return _Recovery(took, in_time=True, resumed=resumed)
    back = why_held_back(stage)
    coming = bool(stage.controller.core.transfers.sent)
    more = stage.wait_for(well, TRANSFERS if back and coming else PATIENCE)
    seconds = None if more is None else allowed + more
    return _Recovery(seconds, in_time=False, held_back=back, resumed=resumed)


def _is_paused(stage: Stage) -> bool:
    return stage.controller.standing.state is State.PAUSED


def _tripped(stage: Stage) -> list[str]:
    warden = stage.controller.warden
    if warden is None:
        return []
    return [name for name in warden.board.tripped if warden.board.severity(name) >= Severity.PAUSE]


def _tell(stage: Stage, order: Order, subject: str = "") -> None:
    stage.hear(Told(time=stage.now, order=order, by="drill", subject=subject, reason="drill"))


def _judged(stage: Stage, end: _Recovery) -> tuple[Verdict, str]:
    if end.in_time:
        return (Verdict.RESUMED if end.resumed else Verdict.HEDGED), ""
    if end.held_back:
        also = f"; {_paused(end.resumed)}" if end.resumed else ""
        return Verdict.HELD_BACK, f"{end.held_back}{also}"
    if end.seconds is not None:
        return Verdict.FAILED, f"hedged after {end.seconds:.0f} s, which is too late"
    standing = stage.controller.standing
    return Verdict.FAILED, f"{trouble(stage)} (the desk is {standing.state}: {standing.reason})"


class _Flow:
    """Coins that come in during an act; the treasury tells a desk that can hear it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._due = assets(stage)
        self.came = False

    def come(self) -> None:
        """Tell the desk, once it is up and has begun."""
        stage = self._stage
        if self.came or not stage.is_up or not stage.controller.core.desk.market.worth:
            return
        self.came = True
        setup, desk = stage.task.setup, stage.controller.core.desk
        for asset in self._due:
            number = setup.terms.assets.index(asset)
            legs = [leg for leg in range(setup.legs) if setup.terms.legs[leg].asset == asset]
            width = max(setup.bands[leg] or 0.0 for leg in legs) if setup.bands else 0.0
            exposed = abs(desk.plans[legs[0]].exposure) or desk.books.stocks[number].holding
            amount = round(max(FLOW, BANDS * width) * exposed, 8)
            stage.hear(
                Venue(
                    time=stage.now,
                    event=HoldingFlow(time=stage.now, asset=number, amount=amount),
                )
            )


def broken(stage: Stage) -> Iterator[str]:
    """Yield the laws that a desk broke on a stage, in words."""
    sent = [place.request.client_id for place in stage.sent]
    if len(sent) != len(set(sent)):
        yield "an order was sent twice"
    written = {record.key for record in stage.records if record.kind == "intent"}
    if not set(sent) <= written:
        yield "an order was sent that was never written down"
    positions: dict[tuple[str, str, str], float] = {}
    closes = {p.request.client_id for p in stage.sent if p.request.reduce_only}
    for trade in stage.trades():
        key = trade.venue, trade.account, trade.symbol
        before = positions.get(key, 0.0)
        positions[key] = round(before + float(trade.side.sign * trade.amount), 9)
        grew = abs(positions[key]) > abs(before) or positions[key] * before < 0.0
        if trade.client_id in closes and grew:
            yield f"a closing order took {trade.symbol} from {before:g} to {positions[key]:g}"
    if not stage.tape.is_away:
        folded = Controller(stage.task.setup, tuple(stage.records), stage.task.care)
        if stage.is_up and folded.snapshot() != stage.controller.snapshot():
            yield "the journal does not say what the desk holds"


def told(notices: Collection[Notice]) -> tuple[str, ...]:
    """Return what people were told, in short, each thing once."""
    found: dict[str, str] = {}
    for notice in notices:
        if notice.topic == "started":
            continue
        text = _first(notice.text)
        if text in RESETS:
            text = f"{notice.topic}: {text}"
        found.setdefault(_NUMBERS.sub("", text), text)
    return tuple(found.values())


def _traded(stage: Stage, since: int) -> Iterator[str]:
    """Yield what orders of the desk traded since an instant, in words."""
    found: dict[tuple[str, str], Decimal] = {}
    orders: dict[tuple[str, str], set[str]] = {}
    for trade in stage.trades():
        if trade.time >= since and trade.cause is Cause.OURS:
            key = trade.symbol, trade.venue
            found[key] = found.get(key, Decimal(0)) + trade.side.sign * trade.amount
            orders.setdefault(key, set()).add(trade.client_id)
    for (symbol, venue), amount in found.items():
        count = len(orders[symbol, venue])
        verb = "bought" if amount > 0 else "sold"
        words = f"{count} orders" if count > 1 else "1 order"
        yield f"{verb} {abs(amount).normalize():f} {symbol} at {venue} with {words}"


def _paused(reason: str) -> str:
    return f"waited for a person, as the config wants it: {reason}" if reason else ""


def _first(text: str) -> str:
    """Return the first sentence of a text.

    >>> _first("Quotes are 3.5 s old. Look at the network.")
    'Quotes are 3.5 s old'
    """
    return text.split(". ", maxsplit=1)[0].rstrip(".")
