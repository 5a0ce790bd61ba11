"""Liquidations as people count them: the steps in which a venue closes an account are one event.

A venue may close a position step by step, in one bar or over several. Steps of one account belong
together until the account trades again, or a day passes between two of them.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from hedgerow.analysis.run import Liquidation, Run
from hedgerow.ledger import EntryKind
from hedgerow.units import DAY

SOURCES: Final = ("mark", "bounded", "last")  # from the best to the weakest


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What one event closed of one instrument, in so many `steps`.

    `quantity` is signed as the change of position and `left` is the position after it, both base
    coin; `first_price` and `last_price` are those of the first and the last step.
    """

    instrument: str
    steps: int
    first_price: float
    last_price: float
    quantity: float
    left: float
    loss: float
    fee: float
    price_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiquidationEvent:
    """One liquidation of one account, in the order in which its instruments were first closed.

    `time` and `until` are the opens of the bars of its first and its last step. `loss` and `fee`
    are the sums of its steps, numeraire; `price_source` is the weakest of theirs.
    """

    time: int
    until: int
    account: str
    steps: int
    loss: float
    fee: float
    price_source: str
    closed: tuple[Closed, ...]


def liquidation_events(run: Run) -> tuple[LiquidationEvent, ...]:
    """Return the liquidations of `run`, each with all its steps."""
    steps: dict[int, list[Liquidation]] = {}
    for number, liquidation in zip(event_numbers(run), run.liquidations, strict=True):
        steps.setdefault(number, []).append(liquidation)
    return tuple(_event(steps[number]) for number in sorted(steps))


def event_numbers(run: Run) -> tuple[int, ...]:
    """Return the number of the event that each of the run's liquidations is a step of, from 1."""
    fills: dict[str, list[int]] = {}
    for entry in run.ledger.of(EntryKind.FILL):
        fills.setdefault(entry.account, []).append(entry.time)
    last: dict[str, tuple[int, int]] = {}  # by account: number and time of the last step
    numbers: list[int] = []
    for liquidation in run.liquidations:
        account, time = liquidation.account, liquidation.time
        number, before = last.get(account, (0, time - 2 * DAY))
        own = fills.get(account, [])
        traded = bisect_right(own, before) < bisect_right(own, time)
        if traded or time - before > DAY:
            number = max(numbers, default=0) + 1
        numbers.append(number)
        last[account] = (number, time)
    return tuple(numbers)


def _event(steps: list[Liquidation]) -> LiquidationEvent:
    instruments = dict.fromkeys(step.instrument for step in steps)
    return LiquidationEvent(
        time=steps[0].time,
        until=steps[-1].time,
        account=steps[0].account,
        steps=len(steps),
        loss=sum(step.loss for step in steps),
        fee=sum(step.fee for step in steps),
        price_source=_weakest(steps),
        closed=tuple(
            _closed([step for step in steps if step.instrument == name]) for name in instruments
        ),
    )


def _closed(steps: list[Liquidation]) -> Closed:
    return Closed(
        instrument=steps[0].instrument,
        steps=len(steps),
        first_price=steps[0].price,
        last_price=steps[-1].price,
        quantity=sum(step.quantity for step in steps),
        left=steps[-1].left,
        loss=sum(step.loss for step in steps),
        fee=sum(step.fee for step in steps),
        price_source=_weakest(steps),
    )


def _weakest(steps: list[Liquidation]) -> str:
    return max((step.price_source for step in steps), key=SOURCES.index)
