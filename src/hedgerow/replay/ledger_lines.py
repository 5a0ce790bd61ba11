"""From a lane's events to the ledger that people read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hedgerow.engine import layout as at
from hedgerow.ledger import EntryKind, Ledger, LedgerEntry
from hedgerow.market.instrument import Settlement, parse_symbol
from hedgerow.units import Floats, Times

_SOURCES = ("mark", "bounded", "last")
_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Names:
    """What the numbers in events stand for.

    `opens` are the bars' open instants and one more, ``(steps + 1,)``; `settlements` the instants
    of the settlements.
    """

    legs: tuple[str, ...]
    accounts: tuple[str, ...]
    collaterals: tuple[str, ...]
    assets: tuple[str, ...]
    opens: Times
    settlements: Times

    def inverse(self, leg: int) -> bool:
        """Whether a leg is an inverse contract."""
        return parse_symbol(self.legs[leg]).settlement is Settlement.INVERSE


def ledger_of(
    events: Floats, names: Names, holdings: Sequence[float], worth: Floats
) -> Ledger:
    """Return the ledger of one recorded lane; `holdings` open it, `worth` as in the tape."""
    ledger = Ledger()
    for number, amount in enumerate(holdings):
        if amount != 0.0:
            value = amount * float(worth[0, number * at.WORTH_ROWS + at.WORTH_OPEN, 0])
            ledger.append(
                LedgerEntry(
                    time=int(names.opens[0]),
                    kind=EntryKind.OPENING,
                    instrument="",
                    account="holding",
                    quantity=amount,
                    price=_NAN,
                    cash=amount,
                    fee=0.0,
                    realised=0.0,
                    unit=names.assets[number],
                    value=value,
                    note="declared",
                )
            )
    for event in events:
        for entry in _lines(event, names):
            ledger.append(entry)
    return ledger


def _time(event: Floats, names: Names) -> int:
    step, phase = int(event[at.EVENT_STEP]), int(event[at.EVENT_PHASE])
    if event[at.EVENT_KIND] == at.KIND_FUNDING:
        return int(names.settlements[int(event[at.EVENT_EXTRA])])
    return int(names.opens[step + 1 if phase == 2 else step])  # noqa: PLR2004 - the close


def _lines(event: Floats, names: Names) -> Iterator[LedgerEntry]:
    """Yield the entries of one event: one a pocket that changes."""
    kind = int(event[at.EVENT_KIND])
    pocket = int(event[at.EVENT_POCKET])
    time = _time(event, names)
    value = float(event[at.EVENT_WORTH])
    cash = float(event[at.EVENT_CASH])
    extra = float(event[at.EVENT_EXTRA])

    def line(
        entry: EntryKind, account: str, amount: float, unit: str, note: str = ""
    ) -> LedgerEntry:
        return LedgerEntry(
            time, entry, "", account, 0.0, _NAN, amount, 0.0, 0.0, unit, amount * value, note
        )

    unit = names.collaterals[pocket] if pocket >= 0 else names.assets[int(extra)]
    account = names.accounts[pocket] if pocket >= 0 else "holding"
    if kind == at.KIND_OPENING:
        yield line(EntryKind.OPENING, account, cash, unit)
        if extra > 0.0:
            yield line(EntryKind.OPENING, "reserve", extra, unit)
    elif kind in (at.KIND_FILL, at.KIND_FUNDING, at.KIND_LIQUIDATION):
        yield _trade(event, names, (time, account, unit))
    elif kind == at.KIND_TOP_UP:
        yield line(EntryKind.TOP_UP, "reserve", cash, unit, f"to {account}")
    elif kind == at.KIND_WITHDRAWAL:
        yield line(EntryKind.WITHDRAWAL, account, cash, unit, "to reserve")
    elif kind == at.KIND_ARRIVAL:
        yield line(EntryKind.ARRIVAL, account if extra > 0.0 else "reserve", cash, unit)
    elif kind == at.KIND_INTEREST:
        idle = "holding" if pocket < 0 else "reserve"
        owed = pocket >= 0 and extra != 0.0
        yield line(EntryKind.INTEREST, "debt" if owed else idle, cash, unit)
    elif kind == at.KIND_STAKING:
        yield line(EntryKind.STAKING, "holding" if pocket < 0 else "reserve", cash, unit)
    elif kind == at.KIND_LOAN:
        yield line(EntryKind.LOAN, "debt", -cash, unit)
        yield line(EntryKind.LOAN, "reserve", cash, unit, f"for {account}")
    elif kind == at.KIND_FLOW:
        yield line(EntryKind.FLOW, "holding", cash, unit)._replace(quantity=cash)
    elif kind == at.KIND_SALE:
        coin = names.assets[int(extra)]
        sold = float(event[at.EVENT_QUANTITY])
        price = float(event[at.EVENT_PRICE])
        yield line(EntryKind.SALE, "holding", sold, coin)._replace(
            quantity=sold, price=price, value=sold * price * value
        )
        yield line(EntryKind.SALE, "reserve", cash, unit, f"for {account}")._replace(
            fee=float(event[at.EVENT_FEE])
        )


def _trade(event: Floats, names: Names, whose: tuple[int, str, str]) -> LedgerEntry:
    """Return the line of a fill, a settlement or a liquidation."""
    time, account, unit = whose
    kind = int(event[at.EVENT_KIND])
    leg = int(event[at.EVENT_LEG])
    price = float(event[at.EVENT_PRICE])
    size = float(event[at.EVENT_QUANTITY])
    note = ""
    if kind == at.KIND_LIQUIDATION:
        note = _SOURCES[int(event[at.EVENT_EXTRA])] if leg >= 0 else "the venue bears the rest"
    entry = {
        at.KIND_FILL: EntryKind.FILL,
        at.KIND_FUNDING: EntryKind.FUNDING,
        at.KIND_LIQUIDATION: EntryKind.LIQUIDATION,
    }[kind]
    inverse = leg >= 0 and names.inverse(leg)
    cash = float(event[at.EVENT_CASH])
    return LedgerEntry(
        time=time,
        kind=entry,
        instrument=names.legs[leg] if leg >= 0 else "",
        account=account,
        quantity=size / price if inverse and np.isfinite(price) else size,
        price=price,
        cash=cash,
        fee=float(event[at.EVENT_FEE]),
        realised=float(event[at.EVENT_REALISED]),
        unit=unit,
        value=cash * float(event[at.EVENT_WORTH]),
        note=note,
    )
