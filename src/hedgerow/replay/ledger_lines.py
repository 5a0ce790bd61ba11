"""From a lane's events to the ledger that people read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.units import Floats, Times

_SOURCES = ("mark", "bounded", "last")
_NAN = float("nan")
_CLOSE = 2  # the phase of an event at the close


class Pledged(NamedTuple):
    """What backs an account beside its collateral from the start, and whether it was held."""

    account: str
    asset: str
    amount: float
    from_holding: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Names:
    """What the numbers in events stand for.

    `opens` are the bars' open instants and one more, ``(steps + 1,)``; `settlements` the instants
    of the settlements. `from_holding` says whose deposit and reserve came out of the holding;
    `settles` what each leg pays in; `opened` fills up as accounts open.
    """

    legs: tuple[str, ...]
    accounts: tuple[str, ...]
    collaterals: tuple[str, ...]
    assets: tuple[str, ...]
    from_holding: tuple[bool, ...]
    settles: tuple[str, ...]
    opens: Times
    settlements: Times
    pledged: tuple[Pledged, ...] = ()
    opened: set[int] = field(default_factory=set)

    def inverse(self, leg: int) -> bool:
        """Whether a leg is an inverse contract."""
        return parse_symbol(self.legs[leg]).settlement is Settlement.INVERSE


def ledger_of(events: Floats, names: Names, holdings: Sequence[float], worth: Floats) -> Ledger:
    """Return the ledger of one recorded lane; `holdings` open it, `worth` as in the tape.

    The sum of `cash` over all lines of a unit is what the book has of it at the end, transfers on
    their way aside: nothing comes from nowhere.
    """
    ledger = Ledger()
    for number, amount in enumerate(holdings):
        value = float(worth[0, number * at.WORTH_ROWS + at.WORTH_OPEN, 0])
        if amount != 0.0:
            pocket = _Pocket(int(names.opens[0]), "holding", names.assets[number], value)
            opened = pocket.line(EntryKind.OPENING, amount, "declared")
            ledger.append(opened._replace(quantity=amount))
    for account, asset, amount, declared in names.pledged:
        place = names.assets.index(asset)
        value = float(worth[0, place * at.WORTH_ROWS + at.WORTH_OPEN, 0])
        pocket = _Pocket(int(names.opens[0]), account, asset, value)
        ledger.append(pocket.line(EntryKind.OPENING, amount, "pledged"))
        if declared:
            ledger.append(pocket.of("holding").line(EntryKind.OPENING, -amount, "into accounts"))
    raised: dict[int, float] = {}  # at the opening, by account, until its opening line
    for event in events:
        kind = int(event[at.EVENT_KIND])
        if kind in _WRITERS:
            for entry in _WRITERS[kind](event, names, raised):
                ledger.append(entry)
    return ledger


@dataclass(frozen=True, slots=True)
class _Pocket:
    """One pocket at one instant: who holds `unit`, and what one of it is worth."""

    time: int
    account: str
    unit: str
    worth: float

    def line(self, kind: EntryKind, cash: float, note: str = "") -> LedgerEntry:
        """Return a line that changes this pocket by `cash`."""
        return LedgerEntry(
            self.time,
            kind,
            "",
            self.account,
            0.0,
            _NAN,
            cash,
            0.0,
            0.0,
            self.unit,
            cash * self.worth,
            note,
        )

    def of(self, account: str) -> "_Pocket":
        """Return another pocket with the same unit."""
        return _Pocket(self.time, account, self.unit, self.worth)


Raised = dict[int, float]
Lines = Iterator[LedgerEntry]


def _time(event: Floats, names: Names) -> int:
    step, phase = int(event[at.EVENT_STEP]), int(event[at.EVENT_PHASE])
    if event[at.EVENT_KIND] == at.KIND_FUNDING:
        return int(names.settlements[int(event[at.EVENT_EXTRA])])
    return int(names.opens[step + 1 if phase == _CLOSE else step])


def _pocket(event: Floats, names: Names) -> _Pocket:
    number = int(event[at.EVENT_POCKET])
    if number < 0:
        unit = names.assets[int(event[at.EVENT_EXTRA])]
        return _Pocket(_time(event, names), "holding", unit, float(event[at.EVENT_WORTH]))
    return _Pocket(
        _time(event, names),
        names.accounts[number],
        names.collaterals[number],
        float(event[at.EVENT_WORTH]),
    )


def _opening(event: Floats, names: Names, raised: Raised) -> Lines:
    pocket = _pocket(event, names)
    number = int(event[at.EVENT_POCKET])
    owned = float(event[at.EVENT_CASH]) - raised.pop(number, 0.0)
    reserve = float(event[at.EVENT_EXTRA])
    if owned != 0.0:
        yield pocket.line(EntryKind.OPENING, owned)
    if reserve != 0.0:
        yield pocket.of("reserve").line(EntryKind.OPENING, reserve)
    if names.from_holding[number]:
        yield pocket.of("holding").line(EntryKind.OPENING, -(owned + reserve), "into accounts")
    names.opened.add(number)


def _top_up(event: Floats, names: Names, _: Raised) -> Lines:
    pocket = _pocket(event, names)
    cash = float(event[at.EVENT_CASH])
    yield pocket.of("reserve").line(EntryKind.TOP_UP, cash, f"to {pocket.account}")


def _withdrawal(event: Floats, names: Names, _: Raised) -> Lines:
    cash = float(event[at.EVENT_CASH])
    yield _pocket(event, names).line(EntryKind.WITHDRAWAL, cash, "to reserve")


def _arrival(event: Floats, names: Names, _: Raised) -> Lines:
    pocket = _pocket(event, names)
    into = pocket if event[at.EVENT_EXTRA] > 0.0 else pocket.of("reserve")
    yield into.line(EntryKind.ARRIVAL, float(event[at.EVENT_CASH]))


def _interest(event: Floats, names: Names, _: Raised) -> Lines:
    pocket = _pocket(event, names)
    extra = float(event[at.EVENT_EXTRA])
    if event[at.EVENT_POCKET] >= 0 and extra >= at.OVERDRAWN:
        owed = _Pocket(
            pocket.time, pocket.account, names.assets[int(extra - at.OVERDRAWN)], pocket.worth
        )
        yield owed.line(EntryKind.INTEREST, float(event[at.EVENT_CASH]), "owed in the account")
        return
    if event[at.EVENT_POCKET] >= 0:
        pocket = pocket.of("debt" if event[at.EVENT_EXTRA] != 0.0 else "reserve")
    yield pocket.line(EntryKind.INTEREST, float(event[at.EVENT_CASH]))


def _staking(event: Floats, names: Names, _: Raised) -> Lines:
    pocket = _pocket(event, names)
    if event[at.EVENT_POCKET] >= 0:
        pocket = pocket.of("reserve")
    yield pocket.line(EntryKind.STAKING, float(event[at.EVENT_CASH]))


def _proceeds(event: Floats, names: Names, raised: Raised) -> _Pocket:
    """Return where raised cash goes: into the account at the opening, later into the reserve."""
    pocket = _pocket(event, names)
    number = int(event[at.EVENT_POCKET])
    if number in names.opened:
        return pocket.of("reserve")
    raised[number] = raised.get(number, 0.0) + float(event[at.EVENT_CASH])
    return pocket


def _loan(event: Floats, names: Names, raised: Raised) -> Lines:
    cash = float(event[at.EVENT_CASH])
    into = _proceeds(event, names, raised)
    yield into.of("debt").line(EntryKind.LOAN, -cash)
    yield into.line(EntryKind.LOAN, cash, f"for {_pocket(event, names).account}")


def _sale(event: Floats, names: Names, raised: Raised) -> Lines:
    into = _proceeds(event, names, raised)
    sold, price = float(event[at.EVENT_QUANTITY]), float(event[at.EVENT_PRICE])
    coins = _Pocket(
        into.time, "holding", names.assets[int(event[at.EVENT_EXTRA])], price * into.worth
    )
    yield coins.line(EntryKind.SALE, sold)._replace(quantity=sold, price=price)
    line = into.line(EntryKind.SALE, float(event[at.EVENT_CASH]))
    account = _pocket(event, names).account
    yield line._replace(fee=float(event[at.EVENT_FEE]), note=f"for {account}")


def _conversion(event: Floats, names: Names, _: Raised) -> Lines:
    """Yield both lines of an exchange inside an account; the event is worth in collateral."""
    pocket = _pocket(event, names)
    moved, price = float(event[at.EVENT_QUANTITY]), float(event[at.EVENT_PRICE])
    asset = names.assets[int(event[at.EVENT_EXTRA])]
    coins = _Pocket(pocket.time, pocket.account, asset, price * pocket.worth)
    line = coins.line(EntryKind.CONVERSION, moved, "taken by the venue for what is owed")
    yield line._replace(quantity=moved, price=price)
    line = pocket.line(EntryKind.CONVERSION, float(event[at.EVENT_CASH]))
    yield line._replace(fee=float(event[at.EVENT_FEE]))


def _flow(event: Floats, names: Names, _: Raised) -> Lines:
    cash = float(event[at.EVENT_CASH])
    yield _pocket(event, names).line(EntryKind.FLOW, cash)._replace(quantity=cash)


def _trade(event: Floats, names: Names, _: Raised) -> Lines:
    """Yield the line of a fill, a settlement, a liquidation or a deleveraging."""
    pocket = _pocket(event, names)
    kind = int(event[at.EVENT_KIND])
    leg = int(event[at.EVENT_LEG])
    price = float(event[at.EVENT_PRICE])
    size = float(event[at.EVENT_QUANTITY])
    note = ""
    if leg >= 0:
        pocket = _Pocket(pocket.time, pocket.account, names.settles[leg], pocket.worth)
    if kind == at.KIND_DELEVERAGING:
        note = f"taken while the mark was {float(event[at.EVENT_EXTRA])!r}"
    if kind == at.KIND_LIQUIDATION:
        note = _SOURCES[int(event[at.EVENT_EXTRA])] if leg >= 0 else "the venue bears the rest"
    entry = {
        at.KIND_FILL: EntryKind.FILL,
        at.KIND_FUNDING: EntryKind.FUNDING,
        at.KIND_LIQUIDATION: EntryKind.LIQUIDATION,
        at.KIND_DELEVERAGING: EntryKind.DELEVERAGING,
    }[kind]
    inverse = leg >= 0 and names.inverse(leg)
    cash = float(event[at.EVENT_CASH])
    yield LedgerEntry(
        time=pocket.time,
        kind=entry,
        instrument=names.legs[leg] if leg >= 0 else "",
        account=pocket.account,
        quantity=size / price if inverse and np.isfinite(price) else size,
        price=price,
        cash=cash,
        fee=float(event[at.EVENT_FEE]),
        realised=float(event[at.EVENT_REALISED]),
        unit=pocket.unit,
        value=cash * pocket.worth,
        note=note,
    )


_WRITERS: dict[int, Callable[[Floats, Names, Raised], Lines]] = {
    at.KIND_OPENING: _opening,
    at.KIND_FILL: _trade,
    at.KIND_FUNDING: _trade,
    at.KIND_LIQUIDATION: _trade,
    at.KIND_TOP_UP: _top_up,
    at.KIND_WITHDRAWAL: _withdrawal,
    at.KIND_ARRIVAL: _arrival,
    at.KIND_INTEREST: _interest,
    at.KIND_STAKING: _staking,
    at.KIND_SALE: _sale,
    at.KIND_LOAN: _loan,
    at.KIND_FLOW: _flow,
    at.KIND_CONVERSION: _conversion,
    at.KIND_DELEVERAGING: _trade,
}
