"""Realised lots for the accountant: fills and forced closes matched first in, first out.

The ledger books realised profit at average cost, as venues do; here each close is matched with the
oldest size still open. The two agree in total whenever the position is flat.

=======  ================  ===========================================  ==============
perp     size              realised, sign +1 if long and -1 if short    settled in
=======  ================  ===========================================  ==============
linear   base coin         ``sign * size * (close - open)``             quote
inverse  face in quote     ``sign * size * (1 / open - 1 / close)``     base coin
=======  ================  ===========================================  ==============
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from hedgerow.analysis.run import Run
from hedgerow.ledger import EntryKind, LedgerEntry
from hedgerow.market.instrument import Settlement, parse_symbol

DUST: Final = 1e-9  # of the larger size: less than this is rounding, not a lot

COLUMNS: Final[dict[str, type[pl.DataType] | pl.DataType]] = {
    "instrument": pl.String,
    "account": pl.String,
    "side": pl.String,
    "opened": pl.Datetime("ns", "UTC"),
    "closed": pl.Datetime("ns", "UTC"),
    "size": pl.Float64,
    "size_unit": pl.String,
    "open_price": pl.Float64,
    "close_price": pl.Float64,
    "realised": pl.Float64,
    "fees": pl.Float64,
    "unit": pl.String,
    "closed_by": pl.String,
}


class Lot(NamedTuple):
    """One size opened at one price and closed at another.

    `realised` is without fees; `fees` is this size's share of the fees of both trades, <= 0. Both
    are in `unit`. `closed_by` is "fill", "liquidation" or "deleveraging".
    """

    instrument: str
    account: str
    side: str
    opened: int
    closed: int
    size: float
    size_unit: str
    open_price: float
    close_price: float
    realised: float
    fees: float
    unit: str
    closed_by: str


@dataclass(slots=True)
class _Open:
    """Size bought (> 0) or sold (< 0) and not closed yet."""

    time: int
    size: float
    price: float
    fee: float  # of this size


@dataclass(slots=True)
class _Trade:
    """What is left of one trade while it is matched."""

    entry: LedgerEntry
    size: float
    fee: float


def lots(run: Run) -> tuple[Lot, ...]:
    """Return the realised lots of `run` in the order in which they were closed.

    A loss that the venue bears is a liquidation of no instrument, and closes none.
    """
    trades = run.ledger.of(EntryKind.FILL, EntryKind.LIQUIDATION, EntryKind.DELEVERAGING)
    return match(entry for entry in trades if entry.instrument)


def lots_frame(realised: Iterable[Lot]) -> pl.DataFrame:
    """Return `realised` as a frame, one row a lot, with the columns of `Lot`."""
    columns = list(zip(*realised, strict=True)) or [()] * len(COLUMNS)
    return pl.DataFrame(
        [
            pl.Series(name, column, dtype=pl.Int64 if kind.is_temporal() else kind).cast(kind)
            for (name, kind), column in zip(COLUMNS.items(), columns, strict=True)
        ]
    )


def match(trades: Iterable[LedgerEntry]) -> tuple[Lot, ...]:
    """Return the lots that `trades`, in time order, close."""
    queues: dict[tuple[str, str], deque[_Open]] = {}
    found: list[Lot] = []
    for entry in trades:
        queue = queues.setdefault((entry.instrument, entry.account), deque())
        inverse = parse_symbol(entry.instrument).settlement is Settlement.INVERSE
        size = entry.quantity * entry.price if inverse else entry.quantity
        found.extend(_close(queue, _Trade(entry, size, entry.fee)))
    return tuple(found)


def _close(queue: deque[_Open], trade: _Trade) -> list[Lot]:
    """Close the oldest opposite sizes of `queue` with `trade` and queue what is left of it."""
    closed: list[Lot] = []
    whole = abs(trade.size)
    while queue and trade.size * queue[0].size < 0.0:
        first = queue[0]
        size = min(abs(first.size), abs(trade.size))
        if abs(abs(first.size) - abs(trade.size)) <= DUST * max(abs(first.size), whole):
            size = abs(first.size)
        closed.append(_take(first, trade, size))
        if first.size == 0.0:
            queue.popleft()
        if abs(trade.size) <= DUST * whole:
            return closed
    if trade.size != 0.0:
        queue.append(_Open(trade.entry.time, trade.size, trade.entry.price, trade.fee))
    return closed


def _take(first: _Open, trade: _Trade, size: float) -> Lot:
    """Close `size` of `first` with as much of `trade`, and take both sizes and fees down."""
    entry = trade.entry
    symbol = parse_symbol(entry.instrument)
    inverse = symbol.settlement is Settlement.INVERSE
    sign = 1.0 if first.size > 0.0 else -1.0
    move = 1.0 / first.price - 1.0 / entry.price if inverse else entry.price - first.price
    open_fee = first.fee * (size / abs(first.size))
    close_fee = trade.fee * min(size / abs(trade.size), 1.0)
    first.size -= sign * size
    first.fee -= open_fee
    trade.size += sign * size
    trade.fee -= close_fee
    return Lot(
        instrument=entry.instrument,
        account=entry.account,
        side="long" if sign > 0.0 else "short",
        opened=first.time,
        closed=entry.time,
        size=size,
        size_unit=symbol.quote if inverse else symbol.base,
        open_price=first.price,
        close_price=entry.price,
        realised=sign * size * move,
        fees=open_fee + close_fee,
        unit=entry.unit,
        closed_by=entry.kind.value,
    )
