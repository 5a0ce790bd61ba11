"""Liquidations as people count them: the steps of one account in one bar are one event."""

from dataclasses import dataclass
from typing import Final

from hedgerow.analysis.run import Liquidation, Run

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

    `loss` and `fee` are the sums of its steps, numeraire; `price_source` is the weakest of
    theirs.
    """

    time: int
    account: str
    steps: int
    loss: float
    fee: float
    price_source: str
    closed: tuple[Closed, ...]


def liquidation_events(run: Run) -> tuple[LiquidationEvent, ...]:
    """Return the liquidations of `run`, each with all its steps."""
    return tuple(_event(steps) for steps in grouped(run.liquidations).values())


def grouped(liquidations: tuple[Liquidation, ...]) -> dict[tuple[int, str], list[Liquidation]]:
    """Return the steps by time and account, in the order in which the events began."""
    found: dict[tuple[int, str], list[Liquidation]] = {}
    for liquidation in liquidations:
        found.setdefault((liquidation.time, liquidation.account), []).append(liquidation)
    return found


def _event(steps: list[Liquidation]) -> LiquidationEvent:
    instruments = dict.fromkeys(step.instrument for step in steps)
    return LiquidationEvent(
        time=steps[0].time,
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
