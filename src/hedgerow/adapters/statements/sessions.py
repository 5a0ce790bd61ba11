"""Profit by the session, as a venue pays it that settles open profit every day.

Such a venue marks what is held to the settlement price and pays the difference, so what it states
is neither one of our trades nor one of our averages. It follows from our trades all the same: each
from its price to the settlement's, and what was held before from the last settlement to this one.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from hedgerow.adapters.statements.line import Flow, Line, same_symbol
from hedgerow.adapters.statements.ours import Mark, OurBooks, Traded
from hedgerow.units import DAY, MINUTE

ZERO: Final = Decimal(0)
STEP: Final = Decimal("1e-8")
NEAR: Final = 30 * MINUTE  # of a day before, where the settlement before that was


class Lines(NamedTuple):
    """What both sides say, oldest first."""

    ours: tuple[Line, ...]
    theirs: tuple[Line, ...]


def by_session(books: OurBooks, theirs: Sequence[Line]) -> Lines:
    """Return both sides with realised profit by the session, where the venue pays it so.

    A symbol is left as it is where its settlements pay no profit, as it is paid at the trades.
    """
    ours, told = list(books.lines), list(theirs)
    paid = [line for line in theirs if line.settles and line.flow is Flow.REALISED]
    for symbol in dict.fromkeys(line.symbol for line in paid):
        settled = [line for line in paid if line.symbol == symbol]
        if not any(line.amount for line in settled):
            continue
        first = settled[0].time - DAY - NEAR
        last = settled[-1].time
        mine = _sessions(books, symbol, settled)
        there = [line for line in told if _is_profit(line, symbol)]
        tail = any(line.time > last for line in there)
        ours = [
            line
            for line in ours
            if not _is_profit(line, symbol) or line.time <= first or (line.time > last and tail)
        ]
        ours += mine
        told = [line for line in told if not _is_profit(line, symbol) or line.time > last]
        told += _summed(there, settled)
    return Lines(_sorted(ours), _sorted(told))


def _is_profit(line: Line, symbol: str) -> bool:
    return line.flow is Flow.REALISED and same_symbol(line.symbol, symbol)


def _summed(lines: Sequence[Line], settled: Sequence[Line]) -> list[Line]:
    """Return one line of theirs a session: what its trades realised and what it settled."""
    found, begin = [], 0
    for end in settled:
        session = [line.amount for line in lines if begin < line.time <= end.time]
        if any(session):
            found.append(_line(end, sum(session, ZERO), end.source))
        begin = end.time
    return found


def _sessions(books: OurBooks, symbol: str, settled: Sequence[Line]) -> list[Line]:
    """Return one line of ours a session; none where its first price is not known."""
    trades = [one for one in books.trades if same_symbol(one.symbol, symbol)]
    marks = [one for one in books.marks if same_symbol(one.symbol, symbol)]
    found: list[Line] = []
    before = _before(marks, settled[0].time)
    begin = before.time if before else settled[0].time - DAY
    start = before.price if before else None
    for end in settled:
        held = sum((one.size for one in trades if one.time <= begin), ZERO)
        session = [one for one in trades if begin < one.time <= end.time]
        begin, last = end.time, start
        start = end.price
        if end.price is None or (held and last is None):
            continue
        profit = sum((_profit(one, one.price, end.price) for one in session), ZERO)
        if held and last is not None:
            profit += _profit(trades[0]._replace(size=held), last, end.price)
        if abs(profit) >= STEP:
            records = ", ".join(one.source for one in session) or "what was held"
            found.append(_line(end, profit.quantize(STEP), f"{records}, at {end.price:f}"))
    return found


def _before(marks: Iterable[Mark], time: int) -> Mark | None:
    """Return the settlement a day before one, as our own books know it."""
    there = [one for one in marks if abs(time - DAY - one.time) <= NEAR]
    return min(there, key=lambda one: abs(time - DAY - one.time), default=None)


def _profit(trade: Traded, bought: Decimal, sold: Decimal) -> Decimal:
    """Return what a size makes between two prices, in settle currency."""
    if trade.inverse:
        return trade.size * (1 / bought - 1 / sold)
    return trade.size * (sold - bought)


def _line(like: Line, amount: Decimal, source: str) -> Line:
    return Line(
        time=like.time,
        flow=Flow.REALISED,
        amount=amount,
        currency=like.currency,
        symbol=like.symbol,
        source=source,
    )


def _sorted(lines: Iterable[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.time))
