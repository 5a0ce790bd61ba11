"""Both engines on one world, told in the same words so that they can be compared."""

from dataclasses import dataclass
from math import isnan

import numpy as np
from chosen_terms import CHANGE, World

from hedgerow.engine import layout as at
from hedgerow.engine.batch import Batch, Plan, run_lanes
from hedgerow.engine.commands import Concern
from hedgerow.engine.desk_look import BarLook
from hedgerow.engine.desk_note import read_note
from hedgerow.engine.desk_replay import DeskRun, replay_desk
from hedgerow.engine.pack import changes_of, fixed_of, numbers_of, shape_of, table_of
from hedgerow.engine.terms import RuleChange, Terms
from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.live.replay.session import Session
from hedgerow.units import Floats

_KINDS = tuple(EntryKind)
Happening = tuple[int, str, int, int]  # instant, kind, leg and account, -1 where none


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Story:
    """What one engine says of one book.

    `happenings` and `amounts` go together: quantity in base coin, price, cash, fee, realised and
    value in numeraire, ``(happenings, 6)``. `series` is ``(bars, columns)`` in the order of a
    recorded lane.
    """

    happenings: tuple[Happening, ...]
    amounts: Floats
    refusals: tuple[tuple[int, str, int, float], ...]  # instant, kind, leg or account, amount
    series: Floats
    counts: dict[str, float]


def run_both(world: World) -> tuple[Batch, list[tuple[Story, Story]], list[DeskRun]]:
    """Return the lanes, and the story of the lanes and of the desk for every book."""
    lanes = range(len(world.books))
    batch = run_lanes(plan_of(world))
    runs = [
        replay_desk(world.tape, terms, lane, _changes(world, lane))
        for lane, terms in enumerate(world.books)
    ]
    stories = [
        (story_of_lane(world, batch, lane), story_of_desk(world.books[lane], runs[lane]))
        for lane in lanes
    ]
    return batch, stories, runs


def plan_of(world: World) -> Plan:
    """Return the plan of all books of a world, every lane recorded."""
    first = world.books[0]
    return Plan(
        tape=world.tape,
        fixed=fixed_of(first),
        shape=shape_of(first),
        numbers=table_of([numbers_of(terms) for terms in world.books]),
        rule=first.rule,
        recorded=tuple(range(len(world.books))),
        changes=changes_of(first, _changes(world, 0)),
    )


def _changes(world: World, lane: int) -> tuple[RuleChange, ...]:
    if world.changed is None:
        return ()
    return (RuleChange(step=CHANGE, terms=world.changed[lane]),)


_COUNTS = {
    "trades": at.TRADES,
    "top_ups": at.TOP_UPS,
    "withdrawals": at.WITHDRAWALS,
    "liquidations": at.LIQUIDATIONS,
    "partial": at.PARTIAL,
    "settlements": at.SETTLEMENTS,
    "rehedges": at.REHEDGES,
    "capped": at.CAPPED,
    "unmet": at.UNMET,
    "turnover": at.TURNOVER,
    "received": at.RECEIVED,
    "paid": at.PAID,
    "opening": at.OPENING,
    "flows": at.FLOWS,
    "deleveraged": at.DELEVERAGED,
}


def story_of_lane(world: World, batch: Batch, lane: int) -> Story:
    """Return what a recorded lane says."""
    terms = world.books[lane]
    happenings: list[Happening] = []
    amounts: list[list[float]] = []
    refusals: list[tuple[int, str, int, float]] = []
    for line in batch.events[lane]:
        kind, leg, account = (
            int(line[at.EVENT_KIND]),
            int(line[at.EVENT_LEG]),
            int(line[at.EVENT_POCKET]),
        )
        step, phase = int(line[at.EVENT_STEP]), int(line[at.EVENT_PHASE])
        time = int(world.tape.clock[step, at.TIME]) + (world.tape.step if phase == 2 else 0)
        quantity, price = line[at.EVENT_QUANTITY], line[at.EVENT_PRICE]
        if kind == at.KIND_OPENING:
            continue
        if kind == at.KIND_UNMET:
            refusals.append((time, "unmet", account, float(line[at.EVENT_CASH])))
            continue
        if kind == at.KIND_REJECT:
            refusals.append((time, "rejected", leg, 0.0))
            continue
        if kind == at.KIND_SALE and line[at.EVENT_CASH] == 0.0:
            continue
        if leg >= 0 and terms.legs[leg].inverse:
            quantity /= price
        if kind == at.KIND_CONVERSION:
            quantity = 0.0  # the desk says it in the other line
        happenings.append((time, str(_KINDS[kind]), leg, account))
        cash = line[at.EVENT_CASH]
        amounts.append(
            [
                quantity,
                price,
                cash,
                line[at.EVENT_FEE],
                line[at.EVENT_REALISED],
                cash * line[at.EVENT_WORTH],
            ]
        )
    return Story(
        happenings=tuple(happenings),
        amounts=np.array(amounts).reshape(-1, 6),
        refusals=tuple(refusals),
        series=batch.series[lane],
        counts={name: float(batch.totals[row, lane]) for name, row in _COUNTS.items()},
    )


