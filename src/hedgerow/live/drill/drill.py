"""The drill: one act after another on a desk of its own, and what came of each.

Every act begins with a hedged book. While it lasts coins come in, so that the desk has something
to do; when it is over the book must be hedged again within the limit.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hedgerow.engine.events import HoldingFlow
from hedgerow.errors import HedgeError
from hedgerow.execution.effects import Notice
from hedgerow.live.controller import Controller
from hedgerow.live.drill.acts import Act, NotPossible, acts
from hedgerow.live.drill.hedge import assets, trouble, why_held_back
from hedgerow.live.drill.stage import Stage, Task
from hedgerow.live.guards.base import Severity
from hedgerow.live.signals import Order, Told, Venue
from hedgerow.live.view import State

OPENS: Final = 1800.0  # seconds within which a book must be hedged at first
RESTS: Final = 65.0  # seconds of peace before an act, and after the book is hedged again
PATIENCE: Final = 900.0  # seconds after which nobody waits any longer
FLOW: Final = 0.05  # of the exposure: what comes in while something is wrong, at least
BANDS: Final = 2.0  # half-widths of the band: the same


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
    sent, heard = len(stage.sent), len(stage.notices)
    try:
        act.begin(stage)
    except NotPossible as reason:
        return Ending(group=act.group, killed=act.killed, verdict=Verdict.SKIPPED, why=str(reason))
    owed = _Flow(stage)
    owed.come()
    stage.pass_by(act.lasts)
    act.end(stage)
    seconds, resumed = _recovered(stage, owed, act)
    allowed = limit + act.grace
    verdict, why = _judged(stage, seconds, allowed, resumed=resumed)
    stage.pass_by(RESTS)
    wrong = "; ".join(broken(stage))
    if wrong:
        verdict, why = Verdict.FAILED, wrong
    return Ending(
        group=act.group,
        killed=act.killed,
        verdict=verdict,
        did=told([notice for _, notice in stage.notices[heard:]]),
        seconds=seconds,
        limit=allowed,
        why=why or resumed or (act.because if (seconds or 0.0) > limit else ""),
        orders=len(stage.sent) - sent,
    )


def _recovered(stage: Stage, owed: "_Flow", act: Act) -> tuple[float | None, str]:
    """Wait until the book is hedged; return after how many seconds, and why a person was needed."""

    def well() -> bool:
        owed.come()
        return owed.came and not trouble(stage)

    def stopped() -> bool:
        owed.come()
        return stage.controller.standing.state is State.PAUSED or well()

    took = stage.wait_for(stopped, PATIENCE)
    if stage.controller.standing.state is not State.PAUSED:
        return took, ""
    reason = stage.controller.standing.reason
    guard = any(stage.controller.warden.board.latches(name) for name in _tripped(stage))  # type: ignore[union-attr]
    if not guard and act.cause is not None and stage.task.setup.answers.to(act.cause) != "pause":
        return None, ""
    stage.pass_by(5.0)
    for name in _tripped(stage):
        _tell(stage, Order.RESET, name)
    _tell(stage, Order.RESUME)
    return stage.wait_for(well, PATIENCE), f"paused as configured ({_first(reason)})"


def _tripped(stage: Stage) -> list[str]:
    warden = stage.controller.warden
    if warden is None:
        return []
    return [name for name in warden.board.tripped if warden.board.severity(name) >= Severity.PAUSE]


def _tell(stage: Stage, order: Order, subject: str = "") -> None:
    stage.hear(Told(time=stage.now, order=order, by="drill", subject=subject, reason="drill"))


def _judged(
    stage: Stage, seconds: float | None, allowed: float, *, resumed: str
) -> tuple[Verdict, str]:
    if seconds is not None and seconds <= allowed:
        return (Verdict.RESUMED if resumed else Verdict.HEDGED), ""
    back = why_held_back(stage)
    if seconds is None and back:
        return Verdict.HELD_BACK, back
    if seconds is None:
        state = stage.controller.standing
        return Verdict.FAILED, f"{trouble(stage)} (the desk is {state.state}: {state.reason})"
    return Verdict.FAILED, f"hedged after {seconds:.0f} s, which is too late"


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
            width = (
                max((setup.bands[leg] or 0.0 for leg in legs), default=0.0) if setup.bands else 0.0
            )
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
    return tuple(dict.fromkeys(_first(notice.text) for notice in notices))


def _first(text: str) -> str:
    """Return the first sentence of a text.

    >>> _first("Quotes are 3.5 s old. Look at the network.")
    'Quotes are 3.5 s old'
    """
    return text.split(". ", maxsplit=1)[0].rstrip(".")
