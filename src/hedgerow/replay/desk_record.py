"""From what an event-driven desk leaves behind to the same Run that the lanes give.

The desk's ledger is read back into a lane's events, its looks into a lane's series; from there on
there is one way to a Run.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from hedgerow.analysis.run import Run
from hedgerow.engine import layout as at
from hedgerow.engine.batch import Batch, Plan, run_lanes
from hedgerow.engine.desk import Desk
from hedgerow.engine.desk_books import COVERED, DEBT, DECLARED, HOLDING
from hedgerow.engine.desk_look import BarLook
from hedgerow.engine.desk_note import first_word, read_note
from hedgerow.engine.pack import changes_of, fixed_of, numbers_of, shape_of, table_of
from hedgerow.engine.terms import Terms
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.replay.record import Told, run_of
from hedgerow.replay.world import boundless
from hedgerow.units import Floats, Times

_SOURCES: Final = {"mark": 0.0, "bounded": 1.0, "last": 2.0}
_READ: Final = {
    EntryKind.FILL: at.KIND_FILL,
    EntryKind.LIQUIDATION: at.KIND_LIQUIDATION,
    EntryKind.DELEVERAGING: at.KIND_DELEVERAGING,
    EntryKind.TOP_UP: at.KIND_TOP_UP,
    EntryKind.WITHDRAWAL: at.KIND_WITHDRAWAL,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeskPast:
    """A desk after its last bar.

    Attributes
    ----------
    looks
        One a bar, at its close.
    unmet
        Instant, account and amount of each margin call that could not be met.
    refused
        Instant, leg, and whether a declared outage was why, of each order that was refused.
    capped
        Orders that were cut to what equity could open.
    """

    desk: Desk
    looks: Sequence[BarLook]
    unmet: Sequence[tuple[int, int, float]] = ()
    refused: Sequence[tuple[int, int, bool]] = ()
    capped: int = 0


def run_of_desk(past: DeskPast, told: Told) -> Run:
    """Return the Run of a desk; its twin with a boundless reserve runs in the lanes."""
    own, terms = _batch(past, told), told.composed.terms
    twin = replace(terms, accounts=tuple(boundless(account) for account in terms.accounts))
    other = run_lanes(
        Plan(
            tape=told.recorded.tape,
            fixed=fixed_of(terms),
            shape=shape_of(terms),
            numbers=table_of([numbers_of(twin)]),
            rule=terms.rule,
            recorded=(0,),
            changes=changes_of(terms, told.changes),
        )
    )
    both = replace(
        own,
        events=(*own.events, *other.events),
        series=(own.series[0], other.series[0]),
    )
    return run_of(both, told, public_ledger(past.desk))


def _batch(past: DeskPast, told: Told) -> Batch:
    terms, looks = told.composed.terms, past.looks
    totals = np.zeros((at.TOTAL_ROWS, 1))
    sums = past.desk.books.sums
    for row, value in (
        (at.OPENING, sums.opening),
        (at.FLOWS, sums.flows),
        (at.TURNOVER, sums.turnover),
        (at.TRADES, sums.trades),
        (at.CAPPED, past.capped),
    ):
        totals[row, 0] = value
    return Batch(
        totals=totals,
        parts=np.array([[part] for part in looks[-1].parts]),
        worth=np.array([looks[-1].worth]),
        state=np.zeros((0, 1)),
        events=(_events(past, terms, told),),
        series=(np.array([_row(look) for look in looks]),),
    )


def _row(look: BarLook) -> list[float]:
    """Return a look in the order of a lane's series."""
    return [
        *look.parts,
        look.worth,
        look.flows,
        look.unhedged,
        *(number for leg in look.legs for number in leg),
        *(number for account in look.accounts for number in account),
        *(amount for account in look.amounts for amount in account),
    ]


def _events(past: DeskPast, terms: Terms, told: Told) -> Floats:
    """Return what a venue did on its own, and what accounts asked for, as a lane tells it."""
    clock = told.recorded.tape.clock[:, at.TIME]
    rows: list[list[float]] = []
    asset_side: LedgerEntry | None = None  # of an exchange, whose other entry comes next
    for entry in past.desk.ledger:
        if entry.kind is EntryKind.CONVERSION:
            if asset_side is not None:
                account = past.desk.books.account(entry)
                rows.append(_exchange(asset_side, entry, _step(clock, entry.time), terms, account))
            asset_side = entry if asset_side is None else None
            continue
        row = _row_of(entry, clock, terms, past.desk)
        if row is not None:
            rows.append(row)
    rows += [
        _line(_step(clock, time - 1), at.KIND_UNMET, (-1, account), cash=amount)  # at the close
        for time, account, amount in past.unmet
    ]
    rows += [
        _line(_step(clock, time), at.KIND_REJECT, (leg, -1), extra=float(not outage))
        for time, leg, outage in past.refused
    ]
    return np.array(rows).reshape(-1, at.EVENT_COLUMNS)