def story_of_session(terms: Terms, session: Session) -> Story:
    """Return what the whole live desk says."""
    run = DeskRun(
        desk=session.controller.core.desk,
        looks=tuple(session.looks),
        alerts=tuple(session.alerts),
        rejects=tuple(session.refusals),
        events=0,
    )
    return story_of_desk(terms, run)


def story_of_desk(terms: Terms, run: DeskRun) -> Story:
    """Return what a desk says."""
    told = [entry for entry in run.ledger if _is_told(entry)]
    sums = run.desk.books.sums
    alerts = [(time, alert) for time, alert in run.alerts if alert.concern is not Concern.BREACH]
    unmet = [(t, "unmet", a.place, a.amount) for t, a in alerts if a.concern is Concern.UNMET]
    rejected = [(r.time, "rejected", r.leg, 0.0) for r in run.rejects if r.reason != "expired"]
    counts = {
        name: float(getattr(sums, name)) for name in _COUNTS if name not in ("capped", "unmet")
    }
    counts["unmet"] = float(len(unmet))
    counts["capped"] = float(len(alerts) - len(unmet))
    return Story(
        happenings=tuple(_happening(terms, entry, run) for entry in told),
        amounts=np.array([_amounts(entry) for entry in told]).reshape(-1, 6),
        refusals=(*rejected, *unmet),
        series=np.array([_row(look) for look in run.looks]),
        counts=counts,
    )


def _is_told(entry: LedgerEntry) -> bool:
    """Leave out openings, and the other side of loans, sales and conversions."""
    if entry.kind is EntryKind.OPENING:
        return False
    if entry.kind is EntryKind.CONVERSION:
        return entry.note != ""
    other = {EntryKind.LOAN: "debt", EntryKind.SALE: "holding"}.get(entry.kind)
    return entry.account != other


def _happening(terms: Terms, entry: LedgerEntry, run: DeskRun) -> Happening:
    legs = [(leg.instrument, leg.account) for leg in terms.legs]
    leg = legs.index((entry.instrument, entry.account)) if entry.instrument else -1
    account = -1 if entry.account == "holding" else run.desk.books.account(entry)
    return entry.time, str(entry.kind), leg, account


def _amounts(entry: LedgerEntry) -> list[float]:
    cash, quantity, value = entry.cash, entry.quantity, entry.value
    if entry.kind is EntryKind.SALE:
        numbers = read_note(entry.note)
        net = entry.cash - entry.fee - numbers["slipped"]
        quantity = -net / entry.price
    if entry.account == "debt":  # a lane says what is owed as cash paid, too
        cash, value = entry.cash, entry.value
    return [quantity, entry.price, cash, entry.fee, entry.realised, value]


def _row(look: BarLook) -> list[float]:
    head = [*look.parts, look.worth, look.flows, look.unhedged]
    legs = [number for leg in look.legs for number in leg]
    accounts = [number for account in look.accounts for number in account]
    amounts = [number for account in look.amounts for number in account]
    return [*head, *legs, *accounts, *amounts]


def furthest(one: Floats, two: Floats, scale: float = 1.0) -> float:
    """Return the largest difference, relative where numbers are larger than `scale`."""
    if one.size == 0:
        return 0.0
    same = (one == two) | (np.isnan(one) & np.isnan(two))
    size = np.maximum(np.maximum(np.abs(one), np.abs(two)), scale)
    gap = np.where(same, 0.0, np.abs(one - two) / size)
    largest = float(np.max(gap))
    return float("inf") if isnan(largest) else largest