def _step(clock: Times, time: int) -> int:
    """Return the bar of an instant; the end belongs to the last one."""
    step = int(np.searchsorted(clock, time, side="right")) - 1
    return min(step, len(clock) - 2)


def _row_of(entry: LedgerEntry, clock: Times, terms: Terms, desk: Desk) -> list[float] | None:
    """Return an entry as a line of a lane's events, None where nobody reads it there."""
    if entry.kind not in _READ or entry.cash == entry.quantity == 0.0:
        return None
    step, kind = _step(clock, entry.time), _READ[entry.kind]
    account = desk.books.account(entry)
    if entry.kind in {EntryKind.TOP_UP, EntryKind.WITHDRAWAL}:
        return _line(step, kind, (-1, account), cash=entry.cash)
    if first_word(entry.note) == COVERED:
        return _line(step, kind, (-1, account), cash=entry.cash, worth=entry.value / entry.cash)
    leg = desk.books.leg(entry)
    numbers = read_note(entry.note)
    extra = numbers.get("market", _SOURCES.get(first_word(entry.note), 0.0))
    line = _line(step, kind, (leg, account), cash=entry.cash, worth=numbers["worth"], extra=extra)
    line[at.EVENT_QUANTITY] = numbers["lots"] * terms.legs[leg].lot_size
    line[at.EVENT_PRICE], line[at.EVENT_FEE] = entry.price, entry.fee
    line[at.EVENT_REALISED] = entry.realised
    return line


def _exchange(
    asset: LedgerEntry, collateral: LedgerEntry, step: int, terms: Terms, account: int
) -> list[float]:
    """Return the line of an exchange inside an account, which two entries tell."""
    line = _line(
        step,
        at.KIND_CONVERSION,
        (-1, account),
        cash=collateral.cash,
        worth=read_note(collateral.note)["worth"],
        extra=float(terms.assets.index(asset.unit)),
    )
    line[at.EVENT_QUANTITY] = asset.quantity
    line[at.EVENT_PRICE], line[at.EVENT_FEE] = collateral.price, collateral.fee
    return line


def _line(
    step: int,
    kind: int,
    place: tuple[int, int],
    *,
    cash: float = 0.0,
    worth: float = 0.0,
    extra: float = 0.0,
) -> list[float]:
    """Return a line of a lane's events; `place` is (leg, account)."""
    line = [0.0] * at.EVENT_COLUMNS
    line[at.EVENT_STEP], line[at.EVENT_KIND] = float(step), float(kind)
    line[at.EVENT_LEG], line[at.EVENT_POCKET] = (float(number) for number in place)
    line[at.EVENT_CASH], line[at.EVENT_WORTH], line[at.EVENT_EXTRA] = cash, worth, extra
    return line


def public_ledger(desk: Desk) -> Ledger:
    """Return a desk's ledger as people read it: words for a note instead of exact numbers."""
    return Ledger(_in_words(entry) for entry in desk.ledger)


def _in_words(entry: LedgerEntry) -> LedgerEntry:
    word = first_word(entry.note)
    match entry.kind:
        case EntryKind.OPENING if entry.account == HOLDING and word != DECLARED:
            return entry._replace(note="into accounts", quantity=0.0)
        case EntryKind.OPENING if entry.account != HOLDING:
            return entry._replace(note="")
        case EntryKind.LIQUIDATION:
            note = "the venue bears the rest" if word == COVERED else word
        case EntryKind.DELEVERAGING:
            note = f"taken while the mark was {read_note(entry.note)['market']!r}"
        case EntryKind.TOP_UP:
            note = f"to {word}"
        case EntryKind.WITHDRAWAL:
            note = "to reserve"
        case EntryKind.CONVERSION if entry.note == "":
            note = "taken by the venue for what is owed"
        case EntryKind.LOAN | EntryKind.SALE if entry.account not in {DEBT, HOLDING}:
            note = f"for {word}"
        case EntryKind.OPENING | EntryKind.FLOW:
            note = entry.note
        case _:
            note = ""
    return entry._replace(note=note)
